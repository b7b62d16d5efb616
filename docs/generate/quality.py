"""Rows of docs/quality.md: every number that is told of an experiment, and its limits."""

from markdown import Cells

from kcalseq.marks import METRICS


def judged_rows() -> tuple[Cells, list[Cells]]:
    """Header and a row a metric."""
    rows: list[Cells] = []
    for name, metric in METRICS.items():
        ends = f"{metric.caution:g}", f"{metric.bad:g}"
        rows.append((f"`{name}`", metric.words, metric.unit, *ends, metric.advice))
    return ("metric", "what it is", "unit", "caution", "bad", "what to do"), rows
