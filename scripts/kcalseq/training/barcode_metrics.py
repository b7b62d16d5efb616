"""How well a model predicts barcode counts, beside two yardsticks without a sequence model.

The constant gives all variants one activity. The log ratio gives each barcode the activity that the other barcodes of
its variant show; it sees data of the very variants it predicts, which a sequence model that was not fitted to them does
not. Both have the scatter of the counts and the offsets fitted to the training variants, as the model has.
"""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.models.barcodes import BarcodeCounts, BarcodeData
from kcalseq.models.information import Estimate
from kcalseq.models.process import Weights

Metrics = dict[str, tuple[Estimate | float, str]]
"""Value and unit by name."""

_ITERATIONS = 100


def barcode_metrics(
    process: BarcodeCounts,
    data: BarcodeData,
    weights: Weights,
    phi: NDArray[np.float64],
    parts: dict[str, NDArray[np.int64]],
) -> dict[str, Metrics]:
    """Metrics of each part of the split.

    Args:
        process, data: the experiment.
        weights: the process's numbers, of one member.
        phi: of every variant, shape (n_variants,).
        parts: numbers of the variants of each part; one is ``training``.
    """
    z, n = torch.from_numpy(phi)[None], data.n_observations.numpy()
    nothing, training = torch.zeros_like(z), torch.from_numpy(parts["training"])
    by_model = process.log_likelihoods(z, weights, data)[0].numpy()
    alone = fit_scatter(process, nothing[:, training], data.take(training))
    by_constant = process.log_likelihoods(nothing, alone, data)[0].numpy()
    by_others = _log_likelihoods_of_others(process, data, parts["training"])
    measured, expected = log2_ratios(process, data), process.readout(z, weights)["log2_activity"].numpy()
    return {
        part: {
            "log_likelihood": (_mean(by_model, n, rows), "nats/barcode"),
            "log_likelihood_constant": (_mean(by_constant, n, rows), "nats/barcode"),
            "log_likelihood_log_ratio": (_mean(by_others, n, rows), "nats/barcode"),
            "gain_over_constant": (_mean(by_model - by_constant, n, rows), "nats/barcode"),
            "r_squared": (_r_squared(expected[rows], measured[rows]), "fraction"),
            "n_observations": (float(n[rows].sum()), "observations"),
            "n_variants": (float((n[rows] > 0).sum()), "variants"),
        }
        for part, rows in parts.items()
    }


def log2_ratios(process: BarcodeCounts, data: BarcodeData) -> NDArray[np.float64]:
    """log2 of RNA per DNA of each variant at equal depth, summed over its observations, one read added to each.

    Returns:
        shape (n_variants,); NaN for a variant without observations.
    """
    dna, rna = _sums(process, data, data.variant, data.n_variants)
    ratio = torch.log2((rna + 1.0) / (dna + 1.0)).numpy()
    return np.where(data.n_observations.numpy() > 0, ratio, np.nan)


def ratios_of_other_barcodes(process: BarcodeCounts, data: BarcodeData) -> tuple[torch.Tensor, torch.Tensor]:
    """What the other barcodes of its variant say of each barcode.

    Returns:
        log of RNA per DNA, nats, 0 for the only barcode of a variant; and the variant; each of shape (n_barcodes,).
    """
    n_barcodes = int(data.barcode.max()) + 1
    variant = torch.zeros(n_barcodes, dtype=torch.long)
    variant[data.barcode] = data.variant
    of_variant = _sums(process, data, data.variant, data.n_variants)
    own = _sums(process, data, data.barcode, n_barcodes)
    dna, rna = (whole[variant] - part for whole, part in zip(of_variant, own, strict=True))
    return torch.log((rna + 1.0) / (dna + 1.0)), variant


def fit_scatter(process: BarcodeCounts, z: torch.Tensor, data: BarcodeData) -> Weights:
    """The numbers of the process that suit given phenotypes best, one member.

    Args:
        process: whose.
        z: shape (1, n_variants).
        data: of these variants.
    """
    start = process.initial(np.random.default_rng(0))
    weights = {name: torch.from_numpy(values.copy())[None].requires_grad_() for name, values in start.items()}
    optimiser = torch.optim.LBFGS(
        list(weights.values()), max_iter=_ITERATIONS, line_search_fn="strong_wolfe", tolerance_change=1e-7
    )

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        value = process.negative_log_likelihood(z, weights, data).sum() / len(data.variant)
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return {name: values.detach() for name, values in weights.items()}


def _log_likelihoods_of_others(
    process: BarcodeCounts, data: BarcodeData, training: NDArray[np.int64]
) -> NDArray[np.float64]:
    """log p of each variant where each of its barcodes has the activity of the others, shape (n_variants,)."""
    z, variant = ratios_of_other_barcodes(process, data)
    # Each barcode stands for a variant of its own.
    alone = replace(data, variant=data.barcode, weight=torch.ones(1, len(z), dtype=torch.float64))
    rows = torch.from_numpy(np.flatnonzero(np.isin(variant.numpy(), training)))
    weights = fit_scatter(process, z[None, rows], alone.take(rows))
    log_p = process.log_likelihoods(z[None], weights, alone)[0]
    return log_p.new_zeros(data.n_variants).index_add(0, variant, log_p).numpy()


def _sums(
    process: BarcodeCounts, data: BarcodeData, group: torch.Tensor, n_groups: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """DNA reads as RNA reads of mean activity would be, and RNA reads, of groups of observations."""
    expected = data.dna[0] * process.log_size_ratio.exp()[data.replicate]
    empty = torch.zeros(n_groups, dtype=torch.float64)
    return empty.index_add(0, group, expected), empty.index_add(0, group, data.rna[0])


def _mean(log_p: NDArray[np.float64], n: NDArray[np.float64], rows: NDArray[np.int64]) -> Estimate:
    """Mean per observation, and its standard error from the spread over variants."""
    total = n[rows].sum()
    mean = log_p[rows].sum() / total
    return Estimate(float(mean), float(np.sqrt(((log_p[rows] - mean * n[rows]) ** 2).sum()) / total))


def _r_squared(expected: NDArray[np.float64], measured: NDArray[np.float64]) -> float:
    """Squared Pearson correlation over the variants that were measured; 0 where one of them does not vary."""
    seen = np.isfinite(measured)
    if seen.sum() < 3 or np.ptp(expected[seen]) == 0 or np.ptp(measured[seen]) == 0:
        return 0.0
    return float(np.corrcoef(expected[seen], measured[seen])[0, 1] ** 2)
