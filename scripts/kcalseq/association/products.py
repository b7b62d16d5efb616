"""The tables of association, made from calls."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from kcalseq.association.calls import CALLS, Calls
from kcalseq.association.consensus import MAIN, TOTAL
from kcalseq.association.design import Design
from kcalseq.association.evidence import Evidence
from kcalseq.association.settings import Settings
from kcalseq.dna import reverse_complement

_TURNED = "reverse_complement"


class Named(NamedTuple):
    """Names for the called barcodes, each an array of strings or None, shape (n,).

    Attributes:
        variant: the variant each is, or is nearest to.
        mutations: how its molecule differs.
        second: the variant of its second molecule.
        own: the name and the sequence of a molecule that differs from its oligo, for ``own_variant``.
    """

    variant: NDArray[np.object_]
    mutations: NDArray[np.object_]
    second: NDArray[np.object_]
    own: NDArray[np.object_]
    own_sequence: NDArray[np.object_]


def name_molecules(evidence: Evidence, calls: Calls, design: Design | None) -> Named:
    """Names of variants and mutations; without a design a variant is named by its sequence."""
    n = len(calls.barcodes)
    named = Named(*(np.full(n, None, dtype=object) for _ in range(5)))
    place = {int(barcode): row for row, barcode in enumerate(calls.barcodes)}
    if design is None:
        for barcode, letters in evidence.molecules.items():
            named.variant[place[barcode]] = letters
        return named
    names = np.array([*design.names, None], dtype=object)
    named.variant[:] = names[evidence.oligo[calls.barcodes]]
    two = (calls.call == CALLS.index("two_molecules")) & ~calls.near
    named.second[two] = names[evidence.second_oligo[calls.barcodes[two]]]
    for row in np.flatnonzero(calls.call == CALLS.index("mutated")):
        barcode = int(calls.barcodes[row])
        oligo, reverse = int(evidence.oligo[barcode]), bool(evidence.reverse[barcode])
        against = reverse != calls.turned
        notes = [_TURNED] if against else []
        if barcode in evidence.mutations:
            notes.append(evidence.mutations[barcode])
            letters = evidence.molecules[barcode]
            letters = reverse_complement(letters) if calls.turned else letters
        else:
            letters = reverse_complement(design.sequences[oligo])
        named.mutations[row] = ";".join(notes)
        named.own[row], named.own_sequence[row] = f"{design.names[oligo]}:{named.mutations[row]}", letters
    return named


def calls_frame(library: str, barcodes: pa.Array, evidence: Evidence, calls: Calls, named: Named) -> pd.DataFrame:
    """Table ``barcode_calls``."""
    numbers = calls.barcodes
    return pd.DataFrame(
        {
            "library": library,
            "barcode": barcodes.take(pa.array(numbers)).to_pandas(),
            "call": np.array(CALLS, dtype=object)[calls.call],
            "variant": named.variant,
            "mutations": named.mutations,
            "second_variant": named.second,
            "n_reads": evidence.numbers[numbers, TOTAL],
            "n_supporting": evidence.numbers[numbers, MAIN],
            "n_second": evidence.second[numbers],
            "n_silent": evidence.silent[numbers],
            # What is beyond its sixth place is no more than noise of the fit.
            "second_probability": np.round(calls.chance_of_two, 6),
        }
    )


def map_frame(frame: pd.DataFrame, calls: Calls, named: Named, settings: Settings) -> pd.DataFrame:
    """Table ``barcode_map``: what is assigned and, if asked for, mutated molecules as variants of their own."""
    variant = named.variant.copy()
    chosen = calls.call == CALLS.index("assigned")
    if settings.mutated == "own_variant":
        own = calls.call == CALLS.index("mutated")
        variant[own], chosen = named.own[own], chosen | own
    return pd.DataFrame(
        {
            "library": frame.loc[chosen, "library"],
            "barcode": frame.loc[chosen, "barcode"],
            "variant": variant[chosen],
            "n_reads": frame.loc[chosen, "n_supporting"],
            "purity": calls.purity[chosen],
            "second_probability": frame.loc[chosen, "second_probability"],
        }
    ).reset_index(drop=True)


def variants_listed(mapped: pd.DataFrame, calls: Calls, named: Named, design: Design | None) -> dict[str, str]:
    """Name and sequence of every variant: all of the design, with those that the map adds."""
    if design is None:
        return {name: name for name in sorted(mapped["variant"].unique())}
    own = {name: letters for name, letters in zip(named.own, named.own_sequence, strict=True) if name is not None}
    added = {name: own[name] for name in sorted(set(mapped["variant"]) & set(own))}
    return {**dict(zip(design.names, design.sequences, strict=True)), **added}
