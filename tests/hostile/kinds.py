"""The kinds of files that users bring: a sound one of each, and how it is read."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pysam
import zstandard

from kcalseq.activity.controlnames import read_control_names
from kcalseq.arrowfile import read_whole
from kcalseq.association.design import read_design
from kcalseq.association.imports import import_map
from kcalseq.association.valuefile import read_value_rows
from kcalseq.association.variants import check_split
from kcalseq.models.spec import read_model
from kcalseq.queries import read_queries
from kcalseq.reads.layout import read_layout
from kcalseq.reads.records import read_records
from kcalseq.reads.whitelist import read_whitelist
from kcalseq.sheets import read_sheet
from kcalseq.tablefile import conform, read_sheet_frame, read_table, write_table
from kcalseq.yamlfile import check, read_document

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes:
        name: what it is called on disk.
        content: of a sound file.
        read: the library's way to read it, to something that can be compared.
    """

    name: str
    content: bytes
    read: Callable[[Path], object]


def _reads(path: Path) -> object:
    return [
        batch.text[start : start + length].tobytes()
        for batch in read_records(path)
        for start, length in zip(batch.starts, batch.lengths, strict=True)
    ]


def _split(path: Path) -> object:
    frame = read_sheet_frame(path)
    check_split(frame, str(path))
    return frame.to_numpy().tolist()


def _document(schema: str) -> Callable[[Path], object]:
    def read(path: Path) -> object:
        document = read_document(path)
        check(document, schema)
        return document.content

    return read


def _parquet(name: str, frame: pd.DataFrame) -> bytes:
    with TemporaryDirectory() as folder:
        write_table(name, frame, Path(folder) / "table.parquet")
        return (Path(folder) / "table.parquet").read_bytes()


def _bam() -> bytes:
    header = pysam.AlignmentHeader.from_dict({"HD": {"VN": "1.6"}})
    with TemporaryDirectory() as folder:
        path = Path(folder) / "reads.bam"
        with pysam.AlignmentFile(str(path), "wb", header=header) as file:
            for number in range(3):
                read = pysam.AlignedSegment(header)
                read.query_name, read.flag, read.query_sequence = f"r{number}", 4, "ACGT"
                read.query_qualities = pysam.qualitystring_to_array("IIII")
                file.write(read)
        return path.read_bytes()


def _of_project(path: str) -> bytes:
    return (PROJECT / path).read_bytes()


FASTQ = b"".join(b"@r%d\nACGTN\n+\nIIII#\n" % number for number in range(5))
COUNTS = pd.DataFrame(
    [("lac", "M9", "1", "bin", 1, "ACG", 2, 7, 5), ("lac", "M9", "1", "bin", 2, "ACG", 1, 3, 3)],
    columns=["library", "condition", "replicate", "fraction", "bin", "variant", "n_barcodes", "n_reads", "n_molecules"],
)
SUMMARY = pd.DataFrame(
    [("lac", "one", "energy", 1.5, 1.0, 2.0, "kcal/mol")],
    columns=["library", "model", "metric", "value", "lower", "upper", "unit"],
)

KINDS = {
    "FASTQ": Kind("reads.fastq", FASTQ, _reads),
    "FASTQ gz": Kind("reads.fastq.gz", gzip.compress(FASTQ, mtime=0), _reads),
    "FASTQ zst": Kind("reads.fastq.zst", zstandard.compress(FASTQ), _reads),
    "BAM": Kind("reads.bam", _bam(), _reads),
    "design": Kind("design.fa", b">one\nACGT\n>two\nACGA\n", lambda path: read_design(path).sequences),
    "new sequences": Kind("new.fa", b">one\nACGT\n>two\nACGA\n", lambda path: read_queries(path, 4, "lac")),
    "new sequences gz": Kind(
        "new.fa.gz", gzip.compress(b">one\nACGT\n>two\nACGA\n", mtime=0), lambda path: read_queries(path, 4, "lac")
    ),
    "barcode map": Kind(
        "map.tsv",
        b"barcode\tvariant\nACGT\tone\nACGA\ttwo\n",
        lambda path: import_map("lac", path).iloc[:, :3].to_dict(),
    ),
    "barcode map gz": Kind(
        "map.tsv.gz", gzip.compress(b"ACGT\tone\nACGA\ttwo\n", mtime=0), lambda path: len(import_map("lac", path))
    ),
    "values": Kind("values.tsv", b"sequence\tvalue\nACGT\t1.5\nACGA\t-2\n", lambda path: list(read_value_rows(path))),
    "whitelist": Kind("barcodes.txt", b"ACGT\nACGA\n", read_whitelist),
    "controls": Kind("controls.txt", b"one\ntwo\n", read_control_names),
    "split": Kind("split.tsv", b"variant_sequence\tset\nACGT\ttraining\nACGA\ttest\n", _split),
    "samples": Kind("samples.tsv", _of_project("config/samples.tsv"), lambda path: read_sheet(path, "samples")),
    "runs": Kind("runs.tsv", _of_project("config/runs.tsv"), lambda path: read_sheet(path, "runs")),
    "pairs": Kind("pairs.tsv", b"variant\treference\none\ttwo\n", lambda path: read_sheet(path, "pairs")),
    "configuration": Kind("config.yaml", _of_project("config/config.yaml"), _document("config")),
    "layout": Kind("assay.yaml", _of_project("config/assays/lac.yaml"), lambda path: read_layout(path).slots),
    "model": Kind(
        "model.yaml", _of_project("config/models/lac_thermodynamic.yaml"), lambda path: read_model(path).states
    ),
    "table": Kind(
        "counts.parquet", _parquet("variant_counts", COUNTS), lambda path: read_table("variant_counts", path).to_dict()
    ),
    "large table": Kind(
        "counts.parquet",
        _parquet("variant_counts", COUNTS),
        lambda path: read_whole("variant_counts", path).to_pydict(),
    ),
    "summary": Kind(
        "summary.tsv",
        conform("summary", SUMMARY, "it").to_csv(sep="\t", index=False).encode(),
        lambda path: read_table("summary", path).to_dict(),
    ),
}
