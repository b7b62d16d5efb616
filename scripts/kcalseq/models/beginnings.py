"""Where starts of a fit begin."""

import numpy as np
from numpy.typing import NDArray

from kcalseq.models.network import Network


def initial_parameters(network: Network, seed: int, start: int) -> NDArray[np.float64]:
    """Random beginning of one start: shape (size,), the same for the same seed and start on any machine.

    Energy matrices small and random (sd 0.6 kcal/mol over the square root of the length) about what is published, if
    anything is; interactions within about 1 kcal/mol of the model's ``initial``, rates within a factor of about 3;
    measurement processes as they say.
    """
    spec, layout, rng = network.spec, network.layout, np.random.default_rng([seed, start])
    flat = layout.prior_mean(spec)
    for site in spec.originals:
        block = layout.blocks[f"{site.name}.theta"]
        flat[block.slice] += rng.normal(0.0, 0.6 / np.sqrt(site.length), block.shape)
    for item in spec.interactions:
        for name in item.steps:
            flat[layout.blocks[name].slice] = item.initial + rng.normal(0.0, 1.0)
    for name in spec.free_rates:
        flat[layout.blocks[f"{name}.log_rate"].slice] = rng.normal(0.0, 1.0)
    if network.box is not None:
        flat[: network.box.size] = network.box.initial(rng)
    for experiment, process in enumerate(network.processes):
        own = layout.own(experiment)
        for letter, values in process.initial(rng).items():
            flat[own[letter].slice] = values.ravel()
    return flat


def beginnings(
    network: Network, seed: int, n_starts: int, earlier: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Beginnings of all starts, shape (n_starts, size).

    Args:
        network: the model.
        seed: of the starts.
        n_starts: how many.
        earlier: where the first begins, shape (size,); numbers that are NaN begin as ever.
    """
    found = np.stack([initial_parameters(network, seed, start) for start in range(n_starts)])
    if earlier is not None:
        found[0] = np.where(np.isnan(earlier), found[0], earlier)
    return found
