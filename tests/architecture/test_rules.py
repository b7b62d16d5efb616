"""Every rule is whole: the script of its name, a log, an environment, a message, and the digest of its code."""

import re
from pathlib import Path

import pytest

from ..conftest import Rule

# The only files with functions; they hold no rules, and the files of rules no functions.
OF_FUNCTIONS = {"common.smk", "names.smk", "inputs.smk", "targets.smk"}


def test_rules_are_found(rules: list[Rule]) -> None:
    assert {"extract_reads", "fit_model", "write_report"} <= {rule.name for rule in rules}


@pytest.mark.parametrize("directive", ["message", "output", "log", "conda", "params", "script"])
def test_every_rule_has(directive: str, rules: list[Rule]) -> None:
    # Asked for to be read on the terminal.
    without = ["check_layout", "status"] if directive == "output" else []
    assert [rule.name for rule in rules if directive not in rule.directives] == without


def test_scripts_and_rules_have_the_same_names(project: Path, rules: list[Rule]) -> None:
    scripts = project / "scripts"
    assert {rule.name: rule.path("script") for rule in rules} == {path.stem: path for path in scripts.glob("*.py")}


def test_every_rule_carries_the_digest_of_its_own_script(rules: list[Rule]) -> None:
    assert [rule.name for rule in rules if f'code=code("{rule.name}")' not in rule.directives["params"]] == []


def test_every_environment_serves_a_rule(rules: list[Rule], environments: dict[Path, dict[str, str]]) -> None:
    assert {rule.path("conda") for rule in rules} == set(environments)


def test_logs_are_named_after_their_rule(rules: list[Rule]) -> None:
    assert [rule.name for rule in rules if f"{{LOGS}}/{rule.name}" not in rule.directives["log"]] == []


def test_every_rule_that_makes_files_is_measured_beside_its_log(rules: list[Rule]) -> None:
    for rule in rules:
        if "output" in rule.directives:
            beside = rule.directives["log"].replace(".log", ".usage.tsv")
            assert rule.directives["benchmark"].strip() == beside.strip().rstrip(","), rule.name


def test_rule_files_open_with_their_contract(project: Path) -> None:
    for path in (project / "workflow" / "rules").glob("*.smk"):
        if path.name not in OF_FUNCTIONS:
            opening = path.read_text(encoding="utf-8").split("\n\n")[0]
            assert "# REQUIRED INPUTS:" in opening and "# OUTPUTS:" in opening, path.name


def test_only_files_of_functions_hold_functions(project: Path) -> None:
    files = [project / "Snakefile", *(project / "workflow" / "rules").glob("*.smk")]
    with_functions = {path.name for path in files if re.search(r"^\s*def ", path.read_text(encoding="utf-8"), re.M)}
    assert with_functions == OF_FUNCTIONS


def test_files_of_functions_hold_no_rules(project: Path) -> None:
    files = (project / "workflow" / "rules").glob("*.smk")
    words = re.compile(r"^\s*(rule|checkpoint|use rule)\b", re.M)
    assert {path.name for path in files if not words.search(path.read_text(encoding="utf-8"))} == OF_FUNCTIONS
