r"""Effects of single bases on published MPRAs and on simulated ones.

- TERT (Kircher et al. 2019), CRE (Melnikov et al. 2012): how replicates agree; what the known changes and sites show;
  CPU seconds.
- halves: the barcodes of a replicate dealt out to two halves that share none, each fitted by itself: how effects
  agree, and differences over their errors, whose standard deviation is 1 where errors are right.
- simulated: 700,000 barcodes with 3 of 900 changes on average: time; and smaller ones of several depths: the slope of
  fitted on true effects, which pseudocounts pull below 1 at low counts, and how often p is below 0.05 for changes
  without effect.

MELNIKOV holds the four tables GSM79209*_CRE_Multi_0uM_* (GEO GSM792091 to GSM792094), TERT the tables of MPRAflow's
example of saturation mutagenesis (TERT-GBM_*_counts.tsv.gz and TERT.variants.txt.gz).

    PYTHONPATH=scripts python benchmarks/base_effects.py --melnikov FOLDER --tert FOLDER \
        --output benchmarks/base_effects.tsv

With --maps FOLDER the maps of both are drawn there as well.
"""

import argparse
import gzip
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import sparse, stats

from kcalseq.activity.additive import Additive, fit_additive
from kcalseq.activity.base_effect_tables import Identity, combined_table
from kcalseq.activity.base_effects import measure_library
from kcalseq.activity.base_replicates import Found
from kcalseq.activity.units import gather_units
from kcalseq.figures import base_effects_map

Row = tuple[str, str, float, str]
TUMOUR_CHANGES = {"C228T": 154, "C250T": 132}
SITES = ((11, 8), (37, 5), (47, 5), (69, 8))
LEAST = 10


