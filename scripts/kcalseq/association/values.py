"""A library that was measured elsewhere: a table of values to its variants and one value for each and condition."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from kcalseq.association.valuefile import ValueRow, read_value_rows
from kcalseq.association.variants import name_variants
from kcalseq.errors import KcalseqError


class Values(NamedTuple):
    """Tables ``variants`` and ``variant_values``."""

    variants: pd.DataFrame
    variant_values: pd.DataFrame


def read_values(library: str, path: str, split: pd.DataFrame | None, seed: int) -> Values:
    """Read a table of values whole (see ``valuefile`` for its columns) and name its variants by their sequences.

    Replicates become their mean: as observations of their own they would count as independent, and what one model gets
    wrong about a variant is the same in all of them. The standard error of the mean is that of independent replicates.

    Args:
        library: which library.
        path: of the table.
        split: columns variant_sequence and set, checked by ``check_split``; None takes the table's own column set or,
            without one, splits by a hash of the sequence.
        seed: of the hash.

    Raises:
        KcalseqError: see ``read_value_rows``; a measurement is there twice, or a variant is in two parts of the split.
    """
    frame = pd.DataFrame(_checked(path, read_value_rows(path)), columns=ValueRow._fields)
    own = frame[["sequence", "set"]].drop_duplicates().rename(columns={"sequence": "variant_sequence"})
    if split is None and own["set"].notna().all():
        split = own
    sequences = np.sort(own["variant_sequence"].unique())
    variants = name_variants(library, {sequence: sequence for sequence in sequences}, split, seed)
    grouped = frame.assign(variance=frame["value_se"].astype(float) ** 2).groupby(["condition", "sequence"], sort=True)
    found = grouped.agg(value=("value", "mean"), variance=("variance", "sum"), n_replicates=("value", "size"))
    error = np.sqrt(found.pop("variance")) / found["n_replicates"]
    found["value_se"] = error if frame["value_se"].notna().all() else np.nan
    table = found.reset_index().rename(columns={"sequence": "variant"}).assign(library=library)
    return Values(variants, table)


def _checked(path: str, rows: Iterable[ValueRow]) -> Iterable[ValueRow]:
    """Rows, as long as none says again or otherwise what one before it said."""
    first: dict[tuple[str, str, str], int] = {}
    parts: dict[str, tuple[int, str | None]] = {}
    for row in rows:
        where, key = f"{path} line {row.line}", (row.sequence, row.condition, row.replicate)
        if key in first:
            found = f"{row.sequence} has a value of this condition and replicate in line {first[key]} already"
            remedy = "remove one, or number them in a column 'replicate'"
            raise KcalseqError(where, found, "one value for each variant, condition and replicate", remedy)
        first[key] = row.line
        line, part = parts.setdefault(row.sequence, (row.line, row.set))
        if part != row.set:
            found = f"{row.sequence} is in the {row.set} set here and in the {part} set in line {line}"
            raise KcalseqError(where, found, "one set for each variant", "correct one of the two")
        yield row
