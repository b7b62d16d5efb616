"""What fits of a thermodynamic and an additive model leave, in miniature."""

from typing import Any

import pandas as pd

from .tables import frame


def fit_card(model: str, kind: str, **changed: Any) -> dict[str, Any]:
    """What ``fit.json`` tells of a fit."""
    thermodynamic = kind == "thermodynamic"
    states = [
        ([], "0", []),
        (["CRP"], "0", ["CRP"]),
        (["RNAP"], "t_sat", ["RNAP"]),
        (["CRP", "RNAP"], "t_sat", ["CRP", "RNAP", "interaction"]),
    ]
    return {
        "library": "lac",
        "model": model,
        "kind": kind,
        "temperature_celsius": 37.0,
        "sequence": {"length": 8, "wildtype": "ACGTACGT", "first_position": -8},
        "sites": [{"name": "CRP", "start": 0, "length": 3}, {"name": "RNAP", "start": 4, "length": 4}],
        "states": [{"bound": b, "rate": r, "terms": t} for b, r, t in states] if thermodynamic else [],
        "transitions": [],
        "interactions": [{"name": "interaction", "between": ["CRP", "RNAP"]}] if thermodynamic else [],
        "energy_unit": "kcal/mol" if thermodynamic else "arbitrary",
        "observations": "presence",
        "seed": 1,
        "n_starts": 3,
        "chosen_start": 1,
        "swaps": ["CRP"],
        "converged": True,
        "not_identifiable": [{"parameter": "RNAP.mu", "reason": "the measurement process is free"}],
        "notes": ["The interaction moves with the prior."],
        **changed,
    }


def fit_metrics() -> pd.DataFrame:
    """Table ``fit_metrics``: the additive model tells 0.08 bits less."""
    rows: list[tuple[Any, ...]] = []
    for model, lost in (("lac_thermodynamic", 0.0), ("additive", 0.08)):
        likelihood = (-1.8016 - lost, -1.82 - lost, -1.79 - lost)
        for part in ("training", "validation", "test"):
            rows += [
                ("lac", model, "M9", part, "I_var", 0.7213 - lost, 0.7013 - lost, 0.7413 - lost, 0.95, "bits/read"),
                ("lac", model, "M9", part, "I_pred", 0.7188 - lost, 0.7038 - lost, 0.7338 - lost, 0.95, "bits/read"),
                ("lac", model, "M9", part, "log_likelihood", *likelihood, 0.95, "nats/read"),
                ("lac", model, "M9", part, "bin_entropy", 3.3207, None, None, None, "bits/read"),
            ]
    return frame("fit_metrics", rows)


def model_comparison() -> pd.DataFrame:
    """Table ``model_comparison``."""
    rows = [
        ("lac", "additive", "additive", -1.8816, 0.08, 0.06, 0.1, 0.95, False, False, None, None),
        ("lac", "lac_thermodynamic", "thermodynamic", -1.8016, 0.0, 0.0, 0.0, 0.95, True, True, None, None),
    ]
    return frame("model_comparison", rows)


def parameters() -> pd.DataFrame:
    """Table ``parameters``: one with a Laplace interval, one not identifiable, one with a profile, one arbitrary."""
    physics, additive = ("lac", "lac_thermodynamic"), ("lac", "additive")
    first, nowhere, untold = (0, "A", None, None), (None,) * 4, (None,) * 4
    theta = ("CRP.theta[0,A]", "energy_matrix", "CRP", *first), (-0.5, -0.7, -0.3, 0.95, "laplace"), "zero_mean"
    mu = ("RNAP.mu", "chemical_potential", "RNAP", *nowhere), (None, *untold), "zero_mean"
    interaction = ("interaction", "interaction", None, *nowhere), (-3.1, -4.2, -2.0, 0.95, "profile"), "none"
    bare = ("all.theta[0,A]", "energy_matrix", "all", *first), (-0.4, *untold), "zero_mean"
    rows = [
        (*model, *place, *numbers, unit, gauge, identifiable)
        for model, (place, numbers, gauge), unit, identifiable in (
            (physics, theta, "kcal/mol", True),
            (physics, mu, "kcal/mol", False),
            (physics, interaction, "kcal/mol", True),
            (additive, bare, "arbitrary", True),
        )
    ]
    return frame("parameters", rows)


def fit_starts() -> pd.DataFrame:
    """Table ``fit_starts`` of three starts, the second one chosen."""
    rows = []
    for model in ("lac_thermodynamic", "additive"):
        for start, objective in enumerate([100.4, 100.0, 107.0]):
            for quantity, value, unit in (
                ("objective", objective, "nats"),
                ("converged", 1.0, "yes = 1, no = 0"),
                ("chosen", float(start == 1), "yes = 1, no = 0"),
            ):
                rows.append(("lac", model, start, quantity, value, unit))
    return frame("fit_starts", rows)


def profiles() -> pd.DataFrame:
    """Table ``profiles``: a parabola about the interaction, 1.92 nats high at its interval's ends."""
    own = "lac", "lac_thermodynamic", "interaction"
    rows = [(*own, v, 1.92 * ((v + 3.1) / 1.1) ** 2, True) for v in (-6.0, -4.5, -3.1, -2.0, 0.0)]
    return frame("profiles", rows)


def predictions() -> pd.DataFrame:
    """Table ``predictions`` of seven variants by both models."""
    rows = [
        ("lac", model, "M9", f"v{i}", "test", 0.1 * i, 1.1 + i / 5, None, None, None, 1 + i, -1.0)
        for model in ("additive", "lac_thermodynamic")
        for i in range(7)
    ]
    return frame("predictions", rows)
