"""What a user may choose about activities from DNA and RNA counts."""

from dataclasses import dataclass
from typing import Literal

DnaOf = Literal["by_replicate", "by_condition", "by_library"]
"""Which DNA serves an RNA sample: that of its replicate, or all of its condition, or of its library, added up."""


@dataclass(frozen=True)
class Settings:
    """Rules of activity.

    Attributes:
        dna: which DNA serves an RNA sample.
        normalisation: ``cpm`` divides the counts of a sample by their sum, in millions; ``median_of_ratios`` by a size
            factor after which half of the variants have less RNA than DNA; ``none`` leaves them.
        estimator: a variant's ratio is that of its summed counts (``ratio_of_sums``) or the mean of the log ratios of
            its barcodes (``mean_of_logs``).
        pseudocount: added to each count of which a logarithm is taken: of a variant, or of a barcode.
        min_dna, min_rna: least counts of a barcode in a replicate.
        min_barcodes: least barcodes of a variant in a replicate.
        outliers: ``leave_one_out`` leaves out barcodes that contradict the others of their variant.
        outlier_threshold: from how many standard deviations on.
        bootstraps: draws of the barcode bootstrap; 0 = none.
        controls_file: list of negative controls, or empty.
        controls_pattern: regular expression that the names of negative controls match as a whole, or empty.
    """

    dna: DnaOf = "by_replicate"
    normalisation: Literal["cpm", "median_of_ratios", "none"] = "cpm"
    estimator: Literal["ratio_of_sums", "mean_of_logs"] = "ratio_of_sums"
    pseudocount: float = 0.5
    min_dna: int = 1
    min_rna: int = 0
    min_barcodes: int = 1
    outliers: Literal["none", "leave_one_out"] = "none"
    outlier_threshold: float = 5.0
    bootstraps: int = 100
    controls_file: str = ""
    controls_pattern: str = ""
