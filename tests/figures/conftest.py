"""Small tables as the figures floor receives them, with numbers that can be checked by eye."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from kcalseq.tablefile import conform
from kcalseq.tables import READ_FATES, TABLES

LIBRARY, MODEL, BASES = "lac", "two_sites", "ACGT"


def _frame(name: str, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return conform(name, pd.DataFrame(rows, columns=TABLES[name].column_names), name)


@pytest.fixture
def read_fates() -> pd.DataFrame:
    counts = {"run_1": [970, 2, 5, 0, 7, 4, 6, 1, 5], "run_2": [1960, 4, 8, 1, 9, 6, 5, 3, 4]}
    rows = [(run, reason, n) for run, row in counts.items() for reason, n in zip(READ_FATES, row, strict=True)]
    return _frame("read_fates", rows)


@pytest.fixture
def footprint() -> pd.DataFrame:
    rows = [(LIBRARY, "M9", "1", position, 0.01 * position, 0.001, 0.0005, 0.12) for position in range(8)]
    return _frame("information_footprint", rows)


@pytest.fixture
def fit() -> dict[str, Any]:
    return {
        "library": LIBRARY,
        "model": MODEL,
        "kind": "thermodynamic",
        "energy_unit": "kcal/mol",
        "sequence": {"length": 8, "wildtype": "ACGTACGT", "first_position": -8},
        "sites": [{"name": "P", "start": 0, "length": 3}, {"name": "Q", "start": 4, "length": 4}],
        "chosen_start": 1,
        "converged": True,
    }


@pytest.fixture
def parameters(fit: dict[str, Any]) -> pd.DataFrame:
    random = np.random.default_rng(0)
    rows: list[tuple[Any, ...]] = []
    for site in fit["sites"]:
        for position in range(site["start"], site["start"] + site["length"]):
            energies = random.normal(size=4)
            energies -= energies.mean()
            rows += [
                (
                    LIBRARY,
                    MODEL,
                    f"{site['name']}.theta[{position},{base}]",
                    "energy_matrix",
                    site["name"],
                    position,
                    base,
                    energy,
                    energy - 0.3,
                    energy + 0.3,
                    0.95,
                    "laplace",
                    "kcal/mol",
                    "zero_mean",
                    True,
                )
                for base, energy in zip(BASES, energies, strict=True)
            ]
    rows += [
        (
            LIBRARY,
            MODEL,
            "P.mu",
            "chemical_potential",
            "P",
            None,
            None,
            1.5,
            0.5,
            2.5,
            0.95,
            "laplace",
            "kcal/mol",
            "zero_mean",
            True,
        ),
        (
            LIBRARY,
            MODEL,
            "Q.mu",
            "chemical_potential",
            "Q",
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            "kcal/mol",
            "zero_mean",
            False,
        ),
        (
            LIBRARY,
            MODEL,
            "interaction",
            "interaction",
            None,
            None,
            None,
            -3.1,
            -4.2,
            -2.0,
            0.95,
            "profile",
            "kcal/mol",
            "none",
            True,
        ),
    ]
    return _frame("parameters", rows)


@pytest.fixture
def profiles() -> pd.DataFrame:
    values = np.linspace(-6.0, 0.0, 13)
    rises = 1.92 * ((values + 3.1) / 1.1) ** 2
    rows = [(LIBRARY, MODEL, "interaction", v, r, bool(v > -6)) for v, r in zip(values, rises, strict=True)]
    return _frame("profiles", rows)


@pytest.fixture
def predictions() -> pd.DataFrame:
    phi = np.random.default_rng(1).normal(size=300)
    sets = ["training", "test", "validation"] * 100
    return _frame("predictions", [(LIBRARY, MODEL, f"v{i:03}", sets[i], phi[i], 5 + phi[i]) for i in range(300)])


@pytest.fixture
def variant_activity(predictions: pd.DataFrame) -> pd.DataFrame:
    noise = np.random.default_rng(2).normal(size=300)
    rows = [
        (LIBRARY, "M9", "1", row["variant"], 1, row["mean_bin"] + noise[i], 1.0)
        for i, row in enumerate(predictions.to_dict("records"))
    ]
    return _frame("variant_activity", rows)


@pytest.fixture
def measurement_process() -> pd.DataFrame:
    rows = []
    for phi in np.linspace(-2, 2, 9):
        weights = np.exp(-((phi - np.array([0.0, -1.0, 0.0, 1.0])) ** 2))
        rows += [(LIBRARY, MODEL, phi, number, p) for number, p in enumerate(weights / weights.sum())]
    return _frame("measurement_process", rows)


@pytest.fixture
def training_history() -> pd.DataFrame:
    steps = [(start, i) for start in range(3) for i in range(6)]
    rows = [(LIBRARY, MODEL, start, i, 100.0 + start + 50.0 * np.exp(-i), np.exp(-i)) for start, i in steps]
    return _frame("training_history", rows)
