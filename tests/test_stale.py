"""Results of what is no longer in the configuration are named, and nothing else is."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kcalseq.association.design import Design
from kcalseq.plan import Plan
from kcalseq.planning.effects import read_effects
from kcalseq.planning.stale import stale_results
from kcalseq.yamlfile import Document

from .test_plan import plan as plan  # the fixture

SINGLE: dict[bool, dict[str, bool]] = {True: {"single_bases": True}, False: {}}
READ = Callable[..., Plan]
CURRENT = ("runs/r1", "runs/r2", "libraries/lac/models/one", "libraries/lac/figures")


def lay(folder: Path, *paths: str) -> None:
    """Make empty files and, of paths without an ending, folders."""
    for path in paths:
        target = folder / path
        if target.suffix:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
        else:
            target.mkdir(parents=True, exist_ok=True)


def test_nothing_is_stale_before_the_first_run_and_after_it(plan: READ) -> None:
    assert stale_results(plan()) == []
    lay(Path("results"), *CURRENT, "report.html", "runs/notes.txt", "libraries/lac/models/one/parameters.tsv")
    assert stale_results(plan()) == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("runs/r0", "no run has the name 'r0'"),
        ("libraries/lac_old", "no library has the name 'lac_old'"),
        ("libraries/lac/models/two", "no model of library 'lac' has the name 'two'"),
        ("libraries/lac/models/one/bootstraps.tsv", "no longer has 'fit: {bootstraps}'"),
        ("libraries/lac/models/one/cross_validation.tsv", "no longer has 'fit: {folds}'"),
        ("libraries/lac/models/one/predicted_sequences.tsv", "no longer has 'libraries: {lac: {predict}}'"),
        ("libraries/lac/variant_effects.tsv", "no longer has 'libraries: {lac: {effects}}'"),
        ("libraries/lac/base_effects.tsv", "no longer has 'libraries: {lac: {effects: {single_bases}}}'"),
        ("libraries/lac/base_effect_drops.tsv", "no longer has 'libraries: {lac: {effects: {single_bases}}}'"),
        ("libraries/lac/sorted_fluorescence.parquet", "no longer has gates of 'lac'"),
        ("libraries/lac/fluorescence_drops.tsv", "no longer has gates of 'lac'"),
    ],
)
def test_what_was_removed_is_named_with_its_path_and_why(path: str, words: str, plan: READ) -> None:
    lay(Path("results"), *CURRENT, path)
    (told,) = stale_results(plan())
    assert told.startswith(f"results/{path} is stale: ")
    assert words in told
    assert Path("results", path).exists()


def test_what_the_configuration_asks_for_is_not_stale(plan: READ) -> None:
    lay(Path("results"), *CURRENT, "libraries/lac/models/one/bootstraps.tsv")
    asked = plan(("config.yaml", "starts: 2", "starts: 2\n  bootstraps: 20"))
    assert stale_results(asked) == []
    lay(Path("results"), "libraries/lac/models/one/cross_validation.tsv")
    assert len(stale_results(asked)) == 1


@pytest.mark.parametrize("single_bases", [True, False])
def test_effects_of_single_bases_are_stale_where_other_effects_alone_are_asked_for(
    single_bases: bool, plan: READ
) -> None:
    lay(Path("results"), *CURRENT, "libraries/lac/variant_effects.tsv", "libraries/lac/base_effects.tsv")
    found = plan()
    document = Document("config.yaml", {"libraries": {"lac": {"effects": {"reference": "a", **SINGLE[single_bases]}}}})
    asked = read_effects(document, "lac", Design("design.fa", ("a", "b"), ("ACGT", "ACGA")), True)
    changed = replace(found, libraries={"lac": replace(found.libraries["lac"], effects=asked)})
    assert ["base_effects" in told for told in stale_results(changed)] == ([] if single_bases else [True])
