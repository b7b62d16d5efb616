"""What the record of a run says of each kind of result."""

from pathlib import PurePosixPath

from kcalseq.tables import TABLES

# They hold measured CPU times, so their bytes differ each time.
MEASURED = ("report.html", "summary.tsv", "fit_timing.tsv")
_OTHERS = {
    "report.html": "The page that explains the results.",
    "kcalseq_mqc.json": "The judged numbers, for MultiQC.",
    "run_config.yaml": "The merged, checked configuration.",
    "fit.json": "The fit's record: sites, states, settings and warnings.",
}


def meaning(name: str) -> str:
    """What a file of the results is, by its name."""
    stem = PurePosixPath(name).stem
    words = TABLES[stem].meaning if stem in TABLES else _OTHERS.get(name, "A result.")
    return f"{words} It holds measured times." if name in MEASURED else words
