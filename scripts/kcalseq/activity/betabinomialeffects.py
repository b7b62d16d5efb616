r"""Effects by beta-binomial counts of barcodes (``betabinomial``), with moderated variances.

The effect is the difference of the eta of a variant and its reference, in log2. Their variances are multiplied by what
Pearson's statistic of the barcodes of both tells, moderated over all pairs (``moderation``), and the test is a t-test
with its degrees of freedom. What scatters between replicates beyond barcodes, tau^2 of ``replicates``, is in no barcode
of a variant more than in another, so it is added: tau^2 over the replicates of each of the two.
"""

import numpy as np
import pandas as pd

from kcalseq.activity.barcodesums import BarcodeSums
from kcalseq.activity.betabinomial import fit, fit_dispersion
from kcalseq.activity.effects import Estimates, fates
from kcalseq.activity.groups import Floats, Integers
from kcalseq.activity.moderation import fit_prior, moderate, satterthwaite

_LN2 = float(np.log(2.0))


def by_beta_binomial(sums: BarcodeSums, between: float, measured: pd.Series, pairs: pd.DataFrame) -> Estimates:
    """Effects of pairs in one condition.

    Args:
        sums: counts of its barcodes.
        between: tau^2, log2 squared; NaN = not known, taken as 0.
        measured: whether each variant, its index, has a log ratio.
        pairs: columns variant and reference.
    """
    rho = fit_dispersion(sums.rna, sums.dna, sums.offset, sums.groups)
    found = fit(sums.rna, sums.dna, sums.offset, sums.groups, 0.0 if np.isnan(rho) else rho)
    known = measured.reindex(sums.names, fill_value=False).to_numpy(dtype=bool)

    def sides(values: Floats | Integers) -> Floats:
        """Of the variant and the reference of each pair, shape (2, n_pairs); NaN where not measured."""
        padded = np.append(np.where(known, values, np.nan), np.nan)
        return np.stack([padded[sums.names.get_indexer(pd.Index(pairs[name]))] for name in ("variant", "reference")])

    eta, n = sides(found.eta), sides(sums.n_replicates)
    both = np.isfinite(eta).all(0)
    each = np.where(both, sides(found.freedom), 0.0)
    freedom = each.sum(0)
    own = (np.nan_to_num(sides(found.pearson)) * each).sum(0) / np.where(freedom > 0, freedom, np.nan)
    scale, degrees = moderate(fit_prior(own, freedom), own, freedom)
    by_barcodes = scale * sides(found.variance).sum(0) / _LN2**2
    by_replicates = np.nan_to_num(between) * (1.0 / n).sum(0)
    total = by_barcodes + by_replicates
    freedom = satterthwaite([by_barcodes, by_replicates], [degrees, np.full(len(pairs), np.inf)])
    if np.isnan(rho):  # no variant has two barcodes, so nothing tells how barcodes scatter
        total = np.full(len(pairs), np.nan)
    fate = fates(np.isfinite(eta[0]), np.isfinite(eta[1]), np.isfinite(total))
    fewer = np.nan_to_num(n).min(0).astype(np.int64)
    return Estimates(fewer, (eta[0] - eta[1]) / _LN2, np.sqrt(total), freedom, fate)
