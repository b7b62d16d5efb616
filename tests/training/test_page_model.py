"""What a page computes with: mutants and states as the model has them, and a reason where there is nothing to compute.

That the numbers predict what Python predicts is tested with the page's own scripts, in tests/report/browser.
"""

import json
from pathlib import Path

import pytest

from kcalseq.training.page_model import page_model

from .invented import ADDITIVE, invented_model

SITES = """\
description: An activator that helps
kind: thermodynamic
sequence: {length: 12, wildtype: ACGTACGTACGT}
sites:
  CRP: {start: 0, length: 4, energies: neighbour}
  RNAP: {start: 6, length: 5}
interactions: {interaction: {between: [CRP, RNAP]}}
states:
  - {bound: [], rate: 0}
  - {bound: [CRP], rate: 0}
  - {bound: [RNAP], rate: t}
  - {bound: [CRP, RNAP], rate: t}
"""


def test_mutants_cost_what_the_model_says(tmp_path: Path) -> None:
    fitted = invented_model(tmp_path, SITES)
    mutants = page_model(fitted)["mutants"]
    assert {name: len(rows) for name, rows in mutants.items()} == {"CRP": 4, "RNAP": 5}
    energies = fitted.energies(["ACTTACGTACGT", "ACGTACGTTCGT"])
    assert mutants["CRP"][2][3] == pytest.approx(energies["CRP"][0], abs=1e-12)
    assert mutants["RNAP"][2][3] == pytest.approx(energies["RNAP"][1], abs=1e-12)
    assert [row["ACGT".index(base)] for row, base in zip(mutants["CRP"], "ACGT", strict=True)] == [0.0] * 4


def test_occupancies_follow_from_energies(tmp_path: Path) -> None:
    told = page_model(invented_model(tmp_path, SITES, ("M9", "M9 glucose")))
    assert [one["condition"] for one in told["wildtype_states"]] == ["M9", "M9 glucose"]
    for one in told["wildtype_states"]:
        weights = [2.718281828459045 ** (-energy / told["kt"]) for energy in one["energies"]]
        assert one["occupancies"] == pytest.approx([weight / sum(weights) for weight in weights], rel=1e-9)
        assert one["energies"][0] == 0.0


def test_numbers_are_whole(tmp_path: Path) -> None:
    told = json.loads(json.dumps(page_model(invented_model(tmp_path, SITES)), allow_nan=False))
    sites = {site["name"]: site for site in told["numbers"]["sites"]}
    assert told["obstacle"] is None
    assert (len(sites["CRP"]["energies"]), len(sites["CRP"]["pair_energies"])) == (16, 48)
    assert sites["RNAP"]["positions"] == [6, 7, 8, 9, 10]
    assert told["numbers"]["phenotype"] == "log_odds"


def test_an_additive_model_has_no_states(tmp_path: Path) -> None:
    told = page_model(invented_model(tmp_path, ADDITIVE))
    assert (told["wildtype_states"], told["numbers"]["states"]) == ([], [])
    assert told["numbers"]["phenotype"] == "minus_energy"


def test_without_a_wild_type_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    told = page_model(invented_model(tmp_path, SITES.replace(", wildtype: ACGTACGTACGT", "")))
    assert (told["mutants"], told["wildtype_states"], told["obstacle"]) == ({}, [], None)


@pytest.mark.parametrize(
    ("text", "obstacle"),
    [
        (SITES.replace("{start: 6, length: 5}", "{start: [4, 7], length: 5}"), "site RNAP has no fixed place"),
        (SITES + "measurement: {sorter: {cells: normal}}\n", "its measurement process is a sorter with gates"),
    ],
)
def test_what_the_page_cannot_compute_is_told(tmp_path: Path, text: str, obstacle: str) -> None:
    told = page_model(invented_model(tmp_path, text))
    assert (told["obstacle"], told["numbers"]) == (obstacle, None)
    assert len(told["wildtype_states"][0]["occupancies"]) == 4
