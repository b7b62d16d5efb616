"""What samples of a library have in common: barcodes, as replicates should, and molecules, as no two tubes can.

A molecule is made in one tube. Where barcode and UMI of a molecule turn up in two samples, either two molecules drew
the same UMI, or reads went to the wrong sample: index hopping. For a pair of samples

- expected by chance: the sum over barcodes of (UMIs in one) x (UMIs in the other) x (chance that two UMIs are alike),
  the last from the share of each base at each place of the UMIs seen;
- a shared molecule belongs to the sample in which it has more reads; ties are divided as the others are;
- reads that hopped into a sample: its reads of shared molecules of the other, less those that chance brings (the same
  sum over pairs of reads drawn independently from both samples), divided by the chance that the molecule of a hopped
  read is seen in its own sample too: one less the share of that sample's reads that are the only one of their molecule.

All of it is counted on UMIs as read, below a corrected barcode.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kcalseq.counts.keys import Keys
from kcalseq.counts.saturation import Spectrum
from kcalseq.dna import ALPHABET
from kcalseq.kernels import kernel
from kcalseq.sequences import unpack


class Shared(NamedTuple):
    """Sums over molecules as read that add up over barcodes; n samples.

    Attributes:
        products: sum over barcodes of the UMIs in one sample times those in the other, shape (n, n).
        fewer: shared molecules with fewer reads in the first sample than in the second, shape (n, n).
        equal: shared molecules with as many reads in both, shape (n, n).
        reads_fewer: reads in the first sample of those with fewer there, shape (n, n).
        reads_equal: reads in the first sample of those with as many in both, shape (n, n).
        bases: how often each base stands at each place of the UMIs, shape (longest, 4).
    """

    products: NDArray[np.int64]
    fewer: NDArray[np.int64]
    equal: NDArray[np.int64]
    reads_fewer: NDArray[np.int64]
    reads_equal: NDArray[np.int64]
    bases: NDArray[np.int64]


def no_sharing(n_samples: int, longest_umi: int) -> Shared:
    """The sums over no molecule."""
    squares = [np.zeros((n_samples, n_samples), dtype=np.int64) for _ in range(5)]
    return Shared._make([*squares, np.zeros((longest_umi, 4), dtype=np.int64)])


def add_shared(one: Shared, two: Shared) -> Shared:
    """Sums over both lots of barcodes."""
    return Shared._make(mine + others for mine, others in zip(one, two, strict=True))


def share_molecules(
    barcode: NDArray[np.int64], sample: NDArray[np.int64], umis: Keys, n_reads: NDArray[np.int64], n_samples: int
) -> Shared:
    """Sum up what samples share, over rows in order of barcode, sample and UMI, each once, shape (n,)."""
    sums = no_sharing(n_samples, umis.shape.longest)
    order = np.lexsort((sample, *umis.words.T[::-1], barcode))
    _share(barcode[order], sample[order], umis.words[order], n_reads[order], *sums[:5])
    letters = unpack(umis.words, umis.shape.longest, umis.shape.same_length).letters
    for code, base in enumerate(ALPHABET):
        sums.bases[:, code] = (letters == ord(base)).sum(axis=0)
    return sums


def index_hopping(library: str, samples: list[str], shared: Shared, reads_of: list[Spectrum]) -> pd.DataFrame:
    """Table ``index_hopping``: for each sample, what share of its reads came from each other sample.

    Args:
        library: which library.
        samples: their names.
        shared: their sums.
        reads_of: for each sample, how many molecules as read have how many reads; empty = it has no UMIs.
    """
    shares = shared.bases / np.maximum(shared.bases.sum(axis=1, keepdims=True), 1)
    alike = float(np.prod((shares**2).sum(axis=1)))
    rows = []
    for one, into in enumerate(reads_of):
        for two, source in enumerate(reads_of):
            if one == two or not len(into.reads) or not len(source.reads):
                continue
            n_expected = float(shared.products[one, two]) * alike
            n_shared = int(shared.fewer[one, two] + shared.fewer[two, one] + shared.equal[one, two])
            hopped = _hopped_fraction(shared, one, two, into, source, n_expected)
            rows.append((library, samples[one], samples[two], n_shared, n_expected, hopped))
    columns = ["library", "sample", "other_sample", "n_shared", "n_expected", "hopped_fraction"]
    return pd.DataFrame(rows, columns=columns)


def barcode_overlap(library: str, samples: list[str], barcodes: list[NDArray[np.int64]], n: int) -> pd.DataFrame:
    """Table ``barcode_overlap``: each pair of samples once.

    Args:
        library: which library.
        samples: their names.
        barcodes: rows of the barcodes counted in each, each once.
        n: barcodes counted in any.
    """
    rows = []
    for one, sample in enumerate(samples):
        seen = np.zeros(n, dtype=np.bool_)
        seen[barcodes[one]] = True
        for two, other in enumerate(samples):
            if sample < other:
                both = int(np.count_nonzero(seen[barcodes[two]]))
                rows.append((library, sample, other, len(barcodes[one]), len(barcodes[two]), both))
    return pd.DataFrame(rows, columns=["library", "sample", "other_sample", "n_barcodes", "n_other", "n_shared"])


def _hopped_fraction(shared: Shared, one: int, two: int, into: Spectrum, source: Spectrum, n_expected: float) -> float:
    """Share of the reads of sample one that came from sample two; not a number where nothing tells."""
    if not source.n_reads or not into.n_reads:
        return float("nan")
    single = float(source.things[source.reads == 1].sum()) / source.n_reads
    if single == 1.0:
        return float("nan")
    mine, others = float(shared.fewer[one, two]), float(shared.fewer[two, one])
    of_ties = mine / (mine + others) if mine + others else 0.5
    seen = float(shared.reads_fewer[one, two]) + of_ties * float(shared.reads_equal[one, two])
    hopped = seen - n_expected * _by_chance(into, source, of_ties)
    return float(min(1.0, max(0.0, hopped) / (1.0 - single) / into.n_reads))


def _by_chance(into: Spectrum, source: Spectrum, of_ties: float) -> float:
    """Reads in the first sample that a pair of molecules alike by chance would bring, in the mean."""
    chance_into, chance_source = into.things / into.things.sum(), source.things / source.things.sum()
    above = 1.0 - np.concatenate(([0.0], np.cumsum(chance_source)))[np.searchsorted(source.reads, into.reads, "right")]
    place = np.minimum(np.searchsorted(source.reads, into.reads), len(source.reads) - 1)
    level = np.where(source.reads[place] == into.reads, chance_source[place], 0.0)
    return float((chance_into * into.reads * (above + of_ties * level)).sum())


@kernel
def _share(
    barcode: NDArray[np.int64],
    sample: NDArray[np.int64],
    umis: NDArray[np.uint64],
    n_reads: NDArray[np.int64],
    products: NDArray[np.int64],
    fewer: NDArray[np.int64],
    equal: NDArray[np.int64],
    reads_fewer: NDArray[np.int64],
    reads_equal: NDArray[np.int64],
) -> None:
    # Rows come in order of barcode, UMI and sample.
    n_umis, start = np.zeros(products.shape[0], dtype=np.int64), 0
    for row in range(len(barcode)):
        if row > 0 and (barcode[row] != barcode[row - 1] or np.any(umis[row] != umis[row - 1])):
            start = row
        n_umis[sample[row]] += 1
        for other in range(start, row):
            one, two = sample[row], sample[other]
            if n_reads[row] > n_reads[other]:
                one, two = two, one
            low = min(n_reads[row], n_reads[other])
            if n_reads[row] == n_reads[other]:
                equal[one, two] += 1
                equal[two, one] += 1
                reads_equal[one, two] += low
                reads_equal[two, one] += low
            else:
                fewer[one, two] += 1
                reads_fewer[one, two] += low
        if row == len(barcode) - 1 or barcode[row + 1] != barcode[row]:
            for one in range(len(n_umis)):
                if n_umis[one] > 0:
                    for two in range(len(n_umis)):
                        products[one, two] += n_umis[one] * n_umis[two]
            n_umis[:] = 0
