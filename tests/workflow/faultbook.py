"""What every fault that the tests bring about ends in: one row each of docs/faults.md.

A test hands in what it saw; it must be what the page says. With KCALSEQ_WRITE_FAULTS=1 the page is written instead.
"""

import os
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
_BEGIN = "| fault | what is said | what comes of it |\n|---|---|---|\n"


def rows() -> dict[str, str]:
    """Lines of the page's table by their faults."""
    lines = PAGE.read_text(encoding="utf-8").partition(_BEGIN)[2].splitlines()
    return {line.split(" | ")[0].removeprefix("| "): line for line in lines if line.startswith("| ")}


def seen(fault: str, said: str, outcome: str) -> None:
    """Hold what a test saw against the page.

    Args:
        fault: what was done.
        said: words that stood in what the user was shown; the caller has found them there.
        outcome: what the caller has found to be so afterwards.
    """
    line, page = f"| {fault} | {said} | {outcome} |", PAGE.read_text(encoding="utf-8")
    if os.environ.get("KCALSEQ_WRITE_FAULTS") == "1":
        found = {**rows(), fault: line}
        table = "".join(f"{row}\n" for _, row in sorted(found.items()))
        PAGE.write_text(page.partition(_BEGIN)[0] + _BEGIN + table, encoding="utf-8")
    assert rows().get(fault) == line, f"docs/faults.md tells otherwise; KCALSEQ_WRITE_FAULTS=1 writes: {line}"
