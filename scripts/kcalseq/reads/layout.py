"""The layout of an assay's reads: which part stands where, read from config/assays/<name>.yaml and checked.

First the file is held against its schema, then short strings are spelled out, then each part is held against its kind
and the parts against each other (``layoutcheck``). All of it runs in Snakemake's own process, before any job, so
nothing here may need numpy.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kcalseq.errors import KcalseqErrors
from kcalseq.reads.layoutcheck import layout_errors
from kcalseq.reads.pattern import parse_pattern, parse_short
from kcalseq.reads.seqspec import is_seqspec, layout_of_seqspec
from kcalseq.yamlfile import Document, check, read_document

SLOTS = ("read_1", "read_2", "index_1", "index_2")
"""The reads of one molecule, as the columns of runs.tsv."""
MERGED = "merged"
COUNTED = ("barcode", "umi", "variant")
"""Kinds of parts that make up an observation, in the order of its key."""
MAX_SHIFT = 3
"""How far the first constant part may lie from its place unless the layout says otherwise, in nt."""

_OPTIONS = (
    "sequence",
    "pattern",
    "whitelist",
    "max_mismatches",
    "max_shift",
    "min_quality",
    "indels",
    "drop_constant",
    "reverse_complement",
)


@dataclass(frozen=True)
class Part:
    """One part of a read.

    Attributes:
        name: unique in the layout.
        kind: sample_code, constant, variant, barcode, umi or skip.
        min_length: fewest bases, in nt.
        max_length: most bases, in nt.
        sequence: of a constant part, else empty.
        max_mismatches: bases of a sample code or constant part that may differ.
        indels: whether missing and extra bases of a constant part count among those that differ.
        max_shift: how far the first constant part may lie from its place, in nt.
        min_quality: least Phred score of the mean error probability of a counted part.
        pattern: what a barcode or UMI is made of, or empty.
        drop_constant: whether the constant letters of the pattern are left out of what is counted.
        reverse_complement: whether the part is turned round before it is counted.
        whitelist: file with the barcodes that exist, or empty.
    """

    name: str
    kind: str
    min_length: int
    max_length: int
    sequence: str = ""
    max_mismatches: int = 0
    indels: bool = False
    max_shift: int = MAX_SHIFT
    min_quality: int = 0
    pattern: str = ""
    drop_constant: bool = False
    reverse_complement: bool = False
    whitelist: str = ""

    @property
    def length(self) -> int | None:
        """Number of bases where it does not vary, in nt."""
        return self.min_length if self.min_length == self.max_length else None

    @property
    def counted_length(self) -> tuple[int, int]:
        """Fewest and most bases that are counted, in nt: all, or those of the pattern that are not constant."""
        if not (self.pattern and self.drop_constant):
            return self.min_length, self.max_length
        elements = [
            element for element in parse_pattern(self.pattern, self.name).elements if element.letter not in "ACGT"
        ]
        return sum(element.min_length for element in elements), sum(element.max_length for element in elements)


@dataclass(frozen=True)
class Merge:
    """How mates are joined: fewest overlapping bases, and the largest share of them that may differ."""

    min_overlap: int
    max_mismatch_fraction: float


@dataclass(frozen=True)
class ReadName:
    """Parts that stand in the name of read_1, and the regular expression with a named group for each."""

    pattern: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Layout:
    """Where the parts of a molecule's reads sit.

    Attributes:
        name: the layout's file, for messages.
        description: for a human reader.
        variant_source: ``read`` = counted reads hold the variant, ``barcode`` = the barcode map tells it.
        reads: parts of each read that holds any, from its first base on; keys of ``SLOTS`` and ``MERGED``.
        merge: how mates are joined, None where they are not.
        read_name: parts in the read's name, if any.
        both_strands: whether reads are also tried from the other end.
        phred: offset of the quality letters.
    """

    name: str
    description: str
    variant_source: str
    reads: dict[str, tuple[Part, ...]]
    merge: Merge | None = None
    read_name: ReadName | None = None
    both_strands: bool = False
    phred: int = 33

    @property
    def slots(self) -> tuple[str, ...]:
        """The reads that a run must bring, in the order of ``SLOTS``."""
        needed = set(self.reads) | ({"read_1", "read_2"} if self.merge else set())
        if self.read_name or (self.both_strands and "read_2" in needed):
            needed.add("read_1")
        return tuple(slot for slot in SLOTS if slot in needed)

    def parts(self, kind: str) -> tuple[Part, ...]:
        """All parts of a kind, in the order in which they are joined: along the reads, then in the name."""
        in_name = self.read_name.parts if self.read_name else ()
        ordered = (*(part for slot in (*SLOTS, MERGED) for part in self.reads.get(slot, ())), *in_name)
        return tuple(part for part in ordered if part.kind == kind)

    @property
    def sample_code(self) -> Part | None:
        """The part that tells the sample; None = the whole run belongs to one sample."""
        return next(iter(self.parts("sample_code")), None)

    def length_of(self, kind: str) -> tuple[int, int]:
        """Fewest and most bases counted of all parts of a kind together, in nt; (0, 0) where there are none."""
        lengths = [part.counted_length for part in self.parts(kind)]
        return sum(shortest for shortest, _ in lengths), sum(longest for _, longest in lengths)

    @property
    def whitelist(self) -> str:
        """File with the barcodes that exist, or empty."""
        return next((part.whitelist for part in self.parts("barcode") if part.whitelist), "")


def read_layout(path: str | Path) -> Layout:
    """Read and check a layout.

    Args:
        path: a YAML file as workflow/schemas/assay.schema.yaml describes it, or a seqspec file.

    Raises:
        KcalseqError: the file is missing, breaks its schema, or its parts do not make a readable layout; all
            complaints of one kind are told together.
    """
    document = Document(str(path), layout_of_seqspec(path)) if is_seqspec(path) else read_document(path)
    check(document, "assay")
    document = _spelled_out(document)
    for errors in layout_errors(document):
        if errors:
            raise KcalseqErrors(errors)
    return _layout(document.name, document.content)


def _spelled_out(document: Document) -> Document:
    """Short strings as lists of parts, everything else as it is."""
    given = document.content["reads"]
    several = sum(isinstance(parts, str) for parts in given.values()) > 1
    reads = {
        slot: parse_short(parts, document.where(("reads", slot)), f"_{slot}" if several else "")
        if isinstance(parts, str)
        else parts
        for slot, parts in given.items()
    }
    return document.with_content({**document.content, "reads": reads})


def _layout(name: str, content: dict[str, Any]) -> Layout:
    merge, read_name = content.get("merge"), content.get("read_name")
    return Layout(
        name=name,
        description=content["description"],
        variant_source=content.get("variant_source", "read"),
        reads={slot: tuple(_parts(content["reads"][slot])) for slot in (*SLOTS, MERGED) if slot in content["reads"]},
        merge=Merge(int(merge["min_overlap"]), float(merge["max_mismatch_fraction"])) if merge else None,
        read_name=ReadName(read_name["pattern"], tuple(_parts(read_name["parts"]))) if read_name else None,
        both_strands=content.get("strand", "forward") == "both",
        phred=content.get("phred", 33),
    )


def _parts(items: list[dict[str, Any]]) -> Iterator[Part]:
    for item in items:
        shortest, longest = _lengths(item)
        keys: dict[str, Any] = {key: item[key] for key in _OPTIONS if key in item}
        yield Part(item["name"], item["kind"], shortest, longest, **keys)


def _lengths(item: dict[str, Any]) -> tuple[int, int]:
    if "sequence" in item:
        return len(item["sequence"]), len(item["sequence"])
    if "pattern" in item:
        pattern = parse_pattern(item["pattern"], item["name"])
        return pattern.min_length, pattern.max_length
    if "length" in item:
        return int(item["length"]), int(item["length"])
    return int(item["min_length"]), int(item["max_length"])
