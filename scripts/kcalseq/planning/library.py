"""One library of the configuration: its layouts, its design or barcode map, its models, checked together."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from kcalseq.association.design import Design, read_design
from kcalseq.association.valuefile import first_row
from kcalseq.errors import KcalseqError
from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.planning.activity import read_activity
from kcalseq.planning.effects import Effects, read_effects
from kcalseq.planning.footprints import read_footprints
from kcalseq.planning.genome import read_genome
from kcalseq.planning.sharedfiles import SharedFiles
from kcalseq.queries import read_queries
from kcalseq.reads.layout import Layout, read_layout
from kcalseq.reads.whitelist import read_whitelist
from kcalseq.yamlfile import Document

_T = TypeVar("_T")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_DESIGN_KEYS = ("left_adapter", "right_adapter", "rename")
_RULES = ("min_reads", "min_purity", "max_second", "mutated", "correct_barcodes")
_RULE_DEFAULTS = {"min_reads": 3, "min_purity": None, "max_second": 0.03, "mutated": "flag", "correct_barcodes": True}
_CORRECTION_DEFAULTS = {
    "barcodes": "nearest",
    "distance": None,
    "indels": True,
    "ratio": 20,
    "umis": "directional",
    "umi_indels": True,
}


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


@dataclass(frozen=True)
class Library:
    """A library with its layouts and its models, and the file each model came from.

    One that came as a table of ``values`` has neither reads nor layout.
    """

    name: str
    description: str
    assay: str
    layout: Layout | None
    association: Association | None
    correction: dict[str, Any]
    models: dict[str, ModelSpec]
    model_files: dict[str, str]
    split: str | None
    predict: str | None
    observations: str
    design_lengths: frozenset[int] = field(default=frozenset())
    values: str = ""
    activity: dict[str, Any] = field(default_factory=dict)
    footprints: dict[str, Any] = field(default_factory=dict)
    effects: Effects | None = None
    genome: str = ""

    @property
    def has_barcodes(self) -> bool:
        """Whether its counted reads hold barcodes that stand for variants."""
        return self.layout is not None and self.layout.variant_source == "barcode"

    @property
    def has_variants(self) -> bool:
        """Whether variants are known: read directly, or by a barcode map."""
        return not self.has_barcodes or self.association is not None

    def settings(self) -> dict[str, Any]:
        """The library's block of the configuration with all defaults filled in."""
        source = {"values": self.values} if self.values else {"assay": self.assay, "observations": self.observations}
        block: dict[str, Any] = {
            "description": self.description,
            **source,
            "models": list(self.model_files.values()),
        }
        if self.split is not None:
            block["split"] = self.split
        if self.predict is not None:
            block["predict"] = self.predict
        if self.has_barcodes:
            block["correction"] = {key: value for key, value in self.correction.items() if value is not None}
        if self.effects is not None:
            block["effects"] = self.effects.settings()
        if self.genome:
            block["genome"] = {"elements": self.genome}
        if self.association is not None:
            texts = {key: getattr(self.association, key) for key in ("assay", "design", "map")}
            options = {**texts, **self.association.design_options, **self.association.rules}
            if self.association.map_turned:
                options["map_reverse_complement"] = True
            block["association"] = {key: value for key, value in options.items() if value not in ("", None)}
        return block


def read_library(document: Document, name: str, files: SharedFiles) -> Library:
    """Read and check one library.

    Args:
        document: the configuration, which keeps its schema.
        name: name of the library.
        files: what other libraries of the plan have read.

    Raises:
        KcalseqError: a file that it names is missing or faulty, or its parts do not suit each other.
    """
    item, where = document.content["libraries"][name], document.where(("libraries", name))
    if "values" in item:
        return _library_of_values(document, name, files)
    if "assay" not in item:
        found, expected = "neither an assay nor values", "the layout of its reads, or a table of values"
        raise KcalseqError(where, found, expected, "add 'assay:' or 'values:'")
    layout = _from_file(files, _checked_layout, item["assay"], f"{where}: its assay")
    association = _association(item, layout, where, files)
    design = _design(association, where, files)
    lengths = frozenset(map(len, design.sequences)) if design else frozenset()
    models, model_files = _models(item, where, files)
    for model, path in zip(models.values(), model_files.values(), strict=True):
        _check_length(model, path, layout, association, lengths, item["assay"])
        _check_measurement(model, path, "reads")
    split = _split(item, where)
    _check_predicted(item.get("predict"), models, where)
    return Library(
        name=name,
        description=item.get("description", ""),
        assay=item["assay"],
        layout=layout,
        association=association,
        correction={**_CORRECTION_DEFAULTS, **item.get("correction", {})},
        models=models,
        model_files=model_files,
        split=split,
        predict=item.get("predict"),
        observations=item.get("observations", "presence"),
        design_lengths=lengths,
        activity=read_activity(document, name, design),
        footprints=read_footprints(document, name),
        effects=read_effects(document, name, design, layout.variant_source == "barcode"),
        genome=read_genome(document, name, design),
    )


