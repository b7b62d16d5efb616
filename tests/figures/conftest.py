"""Small tables as the figures floor receives them, with numbers that can be checked by eye."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from kcalseq.tablefile import conform
from kcalseq.tables import COUNT_FATES, READ_FATES, TABLES

LIBRARY, MODEL, BASES = "lac", "two_sites", "ACGT"


def _frame(name: str, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return conform(name, pd.DataFrame(rows, columns=TABLES[name].column_names), name)


@pytest.fixture
def read_fates() -> pd.DataFrame:
    lost: dict[str, dict[tuple[str, str | None], int]] = {
        "run_1": {("kept", None): 970, ("part_not_found", "left_flank"): 7, ("part_not_found", "right_flank"): 13},
        "run_2": {("kept", None): 1960, ("part_not_found", "left_flank"): 9, ("low_quality", "variant"): 31},
    }
    lost["run_1"] |= {("too_short", "variant"): 2, ("ambiguous_sample_code", "code"): 3, ("low_quality", "variant"): 5}
    unused = {(reason, None): 0 for reason in READ_FATES if reason not in ("kept", "part_not_found", "low_quality")}
    rows = [(run, reason, part, n) for run, found in lost.items() for (reason, part), n in (unused | found).items()]
    return _frame("read_fates", rows)


@pytest.fixture
def footprint() -> pd.DataFrame:
    rows = [(LIBRARY, "M9", "1", position, 0.01 * position, 0.001, 0.0005, 0.12) for position in range(8)]
    return _frame("information_footprint", rows)


@pytest.fixture
def promoter_footprint() -> pd.DataFrame:
    rows = [
        (LIBRARY, "M9", n, "A", 9, 0.1 * n - 0.4, 0.05, n - 4.0, 0.1, 0.2, 0.01 * n, 0.001, 0.1, 0.01 * n, "bin")
        for n in range(8)
    ]
    return _frame("promoter_footprint", rows)


@pytest.fixture
def base_shift() -> pd.DataFrame:
    rows = [(LIBRARY, "M9", n, base, 3, 0.1 * n - 0.4, 0.05, "bin") for n in range(7) for base in "CGT"]
    return _frame("base_shift", rows)


@pytest.fixture
def putative_sites() -> pd.DataFrame:
    site = (LIBRARY, "M9", "RNAP", 4, 4, "polymerase", 6, -1.2, 0.01, 0.0004, 4, 6, 3, 0.89)
    return _frame("putative_sites", [site])


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
                    None,
                    None,
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
    return _frame(
        "predictions",
        [
            (LIBRARY, MODEL, "M9", f"v{i:03}", sets[i], phi[i], 5 + phi[i], None, None, None, 2, -3.5)
            for i in range(300)
        ],
    )


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
        rows += [(LIBRARY, MODEL, "M9", phi, number, p) for number, p in enumerate(weights / weights.sum())]
    return _frame("measurement_process", rows)


@pytest.fixture
def training_history() -> pd.DataFrame:
    steps = [(start, i) for start in range(3) for i in range(6)]
    rows = [(LIBRARY, MODEL, start, i, 100.0 + start + 50.0 * np.exp(-i), np.exp(-i), np.nan) for start, i in steps]
    return _frame("training_history", rows)


CALLS = {
    "assigned": (1400, 28000),
    "mutated": (120, 2400),
    "few_reads": (60, 90),
    "two_molecules": (30, 900),
    "unclear": (10, 110),
    "no_match": (0, 0),
}


@pytest.fixture
def association_summary() -> pd.DataFrame:
    rows = [("mpra", "min_reads", 3.0, "reads"), ("mpra", "recommended_min_reads", 4.0, "reads")]
    for call, (n_barcodes, n_reads) in CALLS.items():
        rows += [("mpra", f"n_barcodes_{call}", float(n_barcodes), "barcodes")]
        rows += [("mpra", f"n_reads_{call}", float(n_reads), "reads")]
    return _frame("association_summary", rows)


@pytest.fixture
def reads_per_barcode() -> pd.DataFrame:
    often = {1: 50, 2: 10, 3: 5, 10: 400, 20: 1000, 50: 155}
    return _frame("reads_per_barcode", [("mpra", n_reads, n) for n_reads, n in often.items()])


@pytest.fixture
def variants() -> pd.DataFrame:
    return _frame("variants", [("mpra", f"v{i:02}", "ACGT", "training") for i in range(10)])


@pytest.fixture
def barcode_map() -> pd.DataFrame:
    """The variant of that number has so many barcodes: none, one, two ... nine."""
    names = [(f"v{i:02}", n) for i in range(10) for n in range(i)]
    return _frame("barcode_map", [("mpra", f"{variant}_{n}", variant, 20, 1.0, 0.0) for variant, n in names])


@pytest.fixture
def count_fates() -> pd.DataFrame:
    numbers = {"dna_1": (9700, 200, 10, 90), "rna_1": (19000, 500, 0, 500)}
    rows = [("mpra", s, f, n, n // 9) for s, ns in numbers.items() for f, n in zip(COUNT_FATES, ns, strict=True)]
    return _frame("count_fates", rows)


@pytest.fixture
def saturation() -> pd.DataFrame:
    rows = []
    for sample, n_reads in (("dna_1", 9900), ("rna_1", 19500)):
        for fold in (0.1, 0.5, 1.0, 2.0, 5.0, 10.0):
            n_molecules = 8000 * (1 - np.exp(-fold))
            rows.append(("mpra", sample, int(n_reads * fold), 1600 * (1 - np.exp(-4 * fold)), n_molecules, fold > 1))
    return _frame("saturation", rows)
