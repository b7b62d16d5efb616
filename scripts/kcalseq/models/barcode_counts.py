"""DNA and RNA counts of barcodes as a measurement process: log p(dna, rna | phi).

An observation is a barcode in a replicate, with dna and rna reads. phi of its variant is the natural log of RNA per DNA
up to a constant, so that with r the replicate, v the variant and b the barcode

    log E[rna] - log E[dna] = log size ratio_r + offset_r + phi_v (+ u_b).

``conditional`` asks how the n = dna + rna reads of an observation fall on RNA and DNA: for Poisson counts the
barcode's abundance cancels exactly. ``full`` models both counts and integrates the abundance out
(``barcode_marginal``). Either way phi and the offsets share one direction, a common shift, that only a prior or one
fixed offset removes. What is kept must be chosen by n: choosing by rna alone keeps what was high by chance.
"""

from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.models.barcode_marginal import Reads, log_marginal
from kcalseq.models.count_noise import beta_binomial, binomial

# log kappa is told, and its slope pivots, at this many reads.
PIVOT_READS = 100.0


class BarcodeDesign(NamedTuple):
    """Which variant, replicate and barcode each observation belongs to; all numbered from 0, int64, shape (n_obs,).

    ``barcode`` is None where each observation has an abundance of its own.
    """

    variant: torch.Tensor
    replicate: torch.Tensor
    barcode: torch.Tensor | None = None


class ConditionalWeights(NamedTuple):
    """Parameters of ``conditional``.

    Attributes:
        log_size_ratio: log of RNA over DNA depth of each replicate, as from ``size_ratios``, shape (n_replicates,).
        offset: what is learned in addition, shape (n_members, n_replicates).
        log_kappa: log concentration at 100 reads, shape (n_members,); None for the binomial limit.
        kappa_slope: d log kappa / d log n, shape (n_members,); None for one kappa whatever n.
    """

    log_size_ratio: torch.Tensor
    offset: torch.Tensor
    log_kappa: torch.Tensor | None = None
    kappa_slope: torch.Tensor | None = None


class FullWeights(NamedTuple):
    """Parameters of ``full``.

    Attributes:
        log_size_ratio: log of RNA over DNA depth of each replicate, shape (n_replicates,).
        log_size_dna: log DNA depth of each replicate, shape (n_replicates,); only differences between replicates
            count, and those only where barcodes are shared.
        offset: what is learned in addition, shape (n_members, n_replicates).
        log_alpha_dna, log_alpha_rna: log dispersion, Var = mu + alpha mu^2, shape (n_members,); None for Poisson.
        log_sigma: log standard deviation of a barcode's own effect on its RNA, shape (n_members,); None for no effect.
    """

    log_size_ratio: torch.Tensor
    log_size_dna: torch.Tensor
    offset: torch.Tensor
    log_alpha_dna: torch.Tensor | None = None
    log_alpha_rna: torch.Tensor | None = None
    log_sigma: torch.Tensor | None = None


def conditional(
    phi: torch.Tensor, dna: torch.Tensor, rna: torch.Tensor, design: BarcodeDesign, weights: ConditionalWeights
) -> torch.Tensor:
    """log p(rna | dna + rna, phi): beta-binomial, or binomial.

    Args:
        phi: log RNA per DNA of the variants, shape (n_members, n_variants).
        dna, rna: reads, float64, shape (n_obs,).
        design: of the observations; its barcodes are not used.
        weights: of as many members.

    Returns:
        nats, shape (n_members, n_obs).
    """
    n = dna + rna
    logit = _log_rna_per_dna(phi, design, weights)
    if weights.log_kappa is None:
        return binomial(rna, n, logit)
    return beta_binomial(rna, n, logit, _log_kappa(n, weights.log_kappa, weights.kappa_slope))


