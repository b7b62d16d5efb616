"""Barcodes counted in DNA and RNA as a measurement process: log RNA per DNA is phi.

phi is read as it stands, in nats of log activity, so that energies of a thermodynamic model are in kcal/mol without the
freedom that sorting has. A common factor of all activities (the rate t_sat, depths that were told wrongly) is not known
from phi: it is the offset of each replicate. See ``barcode_counts`` for the probabilities.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.models import barcode_counts
from kcalseq.models.barcode_counts import BarcodeDesign, ConditionalWeights, FullWeights, per_variant
from kcalseq.models.process import BlockShape, Data, Process, Slopes, Weights

Noise = Literal["beta_binomial", "binomial", "negative_binomial"]

# Wider than the prior of chemical potentials (30 kcal/mol are 49 kT): what the offset makes up for is not known.
_OFFSET_SD = 100.0
_LOG_SD = 10.0
_BEGINNINGS = {
    "log_kappa": math.log(20.0),
    "log_alpha_dna": math.log(0.1),
    "log_alpha_rna": math.log(0.1),
    "log_sigma": math.log(0.3),
    "log_background": -3.0,
}
_BLOCKS: dict[Noise, tuple[str, ...]] = {
    "beta_binomial": ("log_kappa", "kappa_slope"),
    "binomial": (),
    "negative_binomial": ("log_alpha_dna", "log_alpha_rna"),
}


@dataclass(frozen=True)
class BarcodeData(Data):
    """Reads of barcodes in replicates, one observation each.

    Attributes:
        variant, replicate, barcode: numbers from 0, int64, shape (n_obs,); a barcode has one variant.
        dna, rna: reads, float64, shape (1 or n_members, n_obs).
        weight: how often each variant counts, shape (1 or n_members, n_variants).
    """

    variant: torch.Tensor
    replicate: torch.Tensor
    barcode: torch.Tensor
    dna: torch.Tensor
    rna: torch.Tensor
    weight: torch.Tensor

    @classmethod
    def of(
        cls,
        variant: NDArray[np.int64],
        replicate: NDArray[np.int64],
        barcode: NDArray[np.int64],
        dna: NDArray[np.int64],
        rna: NDArray[np.int64],
        n_variants: int,
    ) -> BarcodeData:
        """Data that members share, each variant counting once, from columns of shape (n_obs,)."""
        _, numbered = np.unique(barcode, return_inverse=True)
        return cls(
            variant=torch.from_numpy(np.asarray(variant, dtype=np.int64)),
            replicate=torch.from_numpy(np.asarray(replicate, dtype=np.int64)),
            barcode=torch.from_numpy(numbered.astype(np.int64)),
            dna=torch.from_numpy(np.asarray(dna, dtype=np.float64))[None],
            rna=torch.from_numpy(np.asarray(rna, dtype=np.float64))[None],
            weight=torch.ones(1, n_variants, dtype=torch.float64),
        )

    @property
    def n_variants(self) -> int:
        """How many variants, those without observations too."""
        return self.weight.shape[1]

    @property
    def n_observations(self) -> torch.Tensor:
        """See ``Data``."""
        return self.summed(torch.ones_like(self.dna[:1]))[0]

    def summed(self, values: torch.Tensor) -> torch.Tensor:
        """Sums over the observations of each variant, weighted; (n_members, n_obs) to (n_members, n_variants)."""
        return per_variant(values, self.variant, self.n_variants) * self.weight[: len(values)]

    def take(self, rows: torch.Tensor) -> BarcodeData:
        """See ``Data``."""
        number = torch.full_like(self.weight[0], -1, dtype=torch.long)
        number[rows] = torch.arange(len(rows), device=rows.device)
        variant = number[self.variant]
        kept = variant >= 0
        _, barcode = torch.unique(self.barcode[kept], return_inverse=True)
        dna, rna = self.dna[:, kept], self.rna[:, kept]
        return BarcodeData(variant[kept], self.replicate[kept], barcode, dna, rna, self.weight[:, rows])

    def to(self, device: torch.device) -> BarcodeData:
        """See ``Data``."""
        return BarcodeData(*(getattr(self, name).to(device) for name in self.__dataclass_fields__))

    def of_members(self, members: torch.Tensor) -> BarcodeData:
        """See ``Data``."""
        dna, rna, weight = (
            own if len(own) in {1, len(members)} else own[members] for own in (self.dna, self.rna, self.weight)
        )
        return replace(self, dna=dna, rna=rna, weight=weight)

    def reweighted(self, weights: torch.Tensor) -> BarcodeData:
        """See ``Data``."""
        return replace(self, weight=self.weight * weights)

    def log_ratios(self, log_size_ratio: torch.Tensor) -> torch.Tensor:
        """log of RNA over DNA of each observation of the first member, half a read added to each, shape (n_obs,)."""
        return torch.log((self.rna[0] + 0.5) / (self.dna[0] + 0.5)) - log_size_ratio[self.replicate]


class BarcodeCounts(Process):
    """DNA and RNA counts of barcodes; see ``barcode_counts``.

    With ``beta_binomial`` and ``binomial`` an observation is judged by how its reads fall on RNA and DNA, so that
    nothing is said of abundances; for Poisson counts that loses nothing. ``negative_binomial`` gives a barcode one
    abundance in all replicates and integrates it out.

    Args:
        replicates: names of the replicates in order.
        log_size_ratio: log of RNA over DNA depth of each replicate.
        log_size_dna: log DNA depth of each replicate, up to a constant.
        noise: how counts scatter.
        barcode_effect: whether a barcode changes its RNA by a factor of its own (of ``negative_binomial`` only).
        background: whether there is RNA that no promoter made: log activity is then log(exp(phi) + background).
    """

    name = "counts"
    standardised = False
    turned = ()

    def __init__(
        self,
        replicates: tuple[str, ...],
        log_size_ratio: tuple[float, ...],
        log_size_dna: tuple[float, ...],
        noise: Noise = "beta_binomial",
        barcode_effect: bool = False,
        background: bool = False,
    ) -> None:
        self.replicates, self.noise = replicates, noise
        self.log_size_ratio = torch.tensor(log_size_ratio, dtype=torch.float64)
        self.log_size_dna = torch.tensor(log_size_dna, dtype=torch.float64)
        effect = ("log_sigma",) if barcode_effect and noise == "negative_binomial" else ()
        self._scalars = (*_BLOCKS[noise], *effect, *(("log_background",) if background else ()))

    @property
    def blocks(self) -> tuple[BlockShape, ...]:
        """See ``Process``."""
        scalars = (BlockShape(name, (), 1.0 if name == "kappa_slope" else _LOG_SD) for name in self._scalars)
        return (BlockShape("offset", (len(self.replicates),), _OFFSET_SD), *scalars)

    def initial(self, rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
        """Depths as they were counted, and scatter as it is usual."""
        scalars = {name: np.array(_BEGINNINGS.get(name, 0.0)) for name in self._scalars}
        return {"offset": np.zeros(len(self.replicates)), **scalars}

    def negative_log_likelihood(self, z: torch.Tensor, weights: Weights, data: BarcodeData) -> torch.Tensor:
        """See ``Process``."""
        return -self.log_likelihoods(z, weights, data).sum(1)

    def log_likelihoods(self, z: torch.Tensor, weights: Weights, data: BarcodeData) -> torch.Tensor:
        """See ``Process``; of ``negative_binomial`` up to a constant that depends on the counts alone."""
        log_p, variant = self._log_probabilities(_activity(z, weights), weights, data)
        return per_variant(log_p, variant, data.n_variants) * data.weight

    def slopes(self, z: torch.Tensor, weights: Weights, data: BarcodeData) -> Slopes:
        """See ``Process``.

        The derivatives of all variants by one number are read off the product of a vector and the Jacobian, which is
        linear in the vector: one pass a number instead of one a variant.
        """
        leaf = z.detach().requires_grad_()
        own = {letter: weights[letter].detach().requires_grad_() for letter, _, _ in self.blocks}
        loss = -self.log_likelihoods(leaf, own, data)[0]
        (by_z,) = torch.autograd.grad(loss.sum(), leaf, retain_graph=True)
        vector = torch.ones_like(loss).requires_grad_()
        products = torch.autograd.grad(loss, list(own.values()), vector, create_graph=True)
        numbers = torch.cat([product.flatten() for product in products])
        columns = [torch.autograd.grad(number, vector, retain_graph=True)[0] for number in numbers]
        return Slopes(by_z[0], torch.stack(columns, 1))

    def brightness(self, data: BarcodeData) -> tuple[torch.Tensor, torch.Tensor]:
        """Log RNA per DNA; see ``Process``."""
        return data.summed(data.log_ratios(self.log_size_ratio.to(data.dna.device))[None])[0], data.n_observations

    def readout(self, z: torch.Tensor, weights: Weights) -> dict[str, torch.Tensor]:
        """log2 of RNA per DNA at equal depth, mean of the replicates; see ``Process``."""
        return {"log2_activity": (_activity(z, weights) + weights["offset"].mean(1, keepdim=True))[0] / math.log(2.0)}

    def simulate(self, z: torch.Tensor, weights: Weights, data: BarcodeData, rng: np.random.Generator) -> BarcodeData:
        """Draw counts anew; see ``Process``.

        Where probabilities are those given an observation's reads, it keeps as many; else each barcode keeps its most
        likely abundance, and observations without reads are drawn again.
        """
        activity, members = _activity(z, weights), []
        for number in range(len(z)):
            own = {letter: values[number : number + 1] for letter, values in weights.items()}
            members.append(self._drawn(activity[number : number + 1], own, data, rng))
        dna, rna = (torch.from_numpy(np.stack(reads).astype(float)) for reads in zip(*members, strict=True))
        return replace(data, dna=dna.to(z.device), rna=rna.to(z.device))

    @property
    def description(self) -> dict[str, Any]:
        """See ``Process``."""
        return {
            "replicates": list(self.replicates),
            "log_size_ratio": self.log_size_ratio.tolist(),
            "log_size_dna": self.log_size_dna.tolist(),
        }

    def _log_probabilities(
        self, activity: torch.Tensor, weights: Weights, data: BarcodeData
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """log p of each observation, or of each barcode, (n_members, n); and the number of its variant, (n,)."""
        if self.noise != "negative_binomial":
            of = self._conditional(weights)
            return barcode_counts.conditional(activity, data.dna, data.rna, _design(data), of), data.variant
        n_barcodes = int(data.barcode.max()) + 1 if len(data.barcode) else 0
        variant = torch.zeros(n_barcodes, dtype=torch.long, device=data.variant.device)
        variant[data.barcode] = data.variant
        if not n_barcodes:
            return activity.new_zeros(len(activity), 0), variant
        # Members that share their counts are taken at once, others one by one.
        one_by_one = [slice(member, member + 1) for member in range(len(data.dna))]
        pieces = [slice(None)] if len(data.dna) == 1 else one_by_one
        log_p = [
            barcode_counts.full(
                activity[members],
                data.dna[reads][0],
                data.rna[reads][0],
                _design(data),
                self._full({letter: values[members] for letter, values in weights.items()}),
            )
            for members, reads in zip(pieces, one_by_one, strict=True)
        ]
        return torch.cat(log_p), variant

    def _conditional(self, weights: Weights) -> ConditionalWeights:
        ratio = self.log_size_ratio.to(weights["offset"].device)
        return ConditionalWeights(ratio, weights["offset"], weights.get("log_kappa"), weights.get("kappa_slope"))

    def _full(self, weights: Weights) -> FullWeights:
        return FullWeights(
            self.log_size_ratio.to(weights["offset"].device),
            self.log_size_dna.to(weights["offset"].device),
            weights["offset"],
            weights["log_alpha_dna"],
            weights["log_alpha_rna"],
            weights.get("log_sigma"),
        )

    def _drawn(
        self, activity: torch.Tensor, weights: Weights, data: BarcodeData, rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        reads, design = (data.dna[0] + data.rna[0]).cpu(), _design(data.to(torch.device("cpu")))
        if self.noise != "negative_binomial":
            n = reads.numpy().astype(np.int64)
            return barcode_counts.simulate_conditional(activity.cpu(), n, design, self._conditional(weights), rng)
        of = self._full(weights)
        log_dna = of.log_size_dna[design.replicate]
        log_rna = log_dna + activity[0, design.variant] + (of.log_size_ratio + of.offset[0])[design.replicate]
        barcode = data.barcode.cpu().numpy()
        expected = np.bincount(barcode, torch.logaddexp(log_dna, log_rna).exp().numpy())
        log_abundance = np.log(np.bincount(barcode, reads.numpy()) / expected)
        dna, rna = barcode_counts.simulate(activity.cpu(), log_abundance, design, of, rng)
        while (empty := dna + rna == 0).any():
            again = barcode_counts.simulate(activity.cpu(), log_abundance, design, of, rng)
            dna, rna = np.where(empty, again[0], dna), np.where(empty, again[1], rna)
        return dna, rna


def _activity(z: torch.Tensor, weights: Weights) -> torch.Tensor:
    """Log activity, with the background where there is one."""
    return torch.logaddexp(z, weights["log_background"][:, None]) if "log_background" in weights else z


def _design(data: BarcodeData) -> BarcodeDesign:
    return BarcodeDesign(data.variant, data.replicate, data.barcode)
