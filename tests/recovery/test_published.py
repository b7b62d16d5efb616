"""The published sort-seq table of the lac promoter: its numbers, what models say of it, and the paper's energies."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from binned import counts_of
from numpy.typing import NDArray

from kcalseq.models.information import outcome_entropy
from kcalseq.models.spec import ModelSpec
from kcalseq.training.problem import Problem, build_problem

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
# Kinney et al. 2010, experiment full-wt: kcal/mol.
PUBLISHED_INTERACTION = -3.26


@pytest.fixture(scope="module")
def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables ``variants`` and ``variant_counts`` of the published observations, as the example's truth holds them."""
    resources = ROOT / "resources" / "lac"
    truth = pd.read_csv(resources / "truth.tsv.gz", sep="\t")
    samples = pd.read_csv(ROOT / "config" / "samples.tsv", sep="\t").set_index("sample")
    counts = truth.groupby(["variant_sequence", "sample"], as_index=False).size()
    counts = counts.rename(columns={"variant_sequence": "variant", "size": "n_reads"})
    counts = counts.join(samples[["fraction", "bin"]], on="sample")
    variants = pd.read_csv(resources / "split.tsv.gz", sep="\t")
    variants = variants.assign(library="lac", variant=variants["variant_sequence"])
    return variants, counts.assign(library="lac", condition="full-wt", replicate="1")


@pytest.fixture(scope="module")
def fitted(thermodynamic: ModelSpec, tables: tuple[pd.DataFrame, pd.DataFrame], fit: Any) -> Any:
    return fit.of(thermodynamic, build_problem(thermodynamic, *tables, "presence"))


def published(shared_data: Path, name: str) -> NDArray[np.float64]:
    """A published energy matrix in the zero-mean gauge, shape (length, 4)."""
    theta = np.loadtxt(shared_data / "kinney2010_sortseq" / "models" / f"{name}.txt", skiprows=1)[:, 1:]
    return np.asarray(theta - theta.mean(1, keepdims=True))


def test_the_truth_is_the_table_as_distributed(tables: tuple[pd.DataFrame, pd.DataFrame], shared_data: Path) -> None:
    wide = pd.read_csv(shared_data / "mavenn" / "sortseq_data.csv.gz")
    long = wide.melt(["x"], [f"ct_{number}" for number in range(10)], "bin", "n_reads")
    long = long[long["n_reads"] > 0]
    pairs = {(variant, int(name.removeprefix("ct_"))) for variant, name in zip(long["x"], long["bin"], strict=True)}
    variants, counts = tables
    assert set(zip(counts["variant"], counts["bin"], strict=True)) == pairs
    assert dict(zip(variants["variant"], variants["set"], strict=True)) == dict(
        zip(wide["x"], wide["set"], strict=True)
    )


def test_numbers_of_the_table(thermodynamic: ModelSpec, tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    problem: Problem = build_problem(thermodynamic, *tables, "presence")
    assert (len(problem.variants), counts_of(problem).sum()) == (50_518, 51_853)
    assert {part: len(problem.rows(part)) for part in ("training", "validation", "test")} == {
        "training": 30_516,
        "validation": 10_067,
        "test": 9_935,
    }
    assert counts_of(problem)[:, problem.rows("test")].sum() == 10_214
    assert outcome_entropy(counts_of(problem)[:, problem.rows("test")]) == pytest.approx(3.3207, abs=5e-5)
    assert np.array_equal(counts_of(build_problem(thermodynamic, *tables, "raw")), counts_of(problem))


def test_information_of_the_thermodynamic_model(fitted: Any) -> None:
    assert fitted.model.converged
    assert fitted.test_information().value >= 0.718


def test_information_of_the_additive_model(
    additive: ModelSpec, tables: tuple[pd.DataFrame, pd.DataFrame], fit: Any
) -> None:
    found = fit.of(additive, build_problem(additive, *tables, "presence"))
    assert 0.62 <= found.test_information().value <= 0.66


@pytest.mark.parametrize(("site", "name"), [("CRP", "crp_tau_final_all.26"), ("RNAP", "rnap_tau_final_all.41")])
def test_energy_matrices_are_those_published(site: str, name: str, fitted: Any, shared_data: Path) -> None:
    pair = fitted.matrix(site).ravel(), published(shared_data, name).ravel()
    assert np.corrcoef(*pair)[0, 1] >= 0.95


def test_the_interaction_attracts_and_its_interval_holds_the_published_one(fitted: Any) -> None:
    profile = fitted.profile()
    lower, upper = profile.interval(0.95)
    assert profile.estimate < 0
    assert (-np.inf if lower is None else lower) < PUBLISHED_INTERACTION < (np.inf if upper is None else upper)
    assert lower is None or upper is None or upper - lower > 1.0
