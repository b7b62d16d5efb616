"""A small invented library with DNA and RNA counts, measured as the steps below measure it."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from kcalseq.activity import logtables
from kcalseq.activity.counted import gather
from kcalseq.activity.effectmethods import combined_effects
from kcalseq.activity.effects import effects_table
from kcalseq.activity.logratios import activities
from kcalseq.activity.pairs import pairs_table
from kcalseq.activity.settings import Settings
from kcalseq.tablefile import conform

REFERENCE = "ACGTTTGCAC"
# A substitution, a deletion inside a repeat, an insertion inside it, two substitutions, and one that is never counted.
SEQUENCES = {
    "ref": REFERENCE,
    "sub": "ACGTTTGCAT",
    "del": "ACGTTGCAC",
    "ins": "ACGTTTTGCAC",
    "two": "TCGTTTGCAG",
    "gone": "ACGATTGCAC",
    "scrambled": "GGGGGCCCCC",
    "scrambled2": "GGGGCCCCCC",
    "scrambled3": "TTTTTCCCCC",
}
SAMPLES = [
    {"sample": f"{fraction}{replicate}", "condition": "M9", "replicate": replicate, "fraction": fraction, "bin": "0"}
    for replicate in ("a_1", "a_2")
    for fraction in ("dna", "rna")
]
N_BARCODES = 6


class Invented(NamedTuple):
    """Tables of the library, and the settings they were made with."""

    variants: pd.DataFrame
    barcode_map: pa.Table
    barcode_counts: pa.Table
    log_ratio: pd.DataFrame
    combined: pd.DataFrame
    effects: pd.DataFrame
    settings: Settings


def barcode(number: int) -> str:
    """A barcode of eight bases."""
    return "".join("ACGT"[number >> 2 * place & 3] for place in range(7, -1, -1))


def counts_of(rng: np.random.Generator, owner: list[str]) -> pa.Table:
    """Table barcode_counts, in the order of its key; what was not counted has no row."""
    pieces = []
    for sample in SAMPLES:
        mean = (
            np.where(np.array(owner) == "sub", 40.0, 10.0) if sample["fraction"] == "rna" else np.full(len(owner), 8.0)
        )
        counts = np.where(np.array(owner) == "gone", 0, rng.poisson(mean))
        rows = np.flatnonzero(counts)
        place = {name: sample[name] for name in ("condition", "replicate", "fraction")}
        frame = pd.DataFrame({"barcode": [barcode(row) for row in rows], "variant": np.array(owner)[rows]})
        frame = frame.assign(library="made", **place, bin=0, n_reads=counts[rows] * 3, n_molecules=counts[rows])
        pieces.append(frame)
    frame = pd.concat(pieces).sort_values(["replicate", "fraction", "barcode"])
    return pa.Table.from_pandas(frame, preserve_index=False)


def invented(settings: Settings | None = None) -> Invented:
    """The library; the scrambled variants are its negative controls."""
    rules = settings or Settings(bootstraps=0)
    owner = [name for name in SEQUENCES for _ in range(N_BARCODES)]
    counts = counts_of(np.random.default_rng(5), owner)
    places = [("M9", sample["replicate"], sample["fraction"]) for sample in SAMPLES]
    names = list(SEQUENCES)
    counted = gather("made", [counts], set(names), places)
    controls = np.array([name.startswith("scrambled") for name in counted.names])
    found = activities(counted, rules, controls, 1)
    variants = pd.DataFrame(
        {"library": "made", "variant": names, "variant_sequence": list(SEQUENCES.values()), "set": "training"}
    )
    combined = conform("combined_activity", logtables.combined_table("made", counted, found), "made")
    pairs = pairs_table(variants, [], "ref")
    effects = effects_table(pairs, combined_effects(combined, pairs), "combined", 0.9).assign(library="made")
    barcode_map = pa.table({"barcode": [barcode(n) for n in range(len(owner))], "variant": owner})
    return Invented(
        conform("variants", variants, "made"),
        barcode_map,
        counts,
        conform("variant_log_ratio", logtables.variant_table("made", counted, found), "made"),
        combined,
        conform("variant_effects", effects, "made"),
        rules,
    )
