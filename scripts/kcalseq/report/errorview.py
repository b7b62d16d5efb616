"""What the page says of the error model of one condition: a row for each replicate, or what cannot be told."""

from typing import NamedTuple

import pandas as pd

from kcalseq.wording import number, share

_TERMS = ("dna_multiplicative", "rna_multiplicative", "additive")
_SHARES = ("counting_share", "multiplicative_share", "additive_share")
_UNTOLD = {
    "one_replicate": "One replicate cannot tell how much of the error is counting and how much is not: there is no "
    "error model, and effects by method moderated rest on the scatter of barcodes of all variants alone.",
    "few_variants": "Fewer than ten variants were measured in two replicates, too few for an error model.",
}
_POOLED = (
    "Two replicates show the sum of their additive terms alone: each is given half of it. With a third replicate each "
    "would be told."
)

_NOTHING_SHARED = "A replicate that measured no variant together with another one has no error model."


class ErrorRow(NamedTuple):
    """One replicate: its terms with standard errors, and shares of the variance."""

    replicate: str
    terms: list[str]
    shares: list[str]


class ErrorView(NamedTuple):
    """The error model of one condition."""

    sentences: list[str]
    rows: list[ErrorRow]


def error_view(terms: pd.DataFrame) -> ErrorView:
    """The view of one condition's rows of table ``error_model``."""
    fates = set(terms["fate"])
    sentences = [text for fate, text in _UNTOLD.items() if fate in fates]
    if sentences or terms.empty:
        return ErrorView(sentences, [])
    rows = []
    for replicate, own in terms.groupby("replicate"):
        told = own.set_index("term")
        shown = [f"{number(told['value'][name], 3)} ± {number(told['se'][name], 3)}" for name in _TERMS]
        rows.append(ErrorRow(str(replicate), shown, [share(told["value"][name], 1.0) for name in _SHARES]))
    more = {"pooled": _POOLED, "nothing_shared": _NOTHING_SHARED}
    return ErrorView([text for fate, text in more.items() if fate in fates], rows)
