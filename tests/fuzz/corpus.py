"""The contents that fuzzing has kept, one a line as Python writes bytes, so that people can read them."""

import ast
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"


def kept(name: str) -> list[bytes]:
    """The corpus of a target."""
    path = FOLDER / f"{name}.txt"
    lines = path.read_text("ascii").splitlines() if path.exists() else []
    return [ast.literal_eval(line) for line in lines]


def keep(name: str, contents: Iterable[bytes]) -> None:
    """Replace the corpus of a target."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.txt").write_text("".join(f"{content!r}\n" for content in contents), "ascii")
