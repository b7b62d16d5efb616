"""Fits in minibatches: black boxes, and energies of libraries that are too large to be fitted at once."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from counted import counted_library

from kcalseq.errors import KcalseqError
from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.simulate.sorting import SortedLibrary
from kcalseq.tablefile import conform
from kcalseq.training import fit_tables, streaming
from kcalseq.training.batched import Batching, batching, fit_in_batches
from kcalseq.training.bootstrap import check_size
from kcalseq.training.card import fit_card
from kcalseq.training.fitted import load
from kcalseq.training.fitting import FittedModel, Setup, fit_problem, outlined, phenotypes, prepare, scales, streams
from kcalseq.training.keeping import Keeper
from kcalseq.training.laplace import gauge_fixed_errors
from kcalseq.training.metrics import metrics_table
from kcalseq.training.problem import Problem, build_problem
from kcalseq.training.values import build_value_problem
from kcalseq.training.weights import load_weights, save_weights

HEAD = "description: six bases\nsequence: {length: 6, wildtype: ACGTAC}\n"
ADDITIVE = f"{HEAD}kind: additive\nsites:\n  motif: {{start: 0, length: 6}}\n"
NETWORK = "{architecture: mlp, hidden_units: [12], weight_sd: 1.0, epochs: 40, batch: 64, learning_rate: 0.02}"
BOX = f"{HEAD}kind: black_box\nnetwork: {NETWORK}\n"
CONSTANT = f"{HEAD}kind: constant\n"
VALUES, BARCODES = "measurement: {kind: continuous, curve: linear}\n", "measurement: {kind: barcode_counts}\n"
SIGNS, NOISE = np.array([1.0, 1.0, -1.0, -1.0]), 0.3
Make = Callable[[str], ModelSpec]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Reads a model from its text."""

    def read(text: str) -> ModelSpec:
        (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
        return read_model(tmp_path / "model.yaml")

    return read


def values_problem(spec: ModelSpec, n_conditions: int = 1) -> Problem:
    """Two bases whose signs multiply: no sum over bases says anything about the values."""
    rng = np.random.default_rng(1)
    codes = np.unique(rng.integers(0, 4, (1500, 6)), axis=0)
    names = ["".join("ACGT"[base] for base in row) for row in codes]
    sets = rng.choice(["training", "validation", "test"], len(names), p=[0.6, 0.2, 0.2])
    variants = pd.DataFrame({"library": "lib", "variant": names, "variant_sequence": names, "set": sets})
    truth, blank = SIGNS[codes[:, 1]] * SIGNS[codes[:, 4]], {"library": "lib", "value_se": 0.1, "n_replicates": 1}
    noisy = [truth * (1 + one) + rng.normal(0.0, NOISE, len(names)) for one in range(n_conditions)]
    frames = [pd.DataFrame({"condition": str(n), "variant": names, "value": y, **blank}) for n, y in enumerate(noisy)]
    return build_value_problem(spec, variants, pd.concat(frames, ignore_index=True))


def fitted(spec: ModelSpec, problem: Problem, keeper: Keeper | None = None) -> FittedModel:
    how = batching(spec, problem, 10**6)
    if how is None:
        return fit_problem(spec, problem, 1, 2, 1, lambda _: None)
    return fit_in_batches(spec, problem, how, 1, 2, lambda _: None, None, keeper)


def r_squared(spec: ModelSpec, problem: Problem, flat: np.ndarray) -> dict[str, float]:
    setup = outlined(spec, problem)
    found = metrics_table(problem, setup.posterior.network, flat, phenotypes(spec, setup, problem, flat), 1, 0.95)
    rows = found[(found["set"] == "test") & (found["metric"] == "r_squared")]
    return dict(zip(rows["condition"], rows["value"], strict=True))


def test_a_black_box_finds_what_no_sum_over_bases_can_say(make: Make) -> None:
    """The signs of two bases multiply; the most that noise leaves is 1 / (1 + 0.09) = 0.92 of the variance."""
    box, additive = make(BOX + VALUES), make(ADDITIVE + VALUES)
    problem = values_problem(box)
    assert r_squared(additive, problem, fitted(additive, problem).flat)["0"] < 0.05
    found = fitted(box, problem)
    assert found.method == "minibatches" and found.converged
    assert r_squared(box, problem, found.flat)["0"] > 0.85


def test_one_box_serves_several_conditions(make: Make) -> None:
    box = make(BOX + VALUES)
    problem = values_problem(box, n_conditions=2)
    told = r_squared(box, problem, fitted(box, problem).flat)
    assert told.keys() == {"0", "1"} and min(told.values()) > 0.85


def test_the_same_seed_gives_the_same_bits_and_another_seed_does_not(make: Make) -> None:
    box = make(BOX.replace("epochs: 40", "epochs: 2") + VALUES)
    problem = values_problem(box)
    one, two = fitted(box, problem), fitted(box, problem)
    assert one.fit.flat.equal(two.fit.flat) and one.epochs == two.epochs
    how = batching(box, problem, 1)
    assert how is not None
    assert not fit_in_batches(box, problem, how, 2, 2, lambda _: None).fit.flat.equal(one.fit.flat)


def test_a_box_loaded_from_its_folder_predicts_the_same_bits(make: Make, tmp_path: Path) -> None:
    box = make(BOX.replace("epochs: 40", "epochs: 2") + VALUES)
    problem, setup = values_problem(box), outlined(box, values_problem(box))
    found = fitted(box, problem)
    card = fit_card("lib", box, problem, found, setup, "value", 1, [])
    assert (card["method"], card["kind"], card["energy_unit"]) == ("minibatches", "black_box", "none")
    assert "it explains nothing" in " ".join(card["notes"]) and card["not_identifiable"] == []
    (tmp_path / "fit.json").write_text(json.dumps(card), encoding="utf-8")
    save_weights(setup.posterior.network.layout, found.flat, tmp_path / "weights.safetensors")
    model = load(tmp_path)
    assert np.array_equal(load_weights(setup.posterior.network.layout, tmp_path / "weights.safetensors"), found.flat)
    names = ["".join("ACGT"[base] for base in row) for row in problem.codes]
    assert model.predict(names)["phi"].tolist() == phenotypes(box, setup, problem, found.flat)[0].tolist()
    assert len(model.single_mutants()) == 18
    with pytest.raises(KcalseqError, match="a model with sites"):
        model.energies(names)


def test_a_box_reads_barcode_counts_and_says_log_activity(make: Make) -> None:
    """Phenotypes of the box against the true natural log of activity, which an additive model made."""
    # 240 training variants are four batches, so epochs are many.
    additive, box = make(ADDITIVE + BARCODES), make(BOX.replace("epochs: 40", "epochs: 150") + BARCODES)
    energies = np.append(np.random.default_rng(3).normal(0.0, 0.7, 24), 0.0)
    made = counted_library(additive, energies, 1200, seed=4)
    problem = build_problem(box, made.variants, made.counts, "raw")
    (phi,) = phenotypes(box, outlined(box, problem), problem, fitted(box, problem).flat)
    test = problem.rows("test")
    slope, _ = np.polyfit(made.log_activity[test], phi[test], 1)
    assert np.corrcoef(made.log_activity[test], phi[test])[0, 1] > 0.95 and slope == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("measurement", ["", VALUES, BARCODES])
def test_the_gradient_of_every_objective_of_a_box_is_that_of_differences(make: Make, measurement: str) -> None:
    small = BOX.replace("[12]", "[3]")
    box = make(small + measurement)
    if measurement == BARCODES:
        made = counted_library(make(ADDITIVE + BARCODES), np.zeros(25), 40, seed=4)
        problem = build_problem(make(small + measurement), made.variants, made.counts, "raw")
    elif measurement:
        problem = values_problem(box)
    else:
        problem = binned_problem(box)
    posterior = prepare(box, problem).posterior
    flat = torch.from_numpy(np.random.default_rng(5).normal(0.0, 0.3, (1, posterior.network.layout.size)))
    assert torch.autograd.gradcheck(posterior.value, flat.requires_grad_(), atol=1e-4)


def binned_problem(spec: ModelSpec) -> Problem:
    rng = np.random.default_rng(6)
    codes = np.unique(rng.integers(0, 4, (200, 6)), axis=0)
    names = ["".join("ACGT"[base] for base in row) for row in codes]
    sets = rng.choice(["training", "validation", "test"], len(names), p=[0.6, 0.2, 0.2])
    variants = pd.DataFrame({"library": "lib", "variant": names, "variant_sequence": names, "set": sets})
    seen = {"variant": names, "condition": "M9", "fraction": "bin", "bin": rng.integers(1, 4, len(names)), "n_reads": 1}
    return build_problem(spec, variants, pd.DataFrame(seen), "raw")


def test_a_constant_model_tells_the_shares_of_the_bins(make: Make) -> None:
    """Maximum likelihood of one distribution for all variants is that of the training set, here up to the prior."""
    spec = make(CONSTANT)
    problem = binned_problem(spec)
    found = fitted(spec, problem)
    assert found.method == "L-BFGS" and found.converged and np.isfinite(found.flat).all()
    of_fit = problem, outlined(spec, problem).posterior.network, found.flat
    phis = phenotypes(spec, outlined(spec, problem), problem, found.flat)
    assert (phis[0] == 0).all()
    table = fit_tables.measurement_table(*of_fit, phis)
    counts = problem.experiments[0].data.take(torch.from_numpy(problem.rows("training"))).counts.sum(2)[0]
    assert table["phi"].eq(0).all() and len(table) == 3
    assert table["probability"].to_numpy() == pytest.approx((counts / counts.sum()).numpy(), abs=1e-3)
    metrics = metrics_table(*of_fit, phis, 1, 0.95).set_index(["set", "metric"])["value"]
    assert metrics["training", "I_var"] == pytest.approx(0.0, abs=1e-4) and metrics["test", "I_var"] < 0.01


@pytest.mark.parametrize("measurement", ["", VALUES, BARCODES])
def test_a_constant_model_has_whole_tables_of_whatever_is_measured(make: Make, measurement: str) -> None:
    made = counted_library(make(ADDITIVE + BARCODES), np.zeros(25), 60, seed=4)
    spec = make(CONSTANT + measurement)
    if measurement == BARCODES:
        problem = build_problem(spec, made.variants, made.counts, "raw")
    else:
        problem = values_problem(spec) if measurement else binned_problem(spec)
    found, setup, named = fitted(spec, problem), outlined(spec, problem), {"library": "lib", "model": "floor"}
    of_fit = problem, setup.posterior.network, found.flat, phenotypes(spec, setup, problem, found.flat)
    tables = {
        "fit_metrics": metrics_table(*of_fit, 1, 0.95),
        "predictions": fit_tables.predictions_table(*of_fit),
        "measurement_process": fit_tables.measurement_table(*of_fit),
        "response": fit_tables.response_table(*of_fit, 0.95),
        "training_history": fit_tables.history_table(found),
        "fit_starts": fit_tables.starts_table(spec, setup.posterior.network, found),
    }
    for name, table in tables.items():
        conform(name, table.assign(**named), name)
    assert found.converged and tables["fit_metrics"]["value"].notna().all()


def test_minibatches_of_a_small_library_come_near_the_optimum(
    spec: ModelSpec, simulate: Callable[[int, int], SortedLibrary]
) -> None:
    """Within 0.005 nats per training variant, on some 2,400 of them."""
    made = simulate(4000, 31)
    problem = build_problem(spec, made.variants, made.counts, "raw")
    n, setup = len(problem.rows("training")), prepare(spec, problem)
    best = fit_problem(spec, problem, 1, 1, 1, lambda _: None)
    how = batching(spec, problem, n - 1)
    assert how is not None and batching(spec, problem, n) is None
    shorter = how._replace(settings=streaming.AdamSettings(n_epochs=120, patience=120, first_rate=0.03), size=512)
    found = fit_in_batches(spec, problem, shorter, 1, 2, lambda _: None)
    assert torch.allclose(found.fit.value, setup.posterior.value(found.fit.flat), rtol=1e-12)
    assert best.objective - 0.01 < found.objective < best.objective + 0.005 * n
    assert found.method == "minibatches" and found.reported.phi_rises
    history = fit_tables.history_table(found)
    assert history["gradient_norm"].isna().all() and history["validation"].notna().all()


def test_pieces_give_what_all_variants_at_once_give(
    spec: ModelSpec, problem: Problem, setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    flat = np.random.default_rng(7).normal(0.0, 0.5, setup.posterior.network.layout.size)
    (whole,), (scale,) = phenotypes(spec, setup, problem, flat), scales(setup, problem, flat)
    monkeypatch.setattr(streaming, "_PIECE", 37)
    assert np.allclose(phenotypes(spec, outlined(spec, problem), problem, flat)[0], whole, rtol=0, atol=1e-12)
    member, pieces = torch.from_numpy(flat)[None], streams(problem, setup.training)
    found = streaming.objective_of(setup.posterior.network, member, pieces, [scale])
    assert torch.allclose(found, setup.posterior.value(member), rtol=1e-12)


def test_a_fit_that_was_killed_goes_on_to_the_same_bits(make: Make, tmp_path: Path) -> None:
    box = make(BOX.replace("epochs: 40", "epochs: 6") + VALUES)
    problem, told, done = values_problem(box), list[str](), list[int]()
    keeper, how = Keeper(tmp_path / "kept", "code", told.append), batching(box, problem, 1)
    assert how is not None

    def die(n: int) -> None:
        done.append(n)
        if len(done) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit_in_batches(box, problem, how, 1, 2, die, None, keeper)
    assert told == []
    steps: list[int] = []
    found = fit_in_batches(box, problem, how, 1, 2, steps.append, None, keeper)
    assert found.fit.flat.equal(fitted(box, problem).fit.flat) and steps[0] == 3 and sum(steps) == 6
    assert "goes on from the checkpoint" in told[0]
    keeper.clear()
    assert not keeper.folder.exists()


def test_the_checkpoint_of_another_fit_is_passed_over(make: Make, tmp_path: Path) -> None:
    box = make(BOX.replace("epochs: 40", "epochs: 2") + VALUES)
    problem, keeper = values_problem(box), Keeper(tmp_path, "code", lambda _: None)
    alone = fitted(box, problem).fit.flat
    fitted(box, values_problem(box, n_conditions=2), keeper)
    (path,) = tmp_path.glob("*.safetensors")
    assert fitted(box, problem, keeper).fit.flat.equal(alone)
    path.write_bytes(b"no checkpoint")
    assert fitted(box, problem, keeper).fit.flat.equal(alone)


def test_what_was_still_getting_better_has_not_converged(make: Make) -> None:
    box = make(BOX.replace("epochs: 40", "epochs: 3") + VALUES)
    assert not fitted(box, values_problem(box)).converged


def test_curvature_of_a_sample_stands_for_all(spec: ModelSpec, problem: Problem, setup: Setup) -> None:
    """Errors from half the training variants, told as of all: alike within a third in the median."""
    best = fit_problem(spec, problem, 1, 1, 1, lambda _: None)
    n = len(problem.rows("training"))
    half = problem.thinned(n // 2)
    assert len(half.rows("training")) == n // 2 and len(half.rows("test")) == len(problem.rows("test"))
    assert problem.thinned(n) is problem
    whole = gauge_fixed_errors(spec, setup, problem, best.flat).errors
    sample = gauge_fixed_errors(spec, prepare(spec, half), half, best.flat, n / (n // 2)).errors
    ratio = sample[whole > 0] / whole[whole > 0]
    assert 0.75 < np.median(ratio) < 1.33


def test_bootstraps_of_a_fit_in_minibatches_are_refused(problem: Problem) -> None:
    n = len(problem.rows("training"))
    check_size(problem, n)
    with pytest.raises(KcalseqError, match=r"set bootstraps: 0, or raise batches_above"):
        check_size(problem, n - 1)


def test_a_box_is_always_fitted_in_minibatches(make: Make) -> None:
    box = make(BOX + VALUES)
    how = batching(box, values_problem(box), 10**9)
    assert isinstance(how, Batching) and (how.size, how.settings.n_epochs, how.settings.first_rate) == (64, 40, 0.02)
