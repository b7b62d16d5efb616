"""Tables of the floor activity."""

from types import MappingProxyType

from kcalseq.columns import Column, Table
from kcalseq.definitions.common import CONDITION, FRACTION, LIBRARY, MARKS, POSITION, REPLICATE, UNIT, VARIANT

QUALITY_COLUMNS = (
    LIBRARY,
    Column("metric", "string", "name of the number, as under quality in the configuration"),
    Column("subject", "string", "run, sample, condition or whole library that it is of"),
    Column("value", "float64", "its value; missing where it cannot be told", "as unit", True),
    UNIT,
    Column("mark", "string", "how it is judged", values=MARKS),
    Column("caution", "float64", "where amber begins", "as unit"),
    Column("bad", "float64", "where red begins", "as unit"),
    Column("advice", "string", "what to do; missing where nothing is to be done", nullable=True),
)

FOOTPRINT_CALLS = MappingProxyType(
    {
        "random": "one wild type, mutated all along in many variants: footprints were made",
        "few_variants": "too few variants",
        "no_wildtype": "variants differ from the most common bases at most positions: not mutants of one sequence",
        "few_positions": "few positions vary in enough variants",
        "lengths_differ": "variants of several lengths have no common positions",
        "no_sequences": "a barcode map from elsewhere does not tell the sequences",
    }
)

SITE_KINDS = MappingProxyType(
    {
        "polymerase": "RNA polymerase: the elements around -35 and -10 of sigma 70 were recognised",
        "activator": "mutations lower activity: bound by what raises it; without a polymerase perhaps that itself",
        "repressor": "mutations raise activity",
    }
)

_SHIFT_UNIT = Column("unit", "string", "unit of the shifts: bin = sort bins, log2 = log2 RNA/DNA")

