"""Each environment holds exactly what its rules' scripts import, at the versions of requirements.txt.

Snakemake lets a script find packages of the host behind those of its environment, so a package missing from an
environment shows on no machine that has it: the imports themselves must be compared.
"""

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import yaml
from packaging.requirements import Requirement

from kcalseq.provenance import external_imports, import_closure

from ..conftest import Rule

# Pinned beside a package that computes with it, or numbers would change with a version that no file tells.
PINNED_WITH = {"pandas": {"numpy"}}
# Of a pin file and of the environment that it pins.
ENDS = (".linux-64.pin.txt", ".yaml")


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


def test_the_environment_for_gpus_differs_in_the_build_of_torch_alone(project: Path) -> None:
    text = (project / "envs/models.yaml").read_text(encoding="utf-8")
    assert text.count("pytorch =") == 1
    gpu = (project / "envs/models-gpu.yaml").read_text(encoding="utf-8")
    assert gpu == text.replace("pytorch =", "pytorch-gpu =")


def test_requirements_are_exact_and_portable(project: Path) -> None:
    for name in ("requirements.txt", "requirements-test.txt"):
        assert len(pins(project / name)) > 5
        for package, version in pins(project / name).items():
            assert re.fullmatch(r"[0-9][0-9.]*", version), f"{name}: {package} {version}"


def test_requirements_hold_what_the_package_says_it_needs(project: Path) -> None:
    declared = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    names = {re.split(r"[<>=]", line)[0] for line in declared}
    assert names == set(pins(project / "requirements.txt")) - {"snakemake"}


def normal(name: str) -> str:
    """A package's name as the package index writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def brought_along(names: set[str]) -> set[str]:
    """These packages and all that they need on this machine, by what is installed; what is not installed ends there."""
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = normal(pending.pop())
        if name in found:
            continue
        try:
            needs = [Requirement(text) for text in requires(name) or []]
        except PackageNotFoundError:
            continue
        found.add(name)
        pending += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    return found


def test_the_lock_has_the_versions_of_the_requirements(project: Path) -> None:
    locked = pins(project / "requirements.lock.txt")
    for name in ("requirements.txt", "requirements-test.txt"):
        for package, version in pins(project / name).items():
            assert locked[normal(package)] == version, package


def test_the_lock_has_all_that_the_requirements_bring_along(project: Path) -> None:
    named = set(pins(project / "requirements.txt")) | set(pins(project / "requirements-test.txt"))
    reached = brought_along(named)
    assert len(reached) > 40
    # What a torch for GPUs needs beside is not locked (docs/environments.md).
    of_cuda = {name for name in reached if name.startswith(("nvidia-", "cuda-", "triton"))}
    missing = reached - set(pins(project / "requirements.lock.txt")) - of_cuda
    assert not missing, f"`make lock` adds {missing}"


def test_the_lock_names_no_place(project: Path) -> None:
    text = (project / "requirements.lock.txt").read_text(encoding="utf-8")
    assert "://" not in text and "@" not in text and "+" not in text


def pinned_versions(text: str) -> dict[str, str]:
    """Name and version of each package in a pin file: addresses that end in name-version-build.conda."""
    files = [line.split("#")[0].rpartition("/")[2] for line in text.splitlines() if "://" in line]
    return {name: version for name, version, _ in (file.rsplit("-", 2) for file in files)}


def unlike(pinned: str, environment: str) -> dict[str, str | None]:
    """Packages of an environment that a pin file lacks or has in another version, with the pin file's version."""
    found = pinned_versions(pinned)
    wanted = dict(line.split(" =") for line in yaml.safe_load(environment)["dependencies"])
    return {
        name: found.get(name)
        for name, version in wanted.items()
        if found.get(name) != version and not found.get(name, "").startswith(f"{version}.")
    }


def test_pin_files_agree_with_the_environments_that_they_pin(project: Path) -> None:
    """Where a site keeps any (docs/environments.md); none is in the project."""
    folder = project / "envs"
    steps = [path.name.split(".")[0] for path in folder.glob("*.pin.txt")]
    texts = [(step, *((folder / f"{step}{end}").read_text("utf-8") for end in ENDS)) for step in steps]
    assert [(step, faults) for step, *both in texts if (faults := unlike(*both))] == []


def test_a_pin_file_is_read_by_its_addresses() -> None:
    text = "# platform: linux-64\n@EXPLICIT\nhttps://a.org/linux-64/python-isal-1.9.1-py311h_0.conda#0a1b\n"
    assert pinned_versions(text) == {"python-isal": "1.9.1"}
    dependencies = ["python-isal =1.9", "python-isal =1.9.1", "python-isal =1.8", "python-isal =1.91", "pysam =0.23"]
    told = [unlike(text, yaml.safe_dump({"dependencies": [line]})) for line in dependencies]
    assert told == [{}, {}, {"python-isal": "1.9.1"}, {"python-isal": "1.9.1"}, {"pysam": None}]
