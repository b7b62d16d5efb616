"""Which module of the library imports which."""

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


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
