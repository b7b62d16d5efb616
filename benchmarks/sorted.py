r"""Mean fluorescence of sorted variants against the truth: likeliest mean, mean of the bins' middles, mean bin.

Simulated sorting, one seed a row, over variants whose cells lie in two bins or more. ``likeliest`` is the mean by
maximum likelihood, ``middles`` the mean of the middles of the bins weighted by estimated cells, ``mean_bin`` the plain
mean number of the bins seen, one observation a bin, turned into log10 by the width of the bins. Biases are those of
variants whose true mean is a bin or more away from the outermost gates (``inner``) and of all others (``end``, towards
the middle). ``coverage`` is the share of 95 % intervals that hold the truth. ``cpu_s`` is that of the likeliest means.

    OMP_NUM_THREADS=1 PYTHONPATH=scripts python -P benchmarks/sorted.py --output benchmarks/sorted.tsv
"""

import argparse
import csv
import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kcalseq.activity.fluorescence import MEASURED, measure
from kcalseq.activity.sorting import sorting_of
from kcalseq.simulate.gated_sorting import GatedSorting, sort_cells

ORDINARY = GatedSorting()
KINDS = {
    "ordinary": ORDINARY,
    "15 cells": replace(ORDINARY, cells_per_variant=15.0),
    "4 cells": replace(ORDINARY, cells_per_variant=4.0),
    "0.05 reads a cell": replace(ORDINARY, reads_per_cell=0.05),
    "sd 0.1": replace(ORDINARY, sd=0.1),
    "sd 0.5, bins 0.2 wide": replace(ORDINARY, sd=0.5, gates=tuple(np.arange(2.0, 4.01, 0.2))),
    "four bins 0.5 wide": replace(ORDINARY, gates=(2.5, 3.0, 3.5)),
    "uneven amplification": replace(ORDINARY, amplification=2.0),
    "2 % of the reads astray": replace(ORDINARY, background=0.02),
    "bins filled in passages": replace(ORDINARY, passages=(1.0, 0.3, 0.1, 0.1, 0.2, 0.5, 1.0)),
    "gamma": replace(ORDINARY, shape="gamma"),
    "gamma, sd 0.4": replace(ORDINARY, shape="gamma", sd=0.4),
    "100,000 variants": replace(ORDINARY, n_variants=100_000),
}
WAYS = ("likeliest", "middles", "mean_bin")
COLUMNS = [
    "library",
    "variants",
    "measured",
    *(f"{number}_{way}" for way in WAYS for number in ("bias_inner", "bias_end", "rmse")),
    "coverage_likeliest",
    "coverage_mean_bin",
    "z_sd_likeliest",
    "dispersion",
    "background",
    "cpu_s",
]


def mean_bins(counts: NDArray[np.int64], gates: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Mean of the numbers of the bins seen and its standard error, by the spread pooled over variants, in log10."""
    seen, number = (counts > 0).astype(float), np.arange(counts.shape[1], dtype=float)
    n = seen.sum(1)
    mean = (seen * number).sum(1) / n
    scatter = (seen * (number - mean[:, None]) ** 2).sum() / (n - 1).sum()
    width = float(np.diff(gates).mean())
    return gates[0] + width * (mean - 0.5), width * np.sqrt(scatter / n)


def row_of(name: str, how: GatedSorting) -> dict[str, object]:
    """Measure one kind of library."""
    library = sort_cells(how, 1)
    begun = time.process_time()
    found = measure(sorting_of(library.counts, library.bins), 0.95, 1)
    cpu = time.process_time() - begun
    own = np.flatnonzero(found.fate == MEASURED)
    truth, gates = library.mean[own], np.asarray(how.gates)
    plain, plain_se = mean_bins(library.counts[own], gates)
    inner = (truth > gates[1]) & (truth < gates[-2])
    row: dict[str, object] = {"library": name, "variants": how.n_variants, "measured": len(own)}
    for way, mean in zip(WAYS, (found.mean[own], found.bin_mean[own], plain), strict=True):
        off = mean - truth
        inwards = np.where(truth < gates.mean(), off, -off)[~inner]
        row[f"bias_inner_{way}"] = f"{off[inner].mean():.3f}" if inner.any() else ""
        row |= {f"bias_end_{way}": f"{inwards.mean():.3f}", f"rmse_{way}": f"{np.sqrt((off**2).mean()):.3f}"}
    z = (found.mean[own] - truth) / found.mean_se[own]
    row["coverage_likeliest"] = f"{(np.abs(z) < 1.96).mean():.3f}"
    row["coverage_mean_bin"] = f"{(np.abs(plain - truth) < 1.96 * plain_se).mean():.3f}"
    return {
        **row,
        "z_sd_likeliest": f"{z.std():.2f}",
        "dispersion": f"{found.dispersion:.2f}",
        "background": f"{found.background:.4f}",
        "cpu_s": f"{cpu:.2f}",
    }


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", required=True)
    output = parser.parse_args().output
    with open(output, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        for name, how in KINDS.items():
            writer.writerow(row_of(name, how))


if __name__ == "__main__":
    main()
