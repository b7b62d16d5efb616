"""The oligo nearest to a molecule that is more than one edit from all, and how a molecule differs from its oligo."""

import tempfile
from pathlib import Path
from typing import NamedTuple

import mappy
import numpy as np
from numpy.typing import NDArray

from kcalseq.association.compare import align
from kcalseq.dna import reverse_complement

_CANDIDATES = 50  # oligos that minimap2 names and that are aligned base by base
_MOST_DIFFERENT = 0.25  # edits a base beyond which a molecule resembles an oligo no more than any sequence


class Nearest(NamedTuple):
    """The oligo nearest to a molecule.

    Attributes:
        oligo: its number, -1 = none resembles it.
        reverse: whether the molecule is nearer to the reverse complement.
        several: whether another oligo is as near once open positions are left out, and nothing else differs.
        edits: differences that open positions do not explain.
    """

    oligo: int
    reverse: bool
    several: bool
    edits: int


class Aligner:
    """minimap2 (Li, Bioinformatics 34 (2018) 3094) with the design as its reference; a context manager."""

    def __init__(self, sequences: tuple[str, ...]) -> None:
        self._sequences = sequences
        self._index: mappy.Aligner | None = None

    def nearest(self, molecule: str, undecided: NDArray[np.bool_]) -> Nearest:
        """The oligo with the fewest edits among those that minimap2 names; of several, the first of the design.

        Args:
            molecule: its letters.
            undecided: positions where any letter may stand, shape (length,).
        """
        if self._index is None:
            self._index = self._build()
        hits = {(int(hit.ctg), hit.strand < 0) for hit in self._index.map(molecule)}
        best, several = Nearest(-1, False, False, len(molecule) + 1), False
        flipped, flipped_open = reverse_complement(molecule), undecided[::-1]
        for oligo, reverse in sorted(hits, key=lambda hit: (hit[1], hit[0])):
            letters, is_open = (flipped, flipped_open) if reverse else (molecule, undecided)
            edits = _edits(self._sequences[oligo], letters, is_open)
            several = several or (edits == 0 and best.edits == 0)
            if edits < best.edits:
                best = Nearest(oligo, reverse, False, edits)
        if best.oligo < 0 or best.edits > _MOST_DIFFERENT * len(self._sequences[best.oligo]):
            return Nearest(-1, False, False, 0)
        return best._replace(several=several)

    def _build(self) -> mappy.Aligner:
        # mappy reads its reference from a file; two seeds of ten letters find oligos down to some 30 bases.
        with tempfile.TemporaryDirectory(prefix="kcalseq-") as folder:
            path = Path(folder) / "design.fa"
            path.write_text("".join(f">{row}\n{letters}\n" for row, letters in enumerate(self._sequences)))
            return mappy.Aligner(
                str(path), k=11, w=5, min_cnt=2, min_chain_score=15, min_dp_score=20, best_n=_CANDIDATES
            )


def operations(oligo: str, molecule: str) -> NDArray[np.uint8]:
    """The alignment of a molecule to its oligo: 0 = same, 1 = other letter, 2 = left out, 3 = let in."""
    one, two = _bytes(oligo), _bytes(molecule)
    space = np.zeros(len(one) + len(two), dtype=np.uint8)
    return space[align(one, two, space) :]


def differences(oligo: str, molecule: str) -> str:
    """How a molecule differs from its oligo, 1-based positions of the oligo, gaps as far left as may be.

    >>> differences("ACGTTTACG", "ACCTTTAGA")
    '3G>C;8C>G;9G>A'
    >>> differences("ACGT", "TTACGT"), differences("ACGTTG", "ACGG"), differences("ACGT", "ACGT")
    ('0_1insTT', '4_5del', '')
    """
    found: list[str] = []
    steps = operations(oligo, molecule)
    changed, let_in, left_out, end = np.flatnonzero(steps).tolist(), 0, 0, -1
    for begin in changed:
        if begin < end:
            continue  # of a gap that is told already
        step, run = int(steps[begin]), 1
        while step > 1 and begin + run < len(steps) and steps[begin + run] == step:
            run += 1
        end = begin + run
        # Letters of the oligo and of the molecule before this step.
        place, here = begin - let_in, begin - left_out
        if step == 1:
            found.append(f"{place + 1}{oligo[place]}>{molecule[here]}")
        elif step == 2:
            found.append(f"{place + 1}del" if run == 1 else f"{place + 1}_{place + run}del")
            left_out += run
        else:
            found.append(f"{place}_{place + 1}ins{molecule[here : here + run]}")
            let_in += run
    return ";".join(found)


def settled(oligo: str, molecule: str, undecided: NDArray[np.bool_]) -> str:
    """The molecule with the oligo's letter wherever any may stand.

    >>> settled("ACGT", "TACGA", np.array([False, False, False, False, True]))
    'TACGT'
    """
    if not undecided.any():
        return molecule
    steps = operations(oligo, molecule)
    places, heres = np.cumsum(steps != 3) - 1, np.cumsum(steps != 2) - 1
    letters = _bytes(molecule).copy()
    both = (steps < 2) & undecided[heres]
    letters[heres[both]] = _bytes(oligo)[places[both]]
    return letters.tobytes().decode("ascii")


def cigar(oligo: str, molecule: str) -> list[tuple[int, int]]:
    """The same as BAM's pairs of operation (0 = M, 1 = I, 2 = D) and length."""
    steps = operations(oligo, molecule)
    if steps.max(initial=0) < 2:
        return [(0, len(steps))]
    kinds = np.array([0, 0, 2, 1])[steps]
    ends = [*(np.flatnonzero(kinds[1:] != kinds[:-1]) + 1).tolist(), len(kinds)]
    return [(int(kinds[end - 1]), end - begin) for begin, end in zip([0, *ends[:-1]], ends, strict=True)]


def _edits(oligo: str, molecule: str, undecided: NDArray[np.bool_]) -> int:
    steps = operations(oligo, molecule)
    # What is known of an open position is no edit, if a letter stands there at all.
    open_steps = np.zeros(len(steps), dtype=np.bool_)
    open_steps[steps != 2] = undecided
    return int(np.count_nonzero(steps)) - int(np.count_nonzero((steps == 1) & open_steps))


def _bytes(letters: str) -> NDArray[np.uint8]:
    return np.frombuffer(letters.encode("ascii"), dtype=np.uint8)
