"""Error models of the replicates of a library as tables; see ``errormodel``."""

import zlib
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from kcalseq.activity.errormodel import (
    ErrorModel,
    by_counting,
    fit_error_model,
    levelled_difference,
    variance,
)
from kcalseq.activity.groups import Floats

DRAWS = 100
N_BINS, LEAST_IN_BIN = 10, 20
_TERMS = ("dna_multiplicative", "rna_multiplicative", "additive")
_SHARES = ("counting_share", "multiplicative_share", "additive_share")
_UNITS = ("Poisson variances", "Poisson variances", "log2 squared", *("fraction",) * 3)
_BINS = ["n_variants", "predicted_sd", "counting_sd", "observed_sd"]


class _Condition(NamedTuple):
    """Log ratios and counts of the replicates of a condition, shape (n_variants, n_replicates)."""

    replicates: list[str]
    log2_ratio: Floats
    dna: Floats
    rna: Floats


def error_tables(ratios: pd.DataFrame, seed: int, has_own_dna: bool = True) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fit the error model of each condition.

    Args:
        ratios: table ``variant_log_ratio`` of one library.
        seed: of the bootstrap; each condition draws from a generator of its own.
        has_own_dna: whether each replicate has its own DNA sample; what they share shows in no difference between them.

    Returns:
        tables ``error_model`` and ``error_model_bins``, without their column library.
    """
    models, bins = [], [pd.DataFrame(columns=["condition", "replicate", "other_replicate", "bin", *_BINS])]
    for condition, rows in ratios.groupby("condition"):
        whole = _spread(rows) if has_own_dna else _without_dna(_spread(rows))
        own = _sharing(whole)
        rng = np.random.default_rng([seed, zlib.crc32(str(condition).encode("utf-8"))])
        model = fit_error_model(own.log2_ratio, own.dna, own.rna, DRAWS, rng)
        models.append(_model_rows(whole.replicates, own.replicates, model, has_own_dna).assign(condition=condition))
        if model is not None:
            bins.append(_bin_rows(own, model).assign(condition=condition))
    return pd.concat(models, ignore_index=True), pd.concat(bins[1:] or bins, ignore_index=True)


def _spread(rows: pd.DataFrame) -> _Condition:
    wide = rows.pivot(index="variant", columns="replicate", values=["log2_ratio", "dna", "rna"])
    parts = [wide[name].to_numpy(dtype=float) for name in ("log2_ratio", "dna", "rna")]
    return _Condition([str(name) for name in wide["log2_ratio"].columns], *parts)


def _without_dna(own: _Condition) -> _Condition:
    """As if DNA had been counted without end: its scatter is in no difference between replicates."""
    return own._replace(dna=np.where(np.isfinite(own.dna), np.inf, np.nan))


def _sharing(own: _Condition) -> _Condition:
    """Without the replicates that measured no variant together with another one, of which no difference tells."""
    measured = np.isfinite(own.log2_ratio)
    shares = measured[measured.sum(1) > 1].any(0)
    names = [name for name, kept in zip(own.replicates, shares, strict=True) if kept]
    return _Condition(names, own.log2_ratio[:, shares], own.dna[:, shares], own.rna[:, shares])


def _model_rows(replicates: list[str], fitted: list[str], model: ErrorModel | None, has_own_dna: bool) -> pd.DataFrame:
    rows = []
    for replicate in replicates:
        if model is None:
            fate = "one_replicate" if len(replicates) == 1 else "few_variants"
            told = [(np.nan, np.nan, fate)] * 6
        elif replicate not in fitted:
            told = [(np.nan, np.nan, "nothing_shared")] * 6
        else:
            number = fitted.index(replicate)
            values = (*(part[number] for part in model.terms), *model.shares[number])
            errors = (*(part[number] for part in model.se), *model.shares_se[number])
            told = list(zip(values, errors, _fates(values, model.pooled), strict=True))
            if not has_own_dna:
                told[0] = (np.nan, np.nan, "shared_dna")
        for name, (value, se, fate), unit in zip((*_TERMS, *_SHARES), told, _UNITS, strict=True):
            rows.append((replicate, name, value, se, unit, fate))
    return pd.DataFrame(rows, columns=["replicate", "term", "value", "se", "unit", "fate"])


def _fates(values: tuple[float, ...], pooled: bool) -> list[str]:
    dna, rna, additive = values[:3]
    least = ["at_bound" if value <= 1.0 else "fitted" for value in (dna, rna)]
    return [*least, "pooled" if pooled else "at_bound" if additive <= 0.0 else "fitted", *["fitted"] * 3]


def _bin_rows(own: _Condition, model: ErrorModel) -> pd.DataFrame:
    """Squared differences of each two replicates by what the model predicts for them, in equal groups of variants."""
    predicted = variance(model.terms, own.dna, own.rna)
    counting = by_counting(own.dna) + by_counting(own.rna)
    rows: list[tuple[object, ...]] = []
    for one, other in combinations(range(len(own.replicates)), 2):
        difference = levelled_difference(own.log2_ratio, one, other)
        known = np.flatnonzero(np.isfinite(difference))
        if not len(known):
            continue
        expected = predicted[known, one] + predicted[known, other]
        ordered = known[np.argsort(expected, kind="stable")]
        for number, part in enumerate(np.array_split(ordered, min(N_BINS, max(1, len(ordered) // LEAST_IN_BIN)))):
            squares = (
                predicted[part, one] + predicted[part, other],
                counting[part, one] + counting[part, other],
                difference[part] ** 2,
            )
            means = [float(np.sqrt(values.mean())) for values in squares]
            rows.append((own.replicates[one], own.replicates[other], number, len(part), *means))
    return pd.DataFrame(rows, columns=["replicate", "other_replicate", "bin", *_BINS])
