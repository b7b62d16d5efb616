"""Effects by each method: by hand, what is missing, and calibration on libraries whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from kcalseq.activity.counted import Replicate
from kcalseq.activity.errortables import error_tables
from kcalseq.tablefile import conform

from .invented import Recipe, invent
from .measured import METHODS, Tables, effects, tables, tables_of

N_PAIRS = 100
KINDS = {
    "replicates differ": Recipe(2 * N_PAIRS, between=0.15),
    "barcodes peculiar in all replicates": Recipe(2 * N_PAIRS, shared=0.5, own=0.0),
    "counts that scatter more": Recipe(2 * N_PAIRS, over=3.0, n_replicates=2),
    "one replicate": Recipe(2 * N_PAIRS, n_replicates=1),
}


def small(seed: int = 1, n_replicates: int = 3) -> Tables:
    return tables(Recipe(60, barcodes=4, n_replicates=n_replicates), seed, np.zeros(30))


@pytest.mark.parametrize("method", METHODS)
def test_the_table_is_whole_and_q_is_over_the_pairs(method: str) -> None:
    found = effects(small(), method)
    places = {"position": None, "reference_base": None, "base": None}
    told = conform("variant_effects", found.assign(library="l", **places), "found")
    assert set(told["method"]) == {method} and set(told["fate"]) == {"measured"}
    assert (told["q"] >= told["p"]).all() and (told["lower"] < told["upper"]).all()


@pytest.mark.parametrize("method", METHODS)
def test_turning_a_pair_round_turns_its_effect(method: str) -> None:
    made = small()
    turned = made._replace(pairs=made.pairs.rename(columns={"variant": "reference", "reference": "variant"}))
    one, other = effects(made, method), effects(turned, method)
    assert np.allclose(one["effect"], -other["effect"]) and np.allclose(one["effect_se"], other["effect_se"])
    assert np.allclose(one["p"], other["p"])


@pytest.mark.parametrize("method", METHODS)
def test_an_unmeasured_variant_has_no_number_and_a_reason(method: str) -> None:
    made = small()
    first, second = made.pairs["variant"][0], made.pairs["reference"][1]
    gone = pd.Series([first, second])
    ratios = made.variant_log_ratio.copy()
    ratios.loc[ratios["variant"].isin(gone), ["log2_ratio", "log2_ratio_se"]] = np.nan
    combined = made.combined_activity.copy()
    combined.loc[combined["variant"].isin(gone), ["log2_ratio", "log2_ratio_se"]] = np.nan
    kept = made.barcode_activity.to_pandas()
    kept.loc[kept["variant"].isin(gone), "fate"] = "few_dna"
    cut = made._replace(
        variant_log_ratio=ratios,
        combined_activity=combined,
        barcode_activity=type(made.barcode_activity).from_pandas(kept, preserve_index=False),
        pairs=pd.concat([made.pairs, pd.DataFrame({"variant": [first], "reference": [second]})], ignore_index=True),
    )
    found = effects(cut, method)
    lost = found.loc[[0, 1, 30]]
    assert lost["fate"].tolist() == ["variant_not_measured", "reference_not_measured", "neither_measured"]
    assert lost[["effect", "effect_se", "lower", "upper", "p", "q"]].isna().all(axis=None)
    assert found.drop(index=[0, 1, 30])["effect"].notna().all()


def test_two_that_were_never_measured_together_have_no_moderated_effect() -> None:
    made = small()
    ratios = made.variant_log_ratio
    first, second = made.pairs.loc[0]
    ratios.loc[(ratios["variant"] == first) & (ratios["replicate"] != "1"), "log2_ratio"] = np.nan
    ratios.loc[(ratios["variant"] == second) & (ratios["replicate"] == "1"), "log2_ratio"] = np.nan
    found = effects(made, "moderated")
    assert found.loc[0, "fate"] == "never_together" and np.isnan(found.loc[0, "effect"])
    assert found["fate"].tolist()[1:] == ["measured"] * 29


@pytest.mark.parametrize("method", METHODS)
def test_two_of_replicates_that_share_no_variant_are_not_compared(method: str) -> None:
    library, _ = invent(Recipe(60, barcodes=4, n_replicates=2), 1)
    # The first thirty variants are in replicate 1 alone, the others in replicate 2 alone.
    late = library.variant >= 30
    apart = {
        place: Replicate(*(np.where(late == (place[1] == "2"), counts, 0) for counts in own))
        for place, own in library.replicates.items()
    }
    made = tables_of(library._replace(replicates=apart))
    crossed = pd.DataFrame({"variant": made.pairs["variant"][:15], "reference": [*made.pairs["reference"][15:]]})
    found = effects(made._replace(pairs=pd.concat([made.pairs, crossed], ignore_index=True)), method)
    assert (found["fate"][:30] == "measured").all() and (found["fate"][30:] == "never_together").all()
    assert found[["effect", "effect_se", "lower", "upper", "p", "q"]][30:].isna().all(axis=None)


def test_a_level_of_a_replicate_falls_out_of_moderated_effects() -> None:
    made = small()
    lifted = made.variant_log_ratio.copy()
    lifted.loc[lifted["replicate"] == "2", "log2_ratio"] += 3.0
    one, other = effects(made, "moderated"), effects(made._replace(variant_log_ratio=lifted), "moderated")
    assert np.allclose(one["effect"], other["effect"]) and np.allclose(one["p"], other["p"])


def test_one_replicate_is_tested_by_the_scatter_of_barcodes() -> None:
    made = small(n_replicates=1)
    terms, _ = error_tables(made.variant_log_ratio, 1)
    assert set(terms["fate"]) == {"one_replicate"}
    moderated, combined = effects(made, "moderated"), effects(made, "combined")
    assert np.allclose(moderated["effect_se"], combined["effect_se"])
    assert np.allclose(moderated["p"], combined["p"])
    assert np.allclose(moderated["effect"], combined["effect"])
    assert effects(made, "beta_binomial")["p"].notna().all()


def test_where_nothing_tells_an_error_the_effect_stands_alone() -> None:
    made = tables(Recipe(40, barcodes=0, n_replicates=1), 1, np.zeros(20))
    for method in METHODS:
        found = effects(made, method)
        assert set(found["fate"]) == {"no_error"} and found["effect"].notna().all() and found["p"].isna().all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", KINDS)
def test_without_effects_few_p_are_small_and_few_libraries_have_a_discovery(kind: str, method: str) -> None:
    found = [effects(tables(KINDS[kind], seed, np.zeros(N_PAIRS)), method) for seed in range(8)]
    below = np.mean([(own["p"] < 0.05).mean() for own in found])
    assert 0.02 < below < 0.09
    # Of eight libraries, four or more have a discovery once in 2,000 times where 5 % do.
    assert sum(bool((own["q"] < 0.05).any()) for own in found) <= 3


@pytest.mark.parametrize("method", ["combined", "moderated"])
def test_with_one_barcode_a_variant_few_counts_have_the_larger_errors(method: str) -> None:
    made = tables(Recipe(2000, barcodes=0, shared=0.0), 1, np.zeros(1000))
    found, counts = effects(made, method), made.variant_log_ratio.groupby("variant")[["dna", "rna"]].sum().min(axis=1)
    fewest = np.minimum(*(counts.reindex(made.pairs[name]).to_numpy() for name in ("variant", "reference")))
    deviation = (found["effect"] / found["effect_se"]).to_numpy()
    low, high = np.quantile(fewest, [0.25, 0.75])
    assert deviation[fewest <= low].std() == pytest.approx(1.0, abs=0.2)
    assert deviation[fewest >= high].std() == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize("method", METHODS)
def test_planted_effects_are_found_with_their_size(method: str) -> None:
    planted = np.where(np.arange(N_PAIRS) < 40, 1.0, 0.0)
    found = pd.concat([effects(tables(KINDS["replicates differ"], seed, planted), method) for seed in range(3)])
    true = np.tile(planted, 3)
    called = (found["q"] < 0.05).to_numpy()
    assert called[true > 0].mean() > 0.9 and (true[called] == 0).mean() < 0.1
    assert found["effect"].to_numpy()[true > 0].mean() == pytest.approx(1.0, abs=0.05)
    inside = (found["lower"].to_numpy() < true) & (true < found["upper"].to_numpy())
    assert inside.mean() > 0.9


def test_dna_that_replicates_share_is_counted_once() -> None:
    """With one DNA sample of few counts, taking it for three would make errors far too small."""
    recipe, shares, planted = Recipe(2 * N_PAIRS, depth=3.0, rna_depth=60.0, one_dna=True), [], np.zeros(N_PAIRS)
    for method in METHODS:
        made = [tables(recipe, seed, planted) for seed in range(6)]
        found = pd.concat([effects(own, method, has_own_dna=False) for own in made])
        shares.append(float((found["p"] < 0.05).mean()))
    assert all(0.02 < share < 0.09 for share in shares), shares
    made = tables(recipe, 1, planted)
    terms, _ = error_tables(made.variant_log_ratio, 1, has_own_dna=False)
    dna = terms[terms["term"] == "dna_multiplicative"]
    assert set(dna["fate"]) == {"shared_dna"} and dna["value"].isna().all()
    conform("error_model", terms.assign(library="l"), "found")