TABLES = (
    Table(
        "variant_activity",
        "activity",
        "Mean sort bin of each variant with its standard error.",
        ("library", "condition", "replicate", "variant"),
        (
            LIBRARY,
            CONDITION,
            REPLICATE,
            VARIANT,
            Column("n_observations", "int64", "independent sorted observations behind the mean"),
            Column("mean_bin", "float64", "mean sort bin", "bin"),
            Column("mean_bin_se", "float64", "standard error; missing if no variant was seen twice", "bin", True),
        ),
    ),
    Table(
        "information_footprint",
        "activity",
        "Mutual information between the base at each position and the sort bin.",
        ("library", "condition", "replicate", "position"),
        (
            LIBRARY,
            CONDITION,
            REPLICATE,
            POSITION,
            Column("information", "float64", "mutual information, bias-corrected; can fall below 0 by noise", "bits"),
            Column("information_se", "float64", "standard error by the delta method", "bits"),
            Column("bias", "float64", "the Treves-Panzeri correction that was subtracted", "bits"),
            Column("mutated_fraction", "float64", "share of observations that differ from the most common base"),
        ),
    ),
    Table(
        "quality",
        "activity",
        "Whether the experiment is good: numbers of reads, barcodes, samples and replicates, judged by thresholds.",
        ("library", "metric", "subject"),
        QUALITY_COLUMNS,
    ),
    Table(
        "replicate_correlations",
        "activity",
        "How well two replicates of a condition agree, over variants of so many barcodes in both.",
        ("library", "condition", "quantity", "replicate", "other_replicate", "min_barcodes", "scale", "method"),
        (
            LIBRARY,
            CONDITION,
            Column(
                "quantity",
                "string",
                "what is compared",
                values={
                    "dna": "DNA counts per million (of molecules where reads carry UMIs), of variants seen in both",
                    "rna": "RNA counts per million, likewise",
                    "ratio": "RNA per DNA as in variant_log_ratio, of variants measured in both",
                },
            ),
            REPLICATE,
            Column("other_replicate", "string", "the replicate it is compared with"),
            Column("min_barcodes", "int64", "least barcodes of a variant in both; 0 where variants carry none"),
            Column(
                "scale",
                "string",
                "scale on which they are compared",
                values={"log": "log2 (of counts per million plus one)", "linear": "as they are"},
            ),
            Column(
                "method",
                "string",
                "kind of correlation",
                values={"pearson": "of the values", "spearman": "of their ranks, the same on both scales"},
            ),
            Column("n_variants", "int64", "variants compared"),
            Column(
                "value", "float64", "correlation; missing with fewer than three, or where one does not vary", "", True
            ),
        ),
    ),
    Table(
        "gc_bias",
        "activity",
        "Whether counts before expression, and activities, follow the GC content of variants.",
        ("library", "condition", "replicate", "quantity"),
        (
            LIBRARY,
            CONDITION,
            REPLICATE,
            Column(
                "quantity",
                "string",
                "what is looked at",
                values={
                    "dna": "log2 DNA reads per million of variants seen",
                    "input": "log2 reads per million of the library before sorting",
                    "ratio": "log2 RNA per DNA as in variant_log_ratio",
                },
            ),
            Column("n_variants", "int64", "variants with a value and a known sequence"),
            Column("slope", "float64", "change with 10 % more GC; missing where GC does not vary", "log2", True),
            Column("slope_se", "float64", "its standard error by least squares", "log2", True),
            Column("spearman", "float64", "Spearman's correlation with GC content", "", True),
        ),
    ),
    Table(
        "base_composition",
        "activity",
        "Share of each base at each position among the variants seen, and among their reads.",
        ("library", "condition", "replicate", "fraction", "position", "base"),
        (
            LIBRARY,
            CONDITION,
            REPLICATE,
            FRACTION,
            POSITION,
            Column("base", "string", "base"),
            Column("share_of_variants", "float64", "share, each variant seen counting once"),
            Column("share_of_reads", "float64", "share, each variant counting by its reads"),
        ),
    ),
    Table(
        "promoter_footprint",
        "activity",
        "Expression shift and information of each position, replicates together, with what permutations say of chance.",
        ("library", "condition", "position"),
        (
            LIBRARY,
            CONDITION,
            POSITION,
            Column("common_base", "string", "most common base, taken for the wild type's"),
            Column("n_mutated", "int64", "measured variants with another base"),
            Column(
                "shift", "float64", "mean activity of the mutated variants less that of the others", "as unit", True
            ),
            Column("shift_se", "float64", "standard error of the shift", "as unit", True),
            Column("score", "float64", "shift over what permutations scatter; missing if never mutated", "sd", True),
            Column("p_value", "float64", "of the score by permutation, two-sided", nullable=True),
            Column("q_value", "float64", "Benjamini-Hochberg over the positions", nullable=True),
            Column(
                "information", "float64", "between base and sort bin, or base and DNA or RNA; less bias", "bits", True
            ),
            Column("information_bias", "float64", "mean information of the permutations", "bits"),
            Column("information_p_value", "float64", "of the information by permutation", nullable=True),
            Column("information_q_value", "float64", "Benjamini-Hochberg over the positions", nullable=True),
            _SHIFT_UNIT,
        ),
    ),
    Table(
        "base_shift",
        "activity",
        "Expression shift of each base that is not the most common one.",
        ("library", "condition", "position", "base"),
        (
            LIBRARY,
            CONDITION,
            POSITION,
            Column("base", "string", "base in place of the most common one"),
            Column("n_variants", "int64", "measured variants with that base"),
            Column("shift", "float64", "their mean activity less that with the most common base", "as unit", True),
            Column("shift_se", "float64", "standard error; missing with fewer than two variants", "as unit", True),
            _SHIFT_UNIT,
        ),
    ),
    Table(
        "putative_sites",
        "activity",
        "Binding sites called from the expression shift: guesses that begin a model.",
        ("library", "condition", "site"),
        (
            LIBRARY,
            CONDITION,
            Column("site", "string", "RNAP where it was recognised, else site_1, site_2, ... from 5' to 3'"),
            Column("start", "int64", "first position, 0-based", "nt"),
            Column("length", "int64", "positions", "nt"),
            Column("kind", "string", "what it does", values=SITE_KINDS),
            Column("peak", "int64", "position of the strongest effect of that kind in it", "nt"),
            Column("peak_shift", "float64", "expression shift there", "as in promoter_footprint"),
            Column("peak_q_value", "float64", "its Benjamini-Hochberg q", nullable=True),
            Column("p_value", "float64", "chance of such a site anywhere if sequence does not matter", nullable=True),
            Column("minus_35", "int64", "first position of the -35 element of a polymerase", "nt", True),
            Column("minus_10", "int64", "first position of its -10 element", "nt", True),
            Column("n_mismatches", "int64", "bases of both that differ from TTGACA and TATAAT", nullable=True),
            Column("likeness", "float64", "correlation of the base scores of both with that consensus", nullable=True),
        ),
    ),
    Table(
        "footprint_check",
        "activity",
        "Whether the library can show footprints.",
        ("library",),
        (
            LIBRARY,
            Column("call", "string", "what was found", values=FOOTPRINT_CALLS),
            Column("n_variants", "int64", "measured variants"),
            Column("length", "int64", "positions in a variant; missing where there is not one length", "nt", True),
            Column("mutated_fraction", "float64", "mean share of bases that are not the most common", nullable=True),
            Column("n_positions", "int64", "positions mutated in at least 20 variants", nullable=True),
        ),
    ),
)
