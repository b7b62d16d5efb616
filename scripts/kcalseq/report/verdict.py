"""The sentences at the head of the report, each derived from numbers by a stated rule.

A rule never says more than the interval allows: a sign is claimed only where the whole interval lies on one
side of zero, a better model only where intervals do not overlap, and nothing of a fit that did not converge.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from kcalseq.confidence import level_words, rise_at_limit
from kcalseq.wording import NOTHING, bases, count, interval, number, share, words_list

Tone = Literal["good", "caution", "bad"]

GOOD_KEPT_SHARE, FAIR_KEPT_SHARE = 0.9, 0.5
NOT_REACHED = "the scan did not reach the limit on"
SCALE_OPEN = (
    "The scale of the energies slides along with it: ratios within a site hold, "
    "sizes in kcal/mol and their intervals do not."
)


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
        if not math.isfinite(self.value):
            return NOTHING
        shown = f"{number(self.value, decimals)} {self.unit}"
        if not (math.isfinite(self.lower) or math.isfinite(self.upper)):
            return f"{shown} (no interval)"
        level = "" if math.isnan(self.confidence) else f"{level_words(self.confidence)} "
        return f"{shown} ({level}interval {interval(self.lower, self.upper, decimals)})"


def values_verdict(library: str, n_values: int, n_variants: int) -> Verdict:
    """Say what came in a library's table of values."""
    return Verdict(f"Library {library} came as {count(n_values)} values of {count(n_variants)} variants.", "good")


def reads_verdict(library: str, n_kept: int, n_total: int, n_kept_in_runs: int | None = None) -> Verdict:
    """Judge the share of reads kept: good from 90 %, a caution from 50 %.

    Args:
        library: name of the library.
        n_kept: reads kept that are the library's own.
        n_total: all reads of its runs.
        n_kept_in_runs: reads kept of all libraries in its runs, where it shares a run with another.
    """
    if n_total == 0:
        return Verdict(f"Library {library} has no reads.", "bad")
    kept = (n_kept if n_kept_in_runs is None else n_kept_in_runs) / n_total if n_kept else 0.0
    tone: Tone = "good" if kept >= GOOD_KEPT_SHARE else "caution" if kept >= FAIR_KEPT_SHARE else "bad"
    if n_kept_in_runs is not None:
        of_all = f"{share(n_kept_in_runs, n_total)} of the {count(n_total)} reads in the runs of library {library}"
        return Verdict(f"{of_all} were kept; {count(n_kept)} of them are this library's.", tone)
    return Verdict(f"{share(n_kept, n_total)} of the {count(n_total)} reads of library {library} were kept.", tone)


def interaction_verdict(
    between: Sequence[str],
    energy: Estimate,
    converged: bool,
    identifiable: bool,
    stopped_before_zero: bool = False,
    distance: Sequence[int] | None = None,
) -> Verdict:
    """Say whether bound factors attract or repel each other, if the interval lies on one side of zero.

    Args:
        between: names of the sites whose factors interact.
        energy: interaction energy; negative attracts.
        converged: whether the fit converged.
        identifiable: whether the data determine the energy at all.
        stopped_before_zero: whether the scan for the interval stopped one step short of 0.
        distance: least and largest number of bases between the sites that the energy is for; None for any.
    """
    pair = words_list([str(name) for name in between])
    if distance is not None:
        pair += f" {bases(distance[0], distance[1])} apart"
    if not converged:
        return Verdict(f"No statement on {pair}: the fit did not converge, so its energies are not estimates.", "bad")
    if not identifiable or not math.isfinite(energy.value):
        return Verdict(f"These data do not determine the interaction energy of {pair}. {SCALE_OPEN}", "caution")
    if energy.upper < 0:
        return _sign_verdict(f"{pair} attract each other: {energy.words()}.", energy.lower, "lower")
    if energy.lower > 0:
        return _sign_verdict(f"{pair} repel each other: {energy.words()}.", energy.upper, "upper")
    why = _why_no_sign(energy, stopped_before_zero)
    told = f"Whether {pair} attract or repel each other is not determined: {energy.words()}, {why}. {SCALE_OPEN}"
    return Verdict(told, "caution")


def noise_verdict(between: Sequence[str]) -> Verdict:
    """Say nothing of an interaction in a model that does not predict: profiles of noise have narrow intervals too."""
    pair = words_list([str(name) for name in between])
    told = f"No statement on {pair}: the model does not predict the test set, so its energies may describe noise."
    return Verdict(told, "bad")


def _sign_verdict(told: str, far_end: float, name: str) -> Verdict:
    if math.isfinite(far_end):
        return Verdict(told, "good")
    return Verdict(f"{told} Its {name} end is open: {NOT_REACHED} that side.", "caution")


