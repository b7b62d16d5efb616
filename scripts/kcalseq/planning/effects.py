"""What a library's block of the configuration says of effects: which variants are compared, with which, and how."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from kcalseq.association.design import Design
from kcalseq.errors import KcalseqError, KcalseqErrors
from kcalseq.sheets import check_unique, read_sheet
from kcalseq.yamlfile import Document

LEAST_BARCODES = 10


class Effects(NamedTuple):
    """Pairs of variants to compare.

    Attributes:
        reference: the variant that all others are compared with; empty where a sheet names the pairs.
        sheet: of the pairs, or empty.
        pairs: variant and reference of each, from the sheet.
        method: how effects are estimated and tested: combined, moderated or beta_binomial.
        single_bases: whether effects of single bases are told apart in variants that differ in several.
        min_barcodes: least barcodes that must carry a single base.
    """

    reference: str
    sheet: str
    pairs: tuple[tuple[str, str], ...]
    method: str
    single_bases: bool = False
    min_barcodes: int = LEAST_BARCODES

    def settings(self) -> dict[str, Any]:
        """The block of the configuration that gives this again."""
        named = {"pairs": self.sheet} if self.sheet else {"reference": self.reference}
        single = {"single_bases": True, "min_barcodes": self.min_barcodes} if self.single_bases else {}
        return {**named, "method": self.method, **single}


def read_effects(document: Document, name: str, design: Design | None, has_barcodes: bool) -> Effects | None:
    """Read and check the pairs of a library; None where no effects are asked for.

    Raises:
        KcalseqError: neither or both of reference and pairs are given, or min_barcodes without single_bases; the sheet
            is faulty, a variant is compared with itself, a name is not in the design, or the method needs barcodes and
            there are none.
    """
    block: dict[str, Any] | None = document.content["libraries"][name].get("effects")
    if block is None:
        return None
    where = document.where(("libraries", name, "effects"))
    named = {"reference", "pairs"} & block.keys()
    if len(named) != 1:
        found = "both reference and pairs" if named else "neither reference nor pairs"
        raise KcalseqError(where, found, "one of the two", "write 'reference: NAME' or 'pairs: FILE'")
    method = block.get("method", "combined")
    if method == "beta_binomial" and not has_barcodes:
        found, expected = "beta_binomial, and reads without barcodes", "counts of barcodes, whose scatter it takes"
        raise KcalseqError(f"{where}: its method", found, expected, "choose combined or moderated")
    sheet = block.get("pairs", "")
    single = block.get("single_bases", False)
    if "min_barcodes" in block and not single:
        remedy = "write 'single_bases: true', or remove min_barcodes"
        raise KcalseqError(where, "min_barcodes without single_bases", "both or neither", remedy)
    least = block.get("min_barcodes", LEAST_BARCODES)
    effects = Effects(block.get("reference", ""), sheet, _pairs(sheet) if sheet else (), method, single, least)
    if design is not None:
        _check_names(effects, set(design.names), sheet or where)
    return effects


def _pairs(sheet: str) -> tuple[tuple[str, str], ...]:
    rows = read_sheet(sheet, "pairs")
    check_unique(sheet, rows, ("variant", "reference"), "remove one")
    errors = [
        KcalseqError(f"{sheet} row {number}", f"'{row['variant']}' against itself", "two variants", "correct the row")
        for number, row in enumerate(rows, start=1)
        if row["variant"] == row["reference"]
    ]
    if errors:
        raise KcalseqErrors(errors)
    return tuple((row["variant"], row["reference"]) for row in rows)


def _check_names(effects: Effects, known: set[str], where: str) -> None:
    named = [effects.reference] if effects.reference else [name for pair in effects.pairs for name in pair]
    for name in named:
        if name not in known:
            found, expected = f"'{name}' is no variant of the design", "names of designed variants"
            raise KcalseqError(where, found, expected, "correct the name")


def fluorescence_effect_errors(library: str, effects: Effects | None, where: str) -> Iterator[KcalseqError]:
    """What effects on fluorescence, of a sorted library, cannot be: they are taken of combined means alone."""
    needs_counts = [
        key
        for key, asked in (
            ("method", effects is not None and effects.method != "combined"),
            ("single_bases", effects is not None and effects.single_bases),
        )
        if asked
    ]
    for key in needs_counts:
        found = f"library '{library}' was sorted and has no DNA and RNA counts"
        yield KcalseqError(f"{where}: its {key}", found, "effects on fluorescence, by method combined", f"remove {key}")
