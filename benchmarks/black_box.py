"""How much black-box networks tell about the lac table: a ceiling for models of binding energies.

Networks from sequence to phenotype, each with the measurement process of the other models, are fitted to the training
variants by minibatch Adam, several seeds each; an ensemble is the mean of their p(bin). How strongly weights are held
near 0, and how many units are left out while training, is chosen by the validation set with the first seed; the test
variants of what was chosen are scored once a run. The thermodynamic model is fitted to the same table, with and without
energies of adjacent bases, and all are compared on the same test variants by a paired bootstrap.

TABLE is MAVE-NN's sortseq_data.csv.gz: columns set, ct_0 (library before sorting) to ct_9, and x (sequence).

    PYTHONPATH=scripts python benchmarks/black_box.py TABLE --output benchmarks/black_box.tsv

Rows without I_var_test are settings that were tried with the first seed; ``chosen`` is the mean over seeds, with their
standard error, and ``sampling_se_test`` what the choice of test observations adds to it. ``over_``, ``lower_`` and
``upper_`` are the difference to the thermodynamic model and the ends of its 95 % interval. Information is in bits per
observation, ``cpu_s`` of one fit.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from lac_truth import REPOSITORY
from numpy.typing import NDArray
from pair_energies import with_neighbours

from kcalseq.models.blackbox import BlackBox, Dropout
from kcalseq.models.comparison import paired_difference
from kcalseq.models.information import variational_information
from kcalseq.models.measurement import MeasurementWeights, log_probability
from kcalseq.models.network import Standardisation, standardisation, standardise
from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.training.adam import AdamFit, AdamSettings, minimise_batches, shuffled_batches
from kcalseq.training.fitting import fit_problem, phenotypes, prepare
from kcalseq.training.metrics import bin_log_probabilities
from kcalseq.training.problem import Problem, binned, build_problem

UNITS, BATCH, PIECE, SCALE, DRAWS = 10, 256, 2048, 4096, 1000
COMMAND = "PYTHONPATH=scripts python benchmarks/black_box.py TABLE --output benchmarks/black_box.tsv"
ENDS = ("over", "lower", "upper")
MATRICES, NEIGHBOURS = "thermodynamic", "thermodynamic with energies of adjacent bases"


class Regularisation(NamedTuple):
    """Prior standard deviation of a network's weights (its biases are free), and the share of units left out."""

    weight_sd: float
    dropout: float


# Networks, how long and fast they are trained, and what is tried.
NETWORKS: dict[str, tuple[BlackBox, AdamSettings, tuple[Regularisation, ...]]] = {
    "mlp": (
        BlackBox("mlp", 75),
        AdamSettings(n_epochs=80, first_rate=3e-3, patience=15),
        tuple(Regularisation(*pair) for pair in ((0.1, 0.0), (0.05, 0.0), (0.03, 0.0), (0.05, 0.1))),
    ),
    "cnn": (
        BlackBox("cnn", 75),
        AdamSettings(n_epochs=30, first_rate=2e-3, patience=10),
        tuple(Regularisation(*pair) for pair in ((0.2, 0.0), (0.1, 0.0), (0.05, 0.0), (0.1, 0.1))),
    ),
}


class Variants(NamedTuple):
    """Bases 0..3 (n_variants, length) and observations (n_bins, n_variants) of one part of the split."""

    codes: torch.Tensor
    counts: torch.Tensor


class Batch(NamedTuple):
    """Numbers of some training variants, and the seed of what is left out for them."""

    rows: torch.Tensor
    seed: int


