"""One replicate: values that can be checked by eye, a brute-force twin, and calibrated errors."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kcalseq.activity.ratios import BARCODE_FATES, VARIANT_FATES, Measured, measure
from kcalseq.activity.settings import Settings

from .invented import Recipe, invent

PLAIN = Settings(normalisation="none", pseudocount=0.0, bootstraps=0)


def run(rows: list[tuple[int, int, int]], n_variants: int, settings: Settings = PLAIN) -> Measured:
    """Measure rows of variant, dna and rna."""
    variant, dna, rna = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return measure(dna, rna, variant, n_variants, settings, np.random.default_rng(1))


def fates(found: Measured) -> list[str]:
    return [VARIANT_FATES[number] for number in found.variants.fate]


def test_a_ratio_of_sums_and_its_errors_by_eye() -> None:
    found = run([(0, 10, 20), (0, 30, 60), (1, 4, 1), (1, 4, 3)], 2).variants
    assert found.log2_ratio.tolist() == [1.0, -1.0]
    assert found.dna_counts.tolist() == [40, 8] and found.rna_counts.tolist() == [80, 4]
    assert found.counting_se[0] == pytest.approx(math.sqrt(1 / 40 + 1 / 80) / math.log(2))
    assert found.dna_variance.tolist() == pytest.approx([1 / 40 / math.log(2) ** 2, 1 / 8 / math.log(2) ** 2])
    # Influences: 20/80 - 10/40 = 0; of the second variant 1/4 - 4/8 = -0.25 and 3/4 - 4/8 = 0.25.
    assert found.delta_se[0] == 0.0
    assert found.delta_se[1] == pytest.approx(math.sqrt(2 / 1 * 2 * 0.25**2) / math.log(2))


def test_counts_per_million_with_a_pseudocount_by_eye() -> None:
    found = run([(0, 1, 3), (1, 5, 0)], 2, Settings(pseudocount=1.0, bootstraps=0)).variants
    assert found.dna.tolist() == [2e6 / 8, 6e6 / 8] and found.rna.tolist() == [4e6 / 5, 1e6 / 5]
    assert found.log2_ratio.tolist() == pytest.approx([math.log2((4 / 5) / (2 / 8)), math.log2((1 / 5) / (6 / 8))])


def test_a_mean_of_logs_by_eye() -> None:
    chosen = Settings(normalisation="none", estimator="mean_of_logs", pseudocount=0.0, min_dna=0, bootstraps=0)
    found = run([(0, 1, 2), (0, 1, 8), (0, 3, 0), (0, 0, 3)], 1, chosen)
    assert [BARCODE_FATES[number] for number in found.barcodes.fate] == ["used", "used", "few_rna", "few_dna"]
    assert found.variants.log2_ratio[0] == 2.0
    assert found.variants.delta_se[0] == pytest.approx(1.0)
    # Of two barcodes with 1 DNA read each.
    assert found.variants.dna_variance[0] == pytest.approx((1 + 1) / 4 / math.log(2) ** 2)
    assert found.variants.counting_se[0] ** 2 == pytest.approx((1 + 1 / 2 + 1 + 1 / 8) / 4 / math.log(2) ** 2)


def test_median_of_ratios_sets_the_median_variant_to_zero() -> None:
    chosen = Settings(normalisation="median_of_ratios", pseudocount=0.0, bootstraps=0)
    found = run([(0, 10, 5), (1, 10, 30), (2, 10, 80), (3, 10, 0), (4, 0, 9)], 5, chosen).variants
    assert found.log2_ratio[:3].tolist() == pytest.approx([math.log2(5 / 30), 0.0, math.log2(80 / 30)])


def test_what_is_not_measured_is_missing_with_its_reason() -> None:
    rows = [(0, 9, 9), (0, 9, 9), (1, 9, 9), (2, 0, 9), (2, 0, 3), (3, 9, 0), (3, 9, 0)]
    found = run(rows, 5, Settings(normalisation="none", pseudocount=0.0, bootstraps=0, min_barcodes=2))
    assert fates(found) == ["measured", "few_barcodes", "no_barcode_left", "no_ratio", "not_seen"]
    assert np.isfinite(found.variants.log2_ratio).tolist() == [True, False, False, False, False]
    for column in (found.variants.dna, found.variants.se, found.variants.counting_se):
        assert np.isnan(column[1:]).all()


def test_no_rna_is_a_measurement_where_there_is_dna() -> None:
    found = run([(0, 9, 0), (0, 9, 0), (1, 9, 9)], 2, Settings(bootstraps=0)).variants
    assert np.isfinite(found.log2_ratio).all() and found.log2_ratio[0] < -3


def test_barcodes_below_the_least_counts_do_not_count() -> None:
    chosen = Settings(normalisation="none", pseudocount=0.0, min_dna=3, min_rna=2, bootstraps=0)
    found = run([(0, 3, 6), (0, 2, 9), (0, 9, 1), (0, 0, 0)], 1, chosen)
    assert [BARCODE_FATES[number] for number in found.barcodes.fate] == ["used", "few_dna", "few_rna", "few_dna"]
    assert found.barcodes.seen.tolist() == [True, True, True, False]
    assert found.variants.log2_ratio[0] == 1.0 and found.variants.n_barcodes[0] == 1


def test_identical_counts_are_as_unsure_as_counting() -> None:
    found = run([(number // 4, 5, 5) for number in range(40)], 10, Settings()).variants
    assert (found.delta_se == 0).all() and (found.bootstrap_se == 0).all()
    assert found.se == pytest.approx(found.counting_se)
    assert np.ptp(found.log2_ratio) == 0.0 and np.isfinite(found.shrunken.value).all()


def test_barcodes_keep_the_more_of_their_own_ratio_the_surer_it_is() -> None:
    library, _ = invent(Recipe(n_variants=300, n_replicates=1), 1)
    dna, rna = library.replicates["cells", "1"]
    assert dna is not None and rna is not None
    found = measure(dna, rna, library.variant, 300, Settings(bootstraps=0), np.random.default_rng(1))
    own = found.barcodes.log2_ratio - found.variants.log2_ratio[library.variant]
    drawn = found.barcodes.shrunken - found.variants.log2_ratio[library.variant]
    apart = np.isfinite(drawn) & (np.abs(own) > 1e-6)
    kept, by_error = drawn[apart] / own[apart], np.argsort(found.barcodes.se[apart], kind="stable")
    assert apart.sum() > 1000 and kept.min() > 0 and kept.max() < 1
    assert (np.diff(kept[by_error]) < 1e-9).all() and kept[by_error[0]] > 1.2 * kept[by_error[-1]]


def test_one_barcode_a_variant_has_no_error_but_that_of_counting() -> None:
    found = run([(number, 5 + number, 9) for number in range(12)], 12, Settings()).variants
    assert np.isfinite(found.log2_ratio).all() and np.isfinite(found.counting_se).all()
    for column in (found.delta_se, found.bootstrap_se, found.se, found.shrunken.value):
        assert np.isnan(column).all()


def test_a_single_barcode_takes_its_error_from_the_others() -> None:
    library, _ = invent(Recipe(n_variants=300, n_replicates=1, barcodes=2), 1)
    dna, rna = library.replicates["cells", "1"]
    assert dna is not None and rna is not None
    found = measure(dna, rna, library.variant, 300, Settings(bootstraps=0), np.random.default_rng(1)).variants
    alone = found.n_barcodes == 1
    assert alone.sum() > 20 and np.isfinite(found.log2_ratio[alone]).all() and np.isfinite(found.se[alone]).all()
    cut = np.append(library.variant, 300)
    more = measure(np.append(dna, 20), np.append(rna, 40), cut, 301, Settings(bootstraps=0), np.random.default_rng(1))
    assert np.isnan(more.variants.delta_se[300])
    assert more.variants.se[300] > more.variants.counting_se[300]


def twin(rows: list[tuple[int, int, int]], variant: int, c: float) -> tuple[float, float]:
    """log2 ratio and delta-method error of one variant, by loops."""
    own = [(dna, rna) for number, dna, rna in rows if number == variant and dna > 0]
    dna, rna = sum(d for d, _ in own) + c, sum(r for _, r in own) + c
    if not own:
        return math.nan, math.nan
    influence = [r / rna - d / dna for d, r in own]
    mean = sum(influence) / len(own)
    if len(own) == 1:
        return math.log2(rna / dna), math.nan
    square = sum((one - mean) ** 2 for one in influence) * len(own) / (len(own) - 1)
    return math.log2(rna / dna), math.sqrt(square) / math.log(2)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=30))
def test_sums_over_stretches_agree_with_loops_over_variants(rows: list[tuple[int, int, int]]) -> None:
    rows = sorted(rows)
    found = run(rows, 5, Settings(normalisation="none", pseudocount=0.5, bootstraps=0)).variants
    expected = np.array([twin(rows, variant, 0.5) for variant in range(5)])
    assert found.log2_ratio == pytest.approx(expected[:, 0], nan_ok=True)
    assert found.delta_se == pytest.approx(expected[:, 1], nan_ok=True, abs=1e-12)
    seen = {number for number, dna, rna in rows if dna or rna}
    assert {number for number, fate in enumerate(fates(found=run(rows, 5))) if fate != "not_seen"} == seen


def whole(estimator: str, seed: int) -> tuple[Measured, NDArray[np.float64]]:
    library, activity = invent(Recipe(n_variants=800, barcodes=19, n_replicates=1), seed)
    dna, rna = library.replicates["cells", "1"]
    assert dna is not None and rna is not None
    chosen = Settings(estimator=estimator, bootstraps=200)  # type: ignore[arg-type]
    return measure(dna, rna, library.variant, 800, chosen, np.random.default_rng(seed)), activity


@pytest.mark.parametrize("estimator", ["ratio_of_sums", "mean_of_logs"])
def test_the_bootstrap_agrees_with_the_delta_method(estimator: str) -> None:
    found = whole(estimator, 3)[0].variants
    many = found.n_barcodes >= 10
    ratio = found.bootstrap_se[many] / found.delta_se[many]
    # 200 draws tell an error to 5 %.
    assert np.median(ratio) == pytest.approx(1.0, abs=0.05)
    assert ((ratio > 0.7) & (ratio < 1.5)).mean() > 0.95


@pytest.mark.parametrize("estimator", ["ratio_of_sums", "mean_of_logs"])
def test_the_moderated_error_is_nearer_the_truth_than_that_of_own_barcodes(estimator: str) -> None:
    found, activity = whole(estimator, 4)
    deviation = found.variants.log2_ratio - activity
    deviation -= np.median(deviation)
    assert 0.9 < np.std(deviation / found.variants.se) < 1.1
    assert np.std(deviation / found.variants.counting_se) > 1.08


def test_scatter_of_barcodes_is_found() -> None:
    found, _ = whole("ratio_of_sums", 5)
    assert found.scatter is not None
    # 0.2 shared and 0.2 of its own: sqrt(0.08) = 0.28 between barcodes in one replicate.
    assert math.sqrt(found.scatter.between) == pytest.approx(0.28, abs=0.06)
    assert 1.0 <= found.scatter.over_counting < 1.2


def test_deeper_sequencing_of_one_sample_changes_no_normalised_ratio() -> None:
    rows = [(0, 10, 20), (0, 30, 60), (1, 4, 1), (1, 4, 3)]
    chosen = Settings(pseudocount=0.0, bootstraps=0)
    deeper = run([(variant, dna, 7 * rna) for variant, dna, rna in rows], 2, chosen).variants.log2_ratio
    assert deeper == pytest.approx(run(rows, 2, chosen).variants.log2_ratio)
