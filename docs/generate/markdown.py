"""Tables in Markdown."""

from collections.abc import Sequence

Cells = Sequence[str]


def table(header: Cells, rows: Sequence[Cells]) -> str:
    """A Markdown table; a bar inside a cell is written so that it does not end the cell."""
    lines = [header, *rows]
    written = ["| " + " | ".join(_cell(text) for text in line) + " |" for line in lines]
    return "\n".join([written[0], "|" + "---|" * len(header), *written[1:]])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
