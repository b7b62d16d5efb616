"""Which code a step runs: the import closure of its script, and a digest of it.

Snakemake reruns a step when its script changes, not when a module that the script imports does. Each rule
therefore carries ``params: code=code("<script>")``; editing a module then reruns exactly the steps that reach it.
Imports are read from the source (also those inside functions), so nothing needs to be installed.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[1]
_PACKAGE = "kcalseq"


def import_closure(script: Path, root: Path = SCRIPTS) -> list[Path]:
    """Files of the library that a script reaches through its imports, in order of their paths.

    Files that lie beside a reached module, or in folders there, and are not Python (templates) belong to it.

    Args:
        script: a Python file.
        root: folder that holds the package.
    """
    reached: set[Path] = set()
    pending = [script]
    while pending:
        for module in _imported_modules(pending.pop(), root):
            if module not in reached:
                reached.add(module)
                pending.append(module)
    folders = {module.parent for module in reached if module.parent.name != _PACKAGE}
    beside = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    return sorted(reached | {path for path in beside if path.suffix != ".py" and "__pycache__" not in path.parts})


def external_imports(files: list[Path]) -> set[str]:
    """Top-level names of all packages that these files import, the library itself left out."""
    names: set[str] = set()
    for path in files:
        if path.suffix == ".py":
            names |= {name.split(".")[0] for name in _imported_names(path)}
    return names - {_PACKAGE}


def digest(script: Path, root: Path = SCRIPTS) -> str:
    """Digest of the library code that a script reaches; changes when any byte of it does."""
    total = hashlib.sha256()
    for path in import_closure(script, root):
        total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:16]


def program_digest(top: Path) -> str:
    """Digest of all that is kcalseq: rules, scripts, library, environments; the same wherever it lies.

    Args:
        top: folder of the Snakefile.
    """
    total = hashlib.sha256()
    folders = (top / name for name in ("workflow", "scripts", "envs"))
    files = [top / "Snakefile", *(path for folder in folders for path in folder.rglob("*") if path.is_file())]
    for path in sorted(path for path in files if "__pycache__" not in path.parts and "egg-info" not in str(path)):
        total.update(path.relative_to(top).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:16]


def _imported_modules(path: Path, root: Path) -> set[Path]:
    found: set[Path] = set()
    if path.suffix != ".py":
        return found
    for name in _imported_names(path):
        parts = name.split(".")
        if parts[0] != _PACKAGE:
            continue
        # Importing a.b.c runs the __init__ of a and of a.b too.
        for depth in range(1, len(parts) + 1):
            base = root.joinpath(*parts[:depth])
            for candidate in (base / "__init__.py", base.with_suffix(".py")):
                if candidate.is_file():
                    found.add(candidate)
    return found


def _imported_names(path: Path) -> frozenset[str]:
    return _names_in(path.read_text(encoding="utf-8"), str(path))


# Most modules are reached from many scripts; parsing them is what takes the time.
@cache
def _names_in(source: str, filename: str) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source, filename=filename)):
        if isinstance(node, ast.Import):
            names |= {item.name for item in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            # ``from a.b import c``: c may be a module or a name in a.b; a name is not a file and falls away.
            names |= {node.module} | {f"{node.module}.{item.name}" for item in node.names}
    return frozenset(names)
