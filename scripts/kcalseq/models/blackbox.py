"""Black-box maps from sequence to phenotype: what can be reached without biophysics, as a ceiling for other models.

A multilayer perceptron sees every base at its own place; a convolutional network looks for the same short patterns
at all places, keeps the strongest match of each stretch, and goes on like a perceptron. Neither has energies, so
neither has anything to tell but its predictions. The scale of the phenotype is arbitrary, as in an additive model.
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from kcalseq.dna import ALPHABET
from kcalseq.models.architecture import Architecture


class Dropout(NamedTuple):
    """Leaving out hidden units at random while training (Srivastava et al. 2014).

    Attributes:
        rate: probability of each unit of each variant to be left out, from 0 to less than 1.
        generator: draws them; its state is all that the outcome depends on.
    """

    rate: float
    generator: torch.Generator


class BlackBox(Architecture):
    """A network of an architecture."""

    def unpack(self, flat: torch.Tensor) -> dict[str, torch.Tensor]:
        """Arrays by name, each (n_members, *shape), out of flat vectors (n_members, size)."""
        arrays, start = {}, 0
        for name, shape in self.shapes():
            stop = start + int(np.prod(shape))
            arrays[name] = flat[:, start:stop].reshape(len(flat), *shape)
            start = stop
        return arrays

    def initial(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Random beginning of one member, shape (size,): normal weights of variance 2 / inputs (He et al. 2015).

        The first layer counts one input per base, since three of its four are always 0; the phenotype, which no
        rectifier halves, has variance 1 / inputs. Biases are 0.
        """
        shapes, pieces = self.shapes(), []
        for number, (name, shape) in enumerate(shapes):
            if name.endswith("bias"):
                pieces.append(np.zeros(shape))
                continue
            n_inputs = int(np.prod(shape[1:])) / (len(ALPHABET) if number == 0 else 1)
            # The last two arrays are the weights and the bias of the phenotype.
            gain = 1.0 if number == len(shapes) - 2 else 2.0
            pieces.append(rng.normal(0.0, np.sqrt(gain / n_inputs), shape))
        return np.concatenate([piece.ravel() for piece in pieces])

    def phenotype(
        self, weights: dict[str, torch.Tensor], codes: torch.Tensor, dropout: Dropout | None = None
    ) -> torch.Tensor:
        """Latent phenotype of every variant.

        Args:
            weights: as from ``unpack``; the computation is done in their precision and on their device.
            codes: bases 0..3, uint8, shape (n_variants, length). A ``cnn`` needs n_members * filters * length numbers
                for each, so many variants are better given in pieces.
            dropout: what to leave out; None for predictions.

        Returns:
            shape (n_members, n_variants).
        """
        first = next(iter(weights.values()))
        one_hot = torch.eye(len(ALPHABET), dtype=first.dtype, device=first.device)[codes.long()]
        if self.kind == "cnn":
            units = _left_out(self._matches(weights, one_hot), dropout)
        else:
            units = one_hot.reshape(len(codes), -1).T  # shape: (n_inputs, n_variants), shared by all members
        for number in range(len(self.hidden)):
            units = _left_out(functional.relu(_dense(weights, number, units)), dropout)
        return _dense(weights, len(self.hidden), units)[:, 0]

    def _matches(self, weights: dict[str, torch.Tensor], one_hot: torch.Tensor) -> torch.Tensor:
        """Strongest match of each pattern in each stretch, shape (n_members, filters * n_stretches, n_variants)."""
        n_members = len(weights["conv.weight"])
        # All members read the same sequences: their patterns are so many more patterns of one convolution.
        scores = functional.conv1d(one_hot.mT, weights["conv.weight"].flatten(0, 1))
        best = functional.max_pool1d(scores, self.pool, ceil_mode=True)
        # Bias and rectifier never fall, so after the pooling they give the same as before it, from fewer numbers.
        units = functional.relu(best + weights["conv.bias"].reshape(1, -1, 1))
        return units.reshape(len(one_hot), n_members, -1).permute(1, 2, 0)


def _dense(weights: dict[str, torch.Tensor], number: int, units: torch.Tensor) -> torch.Tensor:
    """One dense layer of units (..., n_inputs, n_variants); shape (n_members, n_units, n_variants)."""
    return weights[f"dense{number}.weight"] @ units + weights[f"dense{number}.bias"][:, :, None]


def _left_out(units: torch.Tensor, dropout: Dropout | None) -> torch.Tensor:
    """Units with some at 0 and the others raised so that their mean stays."""
    if dropout is None or dropout.rate == 0.0:
        return units
    kept = torch.empty(units.shape, dtype=units.dtype, device=units.device)
    kept.bernoulli_(1.0 - dropout.rate, generator=dropout.generator)
    return units * kept / (1.0 - dropout.rate)
