"""Which variants are compared with which reference, and at which base they differ."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kcalseq.dna import ALPHABET
from kcalseq.errors import KcalseqError


def pairs_table(variants: pd.DataFrame, pairs: Sequence[tuple[str, str]], reference: str) -> pd.DataFrame:
    """Columns variant, reference, position, reference_base and base, a row a pair.

    The last three are told where the two sequences are as long as each other and differ in one base, and missing
    elsewhere; position counts from 0.

    Args:
        variants: table ``variants`` of one library.
        pairs: variant and reference of each pair; if there are none, every variant is compared with ``reference``.
        reference: name of a variant, or empty.
    """
    listed = list(pairs) or [(name, reference) for name in variants["variant"] if name != reference]
    frame = pd.DataFrame(listed, columns=["variant", "reference"])
    sequence = variants.set_index("variant")["variant_sequence"]
    both = [frame[name].map(sequence) for name in ("variant", "reference")]
    places = [_only_difference(one, two) for one, two in zip(*both, strict=True)]
    found = pd.DataFrame(places, columns=["position", "reference_base", "base"])
    return frame.assign(**found.astype({"position": "Int64"}))


def check_names(variants: pd.DataFrame, pairs: pd.DataFrame, where: str) -> None:
    """Refuse pairs of what is no variant.

    Raises:
        KcalseqError: said of ``where``; a name is no variant of the library.
    """
    named = pd.unique(pairs[["variant", "reference"]].to_numpy(dtype=str).ravel())
    unknown = sorted(set(named) - set(variants["variant"]))
    if unknown:
        others = f" and {len(unknown) - 1} others" if len(unknown) > 1 else ""
        found = f"'{unknown[0]}'{others} is no variant of the library"
        raise KcalseqError(where, found, "names of its variants", "correct the names")


def _only_difference(one: object, two: object) -> tuple[int | None, str | None, str | None]:
    """Where a sequence differs from its reference, the reference's base and its own."""
    if not isinstance(one, str) or not isinstance(two, str) or len(one) != len(two):
        return None, None, None
    places = np.flatnonzero(np.frombuffer(one.encode(), np.uint8) != np.frombuffer(two.encode(), np.uint8))
    if len(places) != 1 or {one[places[0]], two[places[0]]} - set(ALPHABET):
        return None, None, None
    return int(places[0]), two[places[0]], one[places[0]]
