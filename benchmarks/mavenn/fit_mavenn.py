"""Fit one model with MAVE-NN, score it on the test set, write one row.

    PYTHONPATH=scripts ENV/bin/python benchmarks/mavenn/fit_mavenn.py --model mpsa_pairwise --table mpsa_data.csv.gz

Settings are MAVE-NN's own: for `sortseq_additive` those kept in its example model of that name, for `sortseq_lac` those
of its tutorial 5, for the `mpsa` models those of its tutorial 3. What costs time and changes no parameter is off: the
progress bar, and the information computed after every epoch for the history; and many batches go to TensorFlow in
one call.
"""

import argparse
import functools
import time
from pathlib import Path
from typing import NamedTuple

import mavenn
import mavenn.src.model
import numpy as np
import pandas as pd
import tensorflow as tf
from lac_layer import LacPromoter
from scoring import bin_counts, measured_scores, sorted_scores, write_row


class Settings(NamedTuple):
    """Arguments of mavenn.Model and of its fit, and whether XLA compiles the steps.

    XLA takes 5 to 11 CPU seconds more for the first epoch and up to 0.2 less for each: fits of a few dozen epochs lose.
    """

    model: dict[str, object]
    fit: dict[str, object]
    xla: bool = False


BATCHES_PER_CALL = 61
# Letters, not "dna": MAVE-NN's layer takes the length of what it is given for that of the alphabet.
LAC = {"crp": (1, 27), "rnap": (34, 75), "L": 75, "alphabet": list("ACGT"), "theta_regularization": 0.1}
SKEWED_T = {"regression_type": "GE", "ge_noise_model_type": "SkewedT", "ge_heteroskedasticity_order": 2}
MPSA_FIT = {
    "learning_rate": 1e-3,
    "epochs": 1000,
    "early_stopping_patience": 10,
    "linear_initialization": False,
}
SETTINGS = {
    "sortseq_additive": Settings(
        {
            "regression_type": "MPA",
            "gpmap_type": "additive",
            "mpa_hidden_nodes": 100,
            "theta_regularization": 0.001,
            "eta_regularization": 0.1,
        },
        {
            "learning_rate": 5e-3,
            "epochs": 1000,
            "batch_size": 500,
            "early_stopping_patience": 10,
            "linear_initialization": True,
        },
    ),
    "sortseq_lac": Settings(
        {"regression_type": "MPA", "gpmap_type": "custom", "gpmap_kwargs": LAC, "custom_gpmap": LacPromoter},
        {
            "learning_rate": 5e-4,
            "epochs": 2000,
            "batch_size": 100,
            "early_stopping_patience": 25,
            "linear_initialization": False,
        },
        xla=True,
    ),
    "mpsa_additive": Settings(SKEWED_T | {"gpmap_type": "additive"}, MPSA_FIT | {"batch_size": 200}),
    "mpsa_neighbor": Settings(SKEWED_T | {"gpmap_type": "neighbor"}, MPSA_FIT | {"batch_size": 200}),
    "mpsa_pairwise": Settings(SKEWED_T | {"gpmap_type": "pairwise"}, MPSA_FIT | {"batch_size": 50}),
}


def quick_model(settings: Settings, table: pd.DataFrame) -> mavenn.Model:
    """A model with its training and validation sets, that reports nothing while it is fitted."""
    known = table[table["set"] != "test"].reset_index(drop=True)
    sorted_cells = settings.model["regression_type"] == "MPA"
    y = bin_counts(known).T.astype(int) if sorted_cells else known["y"].to_numpy()
    shape = {"L": len(known["x"][0]), "alphabet": "dna" if sorted_cells else "rna"}
    shape |= {"Y": y.shape[1]} if sorted_cells else {}
    # fit() adds two of these callbacks whatever it is told; they fill the history and nothing else.
    mavenn.src.model.IVariationalCallback = lambda model, validation: tf.keras.callbacks.Callback()
    model = mavenn.Model(**shape, **settings.model)
    network = model.get_nn()
    network.compile = functools.partial(network.compile, steps_per_execution=BATCHES_PER_CALL, jit_compile=settings.xla)
    flags = (known["set"] == "validation").to_numpy()
    model.set_data(x=known["x"].to_numpy(dtype=str), y=y, validation_flags=flags, verbose=False)
    return model


def test_scores(model: mavenn.Model, test: pd.DataFrame) -> dict[str, float]:
    """Scores of a fitted model on the test set."""
    x = test["x"].to_numpy(dtype=str)
    if model.regression_type == "MPA":
        p = model.p_of_y_given_phi(np.arange(model.Y), model.x_to_phi(x))
        return sorted_scores(np.log(p.astype(float)), bin_counts(test))
    measured, predicted = test["y"].to_numpy(), model.x_to_yhat(x)
    density = model.p_of_y_given_yhat(measured, predicted, paired=True)
    return measured_scores(np.log(density.astype(float)), predicted.astype(float), measured)


def main() -> None:
    """Fit and write the row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=SETTINGS, required=True, help="what to fit")
    parser.add_argument("--table", type=Path, required=True, help="MAVE-NN's table of the data set, csv.gz")
    parser.add_argument("--seed", type=int, required=True, help="of the beginning and of the order of batches")
    parser.add_argument("--epochs", type=int, help="fewer, for a first look (default: as the model's source has it)")
    parser.add_argument("--output", type=Path, required=True, help="where to write the row, JSON")
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.keras.utils.set_random_seed(options.seed)
    settings, table = SETTINGS[options.model], pd.read_csv(options.table)
    fit_arguments = settings.fit | ({"epochs": options.epochs} if options.epochs else {})
    model = quick_model(settings, table)
    clock = time.process_time()
    history = model.fit(**fit_arguments, early_stopping=True, verbose=False, try_tqdm=False)
    cpu_s = time.process_time() - clock
    row = {"version": mavenn.__version__, "cpu_s": cpu_s, "n_iterations": len(history.epoch)}
    row |= test_scores(model, table[table["set"] == "test"])
    if options.model == "sortseq_lac":
        row["interaction_kcal_per_mol"] = float(model.layer_gpmap.theta_interaction.numpy()[0])
    write_row(options.output, row)


if __name__ == "__main__":
    main()
