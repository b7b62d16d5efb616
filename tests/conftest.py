"""What tests in all folders share: the project's rules and environments, and what to do where a tool is missing."""

import csv
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[1]
_RULE = re.compile(r"^rule (\w+):\n(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
_CHOSEN_BY_CONFIGURATION = {"MODELS_ENVIRONMENT": "../../envs/models.yaml"}
_DIRECTIVE = re.compile(r"^    (\w+):\n(.*?)(?=^    \S|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Rule:
    """A rule of the workflow: its name, the file it stands in, and the text of each of its directives."""

    name: str
    file: Path
    directives: dict[str, str]

    def path(self, directive: str) -> Path:
        """The file that ``script`` or ``conda`` names, where the configuration may choose that of its default."""
        named = self.directives[directive].strip().strip('"')
        return (self.file.parent / _CHOSEN_BY_CONFIGURATION.get(named, named)).resolve()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where processes share the tests, those of the whole workflow come first: they take longest, most on a cluster."""
    items.sort(key=lambda item: (item.path.name != "test_slurm.py", "workflow" not in item.path.parts))


@pytest.fixture
def project() -> Path:
    """The root of the project."""
    return PROJECT


@pytest.fixture(scope="session")
def rules() -> list[Rule]:
    """All rules that make files (the targets in the Snakefile make none)."""
    found = []
    for file in sorted((PROJECT / "workflow" / "rules").glob("*.smk")):
        for name, body in _RULE.findall(file.read_text(encoding="utf-8")):
            found.append(Rule(name, file, dict(_DIRECTIVE.findall(body))))
    return found


@pytest.fixture(scope="session")
def environments() -> dict[Path, dict[str, str]]:
    """Packages of each step's environment file by their conda-forge names, with the versions pinned.

    Variants for GPUs are left out; a test holds each to the file that it stands for.
    """
    found = {}
    for path in sorted(path for path in (PROJECT / "envs").glob("*.yaml") if not path.stem.endswith("-gpu")):
        lines = yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]
        found[path] = dict(line.split(" =", 1) for line in lines)
    return found


@pytest.fixture(scope="session")
def package_names() -> list[dict[str, str]]:
    """Import name, name on the Python package index and conda-forge name of each package used."""
    with (PROJECT / "tests" / "package_names.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


@pytest.fixture(scope="session")
def missing_tool() -> Callable[[str], NoReturn]:
    """Call it with what is missing: skips the test, but fails it in CI, where every tool must be there."""

    def stop(reason: str) -> NoReturn:
        if os.environ.get("KCALSEQ_CI") == "1":
            pytest.fail(f"{reason} (KCALSEQ_CI=1: nothing may be skipped for want of a tool)")
        pytest.skip(reason)

    return stop


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real data sets that are too large for the project; tests that use them skip where it is absent."""
    folder = Path(os.environ.get("KCALSEQ_SHARED", PROJECT.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data sets in {folder}; KCALSEQ_SHARED names the folder that holds data/")
    return folder
