"""The layout of an assay's reads: which part stands where, read from config/assays/<name>.yaml and checked.

First the file is held against its schema, then each part against its kind, then the parts against each other;
the sample codes of a sheet are held against the layout by ``check_sample_codes``. All of it runs in Snakemake's
own process, before any job, so nothing here may need numpy.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from kcalseq.errors import KcalseqError, KcalseqErrors
from kcalseq.yamlfile import Document, check, read_document

MAX_SHIFT = 3
"""How far an insertion or deletion before it may move the left flank from its expected place, in nt."""

_KEYS_OF_KIND = {
    "sample_code": ("length", "max_mismatches"),
    "constant": ("sequence", "max_mismatches"),
    "variant": ("length", "min_quality"),
}
_READ = ("reads", "read_1")


@dataclass(frozen=True)
class SampleCode:
    """The part that tells the sample: its length in nt and how many of its bases may be misread."""

    name: str
    length: int
    max_mismatches: int


@dataclass(frozen=True)
class Constant:
    """A part that is the same in every read: its sequence and how many of its bases may be misread."""

    name: str
    sequence: str
    max_mismatches: int

    @property
    def length(self) -> int:
        """Number of bases, in nt."""
        return len(self.sequence)


@dataclass(frozen=True)
class Variant:
    """The sequence under test: its exact length in nt and its least quality in Phred units of the mean error."""

    name: str
    length: int
    min_quality: int


Part = SampleCode | Constant | Variant


@dataclass(frozen=True)
class Layout:
    """Where the parts of a read sit; without a sample code the whole file belongs to one sample.

    Attributes:
        name: the layout's file, for messages.
        variant_source: where the variant comes from; ``read`` = it is read directly.
    """

    name: str
    variant_source: str
    sample_code: SampleCode | None
    left_flank: Constant
    variant: Variant
    right_flank: Constant

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts in the order in which they are read."""
        code = () if self.sample_code is None else (self.sample_code,)
        return (*code, self.left_flank, self.variant, self.right_flank)

    @property
    def min_read_length(self) -> int:
        """Bases that all parts take together, in nt: a shorter read cannot hold them."""
        return sum(part.length for part in self.parts)


def read_layout(path: str | Path) -> Layout:
    """Read and check a layout.

    Args:
        path: a YAML file as workflow/schemas/assay.schema.yaml describes it.

    Raises:
        KcalseqError: the file is missing, breaks its schema, or its parts do not make a readable layout; all
            complaints of one kind are told together.
    """
    document = read_document(path)
    check(document, "assay")
    parts: list[dict[str, Any]] = document.content["reads"]["read_1"]
    for complaints in (_key_errors, _part_errors, _order_errors, _flank_errors):
        errors = list(complaints(document, parts))
        if errors:
            raise KcalseqErrors(errors)
    *code, left, variant, right = parts
    return Layout(
        name=document.name,
        variant_source=document.content["variant_source"],
        sample_code=SampleCode(code[0]["name"], int(code[0]["length"]), int(code[0]["max_mismatches"]))
        if code
        else None,
        left_flank=Constant(left["name"], left["sequence"], int(left["max_mismatches"])),
        variant=Variant(variant["name"], int(variant["length"]), int(variant["min_quality"])),
        right_flank=Constant(right["name"], right["sequence"], int(right["max_mismatches"])),
    )


def check_sample_codes(codes: Mapping[str, str], layout: Layout, where: str) -> None:
    """Check that the codes fit the layout and that no misread code can be taken for another.

    Args:
        codes: sample of each code.
        layout: the layout of the reads that carry the codes; without a sample code it allows none.
        where: what to call the codes in a message, for example ``config/samples.tsv``.

    Raises:
        KcalseqError: codes where the layout has no place for them or none where it has one, a code of the wrong
            length or with other letters than ACGT, or two codes within twice the allowed mismatches.
    """
    part = layout.sample_code
    if part is None:
        if codes:
            found = f"there are sample codes ({', '.join(sorted(codes))})"
            raise KcalseqError(
                where, found, f"none, since {layout.name} has no sample_code part", "empty the column or add the part"
            )
        return
    if not codes:
        raise KcalseqError(
            where,
            "there are no sample codes",
            f"one a sample, for the part '{part.name}' of {layout.name}",
            "fill the column",
        )
    errors = [error for code, sample in codes.items() for error in _code_errors(code, sample, part, layout, where)]
    if not errors:
        errors = list(_pair_errors(codes, part, where))
    if errors:
        raise KcalseqErrors(errors)


def n_differences(first: str, second: str) -> int:
    """Number of places at which two sequences of one length differ.

    >>> n_differences("ACGT", "ACCA")
    2
    """
    return sum(a != b for a, b in zip(first, second, strict=True))


