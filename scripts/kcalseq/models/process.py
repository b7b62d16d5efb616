"""What a measurement process is: how what was measured of a variant follows from its latent phenotype.

One process belongs to one experiment (a condition of a library). Its numbers are blocks of the model's flat vector like
the energies are; what was measured is its data, in the order of the variants.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray

Weights = Mapping[str, torch.Tensor]
"""Blocks of a process by letter, each of shape (n_members, *block shape)."""


class BlockShape(NamedTuple):
    """A block of a process: its letter, its shape per member and the standard deviation of its zero-mean prior."""

    letter: str
    shape: tuple[int, ...]
    prior_sd: float


class Slopes(NamedTuple):
    """Derivatives of each variant's negative log-likelihood at one member.

    Attributes:
        by_z: by its phenotype, shape (n_variants,).
        by_weights: by the numbers of the process in the order of its blocks, shape (n_variants, n_numbers).
    """

    by_z: torch.Tensor
    by_weights: torch.Tensor


class Data(ABC):
    """What was measured of some variants: a frozen dataclass. Members may have data of their own (bootstraps)."""

    @property
    @abstractmethod
    def n_observations(self) -> torch.Tensor:
        """Independent observations of each variant, of the first member, shape (n_variants,)."""

    @abstractmethod
    def take(self, rows: torch.Tensor) -> Self:
        """The data of some variants, by number."""

    @abstractmethod
    def to(self, device: torch.device) -> Self:
        """The same data on a device."""

    @abstractmethod
    def of_members(self, members: torch.Tensor) -> Self:
        """The data of some members, by number in rising order; all of it where members share their data."""

    @abstractmethod
    def reweighted(self, weights: torch.Tensor) -> Self:
        """Data of members in which each variant counts so often; weights (n_members, n_variants)."""


def join_members(data: Sequence[Data]) -> Data:
    """Data of single members as data of all of them; what they have in common is kept once.

    Args:
        data: of one member each, of the same variants.
    """
    own = {}
    for field in fields(data[0]):  # type: ignore[arg-type]
        values = [getattr(one, field.name) for one in data]
        if isinstance(values[0], torch.Tensor) and not all(torch.equal(values[0], value) for value in values[1:]):
            own[field.name] = torch.cat(values)
    return replace(data[0], **own)  # type: ignore[type-var]


class Process(ABC):
    """A measurement process."""

    name: str
    """What its blocks are called in the flat vector."""
    standardised: bool
    """Whether it reads phi in training standard deviations; else it reads log activity in nats."""
    turned: tuple[str, ...]
    """Letters of the blocks whose sign turns phi over; none if phi cannot be turned over."""

    @property
    @abstractmethod
    def blocks(self) -> tuple[BlockShape, ...]:
        """Its blocks in the order of the flat vector."""

    @abstractmethod
    def initial(self, rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
        """Where a start begins, by letter."""

    @abstractmethod
    def negative_log_likelihood(self, z: torch.Tensor, weights: Weights, data: Any) -> torch.Tensor:
        """-log p(data | z) of all variants, nats, shape (n_members,); z (n_members, n_variants)."""

    @abstractmethod
    def log_likelihoods(self, z: torch.Tensor, weights: Weights, data: Any) -> torch.Tensor:
        """log p(data | z) of each variant, nats, shape (n_members, n_variants)."""

    @abstractmethod
    def slopes(self, z: torch.Tensor, weights: Weights, data: Any) -> Slopes:
        """Scores at one member; z (1, n_variants)."""

    @abstractmethod
    def brightness(self, data: Any) -> tuple[torch.Tensor, torch.Tensor]:
        """What should rise with phi, summed over each variant's observations, and how many they are; (n_variants,)."""

    @abstractmethod
    def readout(self, z: torch.Tensor, weights: Weights) -> dict[str, torch.Tensor]:
        """What it expects of variants, by column of table ``predictions``; z (1, n), each of shape (n,)."""

    @abstractmethod
    def simulate(self, z: torch.Tensor, weights: Weights, data: Any, rng: np.random.Generator) -> Any:
        """Data as they might have come out, of as many observations as ``data`` holds, for each member of z."""

    @property
    @abstractmethod
    def description(self) -> dict[str, Any]:
        """What a fit's card has to say for the process to be made again: plain numbers and words."""
