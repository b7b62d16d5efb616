"""What the page says of bootstraps: their interval and bias of each scalar, beside the interval that it already has."""

from dataclasses import dataclass

import pandas as pd

from kcalseq.report.verdict import Estimate, Verdict
from kcalseq.wording import count

_DRAWN = {
    "parametric": "data drawn from the fitted model",
    "nonparametric": "variants drawn with replacement",
}


@dataclass(frozen=True)
class BootstrapRow:
    """One parameter: its estimate with the interval it already has and how that was made, and what the refits say.

    Attributes:
        parameter: its name.
        told: its estimate with that interval.
        method: how that interval was made.
        refitted: mean of the refits with their quantiles.
        bias, standard_error: of the estimate, by the refits.
    """

    parameter: str
    told: Estimate
    method: str
    refitted: Estimate
    bias: float
    standard_error: float


@dataclass(frozen=True)
class BootstrapView:
    """The bootstraps of one model."""

    verdict: Verdict
    rows: list[BootstrapRow]


def bootstrap_view(bootstraps: pd.DataFrame, scalars: pd.DataFrame) -> BootstrapView | None:
    """Put the bootstraps of one model beside its scalar parameters; None where there are none.

    Args:
        bootstraps: rows of table ``bootstraps``.
        scalars: rows of table ``parameters`` that are told one by one.
    """
    if bootstraps.empty:
        return None
    found = bootstraps.dropna(subset=["estimate"]).set_index("parameter").to_dict("index")
    rows = [
        BootstrapRow(
            row["parameter"],
            Estimate.of(row),
            row["method"],
            Estimate(own["mean"], own["lower"], own["upper"], own["unit"], own["confidence"]),
            own["bias"],
            own["standard_error"],
        )
        for row in scalars[scalars["identifiable"]].to_dict("records")
        if (own := found.get(row["parameter"])) is not None
    ]
    first = bootstraps.iloc[0]
    return BootstrapView(_verdict(str(first["kind"]), int(first["n_members"]), int(first["n_converged"])), rows)


def _verdict(kind: str, n: int, n_converged: int) -> Verdict:
    told = f"The model was refitted {count(n)} times to {_DRAWN[kind]}"
    if n_converged == n:
        return Verdict(f"{told}; all refits converged.", "good")
    left = f"{count(n - n_converged)} of the refits did not converge, and still count in what follows."
    return Verdict(f"{told}; {left}", "caution")