def _key_errors(document: Document, parts: list[dict[str, Any]]) -> Iterator[KcalseqError]:
    for number, part in enumerate(parts):
        kind, needed = part["kind"], _KEYS_OF_KIND[part["kind"]]
        keys = " and ".join(needed)
        for key in needed:
            if key not in part:
                where = document.where((*_READ, number))
                yield KcalseqError(
                    where,
                    f"the part '{part['name']}' lacks the key '{key}'",
                    f"{keys} in a {kind} part",
                    f"add '{key}:'",
                )
        for key in part:
            if key not in ("name", "kind", *needed):
                where = document.where((*_READ, number, key))
                yield KcalseqError(
                    where, f"the key '{key}' has no meaning in a {kind} part", f"name, kind, {keys}", f"remove '{key}'"
                )


def _part_errors(document: Document, parts: list[dict[str, Any]]) -> Iterator[KcalseqError]:
    names = [part["name"] for part in parts]
    for number, part in enumerate(parts):
        if part["name"] in names[:number]:
            where = document.where((*_READ, number, "name"))
            yield KcalseqError(
                where,
                f"the name '{part['name']}' is taken by an earlier part",
                "a name of its own for each part",
                "rename one",
            )
        length = len(part["sequence"]) if part["kind"] == "constant" else part["length"]
        if 3 * part.get("max_mismatches", 0) > length:
            where = document.where((*_READ, number, "max_mismatches"))
            found = f"{part['max_mismatches']} mismatches allowed in {length} nt"
            yield KcalseqError(
                where,
                found,
                f"at most a third of the part, {length // 3}, or chance finds it anywhere",
                "lower max_mismatches",
            )


def _order_errors(document: Document, parts: list[dict[str, Any]]) -> Iterator[KcalseqError]:
    kinds = [part["kind"] for part in parts]
    read = document.where(_READ)
    for kind, allowed in (("variant", "exactly one"), ("sample_code", "at most one")):
        count = kinds.count(kind)
        if count > 1 or (count == 0 and allowed == "exactly one"):
            yield KcalseqError(read, f"{count} parts of kind {kind}", f"{allowed} in a read", "remove or add parts")
    if kinds.count("variant") != 1 or kinds.count("sample_code") > 1:
        return
    place = kinds.index("variant")
    for side, neighbour in (("left", place - 1), ("right", place + 1)):
        if not 0 <= neighbour < len(kinds) or kinds[neighbour] != "constant":
            found = f"no constant part directly {side} of the variant"
            yield KcalseqError(
                document.where((*_READ, place)),
                found,
                "a constant part on each side of it",
                f"put the {side} flank there",
            )
    for number, kind in enumerate(kinds):
        if kind == "sample_code" and number != 0:
            where = document.where((*_READ, number))
            yield KcalseqError(
                where,
                f"the sample code is part {number + 1} of the read",
                "the sample code before all other parts",
                "move it to the front",
            )
        if kind == "constant" and abs(number - place) > 1:
            where, found = (
                document.where((*_READ, number)),
                f"the constant part '{parts[number]['name']}' does not touch the variant",
            )
            yield KcalseqError(
                where, found, "only the two flanks as constant parts", "remove it, or join it to the flank beside it"
            )


def _flank_errors(document: Document, parts: list[dict[str, Any]]) -> Iterator[KcalseqError]:
    """A flank that resembles itself when shifted cannot tell whether a base is missing beside it."""
    for number, part in enumerate(parts):
        if part["kind"] != "constant":
            continue
        sequence, allowed = part["sequence"], part["max_mismatches"]
        for shift in range(1, min(MAX_SHIFT, len(sequence) - 1) + 1):
            differences = n_differences(sequence[shift:], sequence[:-shift])
            if differences <= allowed:
                where = document.where((*_READ, number, "sequence"))
                found = f"'{sequence}' moved by {shift} nt differs from itself at only {differences} places"
                yield KcalseqError(
                    where,
                    found,
                    f"more than max_mismatches = {allowed}, or a shift goes unseen",
                    "take a longer or less repetitive flank",
                )
                break


def _code_errors(code: str, sample: str, part: SampleCode, layout: Layout, where: str) -> Iterator[KcalseqError]:
    place = f"{where} sample '{sample}', column 'sample_code'"
    if len(code) != part.length:
        found, expected = (
            f"the code '{code}' has {len(code)} letters",
            f"{part.length}, the length of '{part.name}' in {layout.name}",
        )
        yield KcalseqError(place, found, expected, "correct the code or the layout")
    if set(code) - set("ACGT"):
        yield KcalseqError(
            place, f"the code '{code}' has letters other than A, C, G, T", "upper-case DNA", "correct the code"
        )


def _pair_errors(codes: Mapping[str, str], part: SampleCode, where: str) -> Iterator[KcalseqError]:
    needed = 2 * part.max_mismatches + 1
    for first, second in combinations(codes, 2):
        differences = n_differences(first, second)
        if differences < needed:
            yield KcalseqError(
                f"{where} samples '{codes[first]}' and '{codes[second]}', column 'sample_code'",
                f"their codes {first} and {second} differ at {differences} places",
                f"at least {needed}, so that a code with {part.max_mismatches} misread bases has one owner",
                "choose other codes or lower max_mismatches of the sample code",
            )
