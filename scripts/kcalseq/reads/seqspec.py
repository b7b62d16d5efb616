"""Import of a seqspec file: its regions and reads as an assay layout. Needs nothing but Python and PyYAML.

First each read is followed from its primer, forward or (strand neg) backward, as far as it is long; then every region
that tells something (barcode, UMI, variant, sample code) is given to the first read that covers it whole; where read 1
and read 2 cover a variant only together, they are merged; then each read's regions become parts, and what follows its
last telling region is left out but for the constant part there. What a layout cannot express is an error that names
the region. What a seqspec file does not say is set here: one misread base in ten of a constant part, ``MIN_QUALITY``.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import chain, count
from pathlib import Path
from typing import Any, NamedTuple

from kcalseq.errors import KcalseqError
from kcalseq.reads.pattern import BASES_OF_LETTER, flank, length_keys
from kcalseq.reads.seqspec_file import Read, Region, Specification, read_specification

MIN_OVERLAP = 20
"""Bases that read 1 and read 2 must share to be merged, in nt."""
MIN_QUALITY = {"variant": 20, "barcode": 20, "umi": 10}
"""Least quality of each kind of part, as the Phred score of the mean error probability over its bases."""
_TELLING = ("barcode", "umi", "variant", "sample_code")
_COMPLEMENT = str.maketrans("ACGTRYKMBVDH", "TGCAYRMKVBHD")


class _Shown(NamedTuple):
    """A region as a read shows it: how many of its bases, and whether from the other strand."""

    region: Region
    length: int
    backward: bool

    @property
    def whole(self) -> bool:
        return self.length == self.region.max_length


def is_seqspec(path: str | Path) -> bool:
    """Whether a file is a seqspec file rather than a layout; False also where it cannot be read."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return re.search(r"^(library_spec:|(--- )?!Assay\b)", text, re.MULTILINE) is not None


