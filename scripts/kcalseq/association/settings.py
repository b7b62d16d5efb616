"""What a user may choose about association."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Settings:
    """Rules of association.

    Attributes:
        min_reads: least reads that must agree on a barcode's molecule.
        min_purity: least share of the voting reads that must, None = the test for a second molecule alone decides.
        max_second: highest probability of a second molecule at which a barcode is still assigned; 0.03 = of a hundred
            barcodes at the limit, three have two.
        mutated: what becomes of a molecule that differs from its oligo: ``flag`` keeps it out of the barcode map,
            ``own_variant`` makes it a variant of its own.
        correct_barcodes: give the reads of misread barcodes back.
    """

    min_reads: int = 3
    min_purity: float | None = None
    max_second: float = 0.03
    mutated: Literal["flag", "own_variant"] = "flag"
    correct_barcodes: bool = True
