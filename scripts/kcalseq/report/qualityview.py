"""What the page shows of the experiment's quality: each number with its mark, and a sentence where it is not good."""

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kcalseq.marks import METRICS
from kcalseq.report.verdict import Tone, Verdict
from kcalseq.wording import number

_TONES: dict[str, Tone] = {"caution": "caution", "bad": "bad"}
_WORST_FIRST = ("bad", "caution", "good", "told")
MARK_WORDS = {"good": "good", "caution": "caution", "bad": "bad", "told": "not judged"}


@dataclass(frozen=True)
class QualityRow:
    """One number: what it is, of what, its value and its limits in words, and its mark."""

    words: str
    subject: str
    value: str
    limits: str
    mark: str


@dataclass(frozen=True)
class QualityView:
    """What was judged of a library, in the order of the metrics; sentences with the worst first."""

    rows: list[QualityRow]
    verdicts: list[Verdict]

    @property
    def marks(self) -> dict[str, int]:
        """How many numbers have each mark, the worst mark first."""
        return {mark: sum(row.mark == mark for row in self.rows) for mark in _WORST_FIRST}


def quality_view(quality: pd.DataFrame) -> QualityView | None:
    """The view of one library's rows of table ``quality``; None where nothing was judged."""
    if quality.empty:
        return None
    places = {name: place for place, name in enumerate(METRICS)}
    ordered = quality.sort_values(["metric", "subject"], key=lambda c: c.map(places) if c.name == "metric" else c)
    rows = ordered.to_dict("records")
    shown = [
        QualityRow(METRICS[row["metric"]].words, str(row["subject"]), _value(row), _limits(row), str(row["mark"]))
        for row in rows
    ]
    judged = [_verdict(row) for row in rows if row["mark"] in _TONES]
    return QualityView(shown, sorted(judged, key=lambda verdict: _WORST_FIRST.index(verdict.tone)))


def _verdict(row: dict[Any, Any]) -> Verdict:
    words = METRICS[row["metric"]].words
    told = f"{words[0].upper()}{words[1:]}, {row['subject']}: {_value(row)}. "
    return Verdict(told + f"{row['advice'][0].upper()}{row['advice'][1:]}.", _TONES[row["mark"]])


def _value(row: dict[Any, Any]) -> str:
    return "cannot be told" if math.isnan(row["value"]) else _in_unit(row["value"], row["unit"])


def _limits(row: dict[Any, Any]) -> str:
    side = "below" if row["bad"] < row["caution"] else "above"
    return f"caution {side} {_in_unit(row['caution'], row['unit'])}, bad {side} {_in_unit(row['bad'], row['unit'])}"


def _in_unit(value: float, unit: str) -> str:
    if unit == "fraction":
        return f"{number(100 * value, 1)} %"
    decimals = 0 if unit in ("barcodes", "reads", "counts") and float(value).is_integer() else 2
    told = number(value, decimals)
    return told if unit in ("ratio", "correlation") else f"{told} {unit}"
