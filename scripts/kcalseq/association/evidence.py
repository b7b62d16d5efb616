"""What the reads say of every barcode of a library, before anything is decided.

A first look at some barcodes measures how often bases are misread; then, part by part, the molecules of all barcodes
are found and looked up in the design.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kcalseq.association import consensus as numbers_of
from kcalseq.association.consensus import Molecules, Reads, find_molecules
from kcalseq.association.hashing import Text, hashes, to_text
from kcalseq.association.kmers import Words, resembling, words_of
from kcalseq.association.matching import (
    EXACT,
    FAR,
    NEAR,
    SEVERAL,
    SKIPPED,
    Oligos,
    match_molecules,
    prepare_oligos,
    which_oligo,
)
from kcalseq.association.nearest import Aligner, differences, settled
from kcalseq.association.rates import (
    DECISIVE,
    error_rate,
    first_reach,
    first_weights,
    measured_reach,
    measured_weights,
)
from kcalseq.dna import reverse_complement
from kcalseq.sequences import to_strings

_LOOKED_AT = 4000  # barcodes of the first look
_LEAST_READS = 4  # of each, if any have as many: fewer say little about errors
_UNKNOWN_QUALITY = 63  # Phred 30 where reads came without


@dataclass
class Evidence:
    """Arrays with a place for each of the n barcodes; those whose reads moved away keep zeros.

    Attributes:
        numbers: see ``Molecules.numbers``, shape (n, 9).
        second: reads of the next molecule, shape (n,).
        further: voting reads of all others, shape (n,).
        silent: reads that match nothing, shape (n,).
        second_oligo: oligo of the next molecule, -1 = none or unknown, shape (n,).
        second_origin: its origin likewise; see ``origin``.
        kind: see ``matching``, shape (n,).
        oligo: the oligo it is or is nearest to, shape (n,).
        reverse: whether it is its reverse complement, shape (n,).
        origin: the first of the oligos that resemble that oligo, itself included, -1 = unknown, shape (n,).
        molecules: sequence as read of a barcode whose molecule is not an oligo as designed.
        mutations: how such a molecule differs from its oligo.
    """

    numbers: NDArray[np.int64]
    second: NDArray[np.int64]
    further: NDArray[np.int64]
    silent: NDArray[np.int64]
    second_oligo: NDArray[np.int64]
    second_origin: NDArray[np.int64]
    kind: NDArray[np.int64]
    oligo: NDArray[np.int64]
    reverse: NDArray[np.bool_]
    origin: NDArray[np.int64]
    molecules: dict[int, str]
    mutations: dict[int, str]


def no_evidence(n: int) -> Evidence:
    """Nothing known of n barcodes."""

    def zeros() -> NDArray[np.int64]:
        return np.zeros(n, dtype=np.int64)

    flags = np.zeros(n, dtype=np.bool_)
    return Evidence(
        np.zeros((n, 9), np.int64),
        zeros(),
        zeros(),
        zeros(),
        zeros() - 1,
        zeros() - 1,
        zeros() + SKIPPED,
        zeros() - 1,
        flags,
        zeros() - 1,
        {},
        {},
    )


def first_look(barcodes: pa.Array, n_reads: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The barcodes from which error rates are measured: chosen by hash, so the same however the reads are split."""
    deep = np.flatnonzero(n_reads >= min(_LEAST_READS, n_reads.max()))
    keys = hashes(to_text(barcodes))[deep]
    chosen = np.zeros(len(barcodes), dtype=np.bool_)
    chosen[deep[np.argsort(keys ^ (keys >> np.uint64(29)), kind="stable")[:_LOOKED_AT]]] = True
    return chosen


class Sequencing:
    """What was measured of the sequencing: weights of quality scores, how far reads may differ, errors a base."""

    def __init__(self, looked_at: pa.Table) -> None:
        self.weights, self.reach, self.rate = first_weights(), first_reach(), 0.01
        # The second round no longer takes near molecules for misread ones.
        for _ in range(2):
            _, groups = np.unique(looked_at["own"].to_numpy(), return_inverse=True)
            reads = _reads(looked_at, groups.astype(np.int64))
            self.found = found = find_molecules(reads, self.weights, self.reach, DECISIVE, True)
            self.weights, self.rate = measured_weights(found), error_rate(found)
            self.reach = measured_reach(self.rate)

    def molecules(self, reads: Reads) -> Molecules:
        """``find_molecules`` at these rates."""
        return find_molecules(reads, self.weights, self.reach, DECISIVE, False)


