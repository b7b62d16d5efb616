"""From reads to observations: which variant was read in which sample, and the fate of every read.

Each read is tried in the order of ``tables.READ_FATES``; the first reason that applies is its fate:

1. it must be as long as all parts together;
2. its first bases must be within ``max_mismatches`` of one sample code, and nearer to it than to any other;
3. the left flank is looked for within ``MAX_SHIFT`` nt of its place, for a base may be missing or extra before it;
4. the right flank is looked for everywhere behind the left flank;
5. exactly the variant's length must lie between the flanks. The right flank is found where it matches *best*, not
   where it is allowed to match: so a variant that lost or won a base gives ``wrong_length``, never a wrong variant;
6. the variant must hold no N;
7. its mean error probability must not exceed that of ``min_quality``.

Where a flank matches equally well at several places, the place nearest to the expected one wins, then the left of
two. A flank must lie whole inside the read; N is a mismatch.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kcalseq.errors import KcalseqError
from kcalseq.reads.fastq import BLOCK_BYTES, Batch, read_batches
from kcalseq.reads.layout import MAX_SHIFT, Constant, Layout, SampleCode, Variant
from kcalseq.reads.tally import Tally
from kcalseq.tables import READ_FATES

FATES = tuple(READ_FATES)
_FATE = {reason: number for number, reason in enumerate(FATES)}

# Error probability of each Phred score in units of 2**-40: sums of whole numbers do not depend on their order, and
# a read exactly at the limit is kept on every machine.
_ERROR_UNITS = np.array([round(2**40 * 10 ** (-score / 10)) for score in range(94)], dtype=np.int64)


class RunObservations(NamedTuple):
    """What one run says: frames for the tables ``observations`` and ``read_fates``."""

    observations: pd.DataFrame
    read_fates: pd.DataFrame


class Extraction(NamedTuple):
    """What a batch of reads holds.

    Attributes:
        fates: index into ``FATES``, shape (n_reads,).
        samples: number of the sample code, meaningful for kept reads, shape (n_reads,).
        variant_starts: first base of the variant, 0-based, meaningful for kept reads, shape (n_reads,).
    """

    fates: NDArray[np.int64]
    samples: NDArray[np.int64]
    variant_starts: NDArray[np.int64]


class _Found(NamedTuple):
    """Start and mismatches of the best match of a part in each read, shape (n_reads,)."""

    starts: NDArray[np.int64]
    mismatches: NDArray[np.int64]


def extract_run(
    run: str,
    paths: Iterable[str],
    layout: Layout,
    samples: Mapping[str, str] | str,
    library_of_sample: Mapping[str, str],
    progress: Callable[[int], None],
    block_bytes: int = BLOCK_BYTES,
) -> RunObservations:
    """Extract the observations of one run.

    Args:
        run: name of the run.
        paths: its FASTQ files, for example one a lane; their reads are pooled.
        layout: where the parts sit.
        samples: sample of each code, checked beforehand by ``check_sample_codes``; or, where the layout has no
            sample code, the one sample that all reads belong to.
        library_of_sample: library of each sample.
        progress: called after each batch with the number of reads in it.
        block_bytes: bytes of text per batch; the result does not depend on it.

    Raises:
        KcalseqError: a file is not sound FASTQ, or the samples do not suit the layout.
    """
    codes, names = _codes_and_names(run, layout, samples)
    tally, n_of_fate = Tally(layout.variant.length), np.zeros(len(FATES), dtype=np.int64)
    for path in paths:
        for batch in read_batches(path, block_bytes):
            extraction = extract_batch(batch, layout, codes)
            n_of_fate += np.bincount(extraction.fates, minlength=len(FATES))
            kept = np.flatnonzero(extraction.fates == _FATE["kept"])
            variants = _windows(batch.sequences[kept], extraction.variant_starts[kept], layout.variant.length)
            tally.add(extraction.samples[kept], variants)
            progress(len(batch.lengths))
    return RunObservations(
        _observations(run, tally, names, library_of_sample),
        pd.DataFrame({"run": run, "reason": FATES, "n_reads": n_of_fate}),
    )


def extract_batch(batch: Batch, layout: Layout, codes: list[str]) -> Extraction:
    """Decide the fate of each read of a batch (the rules stand at the head of this module).

    Args:
        batch: reads.
        layout: where the parts sit.
        codes: sample codes, each as long as the layout says; unused where the layout has none.
    """
    code, variant, right_flank = layout.sample_code, layout.variant, layout.right_flank
    # Behind their end all reads get room for a search that runs past it.
    reads = np.pad(batch.sequences, ((0, 0), (0, layout.min_read_length + MAX_SHIFT)))
    fates = _Fates(len(reads))
    fates.drop("too_short", batch.lengths < layout.min_read_length)
    samples = np.zeros(len(reads), dtype=np.int64)
    if code is not None:
        samples = _match_codes(reads, codes, code, fates)
    left_place = np.full(len(reads), 0 if code is None else code.length)
    left = _find(reads, batch.lengths, layout.left_flank, left_place, MAX_SHIFT)
    fates.drop("no_left_flank", left.mismatches > layout.left_flank.max_mismatches)
    variant_starts = left.starts + layout.left_flank.length
    right = _find(reads, batch.lengths, right_flank, variant_starts + variant.length, None, variant_starts)
    fates.drop("no_right_flank", right.mismatches > right_flank.max_mismatches)
    fates.drop("wrong_length", right.starts != variant_starts + variant.length)
    _judge_variants(batch, variant, variant_starts, fates)
    return Extraction(fates.numbers, samples, variant_starts)


class _Fates:
    """The fate of each read, settled by the first reason that applies; until then the read is kept."""

    def __init__(self, n_reads: int) -> None:
        self.numbers = np.full(n_reads, _FATE["kept"], dtype=np.int64)

    def drop(self, reason: str, applies: NDArray[np.bool_]) -> None:
        """Give the reason to the reads to which it applies, unless they have an earlier one."""
        self.numbers[applies & (self.numbers == _FATE["kept"])] = _FATE[reason]


def _match_codes(reads: NDArray[np.uint8], codes: list[str], part: SampleCode, fates: _Fates) -> NDArray[np.int64]:
    letters = np.frombuffer("".join(codes).encode("ascii"), dtype=np.uint8).reshape(len(codes), part.length)
    mismatches = np.stack([(reads[:, : part.length] != code).sum(axis=1) for code in letters], axis=1)
    fewest = mismatches.min(axis=1)
    fates.drop("unknown_sample_code", fewest > part.max_mismatches)
    fates.drop("ambiguous_sample_code", (mismatches == fewest[:, None]).sum(axis=1) > 1)
    nearest: NDArray[np.int64] = mismatches.argmin(axis=1)
    return nearest


def _find(
    reads: NDArray[np.uint8],
    lengths: NDArray[np.int64],
    flank: Constant,
    expected: NDArray[np.int64],
    reach: int | None,
    earliest: NDArray[np.int64] | None = None,
) -> _Found:
    """Find where a flank matches best.

    Args:
        reads: letters with room behind each read's end, shape (n_reads, width).
        lengths: bases in each read, shape (n_reads,).
        flank: what to find.
        expected: where it should begin, shape (n_reads,).
        reach: how far from there it may begin, in nt; None = anywhere.
        earliest: first place where it may begin, shape (n_reads,); None = the read's first base.

    Returns:
        starts and mismatches; where no place is allowed, the mismatches are more than the flank is long.
    """
    letters = np.frombuffer(flank.sequence.encode("ascii"), dtype=np.uint8)
    starts = expected.copy()
    mismatches = (_windows(reads, expected, flank.length) != letters).sum(axis=1)
    # Nothing beats a perfect match at the expected place, and most reads have one: the search is for the others.
    # A read that ends before its flank does cannot match perfectly, since 0 stands behind its end.
    others = np.flatnonzero(mismatches > 0)
    if len(others):
        floor = np.zeros(len(others), dtype=np.int64) if earliest is None else earliest[others]
        starts[others], mismatches[others] = _search(
            reads[others], lengths[others], letters, expected[others], reach, floor
        )
    return _Found(starts, mismatches)


def _search(
    reads: NDArray[np.uint8],
    lengths: NDArray[np.int64],
    letters: NDArray[np.uint8],
    expected: NDArray[np.int64],
    reach: int | None,
    earliest: NDArray[np.int64],
) -> _Found:
    """Try all places; arguments as for ``_find``, with the flank's letters, shape (length,)."""
    first, last = int(earliest.min()), max(0, int((lengths - len(letters)).max()))
    if reach is not None:
        first, last = max(first, int(expected.min()) - reach), min(last, int(expected.max()) + reach)
    places = np.arange(first, max(first, last) + 1)
    mismatches = np.zeros((len(reads), len(places)), dtype=np.int64)
    for offset, letter in enumerate(letters):
        mismatches += reads[:, first + offset : first + offset + len(places)] != letter
    distance = np.abs(places - expected[:, None])
    allowed = (places >= earliest[:, None]) & (places + len(letters) <= lengths[:, None])
    if reach is not None:
        allowed &= distance <= reach
    mismatches[~allowed] = len(letters) + 1
    # Fewest mismatches first, then nearest; argmin takes the left of two equals.
    best = (mismatches * (reads.shape[1] + 1) + distance).argmin(axis=1)
    return _Found(places[best], np.take_along_axis(mismatches, best[:, None], axis=1)[:, 0])


