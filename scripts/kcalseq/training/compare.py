"""The models of a library side by side: what each says of the test set, compared on the same variants."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kcalseq.models.comparison import best_within_error

N_DRAWS = 1000


def comparison_table(
    predictions: pd.DataFrame,
    kinds: Mapping[str, str],
    seed: int,
    confidence: float,
    folds: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Table ``model_comparison`` of one library, without the column library.

    The best is a model that explains something; a black box only where there is nothing else.

    Args:
        predictions: table ``predictions`` of all its models; they hold the same variants.
        kinds: kind of each model.
        seed: of the bootstrap over variants.
        confidence: level of the intervals, 0 to 1.
        folds: table ``cross_validation`` of the models that have one.
    """
    test = predictions[(predictions["set"] == "test") & (predictions["n_observations"] > 0)]
    # A variant is drawn with all its observations, in whatever condition they were made.
    test = test.groupby(["model", "variant"], as_index=False, sort=True)[["n_observations", "log_likelihood"]].sum()
    per_model = {str(name): rows for name, rows in test.groupby("model", sort=True)}
    first = next(iter(per_model.values()))
    counts = first["n_observations"].to_numpy(dtype=float)[None]
    # Each variant stands for one outcome with the mean log probability of its observations.
    log_p = {name: rows["log_likelihood"].to_numpy(dtype=float)[None] / counts for name, rows in per_model.items()}
    means = {name: float((own * counts).sum() / counts.sum()) for name, own in log_p.items()}
    explaining = [name for name in means if kinds[name] != "black_box"]
    best, ranked = max(explaining or means, key=lambda name: means[name]), None
    if counts.shape[1] > 1:
        ranked = best_within_error(log_p, counts, seed, N_DRAWS, confidence, explaining)
        best = ranked.best
    rows = []
    for name, mean in means.items():
        row = {"model": name, "kind": kinds[name], "log_likelihood": mean, "best": name == best, "within_error": True}
        row |= {
            "difference": (means[best] - mean) / np.log(2),
            "lower": np.nan,
            "upper": np.nan,
            "confidence": confidence,
        }
        if ranked is not None:
            found = ranked.differences[name]
            row |= {"lower": found.lower / np.log(2), "upper": found.upper / np.log(2)}
            row["within_error"] = found.within_error
        rows.append(row)
    return pd.DataFrame(rows).join(_by_folds(folds, best), on="model")


def _by_folds(folds: pd.DataFrame | None, best: str) -> pd.DataFrame:
    """What the best model says more of the variants that refits left out, by model; the folds are those of both."""
    columns = ["folds_difference", "folds_se"]
    if folds is None or best not in set(folds["model"]):
        return pd.DataFrame(columns=columns, dtype=float)
    total = (folds["log_likelihood"] * folds["n_observations"]).rename("total")
    sums = pd.concat([folds[["model", "fold", "n_observations"]], total], axis=1).groupby(["fold", "model"]).sum()
    means = (sums["total"] / sums["n_observations"]).unstack("model") / np.log(2)
    differences = means.rsub(means[best], axis=0)
    return pd.DataFrame({columns[0]: differences.mean(), columns[1]: differences.std() / np.sqrt(len(differences))})
