"""Which variant a read belongs to. Assays that read the variant directly name a variant by its sequence.

Barcoded assays will bring their barcode map here; a directly read variant passes through.
"""

import hashlib

import numpy as np
import pandas as pd

from kcalseq.errors import KcalseqError, did_you_mean
from kcalseq.tables import SETS

_SHARES = (("training", 0.6), ("validation", 0.8), ("test", 1.0))


def list_variants(library: str, observations: pd.DataFrame, split: pd.DataFrame | None, seed: int) -> pd.DataFrame:
    """The variants of a library, each with its part of the data split.

    Args:
        library: which library.
        observations: table ``observations`` of all its runs; may hold other libraries too.
        split: columns variant_sequence and set, checked by ``check_split``; variants that it does not list (born of
            sequencing errors, or new) go to training and never to the test set. None splits by a hash of the sequence,
            so that a variant stays in its part whatever else is sequenced.
        seed: of the hash.

    Returns:
        table ``variants``.

    Raises:
        KcalseqError: the split lists no variant that was read.
    """
    sequences = np.sort(observations.loc[observations["library"] == library, "variant_sequence"].unique())
    return name_variants(library, {sequence: sequence for sequence in sequences}, split, seed)


def name_variants(library: str, named: dict[str, str], split: pd.DataFrame | None, seed: int) -> pd.DataFrame:
    """The same for variants with names.

    Args:
        library: which library.
        named: sequence of each variant by its name.
        split: as for ``list_variants``.
        seed: of the hash.
    """
    names, sequences = list(named), list(named.values())
    if split is None:
        sets = pd.Series([_hashed_set(sequence, seed) for sequence in sequences], dtype="str")
    else:
        if set(sequences).isdisjoint(split["variant_sequence"]):
            found = f"none of its {len(split)} variants was read in library '{library}'"
            raise KcalseqError(
                "the data split", found, "variants of this library", "name the right table, or drop 'split'"
            )
        sets = pd.Series(sequences).map(split.set_index("variant_sequence")["set"]).fillna("training")
    return pd.DataFrame({"library": library, "variant": names, "variant_sequence": sequences, "set": sets.to_numpy()})


def check_split(split: pd.DataFrame, where: str) -> None:
    """Check a table that fixes the data split.

    Raises:
        KcalseqError: a column is missing, a set has another name, or a variant is listed twice.
    """
    for column in ("variant_sequence", "set"):
        if column not in split.columns:
            raise KcalseqError(where, f"column '{column}' is missing", "variant_sequence and set", "add the column")
    if not len(split) or split[["variant_sequence", "set"]].isna().any(axis=None):
        raise KcalseqError(
            where, "it is empty or has empty cells", "a sequence and a set in each row", "fill or drop it"
        )
    for name in split["set"].unique():
        if name not in SETS:
            raise KcalseqError(
                where, f"the set '{name}'", "training, validation or test", did_you_mean(str(name), SETS)
            )
    twice = split["variant_sequence"].duplicated()
    if twice.any():
        found = f"variant {split.loc[twice, 'variant_sequence'].iloc[0]} is listed twice"
        raise KcalseqError(where, found, "each variant once", "remove one of the rows")


def _hashed_set(sequence: str, seed: int) -> str:
    digest = hashlib.sha256(f"{seed}:{sequence}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    return next(name for name, share in _SHARES if place < share)