def read_tert(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts of barcodes and variants named by their changes."""
    with gzip.open(folder / "TERT.variants.txt.gz", "rt") as lines:
        parts = dict(line.strip().partition(" ")[::2] for line in lines)
    frames = []
    for replicate in ("1", "2", "3"):
        path = folder / f"TERT-GBM_{replicate}_counts.tsv.gz"
        counts = pd.read_csv(path, sep="\t", header=None, names=["barcode", "dna", "rna"])
        counts["variant"] = counts["barcode"].map(parts).replace("", "TERT")
        frames.append(counts.dropna().assign(condition="GBM", replicate=replicate, fate="used"))
    counted = pd.concat(frames)
    return counted, pd.DataFrame({"variant": sorted(counted["variant"].unique()), "variant_sequence": None})


def read_melnikov(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts of tags and variants named by their sequences."""
    frames = []
    for replicate in ("1", "2"):
        rna, dna = (
            pd.read_csv(next(folder.glob(f"*Rep{replicate}_{kind}.counts.txt.gz")), sep="\t")
            for kind in ("mRNA", "Plasmid")
        )
        named = rna.rename(columns={"Tags": "barcode", "Sequence": "variant", "Counts": "rna"})
        frames.append(named.assign(dna=dna["Counts"], condition="uninduced", replicate=replicate))
    counted = pd.concat(frames)
    counted = counted[counted["dna"] > 0].assign(fate="used")
    names = sorted(counted["variant"].unique())
    return counted, pd.DataFrame({"variant": names, "variant_sequence": names})


def measure(counted: pd.DataFrame, variants: pd.DataFrame, reference: str) -> tuple[Found, float]:
    """Effects of the one condition, and CPU seconds."""
    table = pa.Table.from_pandas(counted, preserve_index=False)
    begin = time.process_time()
    units = gather_units(table, variants["variant"].tolist())
    ((_, found),) = measure_library("measured", variants, reference, [], units, 0.5, LEAST)
    return next(iter(found.values())), time.process_time() - begin


def draw_map(folder: Path, name: str, counted: pd.DataFrame, variants: pd.DataFrame, reference: str) -> None:
    """The map of effects of one library."""
    units = gather_units(pa.Table.from_pandas(counted, preserve_index=False), variants["variant"].tolist())
    measured = measure_library(name, variants, reference, [], units, 0.5, LEAST)
    effects = combined_table(Identity(name, has_barcodes=True), measured, 0.95)
    folder.mkdir(parents=True, exist_ok=True)
    base_effects_map.draw(effects, None).savefig(folder / f"{name}.png", dpi=150)


def told(name: str, found: Found, seconds: float) -> Iterator[Row]:
    """What replicates say of each other, and what it cost."""
    yield name, "changes with an effect", float((found.fate == 0).sum()), "changes"
    yield name, "sure at 5 % false discovery rate", float((found.q < 0.05).sum()), "changes"
    exchanged = np.array([change.base != "-" for change in found.columns])
    for pair in found.agreement:
        one, other = (found.replicates[which].fitted.effect for which in (pair.replicate, pair.other))
        both = np.isfinite(one) & np.isfinite(other) & exchanged
        which = f"replicates {pair.replicate} and {pair.other}"
        yield name, f"{which}, Pearson", pair.pearson, ""
        alone = float(np.corrcoef(one[both], other[both])[0, 1])
        yield name, f"{which}, Pearson of substitutions alone", alone, ""
        yield name, f"{which}, Spearman", pair.spearman, ""
        yield name, f"{which}, correlation of what barcodes add", pair.noise_correlation, ""
        yield name, f"{which}, sd of differences over errors", pair.deviation_sd, "standard errors"
    yield name, "scatter between replicates beyond barcodes", float(np.sqrt(found.combined.between)), "log2"
    yield name, "CPU time", seconds, "s"


def of_change(found: Found, position: int, base: str) -> tuple[float, float]:
    """Effect and error of one change."""
    number = found.columns.index((position, base))
    return float(found.combined.log2_ratio[number]), float(found.combined.se[number])


def halves(name: str, counted: pd.DataFrame, variants: pd.DataFrame, reference: str, seed: int) -> Iterator[Row]:
    """Each replicate in two halves of its barcodes."""
    rng = np.random.default_rng(seed)
    names = counted["barcode"].unique()
    first = counted["barcode"].isin(names[rng.random(len(names)) < 0.5])
    one, two = (measure(counted[half], variants, reference)[0] for half in (first, ~first))
    place = {change: number for number, change in enumerate(two.columns)}
    shared = [(number, place[change]) for number, change in enumerate(one.columns) if change in place]
    mine, other = np.array(shared).T
    for replicate in one.replicates:
        x, y = one.replicates[replicate].fitted, two.replicates[replicate].fitted
        known = np.isfinite(x.effect[mine]) & np.isfinite(y.effect[other])
        a, b = x.effect[mine][known], y.effect[other][known]
        z = (a - b) / np.hypot(x.se[mine][known], y.se[other][known])
        where = f"halves of replicate {replicate}"
        yield name, f"{where}, changes with an effect in both", float(known.sum()), "changes"
        yield name, f"{where}, Pearson", float(np.corrcoef(a, b)[0, 1]), ""
        yield name, f"{where}, sd of differences over errors", float(np.std(z)), "standard errors"
        yield name, f"{where}, differences within 1.96 errors", float((np.abs(z) < 1.96).mean()), "fraction"


def simulated(n: int, p: int, depth: float, sd: float, seed: int) -> tuple[sparse.csr_array, np.ndarray, ...]:
    """Carriers of three changes on average, Poisson DNA and RNA with lognormal scatter of barcodes, true effects."""
    rng = np.random.default_rng(seed)
    count = rng.poisson(3.0, n)
    rows, columns = np.repeat(np.arange(n), count), rng.integers(0, p, count.sum())
    carries = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(n, p))
    carries.sum_duplicates()
    carries.data[:] = 1.0
    effects = rng.normal(0.0, sd, p)
    abundance = depth * rng.lognormal(0.0, 0.8, n)
    dna = rng.poisson(abundance).astype(float)
    rna = rng.poisson(abundance * np.exp2(carries @ effects + rng.normal(0.0, 0.3, n))).astype(float)
    seen = dna > 0
    return sparse.csr_array(carries[seen]), dna[seen], rna[seen], effects


