"""Each environment holds exactly what its rules' scripts import, at the versions of requirements.txt.

Snakemake lets a script find packages of the host behind those of its environment, so a package missing from an
environment shows on no machine that has it: the imports themselves must be compared.
"""

import re
import sys
import tomllib
from pathlib import Path

from kcalseq.provenance import external_imports, import_closure

from ..conftest import Rule

# Pinned beside a package that computes with it, or numbers would change with a version that no file tells.
PINNED_WITH = {"pandas": {"numpy"}}


def needed(script: Path) -> set[str]:
    """Packages that a script needs, by their import names. ``snakemake`` itself is given to it."""
    return external_imports([script, *import_closure(script)]) - set(sys.stdlib_module_names) - {"snakemake"}


def pins(requirements: Path) -> dict[str, str]:
    lines = [line for line in requirements.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    return dict(line.split("==") for line in lines)


def test_each_environment_holds_what_its_scripts_import(
    rules: list[Rule], environments: dict[Path, dict[str, str]], package_names: list[dict[str, str]]
) -> None:
    conda = {row["import"]: row["conda"] for row in package_names}
    imported: dict[Path, set[str]] = {path: set() for path in environments}
    for rule in rules:
        missing = needed(rule.path("script")) - set(conda)
        assert not missing, f"{rule.name}: tests/package_names.tsv does not tell the names of {missing}"
        imported[rule.path("conda")] |= {conda[name] for name in needed(rule.path("script"))}
    listed = {path: set(packages) - {"python"} for path, packages in environments.items()}
    for packages in imported.values():
        packages |= {other for name in packages for other in PINNED_WITH.get(name, set())}
    assert imported == listed


def test_environments_pin_the_versions_of_requirements(
    project: Path, environments: dict[Path, dict[str, str]], package_names: list[dict[str, str]]
) -> None:
    pypi = {row["conda"]: row["pypi"] for row in package_names}
    required = pins(project / "requirements.txt")
    seen = {"snakemake"}
    for path, packages in environments.items():
        for name, version in packages.items():
            if name != "python":
                assert version == required[pypi[name]], f"{path.name}: {name}"
                seen.add(pypi[name])
    assert seen == set(required), "requirements.txt holds what no environment needs"


def test_requirements_are_exact_and_portable(project: Path) -> None:
    for name in ("requirements.txt", "requirements-test.txt"):
        for package, version in pins(project / name).items():
            assert re.fullmatch(r"[0-9][0-9.]*", version), f"{name}: {package} {version}"


def test_requirements_hold_what_the_package_says_it_needs(project: Path) -> None:
    declared = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    names = {re.split(r"[<>=]", line)[0] for line in declared}
    assert names == set(pins(project / "requirements.txt")) - {"snakemake"}
