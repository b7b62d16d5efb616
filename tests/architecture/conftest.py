"""The project as its own tests see it: rules, environments, and which module imports which."""

import ast
import csv
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
_RULE = re.compile(r"^rule (\w+):\n(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
_DIRECTIVE = re.compile(r"^    (\w+):\n(.*?)(?=^    \S|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Rule:
    """A rule of the workflow: its name, the file it stands in, and the text of each of its directives."""

    name: str
    file: Path
    directives: dict[str, str]

    def path(self, directive: str) -> Path:
        """The file that ``script`` or ``conda`` names."""
        return (self.file.parent / self.directives[directive].strip().strip('"')).resolve()


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
    """Packages of each environment file by their conda-forge names, with the versions pinned."""
    found = {}
    for path in sorted((PROJECT / "envs").glob("*.yaml")):
        lines = yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]
        found[path] = dict(line.split(" =", 1) for line in lines)
    return found


@pytest.fixture(scope="session")
def package_names() -> list[dict[str, str]]:
    """Import name, name on the Python package index and conda-forge name of each package used."""
    with (PROJECT / "tests" / "package_names.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


@pytest.fixture(scope="session")
def imports() -> dict[str, set[str]]:
    """Dotted names that each module of the library imports, by the module's name without ``kcalseq.``."""
    library = PROJECT / "scripts" / "kcalseq"
    found = {}
    for path in sorted(library.rglob("*.py")):
        name = ".".join(path.relative_to(library).with_suffix("").parts).removesuffix(".__init__")
        found[name] = imported_names(path)
    return found


def imported_names(path: Path) -> set[str]:
    """Dotted names of everything that a file imports, at its top or inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {item.name for item in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full, from kcalseq on"
            names |= {f"{node.module}.{item.name}" for item in node.names}
    return names
