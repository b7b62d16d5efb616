"""The page tells the tables' numbers, in words that follow from them."""

import dataclasses
import re
from typing import Any

import pandas as pd

from kcalseq.report.summary import ModelTables, format_summary

from .reading import Page


def test_verdict_comes_first(run: Any) -> None:
    text = Page(run.page()).text
    verdict = "CRP and RNAP attract each other: −3.10 kcal/mol (95 % interval −4.20 to −2.00)."
    assert text.index(verdict) < text.index("Key numbers of") < text.index("What was sequenced", 300)


def test_numbers_are_those_of_the_tables(run: Any) -> None:
    text = Page(run.page()).text
    for expected in (
        "2,930 kept + 70 dropped = 3,000 reads",
        "40 kept + 0 dropped = 40 reads",
        "low quality: variant mean error probability over a barcode, UMI or variant above the limit 9 0.30 % 5 0.50 %",
        "part not found: left_flank a constant part was not found where it may be 16 0.53 % 7 0.70 % 9 0.45 %",
        "I_var_test 0.721 bits/read 0.701 to 0.741",
        "interaction interaction −3.10 kcal/mol (95 % interval −4.20 to −2.00)",
        "RNAP.mu chemical potential not identifiable",
        "RNAP.mu is not identifiable: the measurement process is free.",
        "ΔG(CRP) + ΔG(RNAP) + ΔG(interaction) yes, at rate t_sat",
        "kT = 0.616 kcal/mol at 37 °C",
        "Model lac_thermodynamic predicts better than additive, by 0.080 bits/read (95 % interval 0.060 to 0.100).",
        "The fit of lac_thermodynamic converged, and 2 of 3 starts ended within 1 nat of the best.",
        "rises by 1.92 nats on both sides",
        "The interaction moves with the prior.",
        "arXiv 2001.03560",
    ):
        assert expected in text, expected


def test_not_converged_is_said_first(run: Any) -> None:
    failed = dataclasses.replace(run, fits=[{**fit, "converged": False} for fit in run.fits])
    text = Page(failed.page()).text
    assert "The fit of lac_thermodynamic did not converge. Do not use its energies" in text
    assert "attract each other" not in text


def test_a_model_that_does_not_predict_says_nothing_of_interactions(run: Any) -> None:
    metrics = run.models.fit_metrics
    nothing = metrics.assign(lower=metrics["lower"].where(metrics["metric"] != "I_var", -0.01))
    text = Page(dataclasses.replace(run, models=run.models._replace(fit_metrics=nothing)).page()).text
    assert "No statement on CRP and RNAP: the model does not predict the test set, so its energies may" in text
    assert "attract each other" not in text
    assert "No statement on CRP and RNAP" not in Page(run.page()).text


def changed_fit(run: Any, **changed: Any) -> str:
    """Text of the page when every fit is changed."""
    return Page(dataclasses.replace(run, fits=[{**fit, **changed} for fit in run.fits]).page()).text


def test_wrong_side_is_a_problem_and_silences_the_energies(run: Any) -> None:
    text = changed_fit(run, phi_rises=False)
    assert "Problem: In lac_thermodynamic, what the model calls transcribing is the dim side" in text
    assert "attract each other" not in text


def test_weak_sites_are_named(run: Any) -> None:
    assert "Caution: The wild type of RNAP binds worse" in changed_fit(run, weak_sites=["RNAP"])
    assert "binds worse" not in Page(run.page()).text


def test_optional_keys_of_a_fit_may_be_missing(run: Any) -> None:
    assert changed_fit(run, description=None) == Page(run.page()).text
    text = changed_fit(run, sequence={"length": 8, "wildtype": None, "first_position": None})
    assert "numbers are the position, from 0" in text and "against the wild type" not in text


def test_observation_is_defined_as_the_fit_used_it(run: Any) -> None:
    presence, raw = "an observation is a variant seen in a bin", "an observation is a read"
    text = Page(run.page()).text
    assert presence in text and raw not in text
    text = changed_fit(run, observations="raw")
    assert raw in text and presence not in text


