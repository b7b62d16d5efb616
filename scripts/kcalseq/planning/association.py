"""Where a library's block of the configuration says that the variants of its barcodes come from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kcalseq.association.design import Design, read_design
from kcalseq.errors import KcalseqError
from kcalseq.planning.sharedfiles import SharedFiles
from kcalseq.reads.layout import Layout, read_layout

_DESIGN_KEYS = ("left_adapter", "right_adapter", "rename")
_RULES = ("min_reads", "min_purity", "max_second", "mutated", "correct_barcodes")
_RULE_DEFAULTS = {"min_reads": 3, "min_purity": None, "max_second": 0.03, "mutated": "flag", "correct_barcodes": True}


@dataclass(frozen=True)
class Association:
    """Where the variant of a barcode comes from.

    Attributes:
        assay: layout file of the association runs; empty = every counted read holds both, or the map is imported.
        layout: the layout itself, or None.
        design: FASTA of the designed oligos, or empty.
        design_options: adapters to take off, and whether to rename.
        map: table of a barcode map made elsewhere, or empty.
        map_turned: whether that map shows the reverse complement of the barcodes.
        rules: keys of ``association.settings.Settings``.
    """

    assay: str
    layout: Layout | None
    design: str
    design_options: dict[str, Any]
    map: str
    map_turned: bool
    rules: dict[str, Any]


def read_association(item: dict[str, Any], layout: Layout, where: str, files: SharedFiles) -> Association | None:
    """The association of a library; None where its block names none.

    Raises:
        KcalseqError: it does not suit the layout of the counted reads, or a file that it names is missing.
    """
    if "association" not in item:
        return None
    block = item["association"]
    if layout.variant_source == "read":
        found = f"an association, but {item['assay']} says 'variant_source: read'"
        raise KcalseqError(where, found, "'variant_source: barcode' in it", "correct it, or remove 'association'")
    assay = block.get("assay", "")
    if block.get("map") and assay:
        found = "a finished barcode map beside an association layout"
        raise KcalseqError(f"{where}: its association", found, "one of the two", "remove 'map' or 'assay'")
    reads = files.read_named(read_layout, assay, f"{where}: its association's assay") if assay else None
    if not block.get("map"):
        chosen = layout if reads is None else reads
        for kind in ("barcode", "variant"):
            if not chosen.parts(kind):
                found = f"association needs barcode and variant in one read, but {chosen.name} has no {kind} part"
                remedy = "add the part; or name the layout of the association runs as 'association: {assay: ...}'"
                raise KcalseqError(where, found, f"a part of kind {kind}", remedy)
    elif not Path(block["map"]).is_file():
        raise KcalseqError(f"{where}: its barcode map", f"'{block['map']}' is no file", "a table", "correct the path")
    if reads is not None and reads.length_of("barcode") != layout.length_of("barcode"):
        lengths = [
            f"{low}" if low == high else f"{low} to {high}"
            for low, high in (reads.length_of("barcode"), layout.length_of("barcode"))
        ]
        found = f"barcodes of {lengths[0]} nt in {reads.name}, of {lengths[1]} nt in {layout.name}"
        raise KcalseqError(where, found, "the same barcode in both layouts", "correct one of the two")
    return Association(
        assay=assay,
        layout=reads,
        design=block.get("design", ""),
        design_options={key: block[key] for key in _DESIGN_KEYS if key in block},
        map=block.get("map", ""),
        map_turned=block.get("map_reverse_complement", False),
        rules={key: block.get(key, _RULE_DEFAULTS[key]) for key in _RULES},
    )


def read_design_of(association: Association | None, where: str, files: SharedFiles) -> Design | None:
    """The designed oligos of an association, if it names some.

    Raises:
        KcalseqError: the file is missing or faulty.
    """
    if association is None or not association.design:
        return None
    if not Path(association.design).is_file():
        found = f"'{association.design}' is no file"
        raise KcalseqError(f"{where}: its design", found, "a FASTA file of the oligos", "correct the path")
    return files.read(read_design, association.design, **association.design_options)