def layout_of_seqspec(
    path: str | Path,
    modality: str | None = None,
    columns: Mapping[str, str] | None = None,
    kinds: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A seqspec file as an assay layout.

    Args:
        path: specification YAML, with or without the tags ``!Assay``, ``!Region`` and so on.
        modality: which of its modalities; None = the only one.
        columns: column of runs.tsv (read_1, read_2, index_1, index_2) of each ``read_id``; those not named are told
            from read_id, name and file names.
        kinds: kind of part of each ``region_id`` whose region_type does not tell it.

    Returns:
        ``description``, ``variant_source``, ``reads`` and, where needed, ``merge``, as config/assays has them. Reads
        that hold nothing but the sample index are left out. Parts stand as the read shows them; one that is shown
        backward has ``reverse_complement``, so that the molecule's 5' to 3' strand is reported. ``whitelist`` of a
        barcode is the file name of its onlist.

    Raises:
        KcalseqError: the file is no seqspec file, or says what a layout cannot express.
    """
    where = str(path)
    specification = read_specification(path, modality, columns or {}, kinds or {})
    seen = {read.column: _follow(read, specification.regions) for read in specification.reads}
    _check_known(seen, where)
    owners = _owners(seen)
    cut = [shown.region for regions in seen.values() for shown in regions if shown.region.kind in _TELLING]
    cut = [region for region in cut if region.path not in owners]
    merge = {}
    if cut:
        seen = {**_merged(specification, cut[0], where), **{name: seen[name] for name in seen if "read" not in name}}
        owners = _owners(seen)
        merge = {"merge": {"min_overlap": MIN_OVERLAP, "max_mismatch_fraction": 0.1}}
    reads = {column: _parts(column, regions, owners, where) for column, regions in seen.items()}
    reads = {column: parts for column, parts in reads.items() if parts}
    _name_apart([part for parts in reads.values() for part in parts])
    variants = [part["name"] for parts in reads.values() for part in parts if part["kind"] == "variant"]
    if not reads or len(variants) > 1:
        found = f"the variants {', '.join(variants)}" if reads else "no read shows a barcode, a UMI or a variant"
        remedy = "correct region_type of the regions, or write the layout by hand"
        raise KcalseqError(where, found, "at most one variant and at least one part that tells something", remedy)
    source = "read" if variants else "barcode"
    return {"description": specification.description, "variant_source": source, **merge, "reads": reads}


def _follow(read: Read, regions: Sequence[Region]) -> list[_Shown]:
    order = range(read.first, -1, -1) if read.backward else range(read.first, len(regions))
    shown, left = [], read.max_length
    for region in (regions[number] for number in order):
        if left > 0 and region.max_length > 0:
            shown.append(_Shown(region, min(left, region.max_length), read.backward))
        left -= region.max_length
    return shown


def _check_known(seen: Mapping[str, list[_Shown]], where: str) -> None:
    for shown in chain.from_iterable(seen.values()):
        if not shown.region.kind:
            found = "its type does not tell what its onlist is for"
            place = f"{where} region '{shown.region.path[-1]}'"
            raise KcalseqError(place, found, "a barcode, a UMI or an index", "correct its region_type")


def _owners(seen: Mapping[str, list[_Shown]]) -> dict[tuple[str, ...], str]:
    """The read that gives each telling region: the first that shows it whole."""
    owners: dict[tuple[str, ...], str] = {}
    for column, regions in seen.items():
        for shown in regions:
            if shown.region.kind in _TELLING and shown.whole:
                owners.setdefault(shown.region.path, column)
    return owners


def _merged(specification: Specification, cut: Region, where: str) -> dict[str, list[_Shown]]:
    """What the merged read shows: all from the primer of read 1 to that of read 2."""
    reads = {read.column: read for read in specification.reads}
    ahead, back = reads.get("read_1"), reads.get("read_2")
    if ahead and back and cut.kind == "variant" and not ahead.backward and back.backward:
        between = [region for region in specification.regions[ahead.first : back.first + 1] if region.max_length]
        total = sum(region.max_length for region in between)
        if cut in between and ahead.max_length + back.max_length >= total + MIN_OVERLAP:
            return {"merged": [_Shown(region, region.max_length, False) for region in between]}
    found = f"no read reaches its end, nor do read 1 and read 2 overlap by {MIN_OVERLAP} nt to show it together"
    remedy = "correct max_len of the reads, or write the layout by hand"
    raise KcalseqError(f"{where} region '{cut.path[-1]}'", found, "a read that shows it whole", remedy)


def _parts(
    column: str, regions: list[_Shown], owners: Mapping[tuple[str, ...], str], where: str
) -> list[dict[str, Any]]:
    telling = [number for number, shown in enumerate(regions) if owners.get(shown.region.path) == column]
    if not telling:
        return []
    end = telling[-1] + 1
    # A constant part behind the last telling one tells where that ends; a kit's adapter is mostly out of sight.
    if end < len(regions) and regions[end].region.kind == "constant" and regions[end].whole:
        open_end = regions[end - 1].region.min_length < regions[end - 1].region.max_length
        end += open_end or not regions[end].region.adapter
    parts = []
    for number, shown in enumerate(regions[:end]):
        passed = shown.region.kind in _TELLING and number not in telling
        parts.append(_part("skip" if passed else shown.region.kind, shown, where))
    return parts


def _name_apart(parts: list[dict[str, Any]]) -> None:
    """Names of the form that layouts ask for, each once."""
    taken: set[str] = set()
    for part in parts:
        plain = re.sub(r"[^a-z0-9]+", "_", part["name"].lower()).strip("_")
        plain = plain if plain[:1].isalpha() else f"{part['kind']}_{plain}".rstrip("_")
        numbered = (f"{plain}_{number}" for number in count(2))
        part["name"] = next(name for name in chain([plain], numbered) if name not in taken)
        taken.add(part["name"])


def _part(kind: str, shown: _Shown, where: str) -> dict[str, Any]:
    region, where = shown.region, f"{where} region '{shown.region.path[-1]}'"
    letters = region.sequence.replace("X", "N")
    if shown.backward:
        letters = letters.translate(_COMPLEMENT)[::-1]
    if set(letters) - set(BASES_OF_LETTER):
        strange = ", ".join(sorted(set(letters) - set(BASES_OF_LETTER)))
        raise KcalseqError(where, f"its sequence has the letters {strange}", "IUPAC letters or X", "correct it")
    lengths = length_keys(region.min_length, region.max_length)
    if kind == "constant" and set(letters) != {"N"}:
        if not letters or set(letters) - set("ACGT"):
            found = f"the constant sequence '{letters}' has other letters than A, C, G, T"
            remedy = "split it into regions, or write the layout by hand"
            raise KcalseqError(where, found, "one known sequence", remedy)
        return flank(region.path[-1], letters)
    part: dict[str, Any] = {"name": region.path[-1], "kind": "skip" if kind == "constant" else kind}
    patterned = kind == "barcode" and set(letters) - {"N"} and len(letters) == region.min_length == region.max_length
    part |= {"pattern": letters} if patterned else lengths
    if part["kind"] == "sample_code":
        part["max_mismatches"] = 0
    elif part["kind"] in _TELLING:
        part["min_quality"] = MIN_QUALITY[kind]
        part |= {"reverse_complement": True} if shown.backward else {}
        part |= {"whitelist": region.whitelist} if region.whitelist else {}
    return part
