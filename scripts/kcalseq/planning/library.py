"""One library of the configuration: its layouts, its design or barcode map, its models, checked together."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kcalseq.association.valuefile import first_row
from kcalseq.errors import KcalseqError
from kcalseq.models.spec import ModelSpec
from kcalseq.planning.activity import read_activity
from kcalseq.planning.association import Association, read_association, read_design_of
from kcalseq.planning.effects import Effects, read_effects
from kcalseq.planning.footprints import read_footprints
from kcalseq.planning.genome import read_genome
from kcalseq.planning.modelfiles import check_length, check_measurement, check_predicted, read_models
from kcalseq.planning.sharedfiles import SharedFiles
from kcalseq.reads.layout import Layout, read_layout
from kcalseq.reads.whitelist import read_whitelist
from kcalseq.yamlfile import Document

_CORRECTION_DEFAULTS = {
    "barcodes": "nearest",
    "distance": None,
    "indels": True,
    "ratio": 20,
    "umis": "directional",
    "umi_indels": True,
}


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
    layout = files.read_named(_checked_layout, item["assay"], f"{where}: its assay")
    association = read_association(item, layout, where, files)
    design = read_design_of(association, where, files)
    lengths = frozenset(map(len, design.sequences)) if design else frozenset()
    models, model_files = read_models(item, where, files)
    for model, path in zip(models.values(), model_files.values(), strict=True):
        check_length(model, path, layout, association, lengths, item["assay"])
        check_measurement(model, path, "reads")
    split = _split(item, where)
    check_predicted(item.get("predict"), models, where)
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
    models, model_files = read_models(item, where, files)
    for model, path in zip(models.values(), model_files.values(), strict=True):
        check_measurement(model, path, "values")
        if model.length != len(first.sequence):
            found, expected = f"sequence.length is {model.length}", f"{len(first.sequence)}, as in {item['values']}"
            raise KcalseqError(path, found, expected, "correct one of the two")
        if model.measurement.noise == "empirical" and "value_se" not in columns:
            found = f"noise: empirical, but {item['values']} has no column value_se"
            raise KcalseqError(path, found, "standard errors", "add the column, or choose another noise")
    check_predicted(item.get("predict"), models, where)
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