class Lookup:
    """A design ready for look-ups."""

    def __init__(self, sequences: tuple[str, ...]) -> None:
        self.sequences = sequences
        self.oligos: Oligos = prepare_oligos(sequences)
        self.words: Words = words_of(self.oligos.text)
        self.origins = resembling(self.oligos.text, np.arange(len(sequences)), self.words, 0.0)
        self.aligner = Aligner(sequences)


def accepted_heads(part: pa.Table, heads: NDArray[np.int64], found: Molecules, min_reads: int) -> NDArray[np.int64]:
    """Heads after the check of the variant: a barcode moves if most of its reads show the molecule of its head.

    One with too few reads to be called moves in any case: that it is a misreading is far likelier than two
    true neighbours, so a read of another molecule is a chimera of its head, or shows the head's second molecule.
    """
    own, n_reads = part["own"].to_numpy(), part["n_reads"].to_numpy()
    agree = np.bincount(own[found.supports], n_reads[found.supports], minlength=len(heads))
    every = np.bincount(own, n_reads, minlength=len(heads))
    return np.where((2 * agree > every) | (every < min_reads), heads, np.arange(len(heads)))


def read_part(
    part: pa.Table, heads: NDArray[np.int64], sequencing: Sequencing, design: Lookup | None, min_reads: int,
    evidence: Evidence,
) -> NDArray[np.int64]:  # fmt: skip
    """Add the evidence of one part.

    Args:
        part: rows, see ``collecting.Parts``.
        heads: candidate head of each barcode.
        sequencing: rates.
        design: the oligos, or None.
        min_reads: barcodes with fewer reads of their molecule are not looked up.
        evidence: added to.

    Returns:
        head of each barcode of this part after the check.
    """
    own = part["own"].to_numpy()
    ids, groups = _numbered(heads[own], len(heads))
    found = sequencing.molecules(_reads(part, groups))
    final = heads.copy()
    final[ids] = ids
    checked = accepted_heads(part, heads, found, min_reads)
    mine, _ = _numbered(own, len(heads))
    final[mine] = checked[mine]
    is_torn = np.zeros(len(heads), dtype=np.bool_)
    is_torn[heads[mine[final[mine] != heads[mine]]]] = True
    torn = is_torn[heads[own]]
    _add(part, ids, found, sequencing, design, min_reads, evidence, skip=np.flatnonzero(is_torn))
    if torn.any():
        rest = part.filter(pa.array(torn))
        ids, groups = _numbered(final[rest["own"].to_numpy()], len(heads))
        _add(rest, ids, sequencing.molecules(_reads(rest, groups)), sequencing, design, min_reads,
             evidence, skip=ids[:0])  # fmt: skip
    return final