def full(
    phi: torch.Tensor, dna: torch.Tensor, rna: torch.Tensor, design: BarcodeDesign, weights: FullWeights
) -> torch.Tensor:
    """log of the likelihood of all counts of a barcode, its abundance and its own effect integrated out.

    Args:
        phi: log RNA per DNA of the variants, shape (n_members, n_variants).
        dna, rna: reads, float64, shape (n_obs,).
        design: of the observations.
        weights: of as many members.

    Returns:
        nats up to a constant, shape (n_members, n_barcodes); (n_members, n_obs) if the design names no barcodes.

    Raises:
        ValueError: a barcode has no reads.
    """
    barcode = torch.arange(len(dna), device=dna.device) if design.barcode is None else design.barcode
    log_mean_dna = weights.log_size_dna[design.replicate].expand(len(phi), -1)
    log_mean_rna = log_mean_dna + _log_rna_per_dna(phi, design, weights)
    return log_marginal(
        Reads(dna, log_mean_dna, weights.log_alpha_dna),
        Reads(rna, log_mean_rna, weights.log_alpha_rna),
        weights.log_sigma,
        barcode,
        int(barcode.max()) + 1,
    )


def per_variant(log_p: torch.Tensor, variant: torch.Tensor, n_variants: int) -> torch.Tensor:
    """Sums over the observations, or barcodes, of each variant.

    Args:
        log_p: nats, shape (n_members, n_obs).
        variant: number of the variant of each, shape (n_obs,).
        n_variants: how many there are; one without observations gets 0.

    Returns:
        nats, shape (n_members, n_variants).
    """
    return log_p.new_zeros(len(log_p), n_variants).index_add(1, variant, log_p)


def keep(dna: NDArray[np.int64], rna: NDArray[np.int64], minimum: int) -> NDArray[np.bool_]:
    """Which observations have at least ``minimum`` reads, dna and rna together; shape (n_obs,).

    ``conditional`` is a probability given n, so it stays right whatever is asked of n; of rna alone nothing may be
    asked.

    Raises:
        ValueError: the minimum is below 1: an observation without reads says nothing.
    """
    if minimum < 1:
        raise ValueError(f"a minimum of {minimum} reads keeps observations without reads; it must be at least 1")
    kept: NDArray[np.bool_] = dna + rna >= minimum
    return kept


def size_ratios(
    dna: NDArray[np.int64],
    rna: NDArray[np.int64],
    replicate: NDArray[np.int64],
    method: Literal["totals", "median"] = "totals",
) -> NDArray[np.float64]:
    """log of RNA over DNA depth of each replicate, natural logarithm, shape (n_replicates,).

    Args:
        dna, rna: reads, shape (n_obs,).
        replicate: number of the replicate, from 0, shape (n_obs,).
        method: ``totals``: all RNA over all DNA reads; ``median``: median of rna / dna over the observations, which a
            few very active variants do not move. A zero counts as a ratio of 0 or infinity, not as missing.

    Raises:
        ValueError: a replicate has no DNA or no RNA reads, or more than about half of its observations lack one.
    """
    ratios = np.empty(int(replicate.max()) + 1)
    for number in range(len(ratios)):
        rows = (replicate == number) & (dna + rna > 0)
        of_dna, of_rna = dna[rows].astype(np.float64), rna[rows].astype(np.float64)
        if of_dna.sum() == 0 or of_rna.sum() == 0:
            raise ValueError(f"replicate {number} has {of_dna.sum():.0f} DNA and {of_rna.sum():.0f} RNA reads")
        if method == "median":
            with np.errstate(divide="ignore"):
                ratios[number] = np.log(np.median(of_rna / of_dna))
        else:
            ratios[number] = np.log(of_rna.sum() / of_dna.sum())
        if not np.isfinite(ratios[number]):
            raise ValueError(f"half of the observations of replicate {number} lack DNA or RNA reads: take the totals")
    return ratios


