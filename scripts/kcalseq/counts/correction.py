"""What each barcode as read stands for: itself, the barcode it is a misreading of, or nothing that is counted.

Barcodes are judged once per library, on the reads of all its samples together, so that a barcode is corrected alike in
all of them. Where the barcodes that exist are known, from a barcode map or a whitelist, a misread one moves onto the
only known one within reach, and known ones never move: that is exact to the chance of a neighbour. Else clusters are
formed, which cannot tell a misread barcode from a true neighbour with few reads.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from kcalseq.counts.keys import Keys, Tally, common_shape, reshape, sort_rows, starts, to_keys
from kcalseq.counts.nearby import cluster, rescue
from kcalseq.counts.search import Reach
from kcalseq.dna import reverse_complement
from kcalseq.errors import KcalseqError
from kcalseq.tables import COUNT_FATES

FATES = tuple(COUNT_FATES)
_EXACT, _CORRECTED, _AMBIGUOUS, _UNKNOWN = (np.uint8(FATES.index(fate)) for fate in FATES)
LONG_BARCODE = 20
"""Beyond this many bases two differing bases are still a misreading; up to it they may be another true barcode."""


@dataclass(frozen=True)
class Correction:
    """How misread barcodes and UMIs are put right.

    Attributes:
        barcodes: ``nearest`` = onto the known barcodes where there are any, else in clusters; ``none`` = as read: then
            known barcodes are counted where they are read exactly.
        distance: how many bases of a barcode may differ, 1 or 2; None = 1, and 2 in clusters of barcodes longer than
            20 bases.
        indels: whether one inserted or deleted base is a misreading too.
        ratio: in clusters, how many times the reads of a misread barcode its source must have (one read of each left
            aside); a source must have been read twice.
        umis: ``directional`` = misread UMIs are put together by UMI-tools' rule, ``exact`` = each UMI is a molecule,
            ``none`` = molecules are not counted.
        umi_indels: whether one inserted or deleted base is a misreading of a UMI too.
    """

    barcodes: Literal["nearest", "none"] = "nearest"
    distance: Literal[1, 2] | None = None
    indels: bool = True
    ratio: int = 20
    umis: Literal["directional", "exact", "none"] = "directional"
    umi_indels: bool = True

    def reach(self, longest: int, known: bool) -> Reach:
        """How far to look for what a barcode stands for."""
        if self.barcodes == "none":
            return Reach(0, False)
        if self.distance is not None:
            return Reach(self.distance, self.indels)
        return Reach(2 if longest > LONG_BARCODE and not known else 1, self.indels)

    @property
    def umi_reach(self) -> Reach:
        """How far to look for what a UMI stands for."""
        return Reach(1, self.umi_indels) if self.umis == "directional" else Reach(0, False)


class KnownBarcodes(NamedTuple):
    """The barcodes that exist.

    Attributes:
        keys: in order, each once.
        variants: variant of each; None where they are a whitelist, which names none.
    """

    keys: Keys
    variants: pa.Array | None


class Corrected(NamedTuple):
    """What the barcodes as read, n of them, stand for.

    Attributes:
        keys: barcodes that are counted, in order, each once.
        target: row among ``keys`` of what each barcode stands for, shape (n,); -1 = it is not counted.
        fate: fate of its reads, as place in ``FATES``, shape (n,).
    """

    keys: Keys
    target: NDArray[np.int64]
    fate: NDArray[np.uint8]


def known_barcodes(library: str, barcodes: pa.Table) -> KnownBarcodes:
    """Known barcodes of a library, from a table with the columns library, barcode and, in a map, variant.

    Raises:
        KcalseqError: it holds none for this library, a letter other than A, C, G, T, or a barcode twice.
    """
    where = f"barcodes known of library '{library}'"
    mine = barcodes.filter(pc.equal(barcodes.column("library"), library))
    if len(mine) == 0:
        raise KcalseqError(where, "there is none", "at least one barcode", "look at the barcode map")
    keys = to_keys(mine.column("barcode"), where)
    order = sort_rows(keys.words)
    ordered = keys.take(order)
    if len(starts(ordered.words)) < len(order):
        raise KcalseqError(where, "a barcode stands there twice", "each barcode once", "remove one of the two")
    if "variant" not in mine.column_names:
        return KnownBarcodes(ordered, None)
    return KnownBarcodes(ordered, mine.column("variant").combine_chunks().take(pa.array(order)))


def correct_barcodes(library: str, read: Tally, known: KnownBarcodes | None, settings: Correction) -> Corrected:
    """Decide what each barcode of a library stands for.

    Args:
        library: which library, for messages.
        read: barcodes as read in all samples, with their reads in the first column of ``sums``.
        known: barcodes that exist; None = clusters are formed.
        settings: how to correct.

    Raises:
        KcalseqError: not a single barcode is known.
    """
    if known is not None:
        return _onto_known(library, read, known, settings)
    reach = settings.reach(read.keys.shape.longest, False)
    if reach.distance == 0:
        rows = np.arange(len(read.sums), dtype=np.int64)
        return Corrected(read.keys, rows, np.full(len(rows), _EXACT))
    heads = cluster(read.keys, np.ascontiguousarray(read.sums[:, 0]), reach, settings.ratio, fewest=2)
    is_head = heads == np.arange(len(heads))
    target = (np.cumsum(is_head) - 1)[heads]
    return Corrected(read.keys.take(np.flatnonzero(is_head)), target, np.where(is_head, _EXACT, _CORRECTED))


def chance_neighbours(n_barcodes: int, length: int, reach: Reach) -> float:
    """Barcodes within reach of a barcode by chance, in the mean, if the others were drawn at random.

    Where this is not small against 1, clusters join true barcodes: then a barcode map is needed.
    """
    substitutions = 3.0 * length * (reach.distance > 0) + 4.5 * length * (length - 1) * (reach.distance > 1)
    # A random sequence has 3/4 L + 1/4 places at which a deletion makes a sequence of its own, and each with 4 ends.
    indels = (6.0 * length + 1.0) * reach.indels
    return float(n_barcodes * (substitutions + indels) / 4.0**length)


def _onto_known(library: str, read: Tally, known: KnownBarcodes, settings: Correction) -> Corrected:
    shape = common_shape([known.keys.shape, read.keys.shape])
    keys, reach = reshape(known.keys, shape), settings.reach(shape.longest, True)
    found = rescue(keys, reshape(read.keys, shape), reach)
    if len(read.sums) and not found.exact.any():
        raise _none_known(library, read.keys, known.keys)
    fate = np.full(len(found.target), _UNKNOWN)
    fate[found.n_near > 1] = _AMBIGUOUS
    fate[found.n_near == 1] = _CORRECTED
    fate[found.exact] = _EXACT
    return Corrected(known.keys, found.target, fate)


def _none_known(library: str, read: Keys, known: Keys) -> KcalseqError:
    seen, exists = read.take(np.arange(min(1000, len(read.words)))).strings().to_pylist(), known.strings().to_pylist()
    turned = {reverse_complement(barcode) for barcode in exists}
    expected = f"barcodes of the map, such as {exists[0]}"
    if any(barcode in turned for barcode in seen):
        remedy = "give the barcode reverse_complement: true in the assay layout"
    else:
        remedy = "look at the place and length of the barcode in the assay layout, and at the barcode map"
    return KcalseqError(f"library '{library}'", f"no barcode read, such as {seen[0]}, is known", expected, remedy)
