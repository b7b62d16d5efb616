"""Boltzmann weights: kT enters once, and the lac ensemble is its textbook closed form."""

import numpy as np
import pytest
import torch

from kcalseq.models.ensemble import log_occupancies, log_odds, log_weights
from kcalseq.models.spec import ModelSpec
from kcalseq.models.states import state_matrix, transcribing
from kcalseq.units import thermal_energy

KT = thermal_energy(37.0)


def ensemble(spec: ModelSpec) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.from_numpy(state_matrix(spec)), torch.from_numpy(transcribing(spec))


def test_state_table_of_lac(lac: ModelSpec) -> None:
    assert lac.terms == ("CRP", "RNAP", "interaction")
    assert state_matrix(lac).tolist() == [[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 1]]
    assert transcribing(lac).tolist() == [False, False, True, True]


def test_an_energy_of_one_kt_weighs_one(lac: ModelSpec) -> None:
    omega, _ = ensemble(lac)
    for energies, weights in (([KT, 0, 0], [0, -1, 0, -1]), ([0, -2 * KT, KT], [0, 0, 2, 1])):
        g = torch.tensor(energies, dtype=torch.float64)[:, None]
        assert log_weights(g, omega, KT)[:, 0].tolist() == pytest.approx(weights, abs=1e-15)


def test_closed_form_of_the_four_states(lac: ModelSpec) -> None:
    omega, on = ensemble(lac)
    g = torch.from_numpy(np.random.default_rng(3).normal(0.0, 3.0, (3, 500)))
    c, r, i = (g / -KT).exp()
    closed = torch.log(r * (1 + c * i)) - torch.log(1 + c)
    assert torch.allclose(log_odds(g, omega, on, KT), closed, rtol=0, atol=1e-12)
    occupancy = r * (1 + c * i) / (1 + c + r + c * r * i)
    assert torch.allclose(log_occupancies(g, omega, KT).exp()[on].sum(0), occupancy, rtol=0, atol=1e-12)


def test_log_space_survives_energies_that_overflow(lac: ModelSpec) -> None:
    omega, on = ensemble(lac)
    g = torch.tensor([[-900.0], [900.0], [-5.0]], dtype=torch.float64)
    assert float(log_odds(g, omega, on, KT)) == pytest.approx((-900.0 + 5.0) / KT, rel=1e-12)


@pytest.mark.parametrize(("celsius", "kt"), [(37.0, 0.61633), (25.0, 0.59249), (20.0, 0.58255)])
def test_thermal_energy(celsius: float, kt: float) -> None:
    assert thermal_energy(celsius) == pytest.approx(kt, abs=6e-6)