class Sorted:
    """A black box with the measurement process of the sort bins behind it, in one flat vector per member."""

    def __init__(self, box: BlackBox, n_bins: int) -> None:
        self.box, self.n_bins = box, n_bins
        self.shapes = ((n_bins,), (n_bins, UNITS), (UNITS,), (UNITS,))

    def phenotype(self, flat: torch.Tensor, codes: torch.Tensor, dropout: Dropout | None = None) -> torch.Tensor:
        """Raw phenotype, shape (n_members, n_variants)."""
        return self.box.phenotype(self.box.unpack(flat[:, : self.box.size]), codes, dropout)

    def log_p(self, flat: torch.Tensor, phi: torch.Tensor, scale: Standardisation) -> torch.Tensor:
        """log p(bin), nats, shape (n_members, n_bins, n_variants)."""
        pieces = flat[:, self.box.size :].split([int(np.prod(shape)) for shape in self.shapes], 1)
        blocks = [piece.reshape(-1, *shape) for piece, shape in zip(pieces, self.shapes, strict=True)]
        return log_probability(standardise(phi, scale), MeasurementWeights(*blocks))

    def predicted(self, flat: torch.Tensor, codes: torch.Tensor, training: torch.Tensor) -> torch.Tensor:
        """``log_p`` of variants whose phenotype is told in standard deviations over the training variants."""
        with torch.no_grad():
            phi, reference = (
                torch.cat([self.phenotype(flat, piece) for piece in own.split(PIECE)], 1)
                for own in (codes, training[:: len(training) // SCALE])
            )
            return self.log_p(flat, phi, standardisation(reference))

    def precision(self, weight_sd: float) -> torch.Tensor:
        """1 / variance of the prior of each number; the measurement process has that of the other models."""
        sds = [(shape, np.inf if name.endswith("bias") else weight_sd) for name, shape in self.box.shapes()]
        sds += list(zip(self.shapes, (30.0, 1.0, 1.0, 1.0), strict=True))
        return torch.cat([torch.full((int(np.prod(shape)),), sd**-2) for shape, sd in sds])

    def initial(self, seed: int) -> torch.Tensor:
        """Random beginning, float32, shape (size,); that of the measurement process is the other models'."""
        rng = np.random.default_rng(seed)
        b = np.linspace(-0.5, 0.5, self.n_bins)[:, None] + rng.normal(0.0, 1.0, self.shapes[1])
        process = (np.zeros(self.n_bins), b.ravel() * UNITS**-0.5, np.ones(UNITS), np.linspace(-2.5, 2.5, UNITS))
        return torch.from_numpy(np.concatenate([self.box.initial(rng), *process])).float()


def sortseq_problem(spec: ModelSpec, path: Path) -> Problem:
    """The table as a problem for a model."""
    table = pd.read_csv(path)
    variants = pd.DataFrame({"library": "lac", "variant": table["x"], "variant_sequence": table["x"]})
    counts = table.filter(regex="^ct_").to_numpy()
    rows, bins = np.nonzero(counts)
    observed = {"condition": "full-wt", "fraction": np.where(bins == 0, "input", "bin"), "bin": bins}
    observed |= {"variant": table["x"].to_numpy()[rows], "n_reads": counts[rows, bins]}
    return build_problem(spec, variants.assign(set=table["set"]), pd.DataFrame(observed), "raw")


def part_of(problem: Problem, part: str) -> Variants:
    """One part of the split, for a network."""
    rows, ((_, _, data),) = problem.rows(part), binned(problem)
    return Variants(torch.from_numpy(problem.codes[rows]), torch.from_numpy(data.table[:, rows]).float())


def of_energies(spec: ModelSpec, problem: Problem) -> tuple[dict[str, NDArray[np.float64]], float]:
    """Log p(bin) of a fitted model's validation and test variants, nats, and CPU seconds."""
    clock = time.process_time()
    fitted = fit_problem(spec, problem, seed=1, n_starts=1, n_threads=1, progress=lambda _: None)
    cpu, setup = time.process_time() - clock, prepare(spec, problem)
    ((_, process, _),) = binned(problem)
    weights = setup.posterior.network.weights(torch.from_numpy(fitted.flat)[None], 0)
    log_p = bin_log_probabilities(process, weights, phenotypes(spec, setup, problem, fitted.flat)[0])
    return {part: log_p[:, problem.rows(part)] for part in ("validation", "test")}, cpu


def batches(n: int) -> Callable[[int], Iterator[Batch]]:
    """Shuffled batches of the training variants, each with a seed of its own."""
    shuffled = shuffled_batches(n, BATCH, seed=0)

    def of_epoch(epoch: int) -> Iterator[Batch]:
        for number, rows in enumerate(shuffled(epoch)):
            yield Batch(torch.from_numpy(rows), n * epoch + number)

    return of_epoch


def fit(
    model: Sorted, training: Variants, held_out: Variants, held: Regularisation, seeds: list[int], how: AdamSettings
) -> AdamFit:
    """Fit one member per seed; validation values are nats per observation."""
    n_observations, precision = training.counts.sum(), model.precision(held.weight_sd)

    def objective(flat: torch.Tensor, batch: Batch) -> torch.Tensor:
        counts = training.counts[:, batch.rows]
        dropout = Dropout(held.dropout, torch.Generator().manual_seed(batch.seed))
        phi = model.phenotype(flat, training.codes[batch.rows], dropout)
        # In units of the batch: left to itself, phi shrinks to a constant while the process learns the bins' shares.
        log_p = model.log_p(flat, phi, standardisation(phi))
        prior = 0.5 * (precision * flat.square()).sum(1)
        return -(log_p * counts).sum((1, 2)) / counts.sum() + prior / n_observations

    def validation(flat: torch.Tensor) -> torch.Tensor:
        log_p = model.predicted(flat, held_out.codes, training.codes)
        return -(log_p * held_out.counts).sum((1, 2)) / held_out.counts.sum()

    start = torch.stack([model.initial(seed) for seed in seeds])
    return minimise_batches(objective, start, batches(len(training.codes)), validation, how, lambda _: None)


def ensemble(log_p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log of the mean p(bin) of members (n_members, n_bins, n_variants)."""
    return np.asarray(np.logaddexp.reduce(log_p, 0) - np.log(len(log_p)))


class Table:
    """Rows of the result, told as they come."""

    def __init__(self, counts: dict[str, NDArray[np.float64]]) -> None:
        self.counts, self.rows = counts, list[dict[str, object]]()
        self.references: dict[str, NDArray[np.float64]] = {}

    def add(self, model: str, cpu: float, members: dict[str, NDArray[np.float64]], **settings: object) -> None:
        """Add a row for the mean over members, whose log p are (n_members, n_bins, n_variants) in each part."""
        row: dict[str, object] = {"model": model, **settings, "n_members": len(members["validation"]), "cpu_s": cpu}
        for part, log_p in members.items():
            values = [variational_information(own, self.counts[part]).value for own in log_p]
            row[f"I_var_{part}"] = float(np.mean(values))
            if len(values) > 1:
                row[f"se_of_seeds_{part}"] = float(np.std(values, ddof=1) / np.sqrt(len(values)))
        if "test" in members:
            # Information is linear in log p, so that of the mean log p is the mean over members.
            mean = members["test"].mean(0)
            row["sampling_se_test"] = variational_information(mean, self.counts["test"]).standard_error
            for name, reference in self.references.items():
                found = paired_difference(mean, reference, self.counts["test"], 1, DRAWS).variational_information
                row |= {f"over_{name}": found.estimate, f"lower_{name}": found.lower, f"upper_{name}": found.upper}
        self.rows.append(row)
        print({name: round(value, 4) if isinstance(value, float) else value for name, value in row.items()}, flush=True)

    def text(self) -> str:
        """As TSV, bits and seconds."""
        columns = ["model", "weight_sd", "dropout", "n_members", "I_var_validation", "I_var_test", "se_of_seeds_test"]
        columns += ["sampling_se_test", *(f"{end}_{name}" for name in ("neighbours", "matrices") for end in ENDS)]
        frame = pd.DataFrame(self.rows).reindex(columns=[*columns, "cpu_s"])
        return f"# {COMMAND}\n" + frame.round(4).round({"cpu_s": 0}).to_csv(sep="\t", index=False, lineterminator="\n")


def network_rows(table: Table, name: str, parts: dict[str, Variants], seeds: int) -> dict[str, NDArray[np.float64]]:
    """Add the rows of one network; gives log p of the members chosen (n_members, n_bins, n_variants) in each part."""
    (box, how, choices), codes = NETWORKS[name], parts["training"].codes
    model, found = Sorted(box, len(parts["test"].counts)), dict[Regularisation, AdamFit]()
    for held in choices:
        clock = time.process_time()
        found[held] = fit(model, parts["training"], parts["validation"], held, [1], how)
        log_p = model.predicted(found[held].flat, parts["validation"].codes, codes).double().numpy()
        table.add(name, time.process_time() - clock, {"validation": log_p}, **held._asdict())
    held = min(choices, key=lambda choice: float(found[choice].validation[0]))
    clock = time.process_time()
    others = fit(model, parts["training"], parts["validation"], held, list(range(2, seeds + 1)), how)
    cpu, flat = (time.process_time() - clock) / (seeds - 1), torch.cat([found[held].flat, others.flat])
    members = {
        part: model.predicted(flat, parts[part].codes, codes).double().numpy() for part in ("validation", "test")
    }
    table.add(f"{name}, chosen", cpu, members, **held._asdict())
    table.add(f"{name}, ensemble", np.nan, {part: ensemble(own)[None] for part, own in members.items()})
    return members


def main() -> None:
    """Fit everything and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path, metavar="TABLE", help="MAVE-NN's sortseq_data.csv.gz")
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    parser.add_argument(
        "--seeds", type=int, default=3, help="members of each network, at least 2 (default %(default)s)"
    )
    options = parser.parse_args()
    torch.set_num_threads(1)
    spec = read_model(REPOSITORY / "config" / "models" / "lac_thermodynamic.yaml")
    problem = sortseq_problem(spec, options.table)
    parts = {part: part_of(problem, part) for part in ("training", "validation", "test")}
    table = Table({part: own.counts.double().numpy() for part, own in parts.items()})
    for name, model, key in (
        (MATRICES, spec, "matrices"),
        (NEIGHBOURS, with_neighbours(spec, spec.pair_sd), "neighbours"),
    ):
        log_p, cpu = of_energies(model, problem)
        table.add(name, cpu, {part: own[None] for part, own in log_p.items()})
        table.references[key] = log_p["test"]
    everybody = [network_rows(table, name, parts, options.seeds) for name in NETWORKS]
    both = {part: np.concatenate([own[part] for own in everybody]) for part in ("validation", "test")}
    table.add("mlp and cnn, ensemble", np.nan, {part: ensemble(own)[None] for part, own in both.items()})
    if options.output:
        options.output.write_text(table.text(), encoding="utf-8")


if __name__ == "__main__":
    main()
