"""Sort bins of a sorter whose gates are given or learned: log fluorescence rises linearly with phi; see ``sorter``.

Far fewer numbers than the tanh units of ``measurement``, so that scarce data go further; where cells do not scatter as
the distribution says, the fit is worse. All bins are taken to be read equally deep.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.models.bins import BinData, SortBins
from kcalseq.models.process import BlockShape, Slopes, Weights
from kcalseq.models.sorter import SorterWeights, log_probability, rising_gates
from kcalseq.models.tails import Distribution

_WIDE_SD = 30.0
# Logs of slopes, widths and gaps: a factor of twenty is nothing strange.
_LOG_SD = 3.0


class GatedSorter(SortBins):
    """A sorter with gates.

    The blocks: ``u`` log odds of the unsorted library, if there is one; ``k`` log slope of log fluorescence by phi; for
    given gates ``i`` log fluorescence at phi = 0 and ``s`` log width of its distribution; for learned ones ``g`` the
    first gate and ``w`` the logs of the gaps to the next, in widths of the distribution.

    Args:
        bins: numbers of the bins in order; 0 is the library before sorting.
        gates: log fluorescence between adjacent sorted bins, rising; None learns them.
        noise: how log fluorescence scatters among cells of one genotype.
    """

    name = "sorter"
    turned = ()

    def __init__(self, bins: tuple[int, ...], gates: tuple[float, ...] | None, noise: Distribution) -> None:
        super().__init__(bins)
        self.gates, self.noise = gates, noise
        self._unsorted = bins[0] == 0
        self._n_gates = len(bins) - 1 - self._unsorted

    @property
    def blocks(self) -> tuple[BlockShape, ...]:
        """See ``Process``."""
        blocks = [BlockShape("u", (), _WIDE_SD)] if self._unsorted else []
        blocks.append(BlockShape("k", (), _LOG_SD))
        if self.gates is not None:
            return (*blocks, BlockShape("i", (), _WIDE_SD), BlockShape("s", (), _LOG_SD))
        gaps = [BlockShape("w", (self._n_gates - 1,), _LOG_SD)] if self._n_gates > 1 else []
        return (*blocks, BlockShape("g", (), _WIDE_SD), *gaps)

    def initial(self, rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
        """Gates spread over three widths, or the middle of the given ones at phi = 0; see ``Process``."""
        found = {"u": np.array(-2.0)} if self._unsorted else {}
        found["k"] = np.array(rng.normal(0.0, 0.3))
        if self.gates is not None:
            spread = np.log(max(self.gates[-1] - self.gates[0], 1.0) / 3.0)
            return {**found, "i": np.array(np.mean(self.gates)), "s": np.array(spread)}
        found["g"] = np.array(-1.5 if self._n_gates > 1 else 0.0)
        if self._n_gates > 1:
            found["w"] = np.full(self._n_gates - 1, np.log(3.0 / (self._n_gates - 1)))
        return found

    def log_probabilities(self, z: torch.Tensor, weights: Weights) -> torch.Tensor:
        """See ``SortBins``."""
        nothing = torch.zeros_like(weights["k"])
        if self.gates is None:
            gaps = weights["w"] if "w" in weights else z[:, :0]
            gates, intercept, scale = rising_gates(weights["g"], gaps), nothing, nothing
        else:
            gates = torch.tensor(self.gates, dtype=z.dtype, device=z.device).expand(len(z), -1)
            intercept, scale = weights["i"], weights["s"]
        of = SorterWeights(gates, intercept, weights["k"], scale, None, weights.get("u"))
        return log_probability(z, of, self.noise)

    def negative_log_likelihood(self, z: torch.Tensor, weights: Weights, data: BinData) -> torch.Tensor:
        """See ``Process``."""
        return -self.log_likelihoods(z, weights, data).sum(1)

    def slopes(self, z: torch.Tensor, weights: Weights, data: BinData) -> Slopes:
        """Every variant as a member with weights of its own, so that one backward pass gives all; see ``Process``."""
        n = z.shape[1]
        own = {
            name: value.detach().expand(n, *value.shape[1:]).clone().requires_grad_() for name, value in weights.items()
        }
        single = z.detach().T.clone().requires_grad_()
        counts = data.counts[0].T[:, :, None]  # shape: (n, n_bins, 1)
        with torch.enable_grad():
            loss = -(self.log_probabilities(single, own) * counts).sum()
            by_z, *by_own = torch.autograd.grad(loss, [single, *own.values()])
        return Slopes(by_z[:, 0], torch.cat([gradient.reshape(n, -1) for gradient in by_own], 1))

    @property
    def description(self) -> dict[str, Any]:
        """See ``Process``."""
        return {"bins": list(self.bins)}
