"""What stands in a seqspec file: the regions of the library molecule, 5' to 3', and the reads with their primers.

First the file is parsed, its tags left aside; then one modality's tree of regions is flattened to those that hold
sequence, each with the kind of part that it is; then each read is given its column and its place among the regions.

Facts of the format: https://github.com/pachterlab/seqspec, docs/SPECIFICATION.md, version 0.3.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from kcalseq.errors import KcalseqError, did_you_mean

KINDS = ("barcode", "umi", "variant", "sample_code", "constant", "skip")
"""Kinds of parts that a region can be."""
COLUMNS = ("read_1", "read_2", "index_1", "index_2")
"""Columns of runs.tsv that a read can be, in the order in which they are asked."""

_KIND_OF_TYPE = {
    "barcode": "barcode", "tag": "barcode", "umi": "umi",
    "cdna": "variant", "gdna": "variant", "dna": "variant", "sgrna_target": "variant",
    "index5": "skip", "index7": "skip",
}  # fmt: skip
"""Meaning of region types; index5 and index7 name the sample, by which files are split before they come here."""
_ADAPTERS = {
    "illumina_p5", "illumina_p7", "nextera_read1", "nextera_read2", "truseq_read1", "truseq_read2", "s5", "s7",
    "ME1", "ME2", "custom_primer",
}  # fmt: skip
_NAMES_OF_READS = re.compile(
    r"(?<![a-z0-9])(?:(?P<index>(?:index|i)[ _-]?[12])|(?P<read>(?:read|r)[ _-]?[12]))(?![0-9])", re.IGNORECASE
)


class Region(NamedTuple):
    """A region that holds sequence.

    Attributes:
        path: ids of the regions it stands in, from the modality down, and its own.
        kind: one of ``KINDS``, or empty where an onlist has an unknown purpose.
        adapter: whether it belongs to the sequencer's kit rather than to the assay.
        sequence: as the library molecule's 5' to 3' strand shows it; N or X for any base.
        min_length: bases at least, in nt.
        max_length: bases at most, in nt.
        whitelist: name of the file with the barcodes allowed here, if any.
    """

    path: tuple[str, ...]
    kind: str
    adapter: bool
    sequence: str
    min_length: int
    max_length: int
    whitelist: str | None


class Read(NamedTuple):
    """A read: its column of runs.tsv, the number of the first region it shows, its direction and its length in nt."""

    name: str
    column: str
    first: int
    backward: bool
    max_length: int


class Specification(NamedTuple):
    """One modality of a seqspec file; reads are in the order of ``COLUMNS``."""

    description: str
    regions: tuple[Region, ...]
    reads: tuple[Read, ...]


def read_specification(
    path: str | Path, modality: str | None, columns: Mapping[str, str], kinds: Mapping[str, str]
) -> Specification:
    """Read one modality of a seqspec file; arguments and errors as in ``seqspec.layout_of_seqspec``."""
    where, content = str(path), _load(path)
    modality = _modality(content, modality, where)
    roots = [region for region in content["library_spec"] if region.get("region_id") == modality]
    if len(roots) != 1:
        found = f"{len(roots)} regions of library_spec have the region_id '{modality}'"
        raise KcalseqError(where, found, "one that holds all regions of the modality", "complete the file")
    regions = tuple(_leaves(roots[0], (), kinds, where))
    _check_kinds(kinds, regions, where)
    entries = [read for read in content["sequence_spec"] if _text(read, "modality") in ("", modality)]
    if not entries:
        others = ", ".join(sorted({_text(read, "modality") for read in content["sequence_spec"]}))
        found = f"no read of sequence_spec is of the modality '{modality}'; they are of {others}"
        raise KcalseqError(where, found, "a read with this modality", "complete the file")
    reads = [_read(entry, regions, columns, where) for entry in entries]
    taken = [read.column for read in reads]
    for read in reads:
        if taken.count(read.column) > 1:
            found = f"{taken.count(read.column)} reads are {read.column}, among them '{read.name}'"
            raise KcalseqError(where, found, "one read a column", "name each read for what it is, such as R1 or I2")
    description = " ".join(filter(None, (_text(content, "name"), _text(content, "description"))))
    return Specification(
        description or where, regions, tuple(sorted(reads, key=lambda read: COLUMNS.index(read.column)))
    )


class _Loader(yaml.SafeLoader):
    """Reads tagged values as plain ones."""


def _untag(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)  # type: ignore[arg-type]


_Loader.add_multi_constructor("!", _untag)


def _load(path: str | Path) -> dict[str, Any]:
    expected = "a seqspec YAML file with modalities, sequence_spec and library_spec"
    try:
        content = yaml.load(Path(path).read_text(encoding="utf-8"), Loader=_Loader)
    except (OSError, yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        found = f"it cannot be read ({' '.join(str(error).split())})"
        raise KcalseqError(str(path), found, expected, "name the right file or mend it there") from error
    for key, kind in (("modalities", str), ("sequence_spec", dict), ("library_spec", dict)):
        value = content.get(key) if isinstance(content, dict) else None
        if not isinstance(value, list) or not value or not all(isinstance(item, kind) for item in value):
            raise KcalseqError(
                str(path), f"there is no list '{key}' with entries", expected, "name the right file or complete it"
            )
    return dict(content)


def _modality(content: dict[str, Any], modality: str | None, where: str) -> str:
    names: list[str] = content["modalities"]
    if modality is None and len(names) > 1:
        raise KcalseqError(
            where,
            f"it has the modalities {', '.join(names)}",
            "one",
            "leave only the one to import in the list modalities",
        )
    if modality is not None and modality not in names:
        raise KcalseqError(where, f"it has no modality '{modality}'", "one of the file", did_you_mean(modality, names))
    return modality or names[0]


def _leaves(region: Any, above: tuple[str, ...], kinds: Mapping[str, str], where: str) -> Iterator[Region]:
    name = _text(region, "region_id")
    if not name:
        found = f"a region in '{above[-1]}' has no region_id"
        raise KcalseqError(where, found, "regions with an id each", "complete the file")
    inner = region.get("regions") or []
    if inner and name not in kinds:
        for child in inner:
            yield from _leaves(child, (*above, name), kinds, where)
    else:
        yield _region(region, (*above, name), kinds, f"{where} region '{name}'")


def _region(region: dict[str, Any], path: tuple[str, ...], kinds: Mapping[str, str], where: str) -> Region:
    type_, form, sequence = _text(region, "region_type"), _text(region, "sequence_type"), _text(region, "sequence")
    told = kinds.get(path[-1])
    if form == "joined" and told is None:
        raise KcalseqError(where, "a joined region without regions", "the regions it is joined of", "complete it")
    least, most = region.get("min_len"), region.get("max_len")
    if form == "fixed" and sequence:
        least = most = len(sequence)
    if not isinstance(least, int) or not isinstance(most, int) or not 0 <= least <= most:
        found = f"its lengths are {least} and {most}"
        raise KcalseqError(where, found, "min_len and max_len in nt, the first not above the second", "complete it")
    unknown = "" if form == "onlist" else "skip"
    kind = told or ("constant" if form == "fixed" else _KIND_OF_TYPE.get(type_, unknown))
    onlist = region.get("onlist")
    whitelist = _text(onlist, "filename") if isinstance(onlist, dict) and kind == "barcode" else ""
    return Region(path, kind, type_ in _ADAPTERS, sequence.upper(), least, most, whitelist or None)


def _check_kinds(kinds: Mapping[str, str], regions: tuple[Region, ...], where: str) -> None:
    names = {region.path[-1] for region in regions}
    for name, kind in kinds.items():
        if name not in names:
            raise KcalseqError(where, f"it has no region '{name}'", "a region_id", did_you_mean(name, names))
        if kind not in KINDS:
            raise KcalseqError(where, f"region '{name}' as '{kind}'", "a kind of part", did_you_mean(kind, KINDS))


def _read(entry: dict[str, Any], regions: tuple[Region, ...], columns: Mapping[str, str], where: str) -> Read:
    name, primer = _text(entry, "read_id"), _text(entry, "primer_id")
    place = f"{where} read '{name}'"
    within = [number for number, region in enumerate(regions) if primer in region.path]
    if not within:
        ids = {step for region in regions for step in region.path}
        found = f"its primer '{primer}' is no region of the modality"
        raise KcalseqError(place, found, "a region_id", did_you_mean(primer, ids))
    strand, length = _text(entry, "strand") or "pos", entry.get("max_len")
    if strand not in ("pos", "neg") or not isinstance(length, int) or length < 1:
        found = f"its strand is '{strand}' and its max_len {length}"
        raise KcalseqError(place, found, "pos or neg, and a length in nt", "complete the read")
    backward = strand == "neg"
    return Read(name, _column(entry, columns, place), within[0] - 1 if backward else within[-1] + 1, backward, length)


def _column(entry: dict[str, Any], columns: Mapping[str, str], place: str) -> str:
    name = _text(entry, "read_id")
    column = columns.get(name)
    files = entry.get("files") if isinstance(entry.get("files"), list) else []
    for text in (name, _text(entry, "name"), *(_text(file, "filename") for file in files or [])):
        match = _NAMES_OF_READS.search(text) if column is None else None
        if match is not None:
            column = f"{'index' if match['index'] else 'read'}_{match[0][-1]}"
    if column is None:
        found = "neither its id, its name nor its files tell whether it is read 1, read 2, index 1 or index 2"
        raise KcalseqError(place, found, "one of them", "name the read R1, R2, I1 or I2")
    if column not in COLUMNS:
        raise KcalseqError(place, f"it is to be '{column}'", "a column of runs.tsv", did_you_mean(column, COLUMNS))
    return column


def _text(entry: Any, key: str) -> str:
    value = entry.get(key) if isinstance(entry, dict) else None
    return "" if value is None else str(value)
