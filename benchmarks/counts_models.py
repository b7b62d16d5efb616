r"""Models of barcode counts on published MPRAs, beside log ratios.

Three questions, each with a yardstick of its own:

- new sequences: test variants that no fit saw; beside them one activity for all, and what the variant's other barcodes
  show, which the model does not see;
- new replicate: counts of replicate 2 from activities of replicate 1, by model and by each variant's own log ratio
  (shrunk as suits best). Barcodes are the same, so a log ratio also carries what a barcode itself does to its RNA;
- agreement: correlation between replicates of the effects of single substitutions, fitted to each replicate alone,
  beside differences of mean log ratios of the barcodes with and without the substitution.

MELNIKOV holds the four tables GSM79209*_CRE_Multi_0uM_* (GEO GSM792091 to GSM792094), TERT the tables of
MPRAflow's example of saturation mutagenesis (TERT-GBM_*_counts.tsv.gz and TERT.variants.txt.gz).

    PYTHONPATH=scripts python benchmarks/counts_models.py --melnikov FOLDER --tert FOLDER \
        --output benchmarks/counts_models.tsv
"""

import argparse
import time
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from kcalseq.dna import encode_sequences
from kcalseq.models.barcode_counts import keep, size_ratios
from kcalseq.models.barcodes import BarcodeCounts, BarcodeData
from kcalseq.models.processes import described
from kcalseq.models.spec import ModelSpec
from kcalseq.models.specparts import Measurement, Site
from kcalseq.training.barcode_metrics import barcode_metrics, fit_scatter, log2_ratios
from kcalseq.training.fitting import FittedModel, fit_problem, phenotypes, prepare
from kcalseq.training.problem import Experiment, Problem

MINIMUM_READS = 10
SETS = ("training", "validation", "test")
# A substitution is compared between replicates where at least so many barcodes carry it in each.
LEAST_BARCODES = 10
SHRINKAGES = np.linspace(0.0, 1.2, 13)


class Table(NamedTuple):
    """Barcodes of a data set: sequences, the number of each barcode's, and reads (n_replicates, n_barcodes)."""

    name: str
    sequences: list[str]
    variant: NDArray[np.int64]
    dna: NDArray[np.int64]
    rna: NDArray[np.int64]


class Fitted(NamedTuple):
    """A fit: the problem, phi of every variant and effects of bases (length, 4) in the zero-mean gauge, CPU seconds."""

    problem: Problem
    fitted: FittedModel
    phi: NDArray[np.float64]
    effects: NDArray[np.float64]
    seconds: float


def read_melnikov(folder: Path) -> Table:
    """Tags of both replicates; every tag has its enhancer."""
    files = {part: next(folder.glob(f"*{part}.counts.txt.gz")) for part in ("Rep1_mRNA", "Rep2_mRNA")}
    files |= {part: next(folder.glob(f"*{part}.counts.txt.gz")) for part in ("Rep1_Plasmid", "Rep2_Plasmid")}
    frames = {part: pd.read_csv(path, sep="\t") for part, path in files.items()}
    tags = frames["Rep1_mRNA"]["Tags"]
    assert all(frame["Tags"].equals(tags) for frame in frames.values())
    sequences, variant = np.unique(frames["Rep1_mRNA"]["Sequence"].to_numpy(dtype=str), return_inverse=True)
    dna, rna = (
        np.stack([frames[f"Rep{number}_{kind}"]["Counts"].to_numpy(dtype=np.int64) for number in (1, 2)])
        for kind in ("Plasmid", "mRNA")
    )
    return Table("melnikov2012_cre", sequences.tolist(), variant.astype(np.int64), dna, rna)


def read_tert(folder: Path) -> Table:
    """Barcodes of haplotypes that hold substitutions alone; positions that never change are left out on both sides."""
    lines = pd.read_csv(folder / "TERT.variants.txt.gz", sep="\t", header=None, dtype=str)[0].str.split()
    barcodes, changes = lines.str[0], lines.str[1:]
    plain = changes.map(lambda own: all(len(one) == len("TERT:") + one[5:].index(":") + 4 for one in own))
    plain &= changes.map(lambda own: not any("." in one for one in own))
    parsed = [[(int(one.split(":")[1]), one[-3], one[-1]) for one in own] for own in changes[plain]]
    positions = {position for own in parsed for position, _, _ in own}
    first, last = min(positions), max(positions)
    reference = {position: base for own in parsed for position, base, _ in own}
    wildtype = [reference.get(position, "A") for position in range(first, last + 1)]
    haplotypes = []
    for own in parsed:
        letters = wildtype.copy()
        for position, _, base in own:
            letters[position - first] = base
        haplotypes.append("".join(letters))
    sequences, variant = np.unique(np.array(haplotypes), return_inverse=True)
    number = pd.Index(barcodes[plain])
    reads = np.zeros((2, 3, len(number)), dtype=np.int64)
    for replicate in range(3):
        path = folder / f"TERT-GBM_{replicate + 1}_counts.tsv.gz"
        counts = pd.read_csv(path, sep="\t", header=None, names=["barcode", "dna", "rna"])
        place = number.get_indexer(counts["barcode"])
        for kind, column in enumerate(("dna", "rna")):
            reads[kind, replicate, place[place >= 0]] = counts[column].to_numpy()[place >= 0]
    return Table("kircher2019_tert", sequences.tolist(), variant.astype(np.int64), reads[0], reads[1])


