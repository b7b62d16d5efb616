"""The expression shift against plain means, and its error against repeated experiments."""

import numpy as np
import pytest

from kcalseq.activity.expression_shift import expression_shift
from kcalseq.activity.mutations import list_mutations

from .libraries import mutants, outcomes_of


def test_shifts_are_differences_of_weighted_means() -> None:
    rng = np.random.default_rng(1)
    codes = mutants("ACGTAC", 60, 0.3, rng)
    activity, weight = rng.normal(size=60), rng.uniform(0.5, 3, 60)
    mutations = list_mutations(codes)
    found = expression_shift(mutations, outcomes_of(activity, weight))
    for position in range(6):
        common = mutations.common[position]
        has = [codes[:, position] == base for base in range(4)]
        own = np.average(activity[has[common]], weights=weight[has[common]])
        assert found.shift[position] == pytest.approx(
            np.average(activity[~has[common]], weights=weight[~has[common]]) - own
        )
        for base in range(4):
            assert found.n[position, base] == has[base].sum()
            expected = np.average(activity[has[base]], weights=weight[has[base]]) - own if has[base].any() else np.nan
            assert found.base_shift[position, base] == pytest.approx(expected, nan_ok=True, abs=1e-12)


def test_what_no_variant_has_is_not_measured() -> None:
    codes = np.array([[0, 0], [0, 0], [1, 0], [1, 0], [2, 0]], dtype=np.uint8)
    found = expression_shift(list_mutations(codes), outcomes_of(np.arange(5.0)))
    assert found.base_shift[0, :3] == pytest.approx([0.0, 2.0, 3.5]) and np.isnan(found.base_shift[0, 3])
    assert np.isnan(found.base_shift_se[0, 2]), "one variant tells no scatter"
    assert np.isnan([found.shift[1], found.shift_se[1]]).all()


def test_the_standard_error_is_the_scatter_of_repeated_experiments() -> None:
    rng = np.random.default_rng(2)
    mutations = list_mutations(mutants("ACGTAC", 400, 0.2, rng))
    weight = rng.uniform(0.5, 3, 400)
    repeats = [
        expression_shift(mutations, outcomes_of(rng.normal(size=400) / np.sqrt(weight), weight)) for _ in range(300)
    ]
    spread = np.std([found.shift for found in repeats], axis=0)
    told = np.mean([found.shift_se for found in repeats], axis=0)
    assert told == pytest.approx(spread, rel=0.15)
