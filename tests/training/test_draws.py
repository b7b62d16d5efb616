"""Draws: whatever copy and gauge each is in, all end in one."""

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from kcalseq.dna import encode_sequences
from kcalseq.errors import KcalseqError
from kcalseq.models.canonical import swap_site
from kcalseq.models.parameters import ParameterLayout
from kcalseq.models.spec import ModelSpec
from kcalseq.training.draws import canonical_draws
from kcalseq.training.fitting import Setup

OBSERVED = np.ones((12, 4), dtype=bool)


@pytest.fixture
def layout(setup: Setup) -> ParameterLayout:
    return setup.posterior.network.layout


@pytest.fixture
def wildtype(spec: ModelSpec) -> NDArray[np.uint8]:
    codes: NDArray[np.uint8] = encode_sequences([str(spec.wildtype)], spec.length)[0]
    return codes


@pytest.fixture
def draws(spec: ModelSpec, layout: ParameterLayout, wildtype: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Two chains of three draws, in each of which both wild-type sites bind better than random sequence."""
    flat = np.random.default_rng(40).normal(0.0, 0.2, (2, 3, layout.size))
    for site in spec.sites:
        first = layout.blocks[f"{site.name}.theta"].start
        own = first + 4 * np.arange(site.length) + wildtype[site.start : site.stop]
        flat[:, :, own] -= 2.0
    return flat


def test_a_draw_in_another_copy_comes_back_and_is_counted(
    spec: ModelSpec, layout: ParameterLayout, wildtype: NDArray[np.uint8], draws: NDArray[np.float64]
) -> None:
    mixed = draws.copy()
    mixed[0, 1] = swap_site(spec, layout, mixed[0, 1], "CRP")
    mixed[1, 2] = swap_site(spec, layout, swap_site(spec, layout, mixed[1, 2], "RNAP"), "CRP")
    own, found = (canonical_draws(spec, layout, item, wildtype, OBSERVED) for item in (draws, mixed))
    assert not own.exchanged.any()
    assert found.exchanged.tolist() == [[False, True, False], [False, False, True]]
    assert found.draws == pytest.approx(own.draws, abs=1e-12)


def test_matrices_end_with_mean_0_and_mu_takes_what_they_lose(
    spec: ModelSpec, layout: ParameterLayout, wildtype: NDArray[np.uint8], draws: NDArray[np.float64]
) -> None:
    found = canonical_draws(spec, layout, draws, wildtype, OBSERVED).draws
    for site in spec.sites:
        block, mu = layout.blocks[f"{site.name}.theta"].slice, layout.blocks[f"{site.name}.mu"].start
        before, after = (item[:, :, block].reshape(2, 3, -1, 4) for item in (draws, found))
        assert after.sum(3) == pytest.approx(np.zeros((2, 3, site.length)), abs=1e-12)
        assert after == pytest.approx(before - before.mean(3, keepdims=True), abs=1e-12)
        assert found[:, :, mu] == pytest.approx(draws[:, :, mu] + before.mean(3).sum(2), abs=1e-12)
    place = layout.blocks["stack"].start
    assert (found[:, :, place] == draws[:, :, place]).all()


def test_an_additive_model_is_refused(
    spec: ModelSpec, layout: ParameterLayout, wildtype: NDArray[np.uint8], draws: NDArray[np.float64]
) -> None:
    additive = dataclasses.replace(spec, kind="additive")
    with pytest.raises(KcalseqError, match="it is additive, so each draw has an energy scale of its own"):
        canonical_draws(additive, layout, draws, wildtype, OBSERVED)