def problem_of(table: Table, spec: ModelSpec, replicates: tuple[int, ...], seed: int) -> Problem:
    """A problem of some replicates; 70, 10 and 20 % of the sequences are for training, validation and test."""
    replicate, barcode = (part.ravel() for part in np.indices((len(replicates), len(table.variant))))
    dna, rna = (reads[list(replicates)].ravel() for reads in (table.dna, table.rna))
    kept = keep(dna, rna, MINIMUM_READS)
    process = described(
        spec,
        {
            "replicates": [str(one + 1) for one in replicates],
            "log_size_ratio": size_ratios(dna, rna, replicate).tolist(),
            "log_size_dna": np.log(np.bincount(replicate, dna) / len(table.variant)).tolist(),
        },
    )
    data = BarcodeData.of(
        table.variant[barcode][kept], replicate[kept], barcode[kept], dna[kept], rna[kept], len(table.sequences)
    )
    sets = np.random.default_rng(seed).choice(SETS, len(table.sequences), p=[0.7, 0.1, 0.2])
    names = np.arange(len(table.sequences)).astype(str)
    codes = encode_sequences(table.sequences, len(table.sequences[0]))
    return Problem(names, sets, codes, (Experiment("cells", process, data),))


def additive(table: Table, energies: str) -> ModelSpec:
    """An additive model over the whole sequence."""
    length = len(table.sequences[0])
    site = Site("promoter", 0, length, energies)
    return ModelSpec(
        name=f"additive, {energies}",
        description="",
        kind="additive",
        temperature_celsius=37.0,
        length=length,
        first_position=None,
        wildtype=None,
        sites=(site,),
        interactions=(),
        states=(),
        transitions=(),
        measurement=Measurement("barcode_counts", minimum_reads=MINIMUM_READS),
        energy_sd=10.0,
        pair_sd=0.08,
    )


def fit(table: Table, spec: ModelSpec, replicates: tuple[int, ...]) -> Fitted:
    """Fit the training sequences, one start."""
    problem, begun = problem_of(table, spec, replicates, seed=1), time.process_time()
    fitted = fit_problem(spec, problem, seed=1, n_starts=1, n_threads=1, progress=lambda _: None)
    seconds = time.process_time() - begun
    setup = prepare(spec, problem)
    (phi,) = phenotypes(spec, setup, problem, fitted.flat)
    theta = fitted.flat[setup.posterior.network.layout.blocks["promoter.theta"].slice].reshape(spec.length, 4)
    return Fitted(problem, fitted, phi, -theta, seconds)


def new_sequences(of: Fitted, spec: ModelSpec) -> dict[str, float]:
    """Metrics of the test set."""
    network = prepare(spec, of.problem).posterior.network
    process, data = experiment_of(of.problem)
    weights = network.weights(torch.from_numpy(of.fitted.flat)[None], 0)
    parts = {part: of.problem.rows(part) for part in SETS}
    found = barcode_metrics(process, data, weights, of.phi, parts)["test"]
    return {name: value if isinstance(value, float) else value.value for name, (value, _) in found.items()}


def new_replicate(table: Table, spec: ModelSpec, of: Fitted, other: int) -> dict[str, float]:
    """Log-likelihood of another replicate, by phi of the model and by log ratios of the replicate it was fitted to.

    Scatter, offset and the factor by which log ratios are shrunk are fitted to the other replicate's training
    variants; its test variants are judged. These were not in the model's fit, but their log ratios are known.
    """
    process, data = experiment_of(problem_of(table, spec, (other,), seed=1))
    ratios = log2_ratios(*experiment_of(of.problem)) * np.log(2.0)
    seen = np.isfinite(ratios) & (data.n_observations.numpy() > 0)
    chosen, judged = (np.flatnonzero(seen & (of.problem.sets == part)) for part in ("training", "test"))
    centred = np.where(np.isfinite(ratios), ratios, 0.0) - np.mean(ratios[chosen])
    candidates = {
        "log_ratio": [shrinkage * centred for shrinkage in SHRINKAGES],
        "model": [of.phi],
        "constant": [np.zeros_like(of.phi)],
        "both": [of.phi + shrinkage * (centred - of.phi + np.mean(of.phi[chosen])) for shrinkage in SHRINKAGES],
    }
    found = {}
    for name, phis in candidates.items():
        scored = [transferred(process, data, phi, chosen, judged) for phi in phis]
        found[name] = max(scored)[1]
    return found