def test_shared_run_is_told_with_the_reason_for_the_missing_share(run: Any) -> None:
    told = "Run run_2 also carries library spare: its reads in total are those of all its libraries."
    assert told not in Page(run.page()).text
    spare = {**run.libraries["spare"], "runs": ["run_2", "run_3"]}
    text = Page(dataclasses.replace(run, libraries={**run.libraries, "spare": spare}).page()).text
    assert told in text
    assert "Run run_2 also carries library lac" in text
    assert "40 of the reads kept are library spare's. What share of its own reads that is cannot be told" in text
    assert "share of reads kept reads_kept_fraction not determined" in text


def test_limit_and_words_follow_the_confidence(run: Any) -> None:
    metrics, parameters, *rest = run.models
    parameters = parameters.assign(confidence=parameters["confidence"].mask(parameters["confidence"].notna(), 0.9))
    text = Page(dataclasses.replace(run, models=ModelTables(metrics, parameters, *rest)).page()).text
    assert "for 90 %: by less than 1.35 nats" in text
    assert "rises by 1.35 nats on both sides: its 90 % interval is closed" in text
    assert "1.92" not in text


def test_profile_open_on_both_sides_takes_the_models_confidence(run: Any) -> None:
    metrics, parameters, *rest = run.models
    unknown = parameters["kind"] == "interaction"
    cleared = {name: parameters[name].mask(unknown) for name in ("value", "lower", "upper", "confidence", "method")}
    opened = parameters.assign(**cleared, identifiable=parameters["identifiable"] & ~unknown)
    text = Page(dataclasses.replace(run, models=ModelTables(metrics, opened, *rest)).page()).text
    assert "The 95 % interval of interaction has no end. It is open: the scan did not reach the limit on either" in text
    assert "These data do not determine the interaction energy of CRP and RNAP." in text


def test_copies_and_distances_are_told(run: Any) -> None:
    _, fit = run.fits
    metrics, parameters, *rest = run.models
    renamed = parameters.assign(parameter=parameters["parameter"].replace("interaction", "interaction[0-4]"))
    twin = {"name": "Twin", "start": 4, "length": 3, "copy_of": "CRP", "strand": "reverse"}
    joined = [{"name": "interaction[0-4]", "between": ["CRP", "RNAP"], "distance": [0, 4]}]
    changed = {**fit, "sites": [*fit["sites"], twin], "interactions": joined}
    models = ModelTables(metrics, renamed, *rest)
    text = Page(dataclasses.replace(run, models=models, fits=[run.fits[0], changed]).page()).text
    assert "CRP and RNAP 0 to 4 bases apart attract each other: −3.10 kcal/mol" in text
    assert "interaction[0-4] interaction −3.10 kcal/mol" in text
    assert "Twin is a copy of CRP: the same protein at another place, on the other strand, with the same" in text
    assert "the interaction does not, but for one by distance: it averages over the places" in text
    plain = Page(run.page()).text
    assert "is a copy of" not in plain and "the interaction does not." in plain


def test_sign_is_not_claimed_where_the_scan_stopped_before_zero(run: Any) -> None:
    metrics, parameters, *rest = run.models
    opened = parameters.assign(upper=parameters["upper"].mask(parameters["kind"] == "interaction"))
    scan = run.profiles.assign(value=[-7.9, -6.1, -4.3, -2.5, -0.7])
    text = Page(dataclasses.replace(run, models=ModelTables(metrics, opened, *rest), profiles=scan).page()).text
    assert "beyond it lies the copy with exchanged labels" in text
    assert "attract each other:" not in text


