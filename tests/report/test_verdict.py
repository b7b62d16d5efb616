"""Each verdict says what its numbers allow, and no more."""

import math

import pytest

from kcalseq.report.verdict import (
    Estimate,
    comparison_verdict,
    interaction_verdict,
    prediction_verdict,
    profile_verdict,
    reads_verdict,
    starts_verdict,
)

PAIR = ["CRP", "RNAP"]
OPEN = math.nan


def energy(value: float, lower: float, upper: float) -> Estimate:
    """An energy in kcal/mol."""
    return Estimate(value, lower, upper, "kcal/mol", 0.95)


def bits(value: float, width: float) -> Estimate:
    """An information in bits per read."""
    return Estimate(value, value - width, value + width, "bits/read")


def test_attraction() -> None:
    verdict = interaction_verdict(PAIR, energy(-3.1, -4.2, -2.0), True, True)
    assert verdict.text == "CRP and RNAP attract each other: −3.10 kcal/mol (95 % interval −4.20 to −2.00)."
    assert verdict.tone == "good"


def test_confidence_is_named_only_where_told() -> None:
    assert bits(0.7, 0.02).words(2) == "0.70 bits/read (interval 0.68 to 0.72)"


def test_repulsion() -> None:
    assert "CRP and RNAP repel each other: 3.10" in interaction_verdict(PAIR, energy(3.1, 2.0, 4.2), True, True).text


def test_attraction_without_lower_end() -> None:
    text = interaction_verdict(PAIR, energy(-3.1, OPEN, -2.0), True, True).text
    assert text == "CRP and RNAP attract each other: −3.10 kcal/mol (95 % interval below −2.00)."


@pytest.mark.parametrize(
    ("lower", "upper", "why"),
    [
        (-1.0, 0.2, "includes 0"),
        (-1.0, 0.0, "includes 0"),
        (OPEN, 0.2, "is open"),
        (-1.0, OPEN, "is open"),
        (OPEN, OPEN, "is open"),
        (-math.inf, math.inf, "is open"),
    ],
)
def test_no_sign_without_a_one_sided_interval(lower: float, upper: float, why: str) -> None:
    verdict = interaction_verdict(PAIR, energy(-0.4, lower, upper), True, True)
    assert "not determined" in verdict.text and why in verdict.text
    assert verdict.tone == "caution"


def test_no_energy_from_a_fit_that_did_not_converge() -> None:
    verdict = interaction_verdict(PAIR, energy(-3.1, -4.2, -2.0), False, True)
    assert "did not converge" in verdict.text and "3.1" not in verdict.text
    assert verdict.tone == "bad"


def test_not_identifiable() -> None:
    text = interaction_verdict(PAIR, energy(-3.1, -4.2, -2.0), True, False).text
    assert text == "These data do not determine the interaction energy of CRP and RNAP."


@pytest.mark.parametrize(("kept", "tone"), [(90, "good"), (89, "caution"), (50, "caution"), (49, "bad")])
def test_share_of_reads_kept(kept: int, tone: str) -> None:
    assert reads_verdict("lac", kept, 100).tone == tone


def test_no_reads() -> None:
    assert reads_verdict("lac", 0, 0).text == "Library lac has no reads."


def test_prediction_must_be_above_zero() -> None:
    assert prediction_verdict("m", bits(0.7, 0.02)).tone == "good"
    assert "does not predict" in prediction_verdict("m", bits(0.01, 0.02)).text
    assert "was not tested" in prediction_verdict("m", bits(math.nan, 0.02)).text


def test_comparison_is_settled_only_without_overlap() -> None:
    assert comparison_verdict("a", "b", bits(0.72, 0.02), bits(0.64, 0.02)).text == (
        "Model a predicts better than b, by 0.080 bits/read."
    )
    overlapping = comparison_verdict("a", "b", bits(0.72, 0.02), bits(0.70, 0.02))
    assert "not settled" in overlapping.text and overlapping.tone == "caution"


def test_starts_agree() -> None:
    assert "2 of 3 starts ended within 1 nat" in starts_verdict("m", [100.4, 100.0, 107.0], 100.0, True).text
    assert starts_verdict("m", [100.0, 103.0], 100.0, True).tone == "caution"
    assert starts_verdict("m", [100.0, 100.0, 103.0], 103.0, True).tone == "bad"
    assert "Do not use its energies" in starts_verdict("m", [100.0, 100.0], 100.0, False).text
    assert "not recorded" in starts_verdict("m", [], math.nan, True).text


def test_profile_closes_or_not() -> None:
    values = [-6.0, -4.0, -3.0, -2.0]
    assert profile_verdict("i", values, [9.0, 1.0, 0.0, 3.0]).tone == "good"
    assert "only above its minimum: the interval is open" in profile_verdict("i", values, [1.0, 0.5, 0.0, 3.0]).text
    assert "only below its minimum" in profile_verdict("i", values, [3.0, 0.5, 0.0, 1.0]).text
    assert "on neither side" in profile_verdict("i", values, [1.0, 0.5, 0.0, 1.0]).text
