r"""What reads of sorted cells say of cells: how many there were, and how many observations they are worth.

C cells of a replicate were sorted into a bin and read R times, so that a cell was read rho = R / C times on the mean.
The r reads of a variant there stand for r / rho cells (Gilliot & Gorochowski 2023). Both cells and reads were drawn:
with a Poisson number of cells of mean m, each read a Poisson number of times, r has mean rho m and variance
rho m (1 + rho). Then

    y = r / (1 + rho) = 1 / (1 / cells + 1 / reads)

has a variance equal to its mean, m rho / (1 + rho), as a Poisson number has: it is the number of independent
observations that the reads are worth, never more than the cells and never more than the reads.

A bin from which a share e of the cells that fall into it was collected shows m = e p of a variant's cells, so its
observations go as p e rho / (1 + rho): the exposure of the bin. Bins that one passage through the sorter filled have
the same e.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from kcalseq.activity.gated_normal import Sorter
from kcalseq.activity.groups import Floats, Integers
from kcalseq.errors import KcalseqError


class Sorting(NamedTuple):
    """Counts of one replicate's bins, dimmest first.

    Attributes:
        counts: of each variant in each bin, shape (n_variants, n_bins).
        cells: estimated cells of each, as sorted, likewise.
        population: the same in proportion to all cells that fell between the gates, whether collected or not.
        effective: independent observations that the counts are worth.
        sorter: gates in log10 fluorescence and exposure of the bins.
    """

    counts: Integers
    cells: Floats
    population: Floats
    effective: Floats
    sorter: Sorter


def sorting_of(counts: Integers, bins: Sequence[Mapping[str, Any]]) -> Sorting:
    """Make cells of counts.

    Args:
        counts: of each variant in each bin, shape (n_variants, n_bins).
        bins: rows of the plan, of each bin in order: ``condition``, ``replicate``, number ``bin``, gates ``lower`` and
            ``upper`` (fluorescence as the cytometer shows it, None = open), ``cells`` sorted, and ``population_share``,
            the share of all cells that falls between its gates (None = as the cells sorted).

    Raises:
        KcalseqError: a bin has no counts.
    """
    for own, total in zip(bins, counts.sum(0), strict=True):
        if not total:
            where = f"condition '{own['condition']}', replicate '{own['replicate']}', bin {own['bin']}"
            remedy = "look at the fates of the sample's reads, or drop its row from samples.tsv"
            raise KcalseqError(where, "no counts of variants", "counts of every bin that has gates", remedy)
    lower = np.array([-np.inf if own["lower"] is None else np.log10(own["lower"]) for own in bins])
    upper = np.array([np.inf if own["upper"] is None else np.log10(own["upper"]) for own in bins])
    cells = np.array([float(own["cells"]) for own in bins])
    share = np.array([own["cells"] if own["population_share"] is None else own["population_share"] for own in bins])
    collected = cells / share
    per_cell = counts.sum(0) / cells
    exposure = np.log(collected / collected.max()) + np.log(per_cell / (1.0 + per_cell))
    estimated = counts / per_cell
    effective = counts / (1.0 + per_cell)
    return Sorting(
        counts, estimated, estimated / collected, effective, Sorter(lower, upper, exposure, np.zeros(len(cells)))
    )


def counts_in_bins(counts: pd.DataFrame, names: Sequence[str], bins: Sequence[int]) -> Integers:
    """Molecules, or reads where there are no UMIs, of each variant in each bin, shape (n_variants, n_bins).

    Args:
        counts: rows of table ``variant_counts`` of the bins of one replicate.
        names: of all variants.
        bins: numbers of the bins in order.

    Raises:
        KcalseqError: a variant is not in ``names``.
    """
    n = counts["n_molecules"].fillna(counts["n_reads"]).astype("int64").to_numpy()
    found = np.zeros((len(names), len(bins)), dtype=np.int64)
    rows = pd.Index(names).get_indexer(pd.Index(counts["variant"]))
    columns = pd.Index(bins).get_indexer(pd.Index(counts["bin"]))
    unknown = counts["variant"][rows < 0]
    if len(unknown):
        found_name = f"counts of '{unknown.iloc[0]}', which is not in table variants"
        raise KcalseqError("table variant_counts", found_name, "counts of known variants", "make both tables again")
    np.add.at(found, (rows, columns), n)
    return found
