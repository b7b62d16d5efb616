"""The parameters of a model as one flat vector per member, and as named blocks.

Members (starts, bootstraps, profile points) share one leading dimension everywhere. Loads without torch.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET
from kcalseq.models.spec import ModelSpec


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


# Wide enough to say nothing about what can be measured, narrow enough to keep what cannot be measured finite:
# chemical potentials, interactions and the overall level of the measurement process.
_WIDE_SD = 30.0
_SCALE_FREE_SD = 1e3
# Nats: rates a thousandfold apart are nothing strange.
_LOG_RATE_SD = 10.0


class ParameterLayout:
    """Which number of the flat vector means what.

    Args:
        spec: the model.
        n_bins: number of outcomes of the measurement process, the unsorted library included.
    """

    def __init__(self, spec: ModelSpec, n_bins: int) -> None:
        units, sd = spec.measurement.hidden_units, spec.measurement.weight_sd
        # The scale of an additive phenotype is standardised away: a prior on it would only pull it towards 0.
        energy_sd = spec.energy_sd if spec.kind == "thermodynamic" else _SCALE_FREE_SD
        shapes: list[tuple[str, tuple[int, ...], float]] = [
            (f"{site.name}.theta", (site.length * len(ALPHABET),), energy_sd) for site in spec.sites
        ]
        shapes += [
            (f"{site.name}.pairs", (len(site.pairs) * len(ALPHABET) ** 2,), spec.pair_sd)
            for site in spec.sites
            if site.pairs
        ]
        shapes += [(f"{site.name}.mu", (), _WIDE_SD) for site in spec.sites]
        shapes += [(item.name, (), _WIDE_SD) for item in spec.interactions]
        shapes += [(f"{name}.log_rate", (), _LOG_RATE_SD) for name in spec.free_rates]
        shapes += [("mpa.a", (n_bins,), _WIDE_SD), ("mpa.b", (n_bins, units), sd)]
        shapes += [("mpa.c", (units,), sd), ("mpa.d", (units,), sd)]
        blocks, start = [], 0
        for name, shape, prior_sd in shapes:
            blocks.append(Block(name, start, shape, prior_sd))
            start = blocks[-1].slice.stop
        self.blocks = {block.name: block for block in blocks}
        self.size = start

    def prior_precision(self) -> NDArray[np.float64]:
        """1 / variance of the zero-mean normal prior of each number, shape (size,)."""
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
            if site.pairs:
                numbers[self.blocks[f"{site.name}.pairs"].slice] = number
        return numbers


def initial_parameters(spec: ModelSpec, layout: ParameterLayout, seed: int, start: int) -> NDArray[np.float64]:
    """Random beginning of one start: shape (size,), the same for the same seed and start on any machine.

    Energy matrices small and random (sd 0.6 kcal/mol over the square root of the length), interactions within about
    1 kcal/mol of the model's ``initial``, tanh units spread evenly over the range of phi.
    """
    rng = np.random.default_rng([seed, start])
    flat = np.zeros(layout.size)
    for site in spec.sites:
        block = layout.blocks[f"{site.name}.theta"]
        flat[block.slice] = rng.normal(0.0, 0.6 / np.sqrt(site.length), block.shape)
    for item in spec.interactions:
        flat[layout.blocks[item.name].slice] = item.initial + rng.normal(0.0, 1.0)
    for name in spec.free_rates:
        flat[layout.blocks[f"{name}.log_rate"].slice] = rng.normal(0.0, 1.0)
    units = spec.measurement.hidden_units
    weights = layout.blocks["mpa.b"]
    # Brighter bins begin with more weight at higher phi, so that phi learns to rise with the bin: for state tables
    # without exchangeable labels the copy turned over is another model, and a wrong one.
    rising = np.linspace(-0.5, 0.5, weights.shape[0])[:, None] * units**-0.5
    flat[weights.slice] = (rising + rng.normal(0.0, units**-0.5, weights.shape)).ravel()
    flat[layout.blocks["mpa.c"].slice] = 1.0
    flat[layout.blocks["mpa.d"].slice] = np.linspace(-2.5, 2.5, units)
    return flat