def alone(carries: sparse.csr_array, dna: np.ndarray, rna: np.ndarray) -> Additive:
    """Effects where each barcode is a variant by itself."""
    return fit_additive(carries, dna, rna, np.arange(len(dna)), 0.5)


def of_simulated() -> Iterator[Row]:
    """Time of a large library; slopes and calibration of small ones."""
    carries, dna, rna, effects = simulated(700_000, 900, 20.0, 0.5, 1)
    begin = time.process_time()
    found = alone(carries, dna, rna)
    name, seconds = "simulated, 700,000 barcodes, 900 changes", time.process_time() - begin
    yield name, "CPU time of one replicate", seconds, "s"
    yield name, "correlation with the truth", float(np.corrcoef(found.effect, effects)[0, 1]), ""
    for depth in (3.0, 10.0, 30.0, 100.0):
        name = f"simulated, 20,000 barcodes, 150 changes, {depth:g} DNA counts"
        carries, dna, rna, effects = simulated(20_000, 150, depth, 0.5, 2)
        found = alone(carries, dna, rna)
        slope = float(np.polyfit(effects, found.effect, 1)[0])
        z = (found.effect - slope * effects) / found.se
        yield name, "slope of fitted on true effects", slope, ""
        yield name, "sd of deviations from that line over errors", float(np.std(z)), "standard errors"
        nothing = [alone(*simulated(20_000, 150, depth, 0.0, seed)[:3]) for seed in range(3, 7)]
        p = np.concatenate([2 * stats.norm.sf(np.abs(own.effect / own.se)) for own in nothing])
        yield name, "p below 0.05 without effects", float((p < 0.05).mean()), "fraction"


def rows(tert: Path, melnikov: Path) -> Iterator[Row]:
    """All rows of the table."""
    counted, variants = read_tert(tert)
    found, seconds = measure(counted, variants, "TERT")
    yield from told("TERT", found, seconds)
    for name, position in TUMOUR_CHANGES.items():
        effect, error = of_change(found, position, "T")
        rank = int((found.combined.log2_ratio >= effect).sum())
        yield "TERT", f"{name} (position {position}), effect", effect, "log2"
        yield "TERT", f"{name}, standard error", error, "log2"
        yield "TERT", f"{name}, rank among all effects", float(rank), ""
    yield from halves("TERT", counted, variants, "TERT", 1)
    counted, variants = read_melnikov(melnikov)
    reference = str(counted["variant"].mode().iloc[0])
    found, seconds = measure(counted, variants, reference)
    yield from told("CRE", found, seconds)
    yield from halves("CRE", counted, variants, reference, 1)
    position = np.array([change.position for change in found.columns])
    inside = np.zeros(len(position), dtype=bool)
    for first, length in SITES:
        own = (position >= first) & (position < first + length)
        inside |= own
        yield "CRE", f"mean effect in the site at {first}", float(found.combined.log2_ratio[own].mean()), "log2"
    yield "CRE", "mean effect outside of the four sites", float(found.combined.log2_ratio[~inside].mean()), "log2"
    yield from of_simulated()
    yield "all", "peak memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0, "MB"


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description="Effects of single bases on published and simulated libraries.")
    parser.add_argument("--tert", type=Path, required=True)
    parser.add_argument("--melnikov", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--maps", type=Path, help="folder for the maps of both")
    given = parser.parse_args()
    if given.maps:
        draw_map(given.maps, "TERT", *read_tert(given.tert), "TERT")
        counted, variants = read_melnikov(given.melnikov)
        draw_map(given.maps, "CRE", counted, variants, str(counted["variant"].mode().iloc[0]))
    table = pd.DataFrame(rows(given.tert, given.melnikov), columns=["data", "quantity", "value", "unit"])
    table["value"] = table["value"].map(lambda value: f"{value:.4g}")
    table.to_csv(given.output, sep="\t", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
