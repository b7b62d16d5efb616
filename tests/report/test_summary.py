"""The summary's numbers come from their tables by key, whatever the order of rows and lists."""

import dataclasses
import math
from itertools import product
from typing import Any

import pandas as pd
import pytest

from kcalseq.report.numbers import SUMMARY_WORDS, condition_of
from kcalseq.report.summary import ModelTables, count_identifiable, format_summary
from kcalseq.tablefile import read_table, write_table


def number(summary: pd.DataFrame, metric: str, model: str | None = None, library: str = "lac") -> Any:
    """The one row of a metric."""
    of_model = summary["model"].isna() if model is None else summary["model"] == model
    rows = summary[(summary["library"] == library) & of_model & (summary["metric"] == metric)]
    assert len(rows) == 1, metric
    return rows.iloc[0]


def test_reads_of_a_library_whose_runs_are_its_own(run: Any) -> None:
    summary = run.summary()
    assert number(summary, "reads_total")["value"] == 3000
    assert number(summary, "reads_kept")["value"] == 970 + 1960
    assert number(summary, "reads_kept_fraction")["value"] == pytest.approx(2930 / 3000)
    assert number(summary, "reads_total", library="spare")["value"] == 40
    assert number(summary, "n_variants")["value"] == 7


def test_libraries_that_share_a_run_keep_their_own_reads(run: Any) -> None:
    spare = {**run.libraries["spare"], "runs": ["run_2", "run_3"]}
    summary = dataclasses.replace(run, libraries={**run.libraries, "spare": spare}).summary()
    assert number(summary, "reads_total")["value"] == 3000
    assert number(summary, "reads_kept")["value"] == 2930
    assert number(summary, "reads_total", library="spare")["value"] == 2040
    assert number(summary, "reads_kept", library="spare")["value"] == 40
    for library in ("lac", "spare"):
        assert math.isnan(number(summary, "reads_kept_fraction", library=library)["value"])
    assert "of 3,000 in shared runs" in format_summary(summary)
    assert "%" not in format_summary(summary)


def entries(site: str, positions: range, known: str = "ACGT") -> list[dict[str, Any]]:
    """Entries of an energy matrix in which the bases ``known`` are identifiable."""
    nothing = {"second_position": None, "second_base": None}
    return [
        {"kind": "energy_matrix", "site": site, "position": place, "base": base, "identifiable": base in known}
        | nothing
        for place in positions
        for base in "ACGT"
    ]


def pair(site: str, position: int, known: str) -> list[dict[str, Any]]:
    """Energies of a pair of adjacent bases; those of the bases ``known`` are identifiable."""
    return [
        {"kind": "pair_energy", "site": site, "position": position, "base": one, "second_position": position + 1}
        | {"second_base": two, "identifiable": one in known and two in known}
        for one, two in product("ACGT", repeat=2)
    ]


def scalar(kind: str, identifiable: bool) -> dict[str, Any]:
    """One parameter without position."""
    nothing = dict.fromkeys(("site", "position", "base", "second_position", "second_base"))
    return {"kind": kind, "identifiable": identifiable} | nothing


def test_parameters_of_the_lac_model_are_counted_without_gauge_freedom() -> None:
    scalars = [scalar("chemical_potential", True), scalar("chemical_potential", False), scalar("interaction", True)]
    lac = pd.DataFrame(entries("CRP", range(1, 27)) + entries("RNAP", range(34, 75)) + scalars)
    assert count_identifiable(lac) == 26 * 3 + 41 * 3 + 1 + 1 == 203
    assert count_identifiable(lac[::-1]) == 203
    assert count_identifiable(lac.iloc[:0]) == 0


@pytest.mark.parametrize(("known", "expected"), [("", 0), ("A", 0), ("AC", 1), ("ACG", 2)])
def test_bases_never_seen_are_not_counted(known: str, expected: int) -> None:
    table = pd.DataFrame([*entries("P", range(1), known), *entries("Q", range(1))])
    assert count_identifiable(table) == expected + 3


@pytest.mark.parametrize(("known", "expected"), [("", 0), ("A", 0), ("AC", 1), ("ACGT", 9)])
def test_a_pair_counts_what_its_bases_alone_do_not_say(known: str, expected: int) -> None:
    table = pd.DataFrame([*entries("P", range(2)), *pair("P", 0, known), scalar("interaction", True)])
    assert count_identifiable(table) == 2 * 3 + expected + 1


def test_numbers_of_a_model(run: Any) -> None:
    summary, model = run.summary(), "lac_thermodynamic"
    information = number(summary, "I_var_test", model)
    assert (information["value"], information["unit"]) == (0.7213, "bits/read")
    energy = number(summary, "energy_interaction", model)
    assert tuple(energy[["value", "lower", "upper", "unit"]]) == (-3.1, -4.2, -2.0, "kcal/mol")
    assert number(summary, "n_parameters", model)["value"] == 1  # the interaction; a lone base is a gauge
    assert number(summary, "converged", model)["value"] == 1
    seconds = number(summary, "fit_cpu_seconds", model)
    assert tuple(seconds[["value", "lower", "upper"]]) == (11.0, 10.0, 12.0)
    assert number(summary, "fit_cpu_seconds_total", model)["value"] == 33.0
    assert number(summary, "I_var_test", "additive")["value"] == pytest.approx(0.6413)