def log_ratio_baseline(
    dna: NDArray[np.int64],
    rna: NDArray[np.int64],
    variant: NDArray[np.int64],
    n_variants: int,
    pseudocount: float = 1.0,
) -> NDArray[np.float64]:
    """log2 of RNA over DNA reads of each variant, summed over its observations: the yardstick without a model.

    Args:
        dna, rna: reads, shape (n_obs,).
        variant: number of the variant of each observation, shape (n_obs,).
        n_variants: how many there are.
        pseudocount: added to both sums.

    Returns:
        shape (n_variants,); NaN for a variant without observations.
    """
    sums = [np.bincount(variant, weights=reads, minlength=n_variants) for reads in (dna, rna)]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log2(sums[1] + pseudocount) - np.log2(sums[0] + pseudocount)
    return np.where(np.bincount(variant, minlength=n_variants) > 0, ratio, np.nan)


def simulate(
    phi: torch.Tensor,
    log_abundance: NDArray[np.float64],
    design: BarcodeDesign,
    weights: FullWeights,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw DNA and RNA reads from the model of ``full``.

    Args:
        phi: log RNA per DNA of the variants, shape (1, n_variants).
        log_abundance: of each barcode, of each observation if the design names no barcodes; shape (n_barcodes,).
        design: of the observations.
        weights: of one member.
        rng: source of the draws.

    Returns:
        dna and rna, each of shape (n_obs,).
    """
    barcode = np.arange(len(design.variant)) if design.barcode is None else design.barcode.numpy()
    sigma = 0.0 if weights.log_sigma is None else float(weights.log_sigma[0].exp())
    effect = rng.normal(0.0, sigma, len(log_abundance))
    log_dna = weights.log_size_dna[design.replicate].numpy() + log_abundance[barcode]
    log_rna = log_dna + _log_rna_per_dna(phi, design, weights)[0].detach().numpy() + effect[barcode]
    dna, rna = (
        rng.poisson(np.exp(log_mean) * _gamma_factor(log_alpha, len(log_mean), rng))
        for log_mean, log_alpha in ((log_dna, weights.log_alpha_dna), (log_rna, weights.log_alpha_rna))
    )
    return dna, rna


def simulate_conditional(
    phi: torch.Tensor,
    n: NDArray[np.int64],
    design: BarcodeDesign,
    weights: ConditionalWeights,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw from the model of ``conditional`` how the n reads of each observation fall on DNA and RNA.

    Args:
        phi: log RNA per DNA of the variants, shape (1, n_variants).
        n: dna + rna of the observations, shape (n_obs,).
        design: of the observations.
        weights: of one member.
        rng: source of the draws.

    Returns:
        dna and rna, each of shape (n_obs,).
    """
    p = torch.sigmoid(_log_rna_per_dna(phi, design, weights)[0]).detach().numpy()
    if weights.log_kappa is not None:
        log_kappa = _log_kappa(torch.from_numpy(n).double(), weights.log_kappa, weights.kappa_slope)[0]
        kappa = np.exp(log_kappa.detach().numpy())
        p = rng.beta(kappa * p, kappa * (1.0 - p))
    rna = rng.binomial(n, p)
    return n - rna, rna


def _gamma_factor(log_alpha: torch.Tensor | None, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Factors of mean 1 and variance alpha that make Poisson counts negative binomial."""
    if log_alpha is None:
        return np.ones(n)
    alpha = float(log_alpha[0].exp())
    return rng.gamma(1.0 / alpha, alpha, n)


def _log_rna_per_dna(
    phi: torch.Tensor, design: BarcodeDesign, weights: ConditionalWeights | FullWeights
) -> torch.Tensor:
    """log E[rna] - log E[dna] of the observations, shape (n_members, n_obs)."""
    return phi[:, design.variant] + (weights.log_size_ratio + weights.offset)[:, design.replicate]


def _log_kappa(n: torch.Tensor, log_kappa: torch.Tensor, slope: torch.Tensor | None) -> torch.Tensor:
    if slope is None:
        return log_kappa[:, None]
    return log_kappa[:, None] + slope[:, None] * torch.log(n.clamp_min(1.0) / PIVOT_READS)
