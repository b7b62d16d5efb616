r"""Effects by a linear model of each pair, with precision weights and moderated variances (mpralm's idea).

In replicate i the difference d_i of the log ratios of a variant and its reference has the variance e_i that the error
model of the replicates leads to expect of their counts (``errormodel``); the level of a replicate falls out of it. The
effect is the mean of the d_i with weights 1 / e_i, as in the linear models of mpralm (Myint et al., BMC Genomics
20:209, 2019), which takes its weights from a smooth trend of scatter with counts. The residual variance

    s^2 = sum_i (d_i - mean)^2 / e_i / (n - 1)

is moderated over all pairs (``moderation``). Barcodes are the same in all replicates, and what is peculiar to them does
not show between replicates. It is what standard errors by barcodes s_i hold beyond the scatter between replicates, at
least the share rho of them that is the correlation of the influences of barcodes between replicates (``replicates``):

    c_i = max(rho s_i^2, s_i^2 - v_i),    Var = s~^2 / sum_i (1 / e_i) + sum over both of (sum_i w_i sqrt(c_i))^2,

with v_i by the error model and the weights w_i adding up to 1. The degrees of freedom are those of the three parts
together (Satterthwaite 1946). Where replicates share their DNA, its counting error is the same in all: it is taken off
the s_i^2, and added to Var once. Where no error model could be fitted, as with one replicate, the standard errors by
barcodes are all there is.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from kcalseq.activity.effects import Estimates, fates
from kcalseq.activity.errormodel import Terms, by_counting, variance
from kcalseq.activity.groups import Floats
from kcalseq.activity.moderation import fit_prior, moderate, satterthwaite


class Ratios(NamedTuple):
    """Log ratios of one condition, each of shape (n_variants, n_replicates).

    Attributes:
        log2_ratio: NaN = not measured.
        se: standard errors by barcodes; NaN = not known.
        degrees: degrees of freedom of these; infinite = known.
        expected: variance between replicates by the error model, log2 squared; NaN = not known.
        common: variance of an error that is the same in all replicates, log2 squared, shape (n_variants,); 0 where each
            replicate has its own DNA.
    """

    log2_ratio: Floats
    se: Floats
    degrees: Floats
    expected: Floats
    common: Floats


def ratios(rows: pd.DataFrame, names: pd.Index, terms: pd.DataFrame, has_own_dna: bool) -> Ratios:
    """Log ratios of one condition as arrays.

    Args:
        rows: table ``variant_log_ratio`` of the condition.
        names: of the variants, in the order wanted.
        terms: table ``error_model`` of the condition.
        has_own_dna: whether each replicate has its own DNA sample.
    """
    replicates = sorted(rows["replicate"].unique())

    def spread(column: str) -> Floats:
        wide = rows.pivot(index="variant", columns="replicate", values=column)
        return wide.reindex(index=names, columns=replicates).to_numpy(dtype=float)

    # The counts of DNA that replicates share are in no difference between them.
    shown = terms.assign(value=terms["value"].where(terms["fate"] != "shared_dna", 0.0))
    told = shown.pivot(index="replicate", columns="term", values="value").reindex(replicates)
    parts = [told[name].to_numpy(dtype=float) for name in ("dna_multiplicative", "rna_multiplicative", "additive")]
    dna = spread("dna")
    expected = variance(Terms(*parts), dna, spread("rna"))
    common = np.zeros(len(names)) if has_own_dna else by_counting(dna.max(1))
    degrees = spread("degrees")
    known = np.where(np.isfinite(degrees), degrees, np.inf)
    return Ratios(spread("log2_ratio"), spread("log2_ratio_se"), known, expected, common)


def by_moderated_model(found: Ratios, names: pd.Index, shared: float, pairs: pd.DataFrame) -> Estimates:
    """Effects of pairs in one condition.

    Args:
        found: log ratios.
        names: of their variants.
        shared: rho, 0 to 1; NaN = not known, taken as 0.
        pairs: columns variant and reference.
    """
    one, two = (names.get_indexer(pd.Index(pairs[name])) for name in ("variant", "reference"))
    known = (one >= 0) & (two >= 0)
    difference = np.where(known[:, None], found.log2_ratio[one] - found.log2_ratio[two], np.nan)
    there = np.isfinite(difference)
    n = there.sum(1)
    fitted = bool(np.isfinite(found.expected).any())
    expected = found.expected[one] + found.expected[two] if fitted else found.se[one] ** 2 + found.se[two] ** 2
    precision = np.where(there, 1.0 / np.where(expected > 0, expected, np.nan), 0.0)
    told = np.isfinite(precision).all(1) & (n > 0)
    # Where no error is known, each replicate counts the same.
    precision = np.where(told[:, None], precision, there * 1.0)
    whole = np.where(n > 0, precision.sum(1), np.nan)
    weight = precision / whole[:, None]
    effect = (weight * np.where(there, difference, 0.0)).sum(1)
    freedom = np.maximum(n - 1, 0).astype(float)
    squares = (precision * np.where(there, difference - effect[:, None], 0.0) ** 2).sum(1)
    if not fitted:
        sides = [np.where(there, found.se[side] ** 2, 0.0).sum(1) for side in (one, two)]
        scale = np.ones(len(pairs))
        degrees = satterthwaite(sides, [np.where(there, found.degrees[side], np.inf).min(1) for side in (one, two)])
    else:
        own = np.where(told & (n > 1), squares / np.maximum(freedom, 1.0), np.nan)
        scale, degrees = moderate(fit_prior(own, freedom), own, freedom)
    parts, freedoms = [np.where(told, scale / whole, np.nan)], [degrees]
    for side in (one, two) if fitted else ():
        by_barcodes = np.nan_to_num(found.se[side] ** 2)
        beyond = np.maximum(by_barcodes - found.common[side, None], 0.0)
        same = np.maximum(np.nan_to_num(shared) * beyond, beyond - found.expected[side])
        parts.append((weight * np.sqrt(np.where(there, same, 0.0))).sum(1) ** 2 + found.common[side])
        freedoms.append(np.where(there, found.degrees[side], np.inf).min(1))
    total = np.sum(parts, axis=0)
    measured = [(side >= 0) & np.isfinite(found.log2_ratio[side]).any(1) for side in (one, two)]
    fate = fates(measured[0], measured[1], np.isfinite(total))
    fate[measured[0] & measured[1] & (n == 0)] = "never_together"
    return Estimates(n, effect, np.sqrt(total), satterthwaite(parts, freedoms), fate)