def test_every_condition_has_its_own_numbers_and_sentence(run: Any) -> None:
    measured = run.models.fit_metrics
    poor = measured.assign(condition="M9 glucose", value=0.1, lower=-0.1, upper=0.3)
    models = run.models._replace(fit_metrics=pd.concat([measured, poor[poor["metric"] == "I_var"]]))
    both = dataclasses.replace(run, models=models)
    text = Page(both.page()).text
    assert "Model lac_thermodynamic in condition M9 predicts the test set with I_var = 0.721 bits/read" in text
    assert "Model lac_thermodynamic in condition M9 glucose does not predict the test set: I_var = 0.100" in text
    assert "information, test set, condition M9 glucose" in text
    assert "I_var_test[M9 glucose]" in format_summary(both.summary())
    assert "condition M9" not in Page(run.page()).text


def test_quality_is_told_with_marks_and_what_to_do(run: Any) -> None:
    text = Page(run.page()).text
    assert "0.04 bad caution below 0.20, bad below 0.05" in text
    told = "Observations in the emptiest sort bin, over those it would hold if all were even, M9, replicate 1: 0.04."
    assert f"{told} Sort more cells into it." in text
    assert "share of reads kept run_1 97.0 % good caution below 90.0 %, bad below 50.0 %" in text
    assert "correlation of mean sort bins between replicates, the least M9 cannot be told not judged" in text
    assert re.search(r"Quality ?: \d+ bad, \d+ caution, \d+ good, \d+ not judged\.", text)
    assert "Is the experiment good?" not in Page(run.emptied().page()).text


def test_called_sites_are_told_with_positions_and_how_sure(run: Any) -> None:
    text = Page(run.page()).text
    told = "1,500 variants of library lac were measured, with 12.0 % of bases mutated. "
    assert told + "Binding sites were called: site_1 (positions 0 to 2) and RNAP (positions 4 to 7)." in text
    assert "site_1 M9 mutations lower activity: an activator 0 to 2 1 p 0.0312" in text
    polymerase = "RNA polymerase with sigma 70: −35 element from 4, −10 element from 6; 3 of 12 bases differ"
    assert f"RNAP M9 {polymerase} from the consensus, likeness 0.89 4 to 7 6 p 0.0004" in text
    assert "draft_model.yaml" in text


def test_a_library_without_footprint_or_without_sites_is_told_so(run: Any) -> None:
    few = run.footprints["footprint_check"].assign(call="few_variants", n_variants=80)
    none = {name: table.iloc[:0] for name, table in run.footprints.items()}
    text = Page(dataclasses.replace(run, footprints=none | {"footprint_check": few}).page()).text
    assert "No sites were called in library lac (80 variants measured): too few variants." in text
    assert "draft_model.yaml" not in text
    checked = {"footprint_check": run.footprints["footprint_check"]}
    text = Page(dataclasses.replace(run, footprints=none | checked).page()).text
    assert "No binding site stands out from chance anywhere, so the draft model has none." in text


def test_effects_are_told_with_what_was_not_measured(run: Any) -> None:
    text = Page(run.page()).text
    told = "2 of 3 pairs were measured; 1 effect is sure at a false discovery rate of 5 %."
    assert text.count(told) == 2 and text.index(told) < text.index("Is the experiment good?")
    assert "differences of activities combined over replicates" in text
    assert "Pairs without a test: the variant was not measured (1)." in text
    assert "1 effect rests on one replicate" in text
    assert "v1 v0 M9 −1.50 log2 (95 % interval −1.95 to −1.05) 3.0e-05" in text
    assert "What variants change" not in Page(run.emptied().page()).text


def test_effects_of_single_bases_are_told_with_what_is_not_known(run: Any) -> None:
    text = Page(run.page()).text
    assert "2 of 4 single changes have an effect, of which 1 is sure at a false discovery rate of 5 %." in text
    assert "Not told: 1 never seen and 1 always together with others." in text
    assert "correlate with 0.951 (Pearson), 0.940 (Spearman)" in text
    assert "90 of 97 counts of barcodes took part; not those 7 left out of activities." in text
    assert "3 A to C v0 M9 40 −1.20 log2 (95 % interval −1.40 to −1.00) 2.0e-09" in text
    assert "Single bases of library" not in Page(run.emptied().page()).text
