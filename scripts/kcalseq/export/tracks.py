"""Effects of single bases as tracks of a genome browser: BED with nine columns, and bedGraph.

Columns as the genome browser of the University of California, Santa Cruz, defines them
(https://genome.ucsc.edu/FAQ/FAQformat.html): 0-based, the end not in the interval, sorted by chromosome and start.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from kcalseq.export.coordinates import Place
from kcalseq.export.igvf import scores

SIGNIFICANT = 0.05
"""q up to which an effect is drawn in colour."""
RAISES, LOWERS, UNSURE = "213,94,0", "0,114,178", "160,160,160"


class Tracks(NamedTuple):
    """Both tracks of one condition, and how many effects they do not show, by reason."""

    bed: pd.DataFrame
    bedgraph: pd.DataFrame
    left_out: dict[str, int]


def tracks(effects: pd.DataFrame, places: Mapping[str, Place] | None) -> Tracks:
    """Effects of single bases where they lie.

    Args:
        effects: table ``variant_effects`` of one condition, or ``named_changes``.
        places: places of the references on a genome; None = no coordinates are known, and each reference's name stands
            for a chromosome.

    Returns:
        BED: a row an effect; score = its size, 1000 = the largest. bedGraph: mean effect at each position, log2.
    """
    measured, single = effects["effect"].notna(), effects["position"].notna()
    known = effects["reference"].isin(list(places)) if places is not None else pd.Series(True, effects.index)
    own = effects[measured & single & known].reset_index(drop=True)
    where = [
        _position(reference, int(position), places)
        for reference, position in zip(own["reference"], own["position"], strict=True)
    ]
    effect = own["effect"].to_numpy(dtype=float)
    surely = own["q"].to_numpy(dtype=float) <= SIGNIFICANT
    start = np.array([place.start for place in where], dtype=np.int64)
    bed = pd.DataFrame(
        {
            "chrom": [place.chrom for place in where],
            "start": start,
            "end": start + 1,
            "name": [_word(name) for name in own["variant"]],
            "score": scores(effect),
            "strand": [place.strand for place in where],
            "thick_start": start,
            "thick_end": start + 1,
            "colour": np.where(surely, np.where(effect > 0, RAISES, LOWERS), UNSURE),
        }
    )
    by_position = bed[["chrom", "start", "end"]].assign(effect=effect).groupby(["chrom", "start", "end"])
    graph = by_position["effect"].mean().reset_index()
    left_out = {
        "not_measured": int((~measured).sum()),
        "several_bases": int((measured & ~single).sum()),
        "not_in_genome": int((measured & single & ~known).sum()),
    }
    by_place = bed.sort_values(["chrom", "start", "name"], kind="stable", ignore_index=True)
    return Tracks(by_place, graph, left_out)


def named_changes(base_effects: pd.DataFrame) -> pd.DataFrame:
    """Table ``base_effects`` with a column ``variant`` that names each change: A39G, counted from 1; A39- = missing."""
    known = base_effects["reference_base"].fillna("N")
    return base_effects.assign(variant=known + (base_effects["position"] + 1).astype(str) + base_effects["base"])


def _position(reference: str, position: int, places: Mapping[str, Place] | None) -> Place:
    if places is None:
        return Place(_word(reference), position, position + 1, "+")
    place = places[reference]
    start, end = place.span(position, 1)
    return Place(place.chrom, start, end, place.strand)


def _word(name: str) -> str:
    """A name without blanks, at which browsers part columns."""
    return "_".join(name.split())