def _why_no_sign(energy: Estimate, stopped_before_zero: bool) -> str:
    if math.isfinite(energy.lower) and math.isfinite(energy.upper):
        return "the interval includes 0"
    if energy.value * (energy.lower if math.isfinite(energy.lower) else energy.upper) <= 0:
        return "the interval is open and includes 0"
    if not (math.isfinite(energy.lower) or math.isfinite(energy.upper)):
        return "the interval is open on both sides"
    told = "the interval is open towards 0: its sign is not determined by these data"
    copy = "(the scan stops before 0, because beyond it lies the copy with exchanged labels)"
    return f"{told} {copy}" if stopped_before_zero else told


def predicts(information: Estimate) -> bool:
    """Whether a measure that is 0 for a model that says nothing is above 0 with all of its interval."""
    return math.isfinite(information.value) and information.value > 0 and not information.lower <= 0


def prediction_verdict(model: str, information: Estimate, measure: str = "I_var") -> Verdict:
    """Say what a model predicts of the test set, by a measure that is 0 for a model that says nothing."""
    if not math.isfinite(information.value):
        return Verdict(f"Model {model} was not tested: the test set holds no observation.", "bad")
    if not predicts(information):
        return Verdict(f"Model {model} does not predict the test set: {measure} = {information.words(3)}.", "bad")
    return Verdict(f"Model {model} predicts the test set with {measure} = {information.words(3)}.", "good")


def comparison_verdict(
    better: str, other: str, gain: Estimate, in_folds: tuple[float, float] = (math.nan, math.nan)
) -> Verdict:
    """Compare two models on the same test variants; settled if the interval of what the better one gains excludes 0.

    ``in_folds``: mean and standard error of the gain over the folds of cross-validation, NaN without.
    """
    beside, (mean, error) = "", in_folds
    if math.isfinite(mean):
        beside = f" In cross-validation it is {number(mean, 3)} ± {number(error, 3)} {gain.unit}."
    if gain.lower > 0:
        return Verdict(f"Model {better} predicts better than {other}, by {gain.words(3)}.{beside}", "good")
    told = f"Model {better} is ahead of {other} by {gain.words(3)}, which may be chance: not settled.{beside}"
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
    if len(objectives) == 1:
        told = "from one start alone: others may find a better optimum"
        return Verdict(f"The fit of {model} converged, {told}.", "caution")
    near = sum(value - min(objectives) <= 1.0 for value in objectives)
    told = f"{near} of {len(objectives)} starts ended within 1 nat of the best"
    if chosen - min(objectives) > 1.0:
        return Verdict(f"The fit of {model} converged, but {told} and the reported start is not among them.", "bad")
    if near < 2:
        return Verdict(f"The fit of {model} converged, but only {told}: a better optimum may exist.", "caution")
    return Verdict(f"The fit of {model} converged, and {told}.", "good")


def sites_verdicts(model: str, phi_rises: bool, weak_sites: Sequence[str]) -> list[Verdict]:
    """Doubts about what a model calls transcribing and bound; none for a model in order.

    Args:
        model: name of the model.
        phi_rises: whether the predicted activity rises with the sort bin.
        weak_sites: sites whose wild type binds worse than random sequence.
    """
    verdicts = []
    if not phi_rises:
        told = "what the model calls transcribing is the dim side: its energies have the wrong sign; check the states"
        verdicts.append(Verdict(f"In {model}, {told}.", "bad"))
    if weak_sites:
        told = f"The wild type of {words_list(list(weak_sites))} binds worse than random sequence in {model}"
        hint = "bound and free may be exchanged, or it is not a site"
        verdicts.append(Verdict(f"{told}: {hint}.", "caution"))
    return verdicts


def stops_before_zero(values: Sequence[float]) -> bool:
    """Whether a scan ended because its next step would have reached 0.

    Args:
        values: where the parameter was held, ascending, in equal steps.
    """
    if len(values) < 2 or values[0] * values[-1] <= 0:
        return False
    step = max(after - before for before, after in pairwise(values))
    return min(abs(values[0]), abs(values[-1])) <= step * (1 + 1e-6)


def profile_verdict(name: str, values: Sequence[float], estimate: Estimate) -> Verdict:
    """Say whether a profile likelihood closes its interval on both sides.

    Args:
        name: name of the parameter.
        values: where it was held, in kcal/mol.
        estimate: the parameter with the interval read off the profile, and its confidence.
    """
    known = not math.isnan(estimate.confidence)
    limit = f"{number(rise_at_limit(estimate.confidence))} nats" if known else "enough"
    level = f"{level_words(estimate.confidence)} interval" if known else "interval"
    scanned = f"scanned from {number(min(values))} to {number(max(values))} kcal/mol"
    lower, upper = math.isfinite(estimate.lower), math.isfinite(estimate.upper)
    if lower and upper:
        told = f"The profile of {name} ({scanned}) rises by {limit} on both sides: its {level} is closed."
        return Verdict(told, "good")
    end, side = ("lower end", "that side") if upper else ("upper end", "that side") if lower else ("end", "either side")
    where = f"(a rise of {limit}; {scanned})" if known else f"({scanned})"
    return Verdict(f"The {level} of {name} has no {end}. It is open: {NOT_REACHED} {side} {where}.", "caution")