def test_order_of_rows_and_lists_does_not_matter(run: Any) -> None:
    turned = dataclasses.replace(
        run,
        read_fates=run.read_fates[::-1],
        variants=run.variants[::-1],
        variant_counts=run.variant_counts[::-1],
        fits=run.fits[::-1],
        models=ModelTables(*(table[::-1] for table in run.models)),
        libraries=dict(reversed(run.libraries.items())),
    )
    pd.testing.assert_frame_equal(turned.summary(), run.summary())


def test_survives_its_file(run: Any, tmp_path: Any) -> None:
    write_table("summary", run.summary(), tmp_path / "summary.tsv")
    pd.testing.assert_frame_equal(read_table("summary", tmp_path / "summary.tsv"), run.summary())


def test_no_reads_give_no_share(run: Any) -> None:
    summary = run.emptied().summary()
    assert number(summary, "reads_total")["value"] == 0
    assert math.isnan(number(summary, "reads_kept_fraction")["value"])
    assert "of nothing" in format_summary(summary)


def test_terminal_table_is_aligned_and_short(run: Any) -> None:
    lines = format_summary(run.summary()).splitlines()
    assert any("energy_interaction" in line and "−3.10" in line and "−4.20 to −2.00" in line for line in lines)
    assert any("97.67 % of 3,000" in line for line in lines)
    columns = {line.find("I_") for line in lines if "I_" in line}
    assert len(columns) == 1
    assert len(lines) < 15


def test_terminal_table_shouts_when_not_converged(run: Any) -> None:
    failed = dataclasses.replace(run, fits=[{**fit, "converged": False} for fit in run.fits])
    assert format_summary(failed.summary()).count(" NO") == 2


def test_numbers_of_a_barcoded_library(barcoded: Any) -> None:
    summary = barcoded.summary()
    expected = {
        "reads_total": 4630,
        "reads_kept": 490 + 4100,
        "reads_association": 490,
        "reads_assigned_fraction": 400 / 490,
        "n_barcodes": 20,
        "n_barcodes_assigned": 15,
        "barcodes_assigned_fraction": 0.75,
        "n_barcodes_mapped": 15,
        "n_variants": 7,
        "n_variants_mapped": 5,
        "barcodes_per_variant_median": 3,
        "reads_to_count": 4100,
        "reads_counted": 3920,
        "reads_counted_fraction": 3920 / 4100,
        "n_molecules": 1200,
    }
    for metric, value in expected.items():
        assert number(summary, metric, library="mpra")["value"] == pytest.approx(value), metric
    assert number(summary, "reads_kept_fraction", library="mpra")["value"] == pytest.approx(4590 / 4630)


def test_reads_that_are_counted_and_mapped_are_kept_once(barcoded: Any) -> None:
    card = {**barcoded.libraries["mpra"], "association_runs": []}
    summary = dataclasses.replace(barcoded, libraries={"mpra": card}).summary()
    assert number(summary, "reads_kept", library="mpra")["value"] == 4100


def test_terminal_tells_barcodes_and_reads_counted(barcoded: Any) -> None:
    lines = [" ".join(line.split()) for line in format_summary(barcoded.summary()).splitlines()]
    assert "mpra barcodes_assigned 15 75.00 % of 20 barcodes" in lines
    assert "mpra reads_counted 3,920 95.61 % of 4,100 reads" in lines
    assert len(lines) == 4


def test_activities_and_effects_stand_in_it(run: Any, barcoded: Any) -> None:
    summary = barcoded.summary()
    assert number(summary, "n_measured", library="mpra")["value"] == 5
    assert number(summary, "log2_ratio_se_median", library="mpra")["value"] == 0.25
    assert math.isnan(number(summary, "between_replicates_sd", library="mpra")["value"])
    summary = run.summary()  # three pairs, of which one has no test and one is sure
    assert number(summary, "n_effects_tested")["value"] == 2
    assert number(summary, "n_effects_sure")["value"] == 1
    assert "of 2 at a FDR of 0.05" in format_summary(summary)


def test_metrics_of_several_conditions_bear_their_names(run: Any) -> None:
    other = run.effects.assign(condition="LB", q=None)
    summary = dataclasses.replace(run, effects=pd.concat([run.effects, other], ignore_index=True)).summary()
    assert number(summary, "n_effects_sure[M9]")["value"] == 1
    assert number(summary, "n_effects_tested[LB]")["value"] == 0


def test_every_number_has_words(run: Any, barcoded: Any) -> None:
    for summary in (run.summary(), barcoded.summary()):
        metrics = {condition_of(metric)[0] for metric in summary["metric"]}
        assert {name for name in metrics if not name.startswith("energy_")} <= set(SUMMARY_WORDS)
