"""The sentences at the head of the report, each derived from numbers by a stated rule.

A rule never says more than the interval allows: a sign is claimed only where the whole interval lies on one
side of zero, a better model only where intervals do not overlap, and nothing of a fit that did not converge.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kcalseq.report.wording import count, interval, number, share, words_list

Tone = Literal["good", "caution", "bad"]

GOOD_KEPT_SHARE, FAIR_KEPT_SHARE = 0.9, 0.5


@dataclass(frozen=True)
class Verdict:
    """One sentence and how it should strike the reader."""

    text: str
    tone: Tone


@dataclass(frozen=True)
class Estimate:
    """A number with its interval; ends are NaN where open, value NaN if not determined, confidence NaN if not told."""

    value: float
    lower: float
    upper: float
    unit: str
    confidence: float = math.nan

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> "Estimate":
        """Take it from a row with value, lower, upper, unit and perhaps confidence."""
        value, lower, upper = (float(row[name]) for name in ("value", "lower", "upper"))
        return cls(value, lower, upper, str(row["unit"]), float(row.get("confidence", math.nan)))

    def words(self, decimals: int = 2) -> str:
        """Write value, unit and interval, for example ``−3.10 kcal/mol (95 % interval −4.20 to −2.00)``."""
        shown = f"{number(self.value, decimals)} {self.unit}"
        if not (math.isfinite(self.lower) or math.isfinite(self.upper)):
            return f"{shown} (no interval)"
        level = "" if math.isnan(self.confidence) else f"{number(100 * self.confidence, 0)} % "
        return f"{shown} ({level}interval {interval(self.lower, self.upper, decimals)})"


def reads_verdict(library: str, n_kept: int, n_total: int) -> Verdict:
    """Judge the share of reads kept: good from 90 %, a caution from 50 %."""
    if n_total == 0:
        return Verdict(f"Library {library} has no reads.", "bad")
    kept = n_kept / n_total
    tone: Tone = "good" if kept >= GOOD_KEPT_SHARE else "caution" if kept >= FAIR_KEPT_SHARE else "bad"
    return Verdict(f"{share(n_kept, n_total)} of the {count(n_total)} reads of library {library} were kept.", tone)


def interaction_verdict(between: Sequence[str], energy: Estimate, converged: bool, identifiable: bool) -> Verdict:
    """Say whether bound factors attract or repel each other, if the interval lies on one side of zero.

    Args:
        between: names of the sites whose factors interact.
        energy: interaction energy; negative attracts.
        converged: whether the fit converged.
        identifiable: whether the data determine the energy at all.
    """
    pair = words_list([str(name) for name in between])
    if not converged:
        return Verdict(f"No statement on {pair}: the fit did not converge, so its energies are not estimates.", "bad")
    if not identifiable or not math.isfinite(energy.value):
        return Verdict(f"These data do not determine the interaction energy of {pair}.", "caution")
    if energy.upper < 0:
        return Verdict(f"{pair} attract each other: {energy.words()}.", "good")
    if energy.lower > 0:
        return Verdict(f"{pair} repel each other: {energy.words()}.", "good")
    closed = math.isfinite(energy.lower) and math.isfinite(energy.upper)
    why = "the interval includes 0" if closed else "the interval is open"
    return Verdict(f"Whether {pair} attract or repel each other is not determined: {energy.words()}, {why}.", "caution")


def prediction_verdict(model: str, information: Estimate) -> Verdict:
    """Say what a model predicts of the test set; its information is in bits per read."""
    if not math.isfinite(information.value):
        return Verdict(f"Model {model} was not tested: the test set holds no observation.", "bad")
    if information.value <= 0 or information.lower <= 0:
        return Verdict(f"Model {model} does not predict the test set: I_var = {information.words(3)}.", "bad")
    return Verdict(f"Model {model} predicts the test set with I_var = {information.words(3)}.", "good")


def comparison_verdict(better: str, other: str, first: Estimate, second: Estimate) -> Verdict:
    """Compare two models by I_var on the same test set, better first; settled only if intervals do not overlap."""
    gain = f"{number(first.value - second.value, 3)} {first.unit}"
    if first.lower > second.upper:
        return Verdict(f"Model {better} predicts better than {other}, by {gain}.", "good")
    told = f"Model {better} is ahead of {other} by {gain}, but their intervals overlap: not settled."
    return Verdict(told, "caution")


def starts_verdict(model: str, objectives: Sequence[float], chosen: float, converged: bool) -> Verdict:
    """Say whether independent starts of the fit agree: within 1 nat of the best objective.

    Args:
        model: name of the model.
        objectives: negative log posterior at the end of each start, in nats.
        chosen: that of the reported start.
        converged: whether the reported start converged.
    """
    if not converged:
        told = f"The fit of {model} did not converge. Do not use its energies; give it more iterations or more starts."
        return Verdict(told, "bad")
    if not objectives or not math.isfinite(chosen):
        return Verdict(f"The fit of {model} converged; how its starts compare was not recorded.", "caution")
    near = sum(value - min(objectives) <= 1.0 for value in objectives)
    told = f"{near} of {len(objectives)} starts ended within 1 nat of the best"
    if chosen - min(objectives) > 1.0:
        return Verdict(f"The fit of {model} converged, but {told} and the reported start is not among them.", "bad")
    if near < 2:
        return Verdict(f"The fit of {model} converged, but only {told}: a better optimum may exist.", "caution")
    return Verdict(f"The fit of {model} converged, and {told}.", "good")


def profile_verdict(name: str, values: Sequence[float], rises: Sequence[float], threshold: float = 1.92) -> Verdict:
    """Say whether a profile likelihood closes its interval on both sides.

    Args:
        name: name of the parameter.
        values: where it was held, ascending, in kcal/mol.
        rises: rise of the objective there, in nats.
        threshold: rise at the end of the interval, in nats.
    """
    lowest = min(range(len(rises)), key=rises.__getitem__)
    below = max(rises[: lowest + 1]) >= threshold
    above = max(rises[lowest:]) >= threshold
    scanned = f"scanned from {number(min(values))} to {number(max(values))} kcal/mol"
    if below and above:
        return Verdict(f"The profile of {name} ({scanned}) rises by {threshold} nats on both sides.", "good")
    side = "only above its minimum" if above else "only below its minimum" if below else "on neither side"
    told = f"The profile of {name} ({scanned}) rises by {threshold} nats {side}: the interval is open."
    return Verdict(told, "caution")