def _numbered(values: NDArray[np.int64], n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The distinct ones of numbers below n, sorted, and the place of each number among them."""
    there = np.zeros(n, dtype=np.bool_)
    there[values] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[values]


def _reads(part: pa.Table, groups: NDArray[np.int64]) -> Reads:
    text = to_text(part["variant_sequence"])
    if part["variant_quality"].null_count:
        quality = np.full(int(text.offsets[-1] - text.offsets[0]), _UNKNOWN_QUALITY, dtype=np.uint8)
    else:
        scores = to_text(part["variant_quality"])
        quality = scores.letters[scores.offsets[0] : scores.offsets[-1]]
        # The best quality of equal reads is written over theirs: into the part itself if its memory can be written to,
        # which changes nothing, since a second look at it writes the same.
        quality = quality if quality.flags.writeable else quality.copy()
    first = text.offsets[0]
    text = Text(text.letters[first:], text.offsets - first)
    return Reads(text, quality, part["n_reads"].to_numpy(), groups, int(groups.max(initial=-1)) + 1)


def _add(
    part: pa.Table, ids: NDArray[np.int64], found: Molecules, sequencing: Sequencing, design: Lookup | None,
    min_reads: int, evidence: Evidence, skip: NDArray[np.int64],
) -> None:  # fmt: skip
    keep = ~np.isin(ids, skip)
    evidence.numbers[ids[keep]] = found.numbers[keep]
    evidence.silent[ids[keep]] = found.numbers[keep, numbers_of.SILENT]
    wanted = keep & (found.numbers[:, numbers_of.MAIN] >= min_reads)
    if design is None:
        _name_molecules(ids, found, wanted, evidence)
        unknown = np.full(len(found.others), -1)
        _weigh_others(ids, found.others, np.arange(len(found.others)), unknown, keep, evidence)
        return
    text = to_text(part["variant_sequence"])
    lengths = found.numbers[:, numbers_of.LENGTH]
    matches = match_molecules(design.oligos, found.consensus, lengths, found.undecided, wanted)
    evidence.kind[ids[wanted]], evidence.oligo[ids[wanted]] = matches.kind[wanted], matches.oligo[wanted]
    evidence.reverse[ids[wanted]] = matches.reverse[wanted]
    for row in np.flatnonzero(wanted & ((matches.kind == NEAR) | (matches.kind == FAR))):
        letters = found.consensus[row, : lengths[row]].tobytes().decode("ascii")
        _look_closer(int(ids[row]), letters, found.undecided[row, : lengths[row]], design, evidence)
    known = ids[evidence.oligo[ids] >= 0]
    evidence.origin[known] = design.origins[evidence.oligo[known]]
    origins = resembling(text, found.others[:, 1], design.words, sequencing.rate)
    # A lone read of the molecule's own origin is one too full of errors, not a second molecule.
    mine = evidence.origin[ids[found.others[:, 0]]]
    origins[(origins == mine) & (mine >= 0) & (found.others[:, 2] == 1)] = -1
    oligos = which_oligo(design.oligos, text, found.others[:, 1])
    _weigh_others(ids, found.others, origins, np.where(oligos >= 0, oligos, origins), keep, evidence)


def _name_molecules(ids: NDArray[np.int64], found: Molecules, wanted: NDArray[np.bool_], evidence: Evidence) -> None:
    lengths = found.numbers[:, numbers_of.LENGTH]
    letters = to_strings(found.consensus[wanted], lengths[wanted]).to_pylist()
    evidence.molecules.update(zip(ids[wanted].tolist(), letters, strict=True))
    is_open = found.numbers[wanted, numbers_of.OPEN] > 0
    evidence.kind[ids[wanted]] = np.where(is_open, SEVERAL, EXACT)


def _look_closer(barcode: int, letters: str, undecided: NDArray[np.bool_], design: Lookup, evidence: Evidence) -> None:
    if evidence.kind[barcode] == FAR:
        near = design.aligner.nearest(letters, undecided)
        evidence.oligo[barcode], evidence.reverse[barcode] = near.oligo, near.reverse
        if near.oligo < 0:
            evidence.molecules[barcode] = letters
            return
        evidence.kind[barcode] = NEAR if near.edits else SEVERAL if near.several else EXACT
    if evidence.kind[barcode] == NEAR:
        reverse, oligo = evidence.reverse[barcode], design.sequences[evidence.oligo[barcode]]
        is_open = undecided[::-1] if reverse else undecided
        turned = settled(oligo, reverse_complement(letters) if reverse else letters, is_open)
        evidence.molecules[barcode] = reverse_complement(turned) if reverse else turned
        evidence.mutations[barcode] = differences(oligo, turned)


def _weigh_others(
    ids: NDArray[np.int64],
    others: NDArray[np.int64],
    origins: NDArray[np.int64],
    oligos: NDArray[np.int64],
    keep: NDArray[np.bool_],
    evidence: Evidence,
) -> None:
    """Sort further gatherings into the next molecule, all others, and silent ones (of no origin)."""
    barcodes, reads = ids[others[:, 0]], others[:, 2]
    silent = origins < 0
    use = keep[others[:, 0]]
    np.add.at(evidence.silent, barcodes[use & silent], reads[use & silent])
    use &= ~silent
    kinds, place = np.unique(np.stack([barcodes[use], origins[use]]), axis=1, return_inverse=True)
    sums = np.bincount(place.ravel(), reads[use], minlength=kinds.shape[1]).astype(np.int64)
    np.add.at(evidence.further, kinds[0], sums)
    # The largest of a barcode comes last, of equal ones the first of the design, and is the one that stays.
    order = np.lexsort((-kinds[1], sums, kinds[0]))
    evidence.second[kinds[0][order]] = sums[order]
    evidence.second_origin[kinds[0][order]] = kinds[1][order]
    # Of gatherings of one origin the largest names it, of equal ones the first oligo.
    largest = np.lexsort((-oligos[use], reads[use]))
    named = largest[origins[use][largest] == evidence.second_origin[barcodes[use][largest]]]
    evidence.second_oligo[barcodes[use][named]] = oligos[use][named]
    touched = np.unique(kinds[0])
    evidence.further[touched] -= evidence.second[touched]
