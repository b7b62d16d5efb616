"""What the page says of a library's barcode map: how it was made from reads, or that it came from elsewhere."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from kcalseq.report.barcode_verdicts import association_verdict, variants_verdict
from kcalseq.report.verdict import Verdict
from kcalseq.tables import BARCODE_CALLS, TABLES
from kcalseq.wording import count, number, share

MOST_CONFLICTS = 20
# Quantities of association_summary in reading order; the calls stand in a table of their own.
QUANTITY_WORDS = {
    "n_reads": "reads with barcode and variant",
    "n_barcodes_read": "distinct barcodes as read",
    "n_barcodes_moved": "misread barcodes put right",
    "n_reads_moved": "reads moved with them",
    "n_barcodes": "barcodes after that",
    "error_rate": "errors of sequencing",
    "substitution_rate": "of these, bases misread",
    "gap_rate": "of these, bases too many or too few",
    "chimera_rate": "chimeras: barcode and variant of different molecules",
    "two_molecule_rate": "barcodes on two molecules, estimated",
    "two_molecule_evenness": "evenness of two molecules on one barcode",
    "reverse_complement": "most molecules read as reverse complement of the design",
    "min_reads": "least reads that must agree: used",
    "recommended_min_reads": "least reads that must agree: recommended",
    "max_second": "highest chance of a second molecule allowed",
    "min_purity": "least share of reads that must agree",
    "n_barcodes_unique": "assigned barcodes read often enough to exclude a second molecule (chance at most 0.001)",
    "n_variants_designed": "variants in the design",
    "n_variants_mapped": "variants with a barcode",
}


class CallRow(NamedTuple):
    """Barcodes with one call, and the reads that they hold."""

    name: str
    meaning: str
    n_barcodes: int
    n_reads: int


class QuantityRow(NamedTuple):
    """One number of the association."""

    words: str
    quantity: str
    value: str
    unit: str


class ConflictRow(NamedTuple):
    """Two designed variants that reads cannot tell apart."""

    variant: str
    other: str
    relation: str


@dataclass(frozen=True)
class AssociationView:
    """The barcode map of a library. ``calls`` and all that follows are empty where the map was imported."""

    verdicts: list[Verdict]
    sentences: list[str]
    calls: list[CallRow]
    quantities: list[QuantityRow]
    conflicts: list[ConflictRow]
    n_conflicts: int

    @property
    def has_design(self) -> bool:
        """Whether the map was made with a design."""
        return any(row.quantity == "n_variants_designed" for row in self.quantities)

    @property
    def n_barcodes(self) -> int:
        """Barcodes of all calls."""
        return sum(row.n_barcodes for row in self.calls)

    @property
    def n_reads(self) -> int:
        """Reads of all calls."""
        return sum(row.n_reads for row in self.calls)


def association_view(
    library: str, summary: pd.DataFrame, conflicts: pd.DataFrame, numbers: Mapping[str, float]
) -> AssociationView | None:
    """Work out what there is to say; None for a library without a barcode map.

    Args:
        library: its name.
        summary: table ``association_summary`` of the library; empty where its map was imported.
        conflicts: table ``design_conflicts`` of the library.
        numbers: the library's metrics in table ``summary``.
    """
    if "n_barcodes_mapped" not in numbers:
        return None
    n_with, n_variants = int(numbers["n_variants_mapped"]), int(numbers.get("n_variants", 0))
    variants = variants_verdict(library, n_with, n_variants, numbers["barcodes_per_variant_median"])
    if summary.empty:
        n_mapped = count(numbers["n_barcodes_mapped"])
        told = f"The barcode map was imported: {n_mapped} barcodes of {count(n_with)} variants."
        return AssociationView([variants], [told], [], [], [], 0)
    found = {str(row["quantity"]): float(row["value"]) for row in summary.to_dict("records")}
    barcodes, reads = ({c: int(found.get(f"n_{of}_{c}", 0)) for c in BARCODE_CALLS} for of in ("barcodes", "reads"))
    pairs = [ConflictRow(*row) for row in conflicts[["variant", "other_variant", "relation"]].itertuples(index=False)]
    return AssociationView(
        [association_verdict(library, barcodes, reads), variants],
        [*_sentences(found), *_map_sentence(barcodes["assigned"], int(numbers["n_barcodes_mapped"]))],
        [CallRow(c.replace("_", " "), words, barcodes[c], reads[c]) for c, words in BARCODE_CALLS.items()],
        _quantities(summary),
        pairs[:MOST_CONFLICTS],
        len(pairs),
    )


def relation_meanings() -> dict[str, str]:
    """What each relation between two designed variants means."""
    return dict(TABLES["design_conflicts"].column("relation").values)


def _sentences(found: Mapping[str, float]) -> list[str]:
    as_read, moved = found["n_barcodes_read"], found["n_barcodes_moved"]
    told = [
        f"{count(found['n_reads'])} kept reads show a barcode together with a variant. They hold {count(as_read)} "
        "different barcodes as read.",
        f"{count(moved)} of these are misreadings of another barcode. Their {count(found['n_reads_moved'])} reads were "
        f"moved to it, which leaves {count(found['n_barcodes'])} barcodes."
        if moved
        else "None of these was put right as a misreading of another.",
    ]
    used, recommended = found["min_reads"], found["recommended_min_reads"]
    advice = "the same" if used == recommended else count(recommended)
    told.append(
        f"Fewer than {count(used)} reads are not enough to call a barcode. From how many reads barcodes have, kcalseq "
        f"recommends {advice}" + ("." if used == recommended else " (association: min_reads).")
    )
    rates = [
        (f"{number(1000 * found['error_rate'], 2)} in 1,000 bases are read wrongly", found["error_rate"]),
        (
            f"{share(found['chimera_rate'], 1)} of the reads are chimeras, which show the barcode of one molecule and "
            "the variant of another",
            found["chimera_rate"],
        ),
    ]
    measured = " and ".join(words for words, rate in rates if math.isfinite(rate))
    return [*told, f"Measured on these reads: {measured}."] if measured else told


def _map_sentence(n_assigned: int, n_mapped: int) -> list[str]:
    if n_assigned == n_mapped:
        return [f"The barcode map holds the {count(n_mapped)} assigned barcodes; the others are not counted."]
    own = f"{count(n_mapped - n_assigned)} mutated ones as variants of their own"
    return [f"The barcode map holds {count(n_mapped)} barcodes: the {count(n_assigned)} assigned ones, and {own}."]


def _quantities(summary: pd.DataFrame) -> list[QuantityRow]:
    in_calls = {f"n_{things}_{call}" for things in ("barcodes", "reads") for call in BARCODE_CALLS}
    order = {quantity: place for place, quantity in enumerate(QUANTITY_WORDS)}
    rows = [row for row in summary.to_dict("records") if row["quantity"] not in in_calls]
    rows.sort(key=lambda row: (order.get(row["quantity"], len(order)), row["quantity"]))
    return [
        QuantityRow(QUANTITY_WORDS.get(name, name.replace("_", " ")), name, *_value_and_unit(name, row))
        for name, row in ((str(row["quantity"]), row) for row in rows)
    ]


def _value_and_unit(name: str, row: Mapping[object, object]) -> tuple[str, str]:
    value, unit = float(str(row["value"])), str(row["unit"])
    if name == "reverse_complement":
        return ("yes" if value else "no"), ""
    if math.isnan(value):
        return "not set" if name == "min_purity" else number(value), unit
    return (count(value) if unit in ("reads", "barcodes", "variants") else number(value, 5)), unit
