"""What makes the parts of a layout readable: keys that suit each kind, an order that leaves no part's place open.

Works on the YAML's own lists, so that every complaint names its line.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from kcalseq.errors import KcalseqError
from kcalseq.reads.pattern import parse_pattern
from kcalseq.reads.samplecodes import n_differences
from kcalseq.yamlfile import Document, KeyPath

_Parts = list[dict[str, Any]]
_LENGTH = ("length", "min_length", "max_length")
# Keys that a kind must have and those that it may have besides; _LENGTH stands for one of its two forms.
_NEEDED: dict[str, tuple[str, ...]] = {
    "sample_code": ("length", "max_mismatches"),
    "constant": ("sequence", "max_mismatches"),
    "variant": ("length", "min_quality"),
    "barcode": ("length", "min_quality"),
    "umi": ("length", "min_quality"),
    "skip": ("length",),
}
_ALLOWED: dict[str, tuple[str, ...]] = {
    "sample_code": ("reverse_complement",),
    "constant": ("indels", "max_shift"),
    "variant": ("min_length", "max_length", "reverse_complement"),
    "barcode": ("min_length", "max_length", "pattern", "drop_constant", "reverse_complement", "whitelist"),
    "umi": ("min_length", "max_length", "pattern", "drop_constant", "reverse_complement"),
    "skip": ("min_length", "max_length"),
}


def layout_errors(document: Document) -> Iterator[list[KcalseqError]]:
    """Complaints, one kind after another; a later kind makes sense only if an earlier one has none.

    Args:
        document: a layout that keeps its schema, with short strings spelled out.
    """
    yield list(_key_errors(document))
    yield list(_part_errors(document))
    yield list(_whole_errors(document))
    yield list(_order_errors(document))
    yield [*_code_errors(document), *_search_errors(document)]
    yield list(_repeat_errors(document))


def _lists(document: Document) -> Iterator[tuple[KeyPath, _Parts]]:
    for slot, parts in document.content["reads"].items():
        yield ("reads", slot), parts
    if "read_name" in document.content:
        yield ("read_name", "parts"), document.content["read_name"]["parts"]


def _places(document: Document) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    for path, parts in _lists(document):
        for number, part in enumerate(parts):
            yield (*path, number), part


def _key_errors(document: Document) -> Iterator[KcalseqError]:
    for path, part in _places(document):
        kind, in_name = part["kind"], path[0] == "read_name"
        needed, allowed = set(_NEEDED[kind]), {*_NEEDED[kind], *_ALLOWED[kind]}
        if in_name:  # a name has no qualities
            needed, allowed = needed - {"min_quality"}, allowed - {"min_quality", "drop_constant"}
        if "pattern" in part or ("min_length" in part and "max_length" in part):
            needed.discard("length")
            allowed -= set(_LENGTH) if "pattern" in part else {"length"}
        elif "length" in part:
            allowed -= {"min_length", "max_length"}
        for key in sorted(needed - set(part)):
            found = f"the part '{part['name']}' lacks the key '{key}'"
            expected = " and ".join(name for name in _NEEDED[kind] if name in needed) + f" in a {kind} part"
            yield KcalseqError(document.where(path), found, expected, f"add '{key}:'")
        for key in part:
            if key not in ("name", "kind") and key not in allowed:
                found = f"the key '{key}' has no meaning in a {kind} part"
                expected = "name, kind, " + ", ".join(
                    name for name in (*_NEEDED[kind], *_ALLOWED[kind]) if name in allowed
                )
                yield KcalseqError(document.where((*path, key)), found, expected, f"remove '{key}'")


def _part_errors(document: Document) -> Iterator[KcalseqError]:
    names = set(document.content["reads"])
    for path, part in _places(document):
        if part["name"] in names:
            found = f"the name '{part['name']}' is taken by an earlier part or a read"
            yield KcalseqError(document.where((*path, "name")), found, "a name of its own for each part", "rename one")
        names.add(part["name"])
        if "pattern" in part:
            pattern = parse_pattern(part["pattern"], document.where((*path, "pattern")))
            if part.get("drop_constant") and all(element.letter in "ACGT" for element in pattern.elements):
                found, expected = (
                    f"nothing is left of '{part['pattern']}' without its constant letters",
                    "a base to count",
                )
                where = document.where((*path, "pattern"))
                yield KcalseqError(where, found, expected, "name the bases that vary, or make it a constant part")
        if part.get("min_length", 0) > part.get("max_length", part.get("min_length", 0)):
            found = f"min_length {part['min_length']} above max_length {part['max_length']}"
            yield KcalseqError(document.where(path), found, "min_length at most max_length", "correct one of the two")
        length = len(part["sequence"]) if part["kind"] == "constant" else part.get("length", 0)
        allowed = part.get("max_mismatches", 0)
        if 3 * allowed > length and allowed:
            found = f"{allowed} mismatches allowed in {length} nt"
            expected = f"at most a third of the part, {length // 3}, or chance finds it anywhere"
            yield KcalseqError(document.where((*path, "max_mismatches")), found, expected, "lower max_mismatches")


def _whole_errors(document: Document) -> Iterator[KcalseqError]:
    content = document.content
    kinds = [part["kind"] for _, part in _places(document)]
    if kinds.count("sample_code") > 1:
        found = f"{kinds.count('sample_code')} parts of kind sample_code"
        yield KcalseqError(document.where(("reads",)), found, "at most one", "remove parts")
    if kinds.count("variant") > 1:
        found, remedy = f"{kinds.count('variant')} parts of kind variant", "remove parts, or merge the mates"
        yield KcalseqError(document.where(("reads",)), found, "at most one", remedy)
    source = content.get("variant_source", "read")
    if source not in kinds and (source == "barcode" or "variant" not in kinds):
        wanted = {"read": "variant", "barcode": "barcode"}[source]
        found = f"variant_source is '{source}', but no part is a {wanted}"
        yield KcalseqError(document.where(("reads",)), found, f"a {wanted} part", "add it or change variant_source")
    if ("merge" in content) != ("merged" in content["reads"]):
        found = "the block 'merge' and the read 'merged' are not there together"
        yield KcalseqError(document.where(("reads",)), found, "both or neither", "add the other or remove it")
    if "merged" in content["reads"]:
        for slot in ("read_1", "read_2"):
            if slot in content["reads"]:
                found = f"parts of both '{slot}' and 'merged'"
                yield KcalseqError(
                    document.where(("reads", slot)),
                    found,
                    "merged alone, since it holds the mates",
                    f"move the parts of {slot} into merged",
                )
    yield from _name_errors(document)
    turned = [
        part["kind"] for slot, parts in content["reads"].items() if not slot.startswith("index") for part in parts
    ]
    if content.get("strand") == "both" and "constant" not in turned:
        found = "strand is 'both', but no part is constant (index reads aside)"
        yield KcalseqError(document.where(("strand",)), found, "a constant part, to tell the strands apart", "add one")


def _name_errors(document: Document) -> Iterator[KcalseqError]:
    if "read_name" not in document.content:
        return
    block, where = document.content["read_name"], document.where(("read_name", "pattern"))
    try:
        groups = set(re.compile(block["pattern"]).groupindex)
    except re.error as error:
        yield KcalseqError(where, f"not a regular expression ({error})", "one of Python's form", "mend it there")
        return
    for part in block["parts"]:
        if part["kind"] not in ("barcode", "umi"):
            found = f"a part of kind {part['kind']} in the read's name"
            yield KcalseqError(where, found, "barcode or umi", "correct the kind")
        if part["name"] not in groups:
            found = f"no group (?P<{part['name']}>...) for the part '{part['name']}'"
            yield KcalseqError(where, found, "a named group for each part", "add the group or rename it")


def _varies(part: dict[str, Any]) -> bool:
    if "pattern" in part:
        pattern = parse_pattern(part["pattern"], part["name"])
        return pattern.min_length != pattern.max_length
    return "min_length" in part


def _order_errors(document: Document) -> Iterator[KcalseqError]:
    for path, parts in _lists(document):
        if path[0] == "read_name":
            continue
        for is_constant, run in groupby(enumerate(parts), key=lambda item: item[1]["kind"] == "constant"):
            stretch = list(run)
            varying = [item for item in stretch if not is_constant and _varies(item[1])]
            if len(varying) > 1:
                number, part = varying[1]
                found = (
                    f"'{varying[0][1]['name']}' and '{part['name']}' both vary in length with no constant part between"
                )
                yield KcalseqError(
                    document.where((*path, number)),
                    found,
                    "one such part between two constant parts",
                    "give one a fixed length, or name the constant bases between them",
                )


def _code_errors(document: Document) -> Iterator[KcalseqError]:
    """A sample code is looked for in its place only, before the other parts."""
    for path, parts in _lists(document):
        for number, part in enumerate(parts):
            before = [other for other in parts[:number] if other["kind"] == "constant" or _varies(other)]
            if part["kind"] == "sample_code" and before:
                other = before[0]
                why = "is constant, so that it may move" if other["kind"] == "constant" else "varies in length"
                found = f"'{other['name']}' stands before the sample code '{part['name']}' and {why}"
                expected = "only parts of fixed length before a sample code, none of them constant"
                remedy = "put the sample code first, or skip the bases before it with a part of fixed length"
                yield KcalseqError(document.where((*path, number)), found, expected, remedy)


def _search_errors(document: Document) -> Iterator[KcalseqError]:
    """A read with a pattern of open length is searched as a whole, with mismatches only; names are not searched."""
    for path, parts in _lists(document):
        searched = [part for part in parts if "pattern" in part and (_varies(part) or part.get("drop_constant"))]
        for number, part in enumerate(parts):
            if path[0] == "read_name" and part in searched:
                found = f"the pattern of '{part['name']}' has no fixed length"
                expected, remedy = "one IUPAC letter a base in a name", "give min_length and max_length instead"
                yield KcalseqError(document.where((*path, number, "pattern")), found, expected, remedy)
            if searched and part.get("indels"):
                found = (
                    f"'{part['name']}' may have indels beside '{searched[0]['name']}', whose pattern is searched for"
                )
                expected, remedy = "mismatches only in such a read", "remove 'indels'"
                yield KcalseqError(document.where((*path, number, "indels")), found, expected, remedy)


def _repeat_errors(document: Document) -> Iterator[KcalseqError]:
    """A flank that resembles itself when shifted cannot tell whether a base is missing beside it."""
    for path, parts in _lists(document):
        for number, part in enumerate(parts):
            beside = [parts[place]["kind"] for place in (number - 1, number + 1) if 0 <= place < len(parts)]
            if part["kind"] != "constant" or "variant" not in beside:
                continue
            sequence, allowed = part["sequence"], part["max_mismatches"]
            for shift in range(1, min(part.get("max_shift", 3), len(sequence) - 1) + 1):
                differences = n_differences(sequence[shift:], sequence[:-shift])
                if differences <= allowed:
                    found = f"'{sequence}' moved by {shift} nt differs from itself at only {differences} places"
                    expected = f"more than max_mismatches = {allowed}, or a shift goes unseen"
                    where = document.where((*path, number, "sequence"))
                    yield KcalseqError(where, found, expected, "take a longer or less repetitive flank")
                    break
