"""What a page computes with: a small model whose energies can be added up by eye."""

import math
from typing import Any

from kcalseq.dna import ALPHABET

WILDTYPE = "ACGTACGT"
KT = 0.6163313


def page_model(library: str = "lac", model: str = "lac_thermodynamic") -> dict[str, Any]:
    """A wild type whose bases cost nothing and whose every mutation costs 1 kcal/mol, in CRP (0-2) and RNAP (4-7).

    CRP and RNAP bind with -1 and -2 kcal/mol and attract each other by -3.1 kcal/mol.
    """
    places = {"CRP": (0, 3), "RNAP": (4, 4)}
    costs = {
        name: [[0.0 if base == WILDTYPE[start + i] else 1.0 for base in ALPHABET] for i in range(length)]
        for name, (start, length) in places.items()
    }
    sites = [
        {
            "name": name,
            "factor": number,
            "positions": list(range(start, start + length)),
            "reverse": False,
            "energies": [energy for row in costs[name] for energy in row],
            "pairs": [],
            "pair_energies": [],
            "mu": [-1.0 - number],
        }
        for number, (name, (start, length)) in enumerate(places.items())
    ]
    states = [([], None), (["CRP"], None), (["RNAP"], 0.0), (["CRP", "RNAP", "interaction"], 0.0)]
    energies = [0.0, -1.0, -2.0, -6.1]
    weights = [math.exp(-energy / KT) for energy in energies]
    curve = {"name": "tanh_bins", "predicts": "mean_bin", "bins": [0, 1, 2, 3]}
    units = {"a": [0.0] * 4, "b": [[0.0], [-2.0], [0.0], [2.0]], "c": [1.0], "d": [0.0]}
    return {
        "library": library,
        "model": model,
        "kt": KT,
        "mutants": costs,
        "wildtype_states": [
            {"condition": "M9", "energies": energies, "occupancies": [weight / sum(weights) for weight in weights]}
        ],
        "obstacle": None,
        "numbers": {
            "length": 8,
            "wildtype": WILDTYPE,
            "phenotype": "log_odds",
            "factors": list(places),
            "sites": sites,
            "interactions": [{"name": "interaction", "energy": -3.1}],
            "states": [{"terms": terms, "log_rate": rate} for terms, rate in states],
            "experiments": [{"condition": "M9", "mean": 3.0, "sd": 2.0, "curve": {**curve, **units}}],
        },
    }
