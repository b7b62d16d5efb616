"""Profiles name rules that there are, and each asks for the same where it says the same."""

import csv
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from ..conftest import PROJECT, Rule

CLUSTERS = ["slurm", "cluster"]
PROFILES = sorted(path.parent.name for path in (PROJECT / "profiles").glob("*/config.yaml"))


def profile(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((PROJECT / "profiles" / name / "config.yaml").read_text("utf-8"))
    return content


def test_profiles_are_found() -> None:
    assert {*CLUSTERS, "workstation"} <= set(PROFILES)


@pytest.mark.parametrize("name", PROFILES)
def test_every_rule_that_a_profile_names_is_there(name: str, rules: list[Rule]) -> None:
    named = {rule for key in ("set-threads", "set-resources", "groups") for rule in profile(name).get(key, {})}
    assert named and named - {rule.name for rule in rules} == set()


def test_what_shares_a_submission_has_a_slot_and_its_own_memory() -> None:
    """Of files that are yet to be made in the same submission nothing is known when it asks for memory."""
    content = profile("slurm")
    assert content["groups"]
    for rule in content["groups"]:
        own = content["set-resources"][rule]
        assert own["slot"] == 1 and ("input" not in own["mem_mb"]), rule


@pytest.mark.parametrize("name", CLUSTERS)
@pytest.mark.parametrize("resource", ["mem_mb", "runtime"])
def test_a_retry_asks_for_twice_as_much(name: str, resource: str) -> None:
    content = profile(name)
    assert content["retries"] == 2
    asked = [content["default-resources"], *content["set-resources"].values()]
    amounts = [own[resource] for own in asked if resource in own]
    assert len(amounts) > 1
    for amount in amounts:
        first, second, third = (eval_amount(amount, attempt, 700.0) for attempt in (1, 2, 3))
        assert (second, third) == (2 * first, 4 * first)


@pytest.mark.parametrize("name", CLUSTERS)
def test_memory_grows_with_the_input(name: str) -> None:
    amount = profile(name)["default-resources"]["mem_mb"]
    assert [eval_amount(amount, 1, size) for size in (1.0, 100.0, 5000.0)] == [2000, 2000, 100_000]


def test_both_clusters_ask_for_the_same_memory_and_time() -> None:
    slurm, other = (profile(name)["set-resources"] for name in CLUSTERS)
    assert other
    for rule, own in other.items():
        assert {key: slurm[rule][key] for key in own} == own


def test_a_first_attempt_has_room_for_what_large_libraries_took() -> None:
    """By the measurements in benchmarks, whose last columns are of this profile: room for Snakemake too, not tenfold.

    On a cluster Snakemake itself runs in each job, beside the step: it is what the smallest steps show.
    """
    content = profile("slurm")
    lines = (PROJECT / "benchmarks/scale/asked.tsv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(lines, delimiter="\t"))
    assert len(rows) > 50
    for row in rows:
        own = {**content["default-resources"], **content["set-resources"].get(row["step"], {})}
        asked_mb, asked_min = (eval_amount(own[name], 1, float(row["input_mb"])) for name in ("mem_mb", "runtime"))
        where, peak_mb = f"{row['step']} of {row['size']}, project {row['project']}", float(row["peak_mb"])
        assert (round(asked_mb), round(asked_min)) == (int(row["asked_mb"]), int(row["asked_min"])), where
        beside = [one for one in rows if (one["project"], one["size"]) == (row["project"], row["size"])]
        assert peak_mb + min(float(one["peak_mb"]) for one in beside) <= asked_mb <= max(8000, 10 * peak_mb), where
        assert float(row["cpu_s"]) / 60 <= 0.5 * asked_min, where


def eval_amount(expression: str, attempt: int, size_mb: float) -> float:
    """What Snakemake makes of an amount, with the names that it gives to it."""
    amount: float = eval(expression, {"max": max}, {"attempt": attempt, "input": SimpleNamespace(size_mb=size_mb)})
    return amount


def test_the_workstation_profile_is_the_default() -> None:
    assert (PROJECT / "profiles/default").resolve() == Path(PROJECT / "profiles/workstation").resolve()
