"""The parameters of a model as one flat vector per member, and as named blocks.

Members (starts, bootstraps, profile points) share one leading dimension everywhere. Loads without torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET
from kcalseq.models.spec import ModelSpec
from kcalseq.models.specparts import Site

if TYPE_CHECKING:
    from kcalseq.models.process import Process


@dataclass(frozen=True)
class Block:
    """A named piece of the flat vector with the shape it takes per member and its prior's standard deviation."""

    name: str
    start: int
    shape: tuple[int, ...]
    prior_sd: float

    @property
    def slice(self) -> slice:
        """Where the block stands in the flat vector."""
        return slice(self.start, self.start + int(np.prod(self.shape, dtype=int)))


BOX = "network"
"""What the blocks of a black box are called in the flat vector."""

# Wide enough to say nothing about what can be measured, narrow enough to keep what cannot be measured finite:
# chemical potentials, spacers, interactions, biases of black boxes and the overall level of the measurement process.
_WIDE_SD = 30.0
_SCALE_FREE_SD = 1e3
# Nats: rates a thousandfold apart are nothing strange.
_LOG_RATE_SD = 10.0


class ParameterLayout:
    """Which number of the flat vector means what.

    Args:
        spec: the model.
        processes: measurement process of each experiment.
        conditions: name of each experiment.
    """

    def __init__(self, spec: ModelSpec, processes: Sequence[Process], conditions: Sequence[str]) -> None:
        self.conditions = tuple(conditions)
        shapes: list[tuple[str, tuple[int, ...], float]] = [
            (f"{site.name}.theta", (site.length * len(ALPHABET),), _energy_sd(spec, site)) for site in spec.originals
        ]
        shapes += [
            (f"{site.name}.pairs", (len(site.pairs) * len(ALPHABET) ** 2,), spec.pair_sd)
            for site in spec.originals
            if site.pairs
        ]
        shapes += [(f"{site.name}.spacers", (len(site.spacers),), _WIDE_SD) for site in spec.originals if site.spacers]
        per_condition = (len(self.conditions),)
        shapes += [(f"{site.name}.mu", per_condition if site.by_condition else (), _WIDE_SD) for site in spec.originals]
        shapes += [(name, (), _WIDE_SD) for name in spec.interaction_energies]
        shapes += [(f"{name}.log_rate", (), _LOG_RATE_SD) for name in spec.free_rates]
        shapes += _box_shapes(spec)
        self.prefixes = tuple(
            process.name if len(self.conditions) == 1 else f"{process.name}[{condition}]"
            for process, condition in zip(processes, self.conditions, strict=True)
        )
        self.n_energies = _size(shapes)
        for prefix, process in zip(self.prefixes, processes, strict=True):
            shapes += [(f"{prefix}.{letter}", shape, sd) for letter, shape, sd in process.blocks]
        blocks, start = [], 0
        for name, shape, prior_sd in shapes:
            blocks.append(Block(name, start, shape, prior_sd))
            start = blocks[-1].slice.stop
        self.blocks = {block.name: block for block in blocks}
        self.size = start
        self.turned = tuple(
            f"{prefix}.{letter}"
            for prefix, process in zip(self.prefixes, processes, strict=True)
            for letter in process.turned
        )

    def own(self, experiment: int) -> dict[str, Block]:
        """Blocks of an experiment's measurement process, by letter."""
        prefix = f"{self.prefixes[experiment]}."
        return {name.removeprefix(prefix): block for name, block in self.blocks.items() if name.startswith(prefix)}

    def mu_names(self, site: Site) -> dict[str, int]:
        """Names of a site's chemical potentials, one a condition where they differ, and their places in the vector."""
        start = self.blocks[f"{site.name}.mu"].start
        if not site.by_condition:
            return {f"{site.name}.mu": start}
        return {f"{site.name}.mu[{name}]": start + number for number, name in enumerate(self.conditions)}

    def prior_mean(self, spec: ModelSpec) -> NDArray[np.float64]:
        """Mean of the normal prior of each number, shape (size,): published energies, 0 elsewhere."""
        mean = np.zeros(self.size)
        for site in spec.originals:
            if site.published is not None:
                mean[self.blocks[f"{site.name}.theta"].slice] = np.ravel(site.published.energies)
        return mean

    def prior_precision(self) -> NDArray[np.float64]:
        """1 / variance of the normal prior of each number, shape (size,)."""
        precision = np.empty(self.size)
        for block in self.blocks.values():
            precision[block.slice] = block.prior_sd**-2
        return precision

    def sites_of_pairs(self, spec: ModelSpec) -> NDArray[np.int64]:
        """Number of the site whose pair energy each number is, -1 for all others, shape (size,).

        The prior of pair energies is in standard deviations of their site's energy: in kcal/mol it would pull the scale
        of all energies, and interactions with it, towards 0, since everything smaller costs less.
        """
        numbers = np.full(self.size, -1, dtype=np.int64)
        for number, site in enumerate(spec.sites):
            if site.pairs and site.copy_of is None:
                numbers[self.blocks[f"{site.name}.pairs"].slice] = number
        return numbers


def _energy_sd(spec: ModelSpec, site: Site) -> float:
    if site.published is not None:
        return site.published.sd
    # The scale of a phenotype that adds up and is standardised falls away: a prior would only pull it towards 0.
    free = spec.kind != "thermodynamic" and spec.measurement.standardised
    return _SCALE_FREE_SD if free else spec.energy_sd


def _box_shapes(spec: ModelSpec) -> list[tuple[str, tuple[int, ...], float]]:
    if spec.network is None:
        return []
    own = spec.network.architecture.shapes()
    sds = [_WIDE_SD if name.endswith("bias") else spec.network.weight_sd for name, _ in own]
    return [(f"{BOX}.{name}", shape, sd) for (name, shape), sd in zip(own, sds, strict=True)]


def _size(shapes: Sequence[tuple[str, tuple[int, ...], float]]) -> int:
    return sum(int(np.prod(shape, dtype=int)) for _, shape, _ in shapes)