def _judge_variants(batch: Batch, variant: Variant, starts: NDArray[np.int64], fates: _Fates) -> None:
    whole = np.flatnonzero(fates.numbers == _FATE["kept"])
    has_n = np.zeros(len(starts), dtype=np.bool_)
    has_n[whole] = (_windows(batch.sequences[whole], starts[whole], variant.length) == ord("N")).any(axis=1)
    errors = np.zeros(len(starts), dtype=np.int64)
    errors[whole] = _ERROR_UNITS[_windows(batch.qualities[whole], starts[whole], variant.length)].sum(axis=1)
    fates.drop("has_n", has_n)
    fates.drop("low_quality", errors > variant.length * _ERROR_UNITS[variant.min_quality])


def _windows(matrix: NDArray[np.uint8], starts: NDArray[np.int64], length: int) -> NDArray[np.uint8]:
    """The bytes of each row from its start on, shape (n_rows, length)."""
    columns = starts[:, None] + np.arange(length)
    return np.take_along_axis(matrix, columns, axis=1)


def _codes_and_names(run: str, layout: Layout, samples: Mapping[str, str] | str) -> tuple[list[str], list[str]]:
    """Sample codes and the names of their samples, in one order."""
    if layout.sample_code is None and isinstance(samples, str):
        return [], [samples]
    if layout.sample_code is not None and not isinstance(samples, str):
        codes = sorted(samples)
        return codes, [samples[code] for code in codes]
    has, remedy = ("no", "remove the codes") if layout.sample_code is None else ("a", "give each sample its code")
    given = f"the one sample '{samples}'" if isinstance(samples, str) else "sample codes"
    raise KcalseqError(
        f"run '{run}'", f"it is given {given}, but {layout.name} has {has} sample_code part", "the two to agree", remedy
    )


def _observations(run: str, tally: Tally, names: list[str], library_of_sample: Mapping[str, str]) -> pd.DataFrame:
    numbers, sequences, n_reads = tally.counts()
    sample = np.array(names, dtype=object)[numbers]
    library = np.array([library_of_sample[name] for name in names], dtype=object)[numbers]
    return pd.DataFrame(
        {"library": library, "sample": sample, "run": run, "variant_sequence": sequences, "n_reads": n_reads}
    )
