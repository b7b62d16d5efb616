"""The record of a run names each file that it was made from."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from kcalseq.plan import Plan
from kcalseq.planning.named import data_files, text_files

from .test_plan import plan as plan  # the fixture


def test_sheets_layouts_and_models_are_texts(plan: Callable[..., Plan]) -> None:
    assert text_files(plan()) == ["samples.tsv", "runs.tsv", "assay.yaml", "one.yaml"]
    assert data_files(plan()) == []


def test_places_on_a_genome_and_fits_to_begin_from_are_data(plan: Callable[..., Plan]) -> None:
    weights = Path("last/libraries/lac/models/one/weights.safetensors")
    found = plan()
    weights.parent.mkdir(parents=True)
    weights.touch()
    libraries = {name: replace(library, genome="places.bed") for name, library in found.libraries.items()}
    told = data_files(replace(found, libraries=libraries, warm_start="last"))
    assert told == ["places.bed", str(weights)]
