"""What the report says of models that explain nothing, and of fits in minibatches: never more than the numbers do."""

from typing import Any

import pytest

from kcalseq.report.boxverdicts import ceiling_verdict, minibatch_verdict, unexplained_verdict
from kcalseq.report.verdict import Estimate


def estimate(value: float, lower: float, upper: float) -> Estimate:
    return Estimate(value, lower, upper, "bits/read", 0.95)


def fit(kind: str, **changed: Any) -> dict[str, Any]:
    return {"model": "m", "kind": kind, "method": "minibatches", "converged": True, "n_starts": 4, **changed}


@pytest.mark.parametrize(
    ("gain", "words", "tone"),
    [
        ((-0.05, -0.07, -0.03), "better than lac, by 0.050 bits/read (95 % interval 0.030 to 0.070)", "caution"),
        ((0.05, 0.03, 0.07), "Model lac predicts better than black box m, by 0.050", "good"),
        ((-0.01, -0.03, 0.01), "Black box m predicts as well as lac", "good"),
    ],
)
def test_a_black_box_is_told_as_a_ceiling(gain: tuple[float, float, float], words: str, tone: str) -> None:
    verdict = ceiling_verdict("lac", "m", estimate(*gain))
    assert words in verdict.text and verdict.tone == tone


def test_predictions_of_what_explains_nothing_are_named_so() -> None:
    box = unexplained_verdict(fit("black_box"), " in condition hot", estimate(0.8, 0.7, 0.9), "I_var")
    assert box.text.startswith("Black box m, a ceiling that explains nothing, in condition hot predicts") is True
    assert box.tone == "good"
    useless = unexplained_verdict(fit("black_box"), "", estimate(0.1, -0.1, 0.3), "I_var")
    assert "does not predict" in useless.text and useless.tone == "caution"
    floor = unexplained_verdict(fit("constant"), "", estimate(-0.001, -0.002, 0.0), "I_var")
    assert "a floor that knows nothing of the sequence, tells of the test set I_var = −0.001" in floor.text
    nothing = unexplained_verdict(fit("constant"), "", estimate(float("nan"), float("nan"), float("nan")), "I_var")
    assert nothing.tone == "bad"


@pytest.mark.parametrize(
    ("kind", "changed", "words", "tone"),
    [
        ("black_box", {}, "until it no longer got better on the validation set, the best of 4 starts", "good"),
        ("black_box", {"converged": False}, "give it more epochs", "caution"),
        ("black_box", {"n_starts": 1}, "no longer got better on the validation set.", "good"),
        ("thermodynamic", {}, "near the optimum, not at it, and its intervals are by curvature", "caution"),
        ("thermodynamic", {"converged": False}, "do not use its energies", "bad"),
    ],
)
def test_minibatches_end_near_an_optimum(kind: str, changed: dict[str, Any], words: str, tone: str) -> None:
    verdict = minibatch_verdict(fit(kind, **changed))
    assert words in verdict.text and verdict.tone == tone
