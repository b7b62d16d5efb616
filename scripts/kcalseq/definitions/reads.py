"""Tables of the floor reads."""

from kcalseq.columns import Column, Table
from kcalseq.definitions.common import LIBRARY, MAYBE_BARCODE, N_READS, READ_FATES, RUN, SAMPLE

TABLES = (
    Table(
        "observations",
        "reads",
        "What one run's kept reads say: how often each barcode, UMI and variant was read together in each sample.",
        ("library", "sample", "run", "barcode", "umi", "variant_sequence"),
        (
            LIBRARY,
            SAMPLE,
            RUN,
            MAYBE_BARCODE,
            Column("umi", "string", "UMI as read; missing where reads carry none", nullable=True),
            Column(
                "variant_sequence",
                "string",
                "variant as read, 5' to 3'; missing where reads carry none",
                nullable=True,
            ),
            N_READS,
            Column(
                "variant_quality",
                "string",
                "best Phred score of each base of the variant among these reads, as in FASTQ (Phred+33); "
                "missing but in association runs",
                nullable=True,
            ),
        ),
    ),
    Table(
        "read_fates",
        "reads",
        "One named fate for every read of a run: the rows of a run add up to its reads.",
        ("run", "reason", "part"),
        (
            RUN,
            Column("reason", "string", "fate of the read", values=READ_FATES),
            Column("part", "string", "part of the layout at fault; missing where none is", nullable=True),
            N_READS,
        ),
    ),
    Table(
        "input_files",
        "reads",
        "The files that a run was read from, by which another lab knows that it has the same.",
        ("run", "slot"),
        (
            RUN,
            Column("slot", "string", "column of runs.tsv that names the file"),
            Column("file", "string", "its name, without its folder"),
            Column("n_bytes", "int64", "its size", "bytes"),
            Column("sha256", "string", "SHA-256 of its bytes, in hexadecimal digits"),
        ),
    ),
    Table(
        "read_parts",
        "reads",
        "What each part of a large run holds of its bgzip files. Made and used up on the way; see `reads: {part_mb}`.",
        ("run", "part", "slot"),
        (
            RUN,
            Column("part", "int64", "number of the part, from 1"),
            Column("slot", "string", "column of runs.tsv that names the file"),
            Column("begin_block", "int64", "first byte of the block in which the part begins", "bytes"),
            Column("begin_skip", "int64", "text of that block before the part", "bytes"),
            Column("end_block", "int64", "first byte of the block in which it ends, or the size of the file", "bytes"),
            Column("end_skip", "int64", "text of that block before its end", "bytes"),
        ),
    ),
    Table(
        "layout_check",
        "reads",
        "What the first reads of a run say of its layout, as `snakemake check_layout` prints it.",
        ("run", "line"),
        (
            RUN,
            Column("line", "int64", "number of the finding, from 0"),
            Column("quantity", "string", "what was looked at: what fits, why reads are dropped, what stands where"),
            Column("part", "string", "part or read; missing where all of a molecule is meant", nullable=True),
            Column("n_reads", "int64", "reads for which it holds"),
            Column("fraction", "float64", "share of the reads looked at"),
            Column("advice", "string", "what is probably wrong, and what would mend it", nullable=True),
        ),
    ),
)
