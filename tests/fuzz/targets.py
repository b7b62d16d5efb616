"""What is fuzzed: contents of files that must be read or told in one message, and the words that they are made of."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from tempfile import gettempdir

from kcalseq.errors import KcalseqError
from kcalseq.models.spec import read_model
from kcalseq.reads.layout import read_layout
from kcalseq.reads.records import read_records
from kcalseq.yamlfile import SCHEMAS, check, read_document

PROJECT = Path(__file__).resolve().parents[2]
_BLOCKS = (1, 13, 1 << 16)


def _saved(content: bytes, name: str) -> Path:
    path = Path(gettempdir()) / f"kcalseq-fuzz-{os.getpid()}-{name}"
    path.write_bytes(content)
    return path


def _outcome(read: Callable[[], object]) -> object:
    try:
        return read()
    except KcalseqError as error:
        assert "Remedy: " in str(error)
        return str(error)


def fastq(content: bytes) -> None:
    """The parser of blocks of FASTQ: the same reads, or the same message, whatever the blocks."""
    path = _saved(content, "reads.fastq")

    def reads(block_bytes: int) -> list[bytes]:
        return [
            batch.text[start : start + length].tobytes()
            for batch in read_records(path, block_bytes=block_bytes)
            for start, length in zip(batch.starts, batch.lengths, strict=True)
        ]

    outcomes = [_outcome(lambda size=size: reads(size)) for size in _BLOCKS]  # type: ignore[misc]
    assert outcomes[1:] == outcomes[:-1], outcomes


def yaml(content: bytes) -> None:
    """The checkers of configuration, layouts and models, one after the other on the same content."""
    path = _saved(content, "it.yaml")

    def configuration() -> object:
        document = read_document(path)
        check(document, "config")
        return document.content

    for read in (configuration, lambda: read_layout(path), lambda: read_model(path)):
        _outcome(read)


def _words_of_schemas() -> list[bytes]:
    text = "".join((SCHEMAS / f"{name}.schema.yaml").read_text("utf-8") for name in ("config", "assay", "model"))
    marks = (
        "\n|\n  |: |- |{|}|[|]|, |&a |*a|!!int |!!python/name:a |<<: |'|\"|#|---|null|true|-1|1.5|.nan|1e999|0x1|\0|\t"
    )
    return [word.encode() for word in [*sorted(set(re.findall(r"\w+", text))), *marks.split("|"), "9" * 30, "ünï"]]


TARGETS = {"fastq": fastq, "yaml": yaml}
WORDS = {
    "fastq": [
        b"@",
        b"+",
        b"\n",
        b"\r\n",
        b"\r",
        b"I" * 9,
        b"ACGT",
        b"N",
        b"@r\n",
        b"\n+\n",
        b"\0",
        b"\x7f",
        b"~",
        b"!",
        b" ",
    ],
    "yaml": _words_of_schemas(),
}
SEEDS = {
    "fastq": [b"@r1\nACGT\n+\nIIII\n@r2\nGGNCA\n+r2\nI!I~#\n@r3\nT\n+\nI\n", b"@r\r\nAC\r\n+\r\nII\r\n\n"],
    "yaml": [
        (PROJECT / "config" / name).read_bytes()
        for name in (
            *("config.yaml", "assays/lac.yaml", "assays/mpra_simulated_association.yaml"),
            *("models/lac_thermodynamic.yaml", "models/additive.yaml", "models/cnn.yaml"),
        )
    ],
}
