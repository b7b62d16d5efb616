"""Misreading templates at known rates: first the errors, then qualities that lean towards them.

``simulate.reads`` draws the quality first and the error at the rate it states, as a sequencer reports itself. Here the
rates are numbers that a test or a benchmark names, the same at each cycle, and a quality only hints at an error: so
what a pipeline recovers can be held against a rate that it cannot read off the qualities.

Errors are rare, so they are drawn by the gaps between them: the work is one pass over the letters and one over the
qualities, however many bases are read.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET, encode

_LETTERS = np.frombuffer(ALPHABET.encode("ascii"), dtype=np.uint8)
_QUALITY_STEPS = 2**16


@dataclass(frozen=True)
class ErrorRates:
    """How often bases are misread and what the qualities say of it; the defaults err at 0.5 % of the bases.

    Attributes:
        substitution: probability that a base is read as another, per base.
        insertion: probability that an extra base is read at a cycle.
        deletion: probability that a base is skipped before a cycle.
        qualities: Phred score of each quality bin, best first.
        shares: share of the bases in each bin, adds up to 1.
        doubted: share of the substituted bases whose quality is one of the lower bins; the others have the best.
    """

    substitution: float = 0.0045
    insertion: float = 0.00025
    deletion: float = 0.00025
    qualities: tuple[int, ...] = (37, 25, 11)
    shares: tuple[float, ...] = (0.90, 0.08, 0.02)
    doubted: float = 0.7


class MisreadReads(NamedTuple):
    """Reads and the number of their errors.

    Attributes:
        sequences: ASCII letters, shape (n_reads, n_cycles).
        qualities: Phred scores, shape (n_reads, n_cycles).
        n_substitutions: of all reads together.
        n_insertions: of all reads together.
        n_deletions: of all reads together.
    """

    sequences: NDArray[np.uint8]
    qualities: NDArray[np.uint8]
    n_substitutions: int
    n_insertions: int
    n_deletions: int


def misread(templates: NDArray[np.uint8], n_cycles: int, rates: ErrorRates, rng: np.random.Generator) -> MisreadReads:
    """Read each template once, from its first base.

    Args:
        templates: ASCII letters A, C, G, T, shape (n_reads, width), wider than the reads so that there is something
            to read after deletions.
        n_cycles: bases of a read.
        rates: how often what goes wrong.
        rng: where the errors come from.

    Raises:
        ValueError: if a read has so many deletions that its template does not last.
    """
    sequences = templates[:, :n_cycles].copy()
    qualities = _draw_qualities(sequences.shape, rates, rng)
    n_insertions, n_deletions = _shift(templates, sequences, rates, rng)
    places = draw_places(sequences.size, rates.substitution, rng)
    letters, scores = sequences.reshape(-1), qualities.reshape(-1)
    letters[places] = _LETTERS[(encode(letters[places]) + rng.integers(1, 4, len(places))) % 4]
    low = np.array(rates.qualities[1:] or rates.qualities, dtype=np.uint8)
    doubted = rng.random(len(places)) < rates.doubted
    scores[places] = np.where(doubted, low[rng.integers(len(low), size=len(places))], rates.qualities[0])
    return MisreadReads(sequences, qualities, len(places), n_insertions, n_deletions)


def draw_places(n_places: int, rate: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """The places, ascending, of independent events that happen at each of ``n_places`` with the same probability."""
    if rate <= 0 or n_places == 0:
        return np.zeros(0, dtype=np.int64)
    found, last = [], -1
    while last < n_places:
        n_draws = int((n_places - last) * rate * 1.1) + 16
        places = last + np.cumsum(rng.geometric(rate, n_draws))
        found.append(places)
        last = int(places[-1])
    together = np.concatenate(found)
    return together[: np.searchsorted(together, n_places)]


def _draw_qualities(shape: tuple[int, ...], rates: ErrorRates, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Phred scores, each bin at its share, to within one part in ``_QUALITY_STEPS``."""
    bounds = np.rint(np.cumsum(rates.shares) * _QUALITY_STEPS).astype(np.int64)
    table = np.repeat(np.array(rates.qualities, dtype=np.uint8), np.diff(bounds, prepend=0))
    draws = np.frombuffer(rng.bytes(2 * int(np.prod(shape))), dtype=np.uint16)
    return table[draws].reshape(shape)


def _shift(
    templates: NDArray[np.uint8], sequences: NDArray[np.uint8], rates: ErrorRates, rng: np.random.Generator
) -> tuple[int, int]:
    """Write the reads that have insertions or deletions anew into ``sequences``; returns how many of each there are."""
    n_cycles, rate = sequences.shape[1], rates.insertion + rates.deletion
    places = draw_places(sequences.size, rate, rng)
    is_deletion = rng.random(len(places)) * rate < rates.deletion
    rows, row_of_place = np.unique(places // n_cycles, return_inverse=True)
    inserted = np.zeros((len(rows), n_cycles), dtype=np.int64)
    deleted = np.zeros_like(inserted)
    inserted[row_of_place[~is_deletion], places[~is_deletion] % n_cycles] = 1
    deleted[row_of_place[is_deletion], places[is_deletion] % n_cycles] = 1
    # A deletion skips a template base before the cycle reads; an insertion leaves its base for the next cycle.
    sources = np.arange(n_cycles) + deleted.cumsum(axis=1) - (inserted.cumsum(axis=1) - inserted)
    if int(sources.max(initial=0)) >= templates.shape[1]:
        raise ValueError(f"a template of {templates.shape[1]} nt does not last for {n_cycles} cycles")
    extra = _LETTERS[rng.integers(4, size=inserted.shape)]
    sequences[rows] = np.where(inserted == 1, extra, np.take_along_axis(templates[rows], sources, axis=1))
    return int(inserted.sum()), int(deleted.sum())
