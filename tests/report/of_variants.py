"""What is measured of the variants of a library, in miniature: effects, effects of single bases, quality."""

import pandas as pd

from .tables import frame


def variant_effects() -> pd.DataFrame:
    """Table ``variant_effects``: a sure effect, one of chance, one not measured."""
    told = "combined", "measured"
    rows = [
        ("lac", "M9", "v1", "v0", 3, "A", "C", *told, 2, -1.5, 0.2, None, -1.95, -1.05, 0.95, 1e-5, 3e-5),
        ("lac", "M9", "v2", "v0", 5, "A", "T", *told, 1, 0.1, 0.2, None, -0.36, 0.56, 0.95, 0.6, 0.6),
        ("lac", "M9", "v3", "v0", *[None] * 3, "combined", "variant_not_measured", 0, *[None] * 5, 0.95, None, None),
    ]
    return frame("variant_effects", rows)


def base_effects() -> dict[str, pd.DataFrame]:
    """Tables of effects of single bases: a sure one, one of chance, one never seen, one confounded."""
    told = [("estimated", None, 2, 9, 40), (-1.2, 0.1, -1.396, -1.004, 0.95, 0.0, 1e-9, 2e-9)]
    chance = [("estimated", None, 2, 8, 30), (0.05, 0.1, -0.146, 0.246, 0.95, 0.0, 0.6, 0.6)]
    none = (None, None, None, None, 0.95, None, None, None)
    never, bound = ("never_seen", None, 0, 0, 0), ("confounded", "9del", 0, 3, 12)
    places = [(3, "A", "C", told), (3, "A", "G", chance), (4, "C", "A", [never, none]), (7, "T", "G", [bound, none])]
    rows = [("lac", "M9", "v0", *place, *first, *second) for *place, (first, second) in places]
    drops = [("lac", "M9", "v0", "1", "barcode", fate, n) for fate, n in (("used", 90), ("unlike", 0), ("left_out", 7))]
    return {
        "base_effects": frame("base_effects", rows),
        "base_effect_agreement": frame(
            "base_effect_agreement", [("lac", "M9", "v0", "1", "2", 50, 0.9512, 0.94, 0.3, 1.02)]
        ),
        "base_effect_drops": frame("base_effect_drops", drops),
    }


def quality() -> pd.DataFrame:
    """Table ``quality`` with a mark of each colour."""
    rows = [
        ("lac", "reads_kept_fraction", "run_1", 0.97, "fraction", "good", 0.9, 0.5, None),
        ("lac", "agreement_mean_bin", "M9", None, "correlation", "told", 0.5, 0.2, None),
        ("lac", "smallest_bin_share", "M9, replicate 1", 0.04, "ratio", "bad", 0.2, 0.05, "sort more cells into it"),
    ]
    return frame("quality", rows)
