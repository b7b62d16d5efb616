"""Tables in Markdown."""

from collections.abc import Sequence

Cells = Sequence[str]


def table(header: Cells, rows: Sequence[Cells]) -> str:
    r"""A Markdown table.

    >>> print(table(["a", "b"], [["1", "x|y"]]))
    | a | b |
    |---|---|
    | 1 | x\|y |
    """
    lines = [header, *rows]
    written = ["| " + " | ".join(_cell(text) for text in line) + " |" for line in lines]
    return "\n".join([written[0], "|" + "---|" * len(header), *written[1:]])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
