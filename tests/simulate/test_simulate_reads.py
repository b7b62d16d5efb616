"""Rendered reads: the errors drawn are the errors counted, at the rate that the qualities state."""

import numpy as np
import pytest
from numpy.typing import NDArray

from kcalseq.simulate.reads import N_QUALITY, ReadProfile, draw_qualities, fastq_text, read_templates

LETTERS = np.frombuffer(b"ACGT", dtype=np.uint8)
SPAN = (27, 102)


def templates(n_reads: int, length: int = 150) -> NDArray[np.uint8]:
    return np.random.default_rng(1).choice(LETTERS, (n_reads, length))


def test_same_seed_gives_same_reads() -> None:
    def render(seed: int) -> bytes:
        rng = np.random.default_rng(seed)
        reads = read_templates(templates(50), draw_qualities(50, 125, ReadProfile(), rng), SPAN, 0.04, rng)
        return fastq_text([f"r{number}" for number in range(50)], reads.sequences, reads.qualities)

    assert render(7) == render(7)
    assert render(7) != render(8)


def test_shares_of_qualities_follow_the_profile() -> None:
    profile = ReadProfile(poor_reads=0.0)
    qualities = draw_qualities(40_000, 60, profile, np.random.default_rng(2))
    for cycle, shares in ((0, profile.first_cycle), (59, profile.last_cycle)):
        for score, share in zip(profile.qualities, shares, strict=True):
            assert abs((qualities[:, cycle] == score).mean() - share) < 4 * np.sqrt(share / 40_000) + 1e-9
    for shares in (profile.first_cycle, profile.last_cycle, profile.poor):
        assert sum(shares) == pytest.approx(1)


def test_errors_come_at_the_rate_that_the_qualities_state() -> None:
    rng = np.random.default_rng(3)
    for score in (12, 23, 37):
        qualities = np.full((20_000, 100), score, dtype=np.uint8)
        rate = read_templates(templates(20_000), qualities, SPAN, 0.0, rng).n_errors.sum() / qualities.size
        expected = 10 ** (-score / 10)
        assert abs(rate - expected) < 5 * np.sqrt(expected / qualities.size)


def test_the_default_profile_errs_once_in_a_thousand_bases() -> None:
    rng = np.random.default_rng(4)
    qualities = draw_qualities(20_000, 125, ReadProfile(), rng)
    reads = read_templates(templates(20_000), qualities, SPAN, ReadProfile().indel_share, rng)
    assert 0.0008 < reads.n_errors.sum() / qualities.size < 0.0013
    assert 0.02 < reads.n_indels.sum() / reads.n_errors.sum() < 0.05


def test_without_indels_the_counts_are_the_differences() -> None:
    rng, sources = np.random.default_rng(5), templates(500)
    qualities = rng.choice(np.array([N_QUALITY, 5, 37], dtype=np.uint8), (500, 125), p=[0.1, 0.3, 0.6])
    reads = read_templates(sources, qualities, SPAN, 0.0, rng)
    differs = reads.sequences != sources[:, :125]
    assert np.array_equal(differs.sum(axis=1), reads.n_errors)
    assert np.array_equal(differs[:, 27:102].sum(axis=1), reads.n_errors_in_variant)
    assert np.array_equal(reads.sequences == ord("N"), qualities == N_QUALITY)
    assert not reads.n_indels.any()


def test_an_indel_shifts_what_follows_and_is_counted_where_it_is() -> None:
    rng, sources = np.random.default_rng(6), templates(4000)
    for cycle, inside in ((10, 0), (60, 1), (110, 0)):
        qualities = np.full((4000, 125), 93, dtype=np.uint8)
        qualities[:, cycle] = 0
        reads = read_templates(sources, qualities, SPAN, 1.0, rng)
        assert (reads.n_indels == 1).all() and (reads.n_errors == 1).all()
        assert (reads.n_errors_in_variant == inside).all()
        assert np.array_equal(reads.sequences[:, :cycle], sources[:, :cycle])
        deleted = (reads.sequences[:, cycle:] == sources[:, cycle + 1 : 126]).all(axis=1)
        inserted = (reads.sequences[:, cycle + 1 :] == sources[:, cycle:124]).all(axis=1)
        assert (deleted | inserted).all()
        assert 0.45 < deleted.mean() < 0.55


@pytest.mark.parametrize(
    ("cycle", "inserted_inside", "deleted_inside"), [(26, 0, 0), (27, 0, 1), (28, 1, 1), (101, 1, 1), (102, 0, 0)]
)
def test_the_borders_of_the_variant_count_as_documented(cycle: int, inserted_inside: int, deleted_inside: int) -> None:
    """At cycle c an insertion stands before template base c, a deletion takes it away; the variant is 27..101."""
    sources = templates(400)
    qualities = np.full((400, 125), 93, dtype=np.uint8)
    qualities[:, cycle] = 0
    reads = read_templates(sources, qualities, SPAN, 1.0, np.random.default_rng(7))
    deleted = (reads.sequences[:, cycle:] == sources[:, cycle + 1 : 126]).all(axis=1)
    assert set(reads.n_errors_in_variant[deleted]) == {deleted_inside}
    assert set(reads.n_errors_in_variant[~deleted]) == {inserted_inside}


def test_a_template_that_does_not_last_is_refused() -> None:
    qualities = np.full((50, 20), 0, dtype=np.uint8)
    with pytest.raises(ValueError, match="does not last"):
        read_templates(templates(50, 20), qualities, (5, 10), 1.0, np.random.default_rng(11))


def test_fastq_text_is_four_lines_a_read() -> None:
    text = fastq_text(["a"], np.frombuffer(b"ACGN", dtype=np.uint8)[None], np.array([[37, 23, 12, 2]], dtype=np.uint8))
    assert text == b"@a\nACGN\n+\nF8-#\n"
