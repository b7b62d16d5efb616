"""The tables of a library: whole, conserving what was counted, the same each time."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kcalseq.activity import logtables
from kcalseq.activity.counted import Counted, Replicate
from kcalseq.activity.logratios import Activities, activities
from kcalseq.activity.settings import Settings
from kcalseq.arrowfile import read_whole, write_pieces
from kcalseq.tablefile import conform

from .invented import Recipe, invent

RECIPE = Recipe(n_variants=60, barcodes=3, depth=3.0, n_replicates=2)
CHOSEN = Settings(min_dna=2, min_barcodes=2, outliers="leave_one_out", outlier_threshold=1.5, bootstraps=20)


def two_conditions() -> Counted:
    """Condition ``cells`` with two replicates and one that has RNA alone; condition ``other`` with one replicate."""
    made, _ = invent(RECIPE, 1)
    one = made.replicates["cells", "1"]
    more = {("cells", "3"): Replicate(None, one.rna), ("other", "1"): Replicate(one.dna, one.rna)}
    return made._replace(replicates={**made.replicates, **more})


@pytest.fixture(scope="module")
def counted() -> Counted:
    return two_conditions()


@pytest.fixture(scope="module")
def found(counted: Counted) -> Activities:
    return activities(counted, CHOSEN, np.arange(60) < 6, 1)


def tables(counted: Counted, found: Activities) -> dict[str, pd.DataFrame]:
    made = {
        "variant_log_ratio": logtables.variant_table("l", counted, found),
        "combined_activity": logtables.combined_table("l", counted, found),
        "condition_differences": logtables.difference_table("l", counted, found),
        "replicate_agreement": logtables.agreement_table("l", found),
        "activity_replicates": logtables.replicate_table("l", found),
        "activity_drops": logtables.drop_table("l", counted, found),
        "activity_summary": logtables.summary_table("l", counted, found),
    }
    return {name: conform(name, frame, name) for name, frame in made.items()}


def barcode_table(counted: Counted, found: Activities, folder: Path) -> pd.DataFrame:
    write_pieces("barcode_activity", logtables.barcode_pieces("l", counted, found), folder / "b.parquet")
    frame: pd.DataFrame = read_whole("barcode_activity", folder / "b.parquet").to_pandas()
    return conform("barcode_activity", frame, "found")


def test_every_barcode_and_variant_has_one_fate(counted: Counted, found: Activities, tmp_path: Path) -> None:
    drops = tables(counted, found)["activity_drops"]
    barcodes = barcode_table(counted, found, tmp_path)
    for (condition, replicate), rows in drops.groupby(["condition", "replicate"]):
        dna, rna = counted.replicates[str(condition), str(replicate)]
        zero = np.zeros(len(counted.variant), dtype=np.int64)
        dna, rna = (zero if counts is None else counts for counts in (dna, rna))
        sums = rows.groupby("unit")[["n", "dna", "rna"]].sum()
        assert sums.loc["barcode"].tolist() == [((dna > 0) | (rna > 0)).sum(), dna.sum(), rna.sum()]
        assert sums.loc["variant", "n"] == 60
        own = barcodes[(barcodes["condition"] == condition) & (barcodes["replicate"] == replicate)]
        told = rows[(rows["unit"] == "barcode") & (rows["n"] > 0)].set_index("fate")["n"].to_dict()
        if (condition, replicate) != ("cells", "3"):
            assert own["fate"].value_counts().to_dict() == told
            used = rows[rows["unit"] == "variant"][["dna", "rna"]].sum()
            assert used.tolist() == own.loc[own["fate"] == "used", ["dna", "rna"]].sum().tolist()
    reasons = set(drops.loc[drops["n"] > 0, "fate"])
    assert {"used", "few_dna", "outlier", "measured", "few_barcodes", "unpaired"} <= reasons


def test_what_is_not_measured_is_missing_in_every_table(counted: Counted, found: Activities, tmp_path: Path) -> None:
    made = tables(counted, found)
    ratios = made["variant_log_ratio"]
    assert (ratios["log2_ratio"].notna() == (ratios["fate"] == "measured")).all()
    assert not set(ratios["replicate"]) - {"1", "2"}
    combined = made["combined_activity"]
    assert (combined["log2_ratio"].notna() == (combined["n_replicates"] > 0)).all()
    assert (combined["between_replicates_sd"].notna() == (combined["n_replicates"] > 1)).all()
    assert combined.groupby("condition").size().tolist() == [60, 60]
    barcodes = barcode_table(counted, found, tmp_path)
    for column in ("log2_ratio", "dna_normalised", "rna_normalised"):
        assert (barcodes[column].notna() == (barcodes["fate"] == "used")).all()


def test_a_condition_with_one_replicate_says_what_it_cannot_tell(counted: Counted, found: Activities) -> None:
    summary = tables(counted, found)["activity_summary"].set_index(["condition", "quantity"])["value"]
    assert summary["other", "n_replicates"] == 1 and np.isnan(summary["other", "between_replicates_sd"])
    assert summary["cells", "n_replicates"] == 2 and summary["cells", "between_replicates_sd"] >= 0


def test_conditions_with_the_same_counts_do_not_differ(counted: Counted, found: Activities) -> None:
    again = counted._replace(
        replicates={("a", "1"): counted.replicates["cells", "1"], ("b", "1"): counted.replicates["cells", "1"]}
    )
    table = logtables.difference_table("l", again, activities(again, CHOSEN, np.zeros(60, dtype=bool), 1))
    assert len(table) and (table["difference"] == 0).all() and (table["q"] == 1).all()
    assert set(tables(counted, found)["condition_differences"]["other_condition"]) == {"other"}


def test_the_same_counts_and_seed_give_the_same_numbers(counted: Counted, found: Activities) -> None:
    again = tables(counted, activities(counted, CHOSEN, np.arange(60) < 6, 1))
    for name, frame in tables(counted, found).items():
        pd.testing.assert_frame_equal(frame, again[name])
    other = logtables.variant_table("l", counted, activities(counted, CHOSEN, np.arange(60) < 6, 2))
    first = logtables.variant_table("l", counted, found)
    assert not other["bootstrap_se"].equals(first["bootstrap_se"])
    assert other["log2_ratio_se"].equals(first["log2_ratio_se"])


def test_a_replicate_more_changes_nothing_in_the_others(counted: Counted, found: Activities) -> None:
    fewer = counted._replace(replicates={("cells", "2"): counted.replicates["cells", "2"]})
    alone = logtables.variant_table("l", fewer, activities(fewer, CHOSEN, np.arange(60) < 6, 1))
    whole = logtables.variant_table("l", counted, found)
    same = whole[(whole["condition"] == "cells") & (whole["replicate"] == "2")].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, same)


def test_variants_that_are_read_directly_have_no_barcodes(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    names = [f"v{number:02d}" for number in range(40)]
    truth = rng.normal(size=40)
    replicates = {
        ("c", str(number)): Replicate(rng.poisson(200, 40), rng.poisson(200 * np.exp2(truth + rng.normal(0, 0.1, 40))))
        for number in (1, 2, 3)
    }
    direct = Counted(names, None, np.arange(40), replicates)
    found = activities(direct, Settings(), np.zeros(40, dtype=bool), 1)
    made = tables(direct, found)
    assert barcode_table(direct, found, tmp_path).empty
    assert set(made["activity_drops"]["unit"]) == {"variant"}
    assert (
        made["variant_log_ratio"]["n_barcodes"].isna().all() and made["variant_log_ratio"]["log2_ratio_se"].isna().all()
    )
    combined = made["combined_activity"]
    deviation = combined["log2_ratio"] - truth
    # Replicates alone tell the error of these: 0.1 between them, and counting.
    assert 0.8 < ((deviation - deviation.median()) / combined["log2_ratio_se"]).std() < 1.25