def _library_of_values(document: Document, name: str, files: SharedFiles) -> Library:
    item, where = document.content["libraries"][name], document.where(("libraries", name))
    for key in ("assay", "association", "correction", "observations", "activity", "effects", "footprints", "genome"):
        if key in item:
            place = document.where(("libraries", name, key))
            raise KcalseqError(place, f"{key} beside values", "none, since there are no reads", f"remove {key}")
    columns, first = first_row(item["values"])
    models, model_files = _models(item, where, files)
    for model, path in zip(models.values(), model_files.values(), strict=True):
        _check_measurement(model, path, "values")
        if model.length != len(first.sequence):
            found, expected = f"sequence.length is {model.length}", f"{len(first.sequence)}, as in {item['values']}"
            raise KcalseqError(path, found, expected, "correct one of the two")
        if model.measurement.noise == "empirical" and "value_se" not in columns:
            found = f"noise: empirical, but {item['values']} has no column value_se"
            raise KcalseqError(path, found, "standard errors", "add the column, or choose another noise")
    _check_predicted(item.get("predict"), models, where)
    split = _split(item, where)
    if split is not None and "set" in columns:
        found = f"a split beside the column set of {item['values']}"
        raise KcalseqError(document.where(("libraries", name, "split")), found, "one of the two", "remove one")
    return Library(
        name=name,
        description=item.get("description", ""),
        assay="",
        layout=None,
        association=None,
        correction={},
        models=models,
        model_files=model_files,
        split=split,
        predict=item.get("predict"),
        observations="value",
        values=item["values"],
    )


def _split(item: dict[str, Any], where: str) -> str | None:
    split: str | None = item.get("split")
    if split is not None and not Path(split).is_file():
        raise KcalseqError(
            where, f"split '{split}' is no file", "a table of variants", "correct the path or drop 'split'"
        )
    return split


def _check_measurement(model: ModelSpec, path: str, source: str) -> None:
    kind = model.measurement.kind
    if (kind == "continuous") != (source == "values"):
        found, expected = f"a measurement of kind {kind}", "kind: continuous" if source == "values" else "another kind"
        raise KcalseqError(path, found, f"{expected} for a library of {source}", "correct the model or the library")


def _association(item: dict[str, Any], layout: Layout, where: str, files: SharedFiles) -> Association | None:
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
    reads = _from_file(files, read_layout, assay, f"{where}: its association's assay") if assay else None
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


def _checked_layout(path: str) -> Layout:
    """A layout whose whitelist, if it has one, suits it."""
    layout = read_layout(path)
    if not layout.whitelist:
        return layout
    if not Path(layout.whitelist).is_file():
        found = f"the whitelist '{layout.whitelist}' is no file"
        raise KcalseqError(path, found, "a file with one barcode a line", "correct the path")
    lengths = layout.length_of("barcode")
    for barcode in read_whitelist(layout.whitelist):
        if not lengths[0] <= len(barcode) <= lengths[1]:
            found = f"the barcode {barcode} has {len(barcode)} letters"
            expected = f"{lengths[0]} to {lengths[1]}, the length of the barcode in {layout.name}"
            raise KcalseqError(layout.whitelist, found, expected, "correct the list or the layout")
    return layout


def _design(association: Association | None, where: str, files: SharedFiles) -> Design | None:
    if association is None or not association.design:
        return None
    if not Path(association.design).is_file():
        found = f"'{association.design}' is no file"
        raise KcalseqError(f"{where}: its design", found, "a FASTA file of the oligos", "correct the path")
    return files.read(read_design, association.design, **association.design_options)


def _models(item: dict[str, Any], where: str, files: SharedFiles) -> tuple[dict[str, ModelSpec], dict[str, str]]:
    models: dict[str, ModelSpec] = {}
    named: dict[str, str] = {}
    for path in item["models"]:
        if not _PLAIN_NAME.fullmatch(Path(path).stem):
            found = f"the model file '{path}' names files and columns"
            raise KcalseqError(where, found, "letters, digits, _ and - before .yaml", "rename the file")
        model = _from_file(files, read_model, path, f"{where}: its model")
        if model.name in models:
            raise KcalseqError(
                where, f"two models named '{model.name}'", "one file name each", "rename one of the files"
            )
        models[model.name], named[model.name] = model, path
    return models, named


def _check_length(
    model: ModelSpec, path: str, layout: Layout, association: Association | None, designed: frozenset[int], assay: str
) -> None:
    found = f"sequence.length is {model.length}"
    if designed:
        if designed != {model.length}:
            lengths = ", ".join(map(str, sorted(designed)))
            source = association.design if association else ""
            raise KcalseqError(
                path, found, f"{lengths}, the lengths of the oligos in {source}", "correct one of the two"
            )
        return
    reads = association.layout if association and association.layout else layout
    if reads.parts("variant") and reads.length_of("variant") != (model.length, model.length):
        low, high = reads.length_of("variant")
        length = f"{low}" if low == high else f"{low} to {high}"
        raise KcalseqError(
            path, found, f"{length}, the length of the variant in {reads.name or assay}", "correct one of the two"
        )


def _check_predicted(path: str | None, models: dict[str, ModelSpec], where: str) -> None:
    if path is None:
        return
    if not models:
        found = f"sequences to predict ('{path}'), but no model"
        raise KcalseqError(where, found, "models to predict them with", "name models, or drop 'predict'")
    if not Path(path).is_file():
        found = f"'{path}' is no file"
        raise KcalseqError(f"{where}: its sequences to predict", found, "a FASTA file", "correct the path")
    longest = max(models.values(), key=lambda model: model.length)
    read_queries(path, longest.length, longest.name)


def _from_file(files: SharedFiles, read: Callable[[str], _T], path: str, where: str) -> _T:
    if not Path(path).is_file():
        raise KcalseqError(where, f"'{path}' is no file", "a YAML file", "correct the path")
    return files.read(read, path)
