"""Sentences about models that explain nothing, black boxes and constant models, and about fits in minibatches."""

import math
from collections.abc import Mapping
from typing import Any

from kcalseq.definitions.models import WITHOUT_ENERGIES
from kcalseq.report.verdict import Estimate, Verdict

_NAMES = {
    "black_box": "Black box {model}, a ceiling that explains nothing,",
    "constant": "Model {model}, a floor that knows nothing of the sequence,",
}


def explains(fit: Mapping[str, Any]) -> bool:
    """Whether a fit's model has energies, so that there is something to tell beside its predictions."""
    return fit["kind"] not in WITHOUT_ENERGIES


def in_minibatches(fit: Mapping[str, Any]) -> bool:
    """Whether a fit was made in minibatches."""
    return str(fit.get("method", "")) == "minibatches"


def minibatch_verdict(fit: Mapping[str, Any]) -> Verdict:
    """Say where a fit in minibatches ended: near an optimum at best, which is all that a black box needs."""
    name, n = f"{'Black box' if fit['kind'] == 'black_box' else 'Model'} {fit['model']}", fit["n_starts"]
    chosen = f", the best of {n} starts by the validation set" if n > 1 else ""
    if not fit["converged"]:
        told = f"{name} was still getting better on the validation set when its epochs were over{chosen}"
        hint = "give it more epochs" if not explains(fit) else "do not use its energies; raise batches_above"
        return Verdict(f"{told}: {hint}.", "bad" if explains(fit) else "caution")
    told = f"{name} was fitted in minibatches until it no longer got better on the validation set{chosen}"
    if explains(fit):
        doubt = "near the optimum, not at it, and its intervals are by curvature; do not rely on its interactions"
        return Verdict(f"{told}: {doubt}.", "caution")
    return Verdict(f"{told}.", "good")


def unexplained_verdict(fit: Mapping[str, Any], where: str, information: Estimate, measure: str) -> Verdict:
    """Say what a black box or a constant model predicts of the test set.

    Args:
        fit: its record.
        where: the condition, as words behind its name; may be empty.
        information: a measure that is 0 for a model that says nothing.
        measure: name of the measure.
    """
    name = _NAMES[fit["kind"]].format(model=fit["model"]) + where
    if not math.isfinite(information.value):
        return Verdict(f"{name} was not tested: the test set holds no observation.", "bad")
    if fit["kind"] == "black_box" and not information.lower > 0:
        return Verdict(f"{name} does not predict the test set: {measure} = {information.words(3)}.", "caution")
    verb = "predicts the test set with" if fit["kind"] == "black_box" else "tells of the test set"
    return Verdict(f"{name} {verb} {measure} = {information.words(3)}.", "good")


def ceiling_verdict(best: str, box: str, gain: Estimate) -> Verdict:
    """Compare the best model that explains something with a black box; settled if the interval excludes 0.

    Args:
        best: name of that model.
        box: name of the black box.
        gain: what the model has more than the box.
    """
    over = Estimate(-gain.value, -gain.upper, -gain.lower, gain.unit, gain.confidence)
    if over.lower > 0:
        told = f"Black box {box} predicts better than {best}, by {over.words(3)}"
        return Verdict(f"{told}: it explains nothing, but shows that {best} misses so much.", "caution")
    if gain.lower > 0:
        told = f"Model {best} predicts better than black box {box}, by {gain.words(3)}"
        return Verdict(f"{told}: it misses nothing that this network finds.", "good")
    told = f"Black box {box} predicts as well as {best}, up to {gain.words(3)} that may be chance"
    return Verdict(f"{told}: it shows nothing that {best} misses.", "good")
