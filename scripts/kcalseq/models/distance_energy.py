"""Interactions by distance: what each register of a scanned site gains beside a site at a fixed place.

With both sites bound the weight is exp(-G_fixed / kT) sum_r exp(-(G_r + G_I(d_r)) / kT) over the registers r of the
scanned site that do not overlap the other, d_r apart from it. So the state gains the difference of two free energies of
the scanned site,

    -kT log sum_r exp(-(G_r + G_I(d_r)) / kT)  +  kT log sum_r exp(-G_r / kT),

a number for each variant, and the energy of the state is a sum of terms as in every other model.
"""

import torch

from kcalseq.models.spec import ModelSpec
from kcalseq.models.specparts import Interaction


def register_energies(spec: ModelSpec, item: Interaction, energies: torch.Tensor) -> torch.Tensor:
    """What an interaction by distance adds to each register of its scanned site.

    Args:
        spec, item: the model and its interaction.
        energies: of the steps, shape (n_members, n_steps), kcal/mol.

    Returns:
        kcal/mol, shape (n_members, n_registers): 0 out of reach, infinity where the register overlaps the fixed site.
    """
    beyond, never = torch.zeros_like(energies[:, :1]), torch.full_like(energies[:, :1], torch.inf)
    return torch.cat([energies, beyond, never], 1)[:, _columns(spec, item, energies.device)]


def step_probabilities(spec: ModelSpec, item: Interaction, registers: torch.Tensor) -> torch.Tensor:
    """Probability of each step (n_steps, n) from those of the registers (n_registers, n)."""
    member = torch.nn.functional.one_hot(_columns(spec, item, registers.device), len(item.steps) + 2)
    return member[:, : len(item.steps)].T.to(registers) @ registers


def _columns(spec: ModelSpec, item: Interaction, device: torch.device) -> torch.Tensor:
    """Number of the step of each register, then one for those out of reach, then one for those that overlap."""
    overlaps = len(item.steps) + 1
    numbers = [overlaps if number is None else number for number in spec.register_steps(item)]
    return torch.tensor(numbers, device=device)
