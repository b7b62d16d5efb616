"""Bootstrap refits of the lac model: what one costs, whether it arrives, and what it says of the interaction.

The lac example's true observations, fitted, then refitted to drawn data from the fit on, both ways of drawing. Some
refits are gone on with for much longer: how much lower they come tells whether the others had arrived. Beside them the
interval of the curvature and that of the profile likelihood.

    PYTHONPATH=scripts python benchmarks/bootstrap.py --output benchmarks/bootstrap.tsv
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from lac_truth import REPOSITORY, true_observations
from numpy.typing import NDArray

from kcalseq.confidence import normal_reach
from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.training.bootstrap import Bootstraps, Kind, bootstrap, resampled
from kcalseq.training.fit import Fit, fit_members, polish
from kcalseq.training.fitting import Setup, fit_problem, prepare
from kcalseq.training.laplace import gauge_fixed_errors
from kcalseq.training.problem import Problem
from kcalseq.training.profile import profile_scalars
from kcalseq.training.rounds import FitSettings
from kcalseq.training.weights import load_weights

NAME, CONFIDENCE, SEED = "interaction", 0.95, 1
LONGER = FitSettings(first_iterations=1, round_iterations=150, max_rounds=10, tolerance=0.001)


def fitted(spec: ModelSpec, problem: Problem, setup: Setup, weights: Path | None, threads: int) -> NDArray[np.float64]:
    """The fit, from four starts or from the weights of an earlier one, polished."""
    if weights is None:
        return fit_problem(spec, problem, SEED, 4, threads, lambda _: None).flat
    flat = torch.from_numpy(load_weights(setup.posterior.network.layout, weights))[None]
    nothing = torch.zeros(1, dtype=torch.float64)
    value, _ = setup.posterior.value_and_gradient(flat, torch.tensor([0]))
    fit = Fit(flat, value, torch.zeros(1, dtype=torch.long), torch.zeros(1, dtype=torch.bool), [], nothing)
    return polish(setup.posterior, fit, 0, lambda _: None).flat[0].numpy()


def gap(setup: Setup, flat: NDArray[np.float64], found: Bootstraps, kind: Kind, n: int, threads: int) -> float:
    """Most that the first refits still come down when they go on for much longer, nats."""
    own = resampled(setup.posterior, torch.from_numpy(flat), range(n), kind, SEED)
    longer = fit_members(own, found.fit.flat[:n], LONGER, threads, lambda _: None)
    return float((found.fit.value[:n] - longer.value).max())


def refits_row(found: Bootstraps, index: int, kind: Kind) -> dict[str, object]:
    """What the refits say of one number, and what they cost."""
    percentile, basic = (
        interval[:, index] for interval in (found.percentile_interval(CONFIDENCE), found.basic_interval(CONFIDENCE))
    )
    return {
        "way": f"{kind} bootstrap",
        "n": len(found.values),
        "converged": found.n_converged,
        "cpu_s_mean": float(found.fit.cpu_seconds.mean()),
        "cpu_s_max": float(found.fit.cpu_seconds.max()),
        "evaluations_mean": float(found.fit.n_evaluations.double().mean()),
        "estimate": found.estimate[index],
        "standard_error": found.standard_error[index],
        "bias": found.bias[index],
        "lower_95": percentile[0],
        "upper_95": percentile[1],
        "basic_lower_95": basic[0],
        "basic_upper_95": basic[1],
    }


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--refits", type=int, default=200, help="refits of each kind (default %(default)s)")
    parser.add_argument("--longer", type=int, default=5, help="refits of each kind to go on with (default %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="CPU cores to use (default %(default)s)")
    parser.add_argument("--weights", type=Path, help="weights of an earlier fit (default: fit from four starts)")
    parser.add_argument("--output", type=Path, required=True, help="where to write the table")
    options = parser.parse_args()
    spec = read_model(REPOSITORY / "config" / "models" / "lac_thermodynamic.yaml")
    problem = true_observations(spec)
    setup = prepare(spec, problem)
    index = setup.posterior.network.layout.blocks[NAME].start
    flat = fitted(spec, problem, setup, options.weights, options.threads)
    fixed = gauge_fixed_errors(spec, setup, problem, flat)
    reach = normal_reach(CONFIDENCE) * fixed.errors[index]
    rows: list[dict[str, object]] = [
        {
            "way": "curvature",
            "estimate": flat[index],
            "standard_error": fixed.errors[index],
            "lower_95": flat[index] - reach,
            "upper_95": flat[index] + reach,
        }
    ]
    kinds: list[Kind] = ["parametric", "nonparametric"]
    for kind in kinds:
        found = bootstrap(spec, problem, setup, flat, options.refits, kind, SEED, options.threads, lambda _: None)
        rows.append(refits_row(found, index, kind))
        _write(rows, options.output)
        rows[-1]["gap_nats"] = gap(setup, flat, found, kind, options.longer, options.threads)
        _write(rows, options.output)
    profile = profile_scalars(spec, setup, flat, fixed, CONFIDENCE, options.threads, lambda _: None)[NAME]
    lower, upper = profile.interval(CONFIDENCE)
    rows.append({"way": "profile", "estimate": profile.estimate, "lower_95": lower, "upper_95": upper})
    _write(rows, options.output)


def _write(rows: list[dict[str, object]], path: Path) -> None:
    text = pd.DataFrame(rows).round(4).to_csv(sep="\t", index=False, lineterminator="\n")
    path.write_text(text, encoding="utf-8")
    print(text, flush=True)


if __name__ == "__main__":
    main()
