"""Each verdict says what its numbers allow, and no more."""

import math

import pytest

from kcalseq.report.verdict import (
    SCALE_OPEN,
    Estimate,
    comparison_verdict,
    interaction_verdict,
    prediction_verdict,
    profile_verdict,
    reads_verdict,
    sites_verdicts,
    starts_verdict,
    stops_before_zero,
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


@pytest.mark.parametrize(("distance", "words"), [([0, 4], "0 to 4 bases"), ([7, 7], "7 bases"), ([1, 1], "1 base")])
def test_an_interaction_by_distance_is_told_with_its_distance(distance: list[int], words: str) -> None:
    told = interaction_verdict(PAIR, energy(-3.1, -4.2, -2.0), True, True, distance=distance).text
    assert told.startswith(f"CRP and RNAP {words} apart attract each other: ")


def test_attraction_without_lower_end() -> None:
    verdict = interaction_verdict(PAIR, energy(-3.1, OPEN, -2.0), True, True)
    assert verdict.text == (
        "CRP and RNAP attract each other: −3.10 kcal/mol (95 % interval below −2.00). "
        "Its lower end is open: the scan did not reach the limit on that side."
    )
    assert verdict.tone == "caution"


@pytest.mark.parametrize(("value", "lower", "upper"), [(-0.4, -1.0, OPEN), (0.4, OPEN, 1.0)])
def test_open_towards_zero_determines_no_sign(value: float, lower: float, upper: float) -> None:
    estimate = energy(value, lower, upper)
    verdict = interaction_verdict(PAIR, estimate, True, True, stopped_before_zero=True)
    assert verdict.tone == "caution"
    assert verdict.text.endswith(
        "open towards 0: its sign is not determined by these data "
        f"(the scan stops before 0, because beyond it lies the copy with exchanged labels). {SCALE_OPEN}"
    )
    gone_past = interaction_verdict(PAIR, estimate, True, True).text
    assert gone_past.endswith(f"open towards 0: its sign is not determined by these data. {SCALE_OPEN}")


def test_scan_that_stops_before_zero_ends_within_one_step_of_it() -> None:
    assert stops_before_zero([-1.0, -0.7, -0.4, -0.1])
    assert stops_before_zero([0.2, 0.5, 0.8])
    assert not stops_before_zero([-1.6, -1.3, -1.0, -0.7])  # gave up far from 0
    assert not stops_before_zero([-0.5, -0.2, 0.1])
    assert not stops_before_zero([])


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
    assert text == f"These data do not determine the interaction energy of CRP and RNAP. {SCALE_OPEN}"


@pytest.mark.parametrize(("kept", "tone"), [(90, "good"), (89, "caution"), (50, "caution"), (49, "bad")])
def test_share_of_reads_kept(kept: int, tone: str) -> None:
    assert reads_verdict("lac", kept, 100).tone == tone


def test_no_reads() -> None:
    assert reads_verdict("lac", 0, 0).text == "Library lac has no reads."


def test_prediction_must_be_above_zero() -> None:
    assert prediction_verdict("m", bits(0.7, 0.02)).tone == "good"
    assert "does not predict" in prediction_verdict("m", bits(0.01, 0.02)).text
    assert "was not tested" in prediction_verdict("m", bits(math.nan, 0.02)).text


def test_comparison_is_settled_only_if_the_gain_is_above_zero() -> None:
    assert comparison_verdict("a", "b", bits(0.08, 0.02)).text == (
        "Model a predicts better than b, by 0.080 bits/read (interval 0.060 to 0.100)."
    )
    open_end = comparison_verdict("a", "b", bits(0.01, 0.02))
    assert "not settled" in open_end.text and open_end.tone == "caution"


def test_starts_agree() -> None:
    assert "2 of 3 starts ended within 1 nat" in starts_verdict("m", [100.4, 100.0, 107.0], 100.0, True).text
    assert starts_verdict("m", [100.0, 103.0], 100.0, True).tone == "caution"
    assert starts_verdict("m", [100.0, 100.0, 103.0], 103.0, True).tone == "bad"
    assert "Do not use its energies" in starts_verdict("m", [100.0, 100.0], 100.0, False).text
    assert "not recorded" in starts_verdict("m", [], math.nan, True).text
    alone = starts_verdict("m", [100.0], 100.0, True)
    assert "from one start alone" in alone.text and alone.tone == "caution"


SCAN = [-6.0, -4.0, -3.0, -2.0]


def test_profile_closes() -> None:
    verdict = profile_verdict("i", SCAN, energy(-3.1, -4.2, -2.0))
    assert verdict.text == (
        "The profile of i (scanned from −6.00 to −2.00 kcal/mol) rises by 1.92 nats on both sides: "
        "its 95 % interval is closed."
    )
    assert verdict.tone == "good"


@pytest.mark.parametrize(
    ("lower", "upper", "told"),
    [
        (OPEN, -2.0, "has no lower end. It is open: the scan did not reach the limit on that side"),
        (-4.2, OPEN, "has no upper end. It is open: the scan did not reach the limit on that side"),
        (OPEN, OPEN, "has no end. It is open: the scan did not reach the limit on either side"),
    ],
)
def test_profile_that_did_not_reach_its_limit_is_open(lower: float, upper: float, told: str) -> None:
    verdict = profile_verdict("i", SCAN, energy(-3.1, lower, upper))
    assert verdict.text == (
        f"The 95 % interval of i {told} (a rise of 1.92 nats; scanned from −6.00 to −2.00 kcal/mol)."
    )
    assert verdict.tone == "caution"


@pytest.mark.parametrize(("confidence", "limit"), [(0.6827, "0.50"), (0.9, "1.35"), (0.99, "3.32")])
def test_limit_of_a_profile_follows_the_confidence(confidence: float, limit: str) -> None:
    closed = profile_verdict("i", SCAN, Estimate(-3.1, -4.2, -2.0, "kcal/mol", confidence))
    opened = profile_verdict("i", SCAN, Estimate(-3.1, -4.2, OPEN, "kcal/mol", confidence))
    assert f"rises by {limit} nats" in closed.text and f"a rise of {limit} nats" in opened.text


def test_profile_of_unknown_confidence_names_no_limit() -> None:
    text = profile_verdict("i", SCAN, Estimate(math.nan, OPEN, OPEN, "kcal/mol")).text
    assert text == (
        "The interval of i has no end. It is open: the scan did not reach the limit on either side "
        "(scanned from −6.00 to −2.00 kcal/mol)."
    )


def test_shared_runs_give_no_share_of_a_library() -> None:
    verdict = reads_verdict("lac", 30, 100, n_kept_in_runs=95)
    assert (
        verdict.text == "95.00 % of the 100 reads in the runs of library lac were kept; 30 of them are this library's."
    )
    assert verdict.tone == "good"
    assert reads_verdict("lac", 0, 100, n_kept_in_runs=95).tone == "bad"


def test_sides_and_sites_of_a_model() -> None:
    assert sites_verdicts("m", True, []) == []
    (wrong,) = sites_verdicts("m", False, [])
    assert wrong.tone == "bad"
    assert wrong.text == (
        "In m, what the model calls transcribing is the dim side: its energies have the wrong sign; check the states."
    )
    (weak,) = sites_verdicts("m", True, ["CRP", "RNAP"])
    assert weak.tone == "caution"
    assert "The wild type of CRP and RNAP binds worse than random sequence in m" in weak.text