def transferred(
    process: BarcodeCounts,
    data: BarcodeData,
    phi: NDArray[np.float64],
    chosen: NDArray[np.int64],
    judged: NDArray[np.int64],
) -> tuple[float, float]:
    """Mean log-likelihood of an observation, nats, of the variants that scatter is fitted to and of those judged."""
    z, rows = torch.from_numpy(phi)[None], torch.from_numpy(chosen)
    weights = fit_scatter(process, z[:, rows], data.take(rows))
    by_variant, n = process.log_likelihoods(z, weights, data)[0].numpy(), data.n_observations.numpy()
    own, other = (float(by_variant[part].sum() / n[part].sum()) for part in (chosen, judged))
    return own, other


def log_ratio_effects(of: Fitted) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Mean log ratio of barcodes with a base less that of the others, and how many barcodes have it; (length, 4)."""
    process, data = experiment_of(of.problem)
    # The variants that the model was fitted to, no others.
    used = np.isin(data.variant.numpy(), of.problem.rows("training"))
    ratio, variant = data.log_ratios(process.log_size_ratio).numpy()[used], data.variant.numpy()[used]
    codes = of.problem.codes[variant]
    effects, n = np.empty((codes.shape[1], 4)), np.empty((codes.shape[1], 4), dtype=np.int64)
    for position in range(codes.shape[1]):
        n[position] = np.bincount(codes[:, position], minlength=4)
        sums = np.bincount(codes[:, position], ratio, minlength=4)
        with np.errstate(invalid="ignore", divide="ignore"):
            effects[position] = sums / n[position] - (ratio.sum() - sums) / (len(ratio) - n[position])
    return effects, n


def agreement(fits: list[Fitted]) -> dict[str, float]:
    """Mean Pearson correlation of effects between replicates: by model and by log ratios, on the same substitutions."""
    ratios = [log_ratio_effects(of) for of in fits]
    enough = np.all([n >= LEAST_BARCODES for _, n in ratios], axis=0)
    common = ratios[0][1].argmax(1)
    enough[np.arange(len(common)), common] = False
    # Effects against the most common base.
    by_model = [of.effects - of.effects[np.arange(len(common)), common][:, None] for of in fits]
    found = {"substitutions": float(enough.sum())}
    for name, effects in (("model", by_model), ("log_ratio", [effect for effect, _ in ratios])):
        pairs = [np.corrcoef(one[enough], two[enough])[0, 1] for one, two in combinations(effects, 2)]
        found[name] = float(np.mean(pairs))
    return found


def experiment_of(problem: Problem) -> tuple[BarcodeCounts, BarcodeData]:
    """Process and data of the one experiment."""
    (experiment,) = problem.experiments
    assert isinstance(experiment.process, BarcodeCounts) and isinstance(experiment.data, BarcodeData)
    return experiment.process, experiment.data


def main() -> None:
    """Fit, compare and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--melnikov", type=Path, help="folder of the CRE tables")
    parser.add_argument("--tert", type=Path, help="folder of the TERT tables")
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    options = parser.parse_args()
    rows: list[tuple[str, str, str, str, float]] = []
    tables = []
    if options.melnikov:
        tables.append((read_melnikov(options.melnikov), ("matrix", "neighbour")))
    if options.tert:
        tables.append((read_tert(options.tert), ("matrix",)))
    for table, kinds in tables:
        for energies in kinds:
            spec, fits = additive(table, energies), []
            for replicate in range(len(table.dna)):
                fits.append(fit(table, spec, (replicate,)))
                place = (table.name, spec.name, f"replicate {replicate + 1}")
                found = new_sequences(fits[-1], spec) | {"cpu_seconds": fits[-1].seconds}
                rows += [(*place, f"new sequences: {name}", value) for name, value in found.items()]
            compared = {"new replicate": new_replicate(table, spec, fits[0], 1), "agreement": agreement(fits)}
            for question, answers in compared.items():
                place = (table.name, spec.name, "1 to 2" if question == "new replicate" else "all pairs")
                rows += [(*place, f"{question}: {name}", value) for name, value in answers.items()]
            print(pd.DataFrame(rows).to_string(), flush=True)
    frame = pd.DataFrame(rows, columns=["data", "model", "replicates", "quantity", "value"]).round({"value": 4})
    if options.output:
        frame.to_csv(options.output, sep="\t", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
