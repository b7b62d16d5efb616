"""Words and columns that tables of several floors share."""

from types import MappingProxyType

from kcalseq.columns import Column

FRACTIONS = MappingProxyType(
    {
        "input": "the library before sorting",
        "bin": "cells sorted into one fluorescence bin",
        "dna": "DNA barcode counts",
        "rna": "RNA barcode counts",
        "association": "reads that hold both barcode and variant: which barcode belongs to which variant",
    }
)

# In the order in which a read is tried: the first reason that applies is the read's fate.
READ_FATES = MappingProxyType(
    {
        "kept": "every part found and good: the read is counted",
        "too_short": "the read ends before the parts that must be there",
        "mates_disagree": "the two mates do not overlap as one molecule would, so they cannot be merged",
        "not_in_name": "the read's name lacks the part that should stand in it",
        "unknown_sample_code": "no sample code within the allowed mismatches",
        "ambiguous_sample_code": "two sample codes equally near",
        "part_not_found": "a constant part was not found where it may be",
        "wrong_length": "the constant parts were found, but not the right number of bases between them",
        "not_in_pattern": "a barcode or UMI breaks the pattern of its bases",
        "has_n": "an unread base (N) inside a barcode, UMI or variant",
        "low_quality": "mean error probability over a barcode, UMI or variant above the limit",
    }
)

BARCODE_CALLS = MappingProxyType(
    {
        "assigned": "the reads agree on one variant",
        "mutated": "the reads agree on one molecule, which differs from the variant it was made from",
        "few_reads": "fewer reads than the least allowed",
        "two_molecules": "the reads show two molecules, beyond what chimeras and misreads explain",
        "unclear": "the reads leave open which of several variants it is",
        "no_match": "the molecule resembles no variant of the design",
    }
)

COUNT_FATES = MappingProxyType(
    {
        "exact": "read as it is known, or as the head of its cluster: counted",
        "corrected": "moved onto the one barcode within reach of a misreading: counted",
        "ambiguous": "several known barcodes within reach: not counted",
        "unknown": "no known barcode within reach: not counted",
    }
)

SETS = MappingProxyType(
    {
        "training": "the model is fitted to it",
        "validation": "choices are made on it",
        "test": "looked at once, for the numbers reported",
    }
)

MARKS = MappingProxyType(
    {
        "good": "green: as it should be",
        "caution": "amber: look at it",
        "bad": "red: mend it before trusting what rests on it",
        "told": "not judged, since its value cannot be told",
    }
)

LIBRARY = Column("library", "string", "library of variants")
MODEL = Column("model", "string", "name of the model, as in config/models")
SAMPLE = Column("sample", "string", "one fraction of one replicate of one condition")
RUN = Column("run", "string", "sequencing run, as in runs.tsv")
CONDITION = Column("condition", "string", "growth condition or cell type")
REPLICATE = Column("replicate", "string", "biological replicate")
OTHER_REPLICATE = Column("other_replicate", "string", "the replicate it is compared with")
VARIANT = Column("variant", "string", "name of the variant; its sequence where it is read directly")
SEQUENCE = Column("variant_sequence", "string", "sequence of the variant, 5' to 3'")
BARCODE = Column("barcode", "string", "barcode, 5' to 3' as in the barcode map")
MAYBE_BARCODE = Column("barcode", "string", "barcode as read; missing where reads carry none", nullable=True)
FRACTION = Column("fraction", "string", "what was sequenced", values=FRACTIONS)
BIN = Column("bin", "int64", "sort bin, 1 = dimmest; 0 where the fraction is not a bin")
N_BARCODES = Column("n_barcodes", "int64", "number of distinct barcodes")
N_MOLECULES = Column("n_molecules", "int64", "distinct UMIs; missing where reads carry none", nullable=True)
N_READS = Column("n_reads", "int64", "number of reads")
START = Column("start", "int64", "number of the random start, from 0")
LOWER = Column("lower", "float64", "lower end of the interval", "as value", nullable=True)
UPPER = Column("upper", "float64", "upper end of the interval", "as value", nullable=True)
CONFIDENCE = Column("confidence", "float64", "confidence level of the interval, 0 to 1", nullable=True)
UNIT = Column("unit", "string", "unit of value, lower and upper")
POSITION = Column("position", "int64", "0-based position in the variant", "nt")

AGREEMENT = (
    Column("n_shared", "int64", "variants measured in both"),
    Column("pearson", "float64", "Pearson correlation; missing with fewer than three variants", "", True),
    Column("spearman", "float64", "Spearman correlation; missing likewise", "", True),
)
"""Columns of tables that say how two replicates agree."""


def measured(name: str, meaning: str, unit: str = "log2") -> Column:
    """A number that is missing where nothing was measured."""
    return Column(name, "float64", f"{meaning}; missing where not measured", unit, True)
