"""Counting variants: equals a plain Counter, whatever the batches and the variant's length."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.reads.tally import Tally


@settings(max_examples=80, deadline=None)
@given(
    length=st.sampled_from([1, 5, 31, 32, 33, 64, 75]),
    n_reads=st.integers(0, 60),
    seed=st.integers(0, 99),
    step=st.integers(1, 60),
)
def test_tally_equals_counter(length: int, n_reads: int, seed: int, step: int) -> None:
    rng = np.random.default_rng(seed)
    pool = rng.choice(np.frombuffer(b"ACGT", dtype=np.uint8), (8, length))
    variants, samples = pool[rng.integers(8, size=n_reads)], rng.integers(3, size=n_reads)
    tally = Tally(length)
    for first in range(0, n_reads, step):
        tally.add(samples[first : first + step], variants[first : first + step])
    found = list(zip(*(column.tolist() for column in tally.counts()), strict=True))
    expected = Counter((int(sample), row.tobytes().decode()) for sample, row in zip(samples, variants, strict=True))
    assert found == sorted((sample, variant, n_reads) for (sample, variant), n_reads in expected.items())


def test_merging_before_the_end_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    variants = rng.choice(np.frombuffer(b"ACGT", dtype=np.uint8), (200_000, 9))
    samples = np.zeros(len(variants), dtype=np.int64)
    tally = Tally(9)
    for first in range(0, len(variants), 20_000):
        tally.add(samples[first : first + 20_000], variants[first : first + 20_000])
    _, sequences, n_reads = tally.counts()
    assert n_reads.sum() == len(variants)
    assert dict(zip(sequences.tolist(), n_reads.tolist(), strict=True)) == Counter(
        row.tobytes().decode() for row in variants
    )
