"""From the example's FASTQ to its energies, through every floor: the numbers that the README promises."""

from typing import Any

import pandas as pd
import pytest

from kcalseq.models.spec import ModelSpec
from kcalseq.plan import Plan
from kcalseq.training.problem import build_problem

from .conftest import ROOT

pytestmark = pytest.mark.slow


def test_of_the_reads_97_per_cent_are_kept(tables: tuple[pd.DataFrame, ...]) -> None:
    fates = tables[0].groupby("reason")["n_reads"].sum()
    assert fates.sum() == 51_853
    assert fates["kept"] >= 0.97 * 51_853
    assert tables[2]["n_reads"].sum() == fates["kept"]


def test_variants_born_of_errors_are_trained_on_and_never_tested(tables: tuple[pd.DataFrame, ...], plan: Plan) -> None:
    split = pd.read_csv(ROOT / str(plan.libraries["lac"].split), sep="\t").set_index("variant_sequence")["set"]
    listed = tables[1]["variant_sequence"].isin(split.index)
    assert (~listed).sum() > 2_000
    assert (tables[1].loc[~listed, "set"] == "training").all()
    assert (tables[1].loc[listed, "set"].to_numpy() == split[tables[1].loc[listed, "variant_sequence"]]).all()


def test_the_physics_of_the_reads(thermodynamic: ModelSpec, tables: tuple[pd.DataFrame, ...], fit: Any) -> None:
    found = fit.of(thermodynamic, build_problem(thermodynamic, tables[1], tables[2], "presence"))
    assert found.model.converged
    assert found.test_information().value >= 0.70
    profile = found.profile()
    lower, upper = profile.interval(0.95)
    assert lower is not None and upper is not None
    assert lower < profile.estimate < upper < 0
    # A standard deviation under 0.25 kcal/mol would be more than one experiment can tell.
    assert upper - lower > 2 * 1.96 * 0.25


def test_the_sum_of_bases(additive: ModelSpec, tables: tuple[pd.DataFrame, ...], fit: Any) -> None:
    found = fit.of(additive, build_problem(additive, tables[1], tables[2], "presence"))
    assert found.model.converged
    assert 0.62 <= found.test_information().value <= 0.66
