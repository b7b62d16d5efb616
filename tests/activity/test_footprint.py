"""Information footprints against hand tables, brute force and the bootstrap."""

import math

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from kcalseq.activity.footprint import corrected_information, footprint_of_codes, information_footprint
from kcalseq.tablefile import conform


def brute_force(joint: NDArray[np.float64]) -> float:
    """Plug-in mutual information in bits, term by term."""
    total, information = joint.sum(), 0.0
    for row in range(joint.shape[0]):
        for column in range(joint.shape[1]):
            p = joint[row, column] / total
            if p > 0:
                independent = joint[row].sum() * joint[:, column].sum() / total**2
                information += p * math.log2(p / independent)
    return information


def test_a_table_by_hand() -> None:
    """Three quarters on the diagonal: 1 - H(1/4) bits; one degree of freedom; 80 observations."""
    information, error, bias = corrected_information(np.array([[30.0, 10.0], [10.0, 30.0]]))
    plain = 1 + 0.25 * math.log2(0.25) + 0.75 * math.log2(0.75)
    assert bias == pytest.approx(1 / (2 * 80 * math.log(2)))
    assert information == pytest.approx(plain - bias)
    variance = 0.75 * math.log2(1.5) ** 2 + 0.25 * math.log2(0.5) ** 2 - plain**2
    assert error == pytest.approx(math.sqrt(variance / 80))


def test_independence_is_zero() -> None:
    joint = np.outer([1.0, 2.0, 5.0], [3.0, 4.0])
    information, error, bias = corrected_information(joint)
    assert information + bias == pytest.approx(0.0, abs=1e-14) and error == pytest.approx(0.0, abs=1e-7)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_base_that_tells_all(n: int) -> None:
    information, error, bias = corrected_information(100.0 * np.eye(n))
    assert information + bias == pytest.approx(math.log2(n))
    assert error == pytest.approx(0.0, abs=1e-7)


def test_empty_rows_and_columns_are_no_degrees_of_freedom() -> None:
    joint = np.zeros((4, 9))
    joint[np.ix_([0, 2], [1, 5, 8])] = [[3, 4, 5], [6, 1, 2]]
    small = corrected_information(joint[np.ix_([0, 2], [1, 5, 8])])
    assert corrected_information(joint) == pytest.approx(small)
    assert small[2] == pytest.approx(1 * 2 / (2 * 21 * math.log(2)))


def test_the_bias_is_what_chance_shows() -> None:
    rng = np.random.default_rng(90)
    p, q = np.array([0.85, 0.05, 0.05, 0.05]), np.full(9, 1 / 9)
    found = [corrected_information(rng.multinomial(2000, np.outer(p, q).ravel()).reshape(4, 9)) for _ in range(400)]
    corrected = np.array([information for information, _, _ in found])
    assert abs(corrected.mean()) < 4 * corrected.std() / math.sqrt(400)
    assert found[0][2] > 5 * abs(corrected.mean())


def test_the_standard_error_is_that_of_the_bootstrap() -> None:
    rng = np.random.default_rng(91)
    joint = rng.multinomial(3000, np.array([0.5, 0.1, 0.05, 0.05, 0.1, 0.2])).reshape(2, 3).astype(float)
    draws = rng.multinomial(3000, (joint / joint.sum()).ravel(), 2000).reshape(-1, 2, 3)
    bootstrap = np.std([brute_force(draw) for draw in draws])
    assert corrected_information(joint)[1] == pytest.approx(bootstrap, rel=0.2)


def test_every_position_is_the_brute_force_of_its_table() -> None:
    rng = np.random.default_rng(92)
    codes, y = rng.integers(0, 4, (200, 6), dtype=np.uint8), rng.integers(1, 5, 200)
    n = rng.integers(1, 4, 200)
    codes[:, 3] = 2
    found = footprint_of_codes(codes, y, n)
    for position in range(6):
        joint = np.zeros((4, 4))
        for base, sort_bin, weight in zip(codes[:, position], y, n, strict=True):
            joint[base, sort_bin - 1] += weight
        row = found.iloc[position]
        assert row["information"] + row["bias"] == pytest.approx(brute_force(joint), abs=1e-12)
        assert row["mutated_fraction"] == pytest.approx(1 - joint.sum(1).max() / n.sum())
    assert found.loc[3, ["information", "information_se", "bias", "mutated_fraction"]].tolist() == [0, 0, 0, 0]


def test_a_base_that_sends_cells_to_a_bin() -> None:
    """A in the last place is always dim, T always bright; the unsorted reads say nothing and are left out."""
    variants = pd.DataFrame(
        {"library": "lac", "variant": list("wxyz"), "variant_sequence": ["CA", "GA", "CT", "GT"], "set": "training"}
    )
    rows = [("w", 1, 5), ("x", 1, 1), ("y", 2, 2), ("z", 2, 1), ("z", 0, 50)]
    frame = pd.DataFrame(rows, columns=["variant", "bin", "n_reads"])
    fraction = frame["bin"].map(lambda number: "bin" if number else "input")
    missing = pd.array([pd.NA] * len(frame), dtype="Int64")
    frame = frame.assign(library="lac", condition="M9", replicate="1", fraction=fraction, n_barcodes=missing)
    counts = conform("variant_counts", frame.assign(n_molecules=missing), "rows")
    found = conform("information_footprint", information_footprint(counts, variants, "presence"), "found")
    assert (found["information"] + found["bias"]).tolist() == pytest.approx([0.0, 1.0])
    reads = information_footprint(counts, variants.iloc[::-1].reset_index(drop=True), "raw")
    assert (reads["information"] + reads["bias"])[1] == pytest.approx(
        -(6 * math.log2(6 / 9) + 3 * math.log2(3 / 9)) / 9
    )
