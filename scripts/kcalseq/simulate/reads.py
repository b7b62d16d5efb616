"""Rendering sequences as sequencing reads: qualities as a sequencer bins them, errors drawn at those qualities.

A template (sample code, left flank, variant, right flank and what follows it) is read for a fixed number of cycles.
Each cycle has a quality; with the error probability which that quality states, the base is misread: mostly a
substitution, sometimes an insertion or a deletion. The lowest quality is that of an unread base, N. Every error
is counted, so that what the pipeline makes of a read can be held against what the read was made from.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET

N_QUALITY = 2
_LETTERS = np.frombuffer(ALPHABET.encode("ascii"), dtype=np.uint8)
_PHRED_OFFSET = 33


@dataclass(frozen=True)
class ReadProfile:
    """How well a sequencer reads; the defaults give about one error in a thousand bases over 125 cycles.

    Attributes:
        qualities: Phred score of each quality bin, best first; the last is ``N_QUALITY``.
        first_cycle: share of bases in each bin at the first cycle, adds up to 1.
        last_cycle: the same at the last cycle; between them the shares change linearly.
        poor_reads: share of reads that are poor from end to end.
        poor: share of bases in each bin in those.
        indel_share: share of the errors that are insertions or deletions, half of each.
    """

    qualities: tuple[int, ...] = (37, 23, 12, N_QUALITY)
    first_cycle: tuple[float, ...] = (0.9839, 0.0130, 0.0030, 0.0001)
    last_cycle: tuple[float, ...] = (0.9218, 0.0650, 0.0130, 0.0002)
    poor_reads: float = 0.004
    poor: tuple[float, ...] = (0.5480, 0.2500, 0.2000, 0.0020)
    indel_share: float = 0.04


class RenderedReads(NamedTuple):
    """Reads and what went wrong in each.

    Attributes:
        sequences: ASCII letters, shape (n_reads, n_cycles).
        qualities: Phred scores, shape (n_reads, n_cycles).
        n_errors: misread, missing, extra and unread bases of each read, shape (n_reads,).
        n_errors_in_variant: those of them inside the variant, shape (n_reads,).
        n_indels: missing and extra bases of each read, shape (n_reads,).
    """

    sequences: NDArray[np.uint8]
    qualities: NDArray[np.uint8]
    n_errors: NDArray[np.int64]
    n_errors_in_variant: NDArray[np.int64]
    n_indels: NDArray[np.int64]


class _Misreading(NamedTuple):
    """What happens at each cycle, shape (n_reads, n_cycles); a cycle has one of the four or none."""

    unread: NDArray[np.bool_]
    substituted: NDArray[np.bool_]
    inserted: NDArray[np.bool_]
    deleted: NDArray[np.bool_]


def draw_qualities(n_reads: int, n_cycles: int, profile: ReadProfile, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Phred scores that decay along the read, shape (n_reads, n_cycles)."""
    progress = np.linspace(0, 1, n_cycles)[:, None]
    good = (1 - progress) * np.array(profile.first_cycle) + progress * np.array(profile.last_cycle)
    poor = np.broadcast_to(np.array(profile.poor), good.shape)
    is_poor = rng.random(n_reads) < profile.poor_reads
    draws = rng.random((n_reads, n_cycles))
    bins = np.zeros((n_reads, n_cycles), dtype=np.intp)
    # The bin is the number of bin boundaries below the draw.
    for boundary in range(len(profile.qualities) - 1):
        upper = np.where(is_poor[:, None], poor[:, : boundary + 1].sum(axis=1), good[:, : boundary + 1].sum(axis=1))
        bins += draws >= upper
    return np.array(profile.qualities, dtype=np.uint8)[bins]


def read_templates(
    templates: NDArray[np.uint8],
    qualities: NDArray[np.uint8],
    variant_span: tuple[int, int],
    indel_share: float,
    rng: np.random.Generator,
) -> RenderedReads:
    """Read each template once, with errors at the rate that the qualities state.

    Args:
        templates: ASCII letters A, C, G, T, shape (n_reads, template_length), longer than the reads so that there
            is something to read after deletions.
        qualities: Phred scores, shape (n_reads, n_cycles).
        variant_span: first base of the variant in the template and the base behind its last, 0-based.
        indel_share: share of the errors that are insertions or deletions.
        rng: where the errors come from.

    Raises:
        ValueError: if a read has so many deletions that its template does not last.
    """
    errors = _draw_misreading(qualities, indel_share, rng)
    # A deletion skips a template base before the cycle reads the next; an insertion leaves its base for the next cycle.
    n_inserted_before: NDArray[np.int64] = np.cumsum(errors.inserted, axis=1) - errors.inserted
    places = np.arange(qualities.shape[1]) + np.cumsum(errors.deleted, axis=1) - n_inserted_before
    if int(places.max(initial=0)) >= templates.shape[1]:
        raise ValueError(f"a template of {templates.shape[1]} nt does not last for {qualities.shape[1]} cycles")
    sequences = np.take_along_axis(templates, places, axis=1)
    sequences = np.where(errors.substituted, _other_base(sequences, rng), sequences)
    sequences = np.where(errors.inserted, _LETTERS[rng.integers(4, size=sequences.shape)], sequences)
    sequences = np.where(errors.unread, np.uint8(ord("N")), sequences)
    wrong = errors.unread | errors.substituted | errors.inserted | errors.deleted
    return RenderedReads(
        sequences,
        qualities,
        wrong.sum(axis=1),
        (wrong & _inside(places, errors, variant_span)).sum(axis=1),
        (errors.inserted | errors.deleted).sum(axis=1),
    )


def fastq_text(names: list[str], sequences: NDArray[np.uint8], qualities: NDArray[np.uint8]) -> bytes:
    """FASTQ records of reads of one length.

    Args:
        names: one a read, without ``@``.
        sequences: ASCII letters, shape (n_reads, n_cycles).
        qualities: Phred scores, shape (n_reads, n_cycles).
    """
    scores = qualities + np.uint8(_PHRED_OFFSET)
    return b"".join(
        b"@%b\n%b\n+\n%b\n" % (name.encode("ascii"), read.tobytes(), score.tobytes())
        for name, read, score in zip(names, sequences, scores, strict=True)
    )


def _draw_misreading(qualities: NDArray[np.uint8], indel_share: float, rng: np.random.Generator) -> _Misreading:
    unread = qualities == N_QUALITY
    wrong = (rng.random(qualities.shape) < 10.0 ** (-qualities.astype(np.float64) / 10)) & ~unread
    kind = rng.random(qualities.shape)
    inserted = wrong & (kind < indel_share / 2)
    deleted = wrong & (kind >= indel_share / 2) & (kind < indel_share)
    return _Misreading(unread, wrong & (kind >= indel_share), inserted, deleted)


def _other_base(letters: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """One of the three other bases for each letter, all equally likely."""
    codes = np.searchsorted(_LETTERS, letters)
    other: NDArray[np.uint8] = _LETTERS[(codes + rng.integers(1, 4, size=letters.shape)) % 4]
    return other


def _inside(places: NDArray[np.int64], errors: _Misreading, variant_span: tuple[int, int]) -> NDArray[np.bool_]:
    """Whether what goes wrong at a cycle goes wrong inside the variant.

    An inserted base stands before template base ``place``: at the variant's first base it is still outside. A deleted
    base is the one before the base that is read.
    """
    start, stop = variant_span
    first = np.where(errors.inserted | errors.deleted, start + 1, start)
    last = np.where(errors.deleted, stop, stop - 1)
    return (places >= first) & (places <= last)
