"""One DNA for several RNA samples: sums by eye, laws of the combination, and errors that hold against the truth."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from kcalseq.activity.counted import Counted, Replicate
from kcalseq.activity.logratios import Condition, activities
from kcalseq.activity.logtables import drop_table, summary_table
from kcalseq.activity.replicates import combine, of_common, shared_influence
from kcalseq.activity.settings import DnaOf, Settings
from kcalseq.activity.shared_dna import share_counted, share_counts
from kcalseq.tablefile import conform

from .invented import counted

NAN = float("nan")


class Pool(NamedTuple):
    """An invented library whose DNA was sequenced once; scatter in log2.

    Attributes:
        n_variants, barcodes: variants, and mean number of barcodes beyond the first of each.
        dna, rna: mean counts of a barcode.
        shared, own: scatter of barcodes that is the same in all replicates, and new in each.
        between: scatter of variants between replicates.
    """

    n_variants: int = 1000
    barcodes: float = 9
    dna: float = 5.0
    rna: float = 50.0
    shared: float = 0.0
    own: float = 0.0
    between: float = 0.0


def invent_pool(pool: Pool, seed: int, n_replicates: int = 3) -> tuple[Counted, np.ndarray]:
    """Poisson counts, the DNA in replicate 1 alone; and the true activities."""
    rng = np.random.default_rng(seed)
    variant = np.repeat(np.arange(pool.n_variants), rng.poisson(pool.barcodes, pool.n_variants) + 1)
    n, truth = len(variant), rng.normal(0.0, 1.0, pool.n_variants)
    abundance, peculiar = rng.lognormal(0.0, 0.5, n), rng.normal(0.0, pool.shared, n)
    dna = rng.poisson(pool.dna * abundance).astype(np.int64)
    replicates = {}
    for number in range(n_replicates):
        here = (truth + rng.normal(0.0, pool.between, pool.n_variants))[variant]
        rate = pool.rna * abundance * np.exp2(here + peculiar + rng.normal(0.0, pool.own, n))
        replicates["cells", str(number + 1)] = Replicate(None if number else dna, rng.poisson(rate).astype(np.int64))
    return counted(variant, pool.n_variants, replicates), truth


def measured(library: Counted, dna_of: DnaOf = "by_condition", **rules: int) -> Condition:
    nothing = np.zeros(len(library.names), dtype=bool)
    settings = Settings(dna=dna_of, bootstraps=0, min_dna=0, **rules)
    return activities(share_counted(library, dna_of), settings, nothing, 1).conditions["cells"]


def test_dna_of_a_condition_or_of_the_library_is_added_up() -> None:
    one, two, rna = (np.array(counts, dtype=np.int64) for counts in ([1, 2], [10, 20], [5, 5]))
    places = {
        ("a", "1"): Replicate(one, rna),
        ("a", "2"): Replicate(two, rna),
        ("b", "1"): Replicate(None, rna),
        ("pool", "1"): Replicate(one, None),
    }
    library = counted(np.array([0, 1]), 2, places)
    assert share_counted(library, "by_replicate") is library
    by_condition = share_counted(library, "by_condition").replicates
    assert list(by_condition) == [("a", "1"), ("a", "2"), ("b", "1")]
    assert [by_condition["a", name].dna.tolist() for name in "12"] == [[11, 22], [11, 22]]  # type: ignore[union-attr]
    assert by_condition["b", "1"].dna is None
    by_library = share_counted(library, "by_library").replicates
    assert [own.dna.tolist() for own in by_library.values()] == [[12, 24]] * 3  # type: ignore[union-attr]


@pytest.mark.parametrize("dna_of", ["by_condition", "by_library"])
def test_tables_of_variants_are_shared_as_counts_are(dna_of: DnaOf) -> None:
    rows = [
        ("lib", "a", "1", "dna", 0, "v", 3, 4, 2),
        ("lib", "a", "2", "dna", 0, "v", 3, 6, 3),
        ("lib", "a", "1", "rna", 0, "v", 3, 8, 8),
        ("lib", "a", "3", "rna", 0, "w", 3, 9, 9),
        ("lib", "b", "1", "rna", 0, "v", 3, 7, 7),
    ]
    names = ["library", "condition", "replicate", "fraction", "bin", "variant", "n_barcodes", "n_reads", "n_molecules"]
    counts = conform("variant_counts", pd.DataFrame(rows, columns=names), "test")
    found = conform("variant_counts", share_counts(counts, dna_of), "test")
    dna = found[found["fraction"] == "dna"].set_index(["condition", "replicate"])
    served = [("a", "1"), ("a", "3"), *([("b", "1")] if dna_of == "by_library" else [])]
    assert dna.index.tolist() == served and set(dna["n_reads"]) == {10} and set(dna["n_molecules"]) == {5}
    assert len(found) == len(served) + 3
    assert share_counts(counts, "by_replicate") is counts


def test_an_error_in_common_does_not_average_out() -> None:
    x = np.random.default_rng(1).normal(0.0, 1.0, (500, 1)) + np.random.default_rng(2).normal(0.0, 0.3, (500, 4))
    se, common = np.full((500, 4), 0.5), np.full(500, 0.5**2 - 0.3**2)
    found = combine(x, se, 0.0, common)
    assert found.between < 0.05**2
    assert found.se == pytest.approx(np.sqrt(0.5**2 - 0.3**2 + 0.3**2 / 4), rel=0.02)
    alone = combine(x[:, :1], se[:, :1], NAN, common)
    assert alone.se == pytest.approx(0.5)


def test_without_barcodes_the_error_of_the_shared_dna_is_in_no_difference_but_in_the_error() -> None:
    rng = np.random.default_rng(3)
    found = combine(rng.normal(0.0, 0.2, (2000, 3)), np.full((2000, 3), NAN), NAN, np.full(2000, 0.16))
    assert np.sqrt(found.between) == pytest.approx(0.2, rel=0.05)
    assert found.se == pytest.approx(np.sqrt(0.16 + found.between / 3))


def test_influences_that_share_dna_alone_do_not_correlate_beyond_it() -> None:
    found = measured(invent_pool(Pool(), 1)[0])
    assert found.combined.shared < 0.1
    peculiar = measured(invent_pool(Pool(dna=200.0, rna=200.0, shared=0.5), 1)[0])
    assert peculiar.combined.shared > 0.9


def test_what_is_known_is_taken_off_by_eye() -> None:
    one, two = np.array([3.0, -3.0, 1.0]), np.array([3.0, -3.0, 0.0])
    assert shared_influence(one, two) == pytest.approx(1.0)
    assert shared_influence(one, two, (18.0, 9.0, 9.0)) == 0.0
    used, variant = np.array([True, True, True]), np.array([0, 0, 1])
    known = of_common(used, variant, np.array([0.5, 9.0]), np.array([1.0, 1.0]), np.array([0.5, NAN]))
    assert known == pytest.approx((0.5 / 2 / 0.5, 0.5 / 2, 0.5 / 2 / 0.25))


CASES = {
    "little DNA, much RNA": Pool(),
    "barcodes peculiar in all replicates": Pool(shared=0.4),
    "barcodes new in each replicate, replicates differ": Pool(own=0.3, between=0.15),
    "few barcodes": Pool(barcodes=2.0, shared=0.2, dna=10.0),
    "one barcode a variant": Pool(barcodes=0.0, dna=30.0, between=0.1),
}


@pytest.mark.parametrize("case", CASES)
def test_errors_with_shared_dna_are_calibrated(case: str) -> None:
    for seed in (1, 2, 3):
        library, truth = invent_pool(CASES[case], seed)
        found = measured(library).combined
        # Without DNA there is no ratio, and at one or two counts no normal error.
        enough = np.bincount(library.variant, library.replicates["cells", "1"].dna) >= 10  # type: ignore[arg-type]
        deviation = (found.log2_ratio - truth)[enough]
        z = (deviation - np.nanmedian(deviation)) / found.se[enough]
        assert 0.8 < np.nanstd(z) < 1.25
        assert 0.90 < (np.abs(z[np.isfinite(z)]) < 1.96).mean() < 0.975


def test_taking_shared_dna_for_several_would_promise_too_much_where_no_barcode_tells() -> None:
    library, truth = invent_pool(CASES["one barcode a variant"], 1)
    shared = share_counted(library, "by_condition")
    nothing = np.zeros(len(library.names), dtype=bool)
    # The same counts, told to be each replicate's own.
    several = activities(shared, Settings(bootstraps=0, min_dna=0), nothing, 1).conditions["cells"].combined
    for found, least, most in ((several, 1.5, 9.0), (measured(library).combined, 0.8, 1.25)):
        enough = library.replicates["cells", "1"].dna >= 10  # type: ignore[operator]
        assert least < np.nanstd(((found.log2_ratio - truth) / found.se)[enough]) < most


def test_tables_tell_what_is_shared() -> None:
    library, _ = invent_pool(Pool(n_variants=100), 1)
    shared = share_counted(library, "by_condition")
    found = activities(shared, Settings(dna="by_condition", bootstraps=0), np.zeros(100, dtype=bool), 1)
    summary = conform("activity_summary", summary_table("lib", shared, found), "test").set_index("quantity")["value"]
    assert summary["n_replicates"] == 3 and 0.1 < summary["shared_dna_sd"] < 0.4
    drops = conform("activity_drops", drop_table("lib", shared, found), "test")
    assert "unpaired" not in set(drops["fate"]) and set(drops["replicate"]) == {"1", "2", "3"}
