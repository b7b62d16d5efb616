"""From counts to sites: planted sites are found, noise gives none more often than stated, others are told so."""

import numpy as np
import pandas as pd
import pytest

from kcalseq.activity.footprint_rules import FootprintRules
from kcalseq.activity.promoter_footprint import Footprints, promoter_footprints
from kcalseq.activity.suitability import check_library
from kcalseq.tablefile import conform

from .libraries import listed, mutants, sorted_counts, words

WILDTYPE = "GCATCCGATTGCACGTAGGCTTGACATCCGAGCTAGCATCGGTATAATGCCTAGC"


def footprints(counts: pd.DataFrame, seed: int = 1) -> Footprints:
    found = promoter_footprints("lac", counts, listed(counts), "presence", seed)
    return Footprints(*(conform(name, table, name) for name, table in found._asdict().items()))


def planted(n: int, seed: int) -> pd.DataFrame:
    """An activator at 4 to 12, sigma 70 elements at 20 and 42 (16 nt apart), all else without effect."""
    rng = np.random.default_rng(seed)
    codes = mutants(WILDTYPE, n, 0.1, rng)
    own = mutants(WILDTYPE, 1, 0.0, rng)[0]
    lost = (codes != own)[:, [*range(4, 13), *range(20, 26), *range(42, 48)]].sum(1)
    return sorted_counts(codes, -lost + rng.normal(size=n))


def test_planted_sites_are_found() -> None:
    found = footprints(planted(1500, 1))
    sites = found.putative_sites.set_index("site")
    assert sites.index.tolist() == ["RNAP", "site_1"]
    assert sites.loc["RNAP", ["kind", "minus_35", "minus_10", "n_mismatches"]].tolist() == ["polymerase", 20, 42, 0]
    assert sites.loc["RNAP", ["start", "length"]].tolist() == [15, 39]
    activator = sites.loc["site_1"]
    assert activator["kind"] == "activator" and abs(activator["start"] - 4) <= 2
    assert abs(activator["start"] + activator["length"] - 13) <= 2
    assert (sites["peak_shift"] < 0).all() and (sites["p_value"] <= 0.05).all()
    matters = found.promoter_footprint.set_index("position")["q_value"] <= 0.05
    assert matters[[*range(5, 12), *range(20, 26), *range(42, 48)]].all()
    assert matters[[*range(26, 42), *range(48, 55)]].mean() <= 0.2
    assert found.footprint_check["call"].tolist() == ["random"]


def test_mutations_that_raise_activity_are_a_repressors() -> None:
    counts = planted(1500, 1)
    found = footprints(counts.assign(bin=5 - counts["bin"])).putative_sites
    assert set(found["kind"]) == {"repressor"} and (found["peak_shift"] > 0).all()


def test_shuffled_outcomes_give_no_site() -> None:
    """Family-wise 0.05: of 20 libraries more than 4 would show a site with probability 0.003."""
    false = 0
    for seed in range(20):
        counts = planted(400, 100 + seed)
        shuffled = np.random.default_rng(seed).permutation(counts["bin"].to_numpy())
        false += len(footprints(counts.assign(bin=shuffled), seed).putative_sites) > 0
    assert false <= 4


def test_the_same_seed_gives_the_same_tables_and_the_order_of_rows_does_not_matter() -> None:
    counts = planted(400, 3)
    one, other = footprints(counts), footprints(counts.sample(frac=1, random_state=1))
    for name, table in one._asdict().items():
        pd.testing.assert_frame_equal(table, getattr(other, name), obj=name)


def test_where_all_variants_are_alike_nothing_stands_out() -> None:
    found = footprints(planted(400, 3).assign(bin=2))
    assert found.putative_sites.empty and (found.promoter_footprint["shift"] == 0).all()
    assert found.promoter_footprint[["score", "p_value", "q_value"]].isna().all(axis=None)


def test_a_library_that_was_not_sorted_yet_is_told_so() -> None:
    found = footprints(planted(400, 3).assign(fraction="input", bin=0))
    assert found.footprint_check.loc[0, ["call", "n_variants"]].tolist() == ["few_variants", 0]


def test_shifts_of_bases_say_how_many_variants_have_them() -> None:
    found = footprints(planted(400, 3))
    summed = found.base_shift.groupby("position")["n_variants"].sum()
    assert summed.to_numpy() == pytest.approx(found.promoter_footprint["n_mutated"].to_numpy())


@pytest.mark.parametrize(
    ("sequences", "call"),
    [
        (["ACGT"] * 50, "few_variants"),
        (words(np.random.default_rng(0).integers(0, 4, (500, 12)).astype(np.uint8)), "no_wildtype"),
        (["ACGTACGTAC"[:5] + base + "CGTA" for base in "ACGT"] * 100, "few_positions"),
        (["ACGT", "ACG"] * 200, "lengths_differ"),
        (["ACGT", None] * 200, "no_sequences"),
        (words(mutants(WILDTYPE, 300, 0.1, np.random.default_rng(1))), "random"),
    ],
)
def test_a_library_without_one_mutated_wild_type_is_told_so(sequences: list[str | None], call: str) -> None:
    assert check_library(pd.Series(sequences, dtype="string")).call == call


def test_a_small_library_is_looked_at_where_the_rules_say_so() -> None:
    sequences = pd.Series(words(mutants(WILDTYPE, 100, 0.2, np.random.default_rng(1))), dtype="string")
    assert check_library(sequences).call == "few_variants"
    assert check_library(sequences, FootprintRules(min_variants=100, min_mutated=5)).call == "random"
    assert check_library(sequences, FootprintRules(min_variants=100, min_mutated=90)).call == "few_positions"


def test_a_designed_library_gets_empty_tables() -> None:
    counts = planted(400, 3).head(50)
    found = footprints(counts)
    assert found.footprint_check.loc[0, ["call", "n_variants"]].tolist() == ["few_variants", len(counts)]
    assert found.promoter_footprint.empty and found.base_shift.empty and found.putative_sites.empty
