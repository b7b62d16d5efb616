"""What the configuration says of effects is checked before any job starts."""

from pathlib import Path
from typing import Any

import pytest

from kcalseq.association.design import Design
from kcalseq.errors import KcalseqError
from kcalseq.planning.effects import Effects, fluorescence_effect_errors, read_effects
from kcalseq.yamlfile import Document

DESIGN = Design("design.fa", ("ref", "one", "two"), ("ACGT", "ACGA", "ACGC"))


def effects(
    block: dict[str, Any] | None, pairs: str = "", folder: Path | None = None, has_barcodes: bool = True
) -> Effects | None:
    """Reads a library's block, beside a sheet of pairs."""
    if folder is not None:
        (folder / "pairs.tsv").write_text(pairs, encoding="utf-8")
        block = {"pairs": str(folder / "pairs.tsv")}
    library = {} if block is None else {"effects": block}
    return read_effects(Document("config.yaml", {"libraries": {"mpra": library}}), "mpra", DESIGN, has_barcodes)


def test_none_are_made_where_none_are_asked_for() -> None:
    assert effects(None) is None


def test_a_reference_and_a_sheet(tmp_path: Path) -> None:
    found = effects({"reference": "ref"})
    assert found is not None and found.reference == "ref" and found.method == "combined"
    assert found.settings() == {"reference": "ref", "method": "combined"}
    sheet = effects(None, "reference\tvariant\nref\tone\none\ttwo\n", tmp_path)
    assert sheet is not None and sheet.pairs == (("one", "ref"), ("two", "one"))
    assert sheet.settings() == {"pairs": str(tmp_path / "pairs.tsv"), "method": "combined"}


def test_barcodes_are_asked_for_by_the_method_that_takes_their_scatter() -> None:
    block = {"reference": "ref", "method": "beta_binomial"}
    found = effects(block)
    assert found is not None and found.settings() == block
    with pytest.raises(KcalseqError, match=r"beta_binomial, and reads without barcodes.*choose combined or moderated"):
        effects(block, has_barcodes=False)
    assert effects({"reference": "ref", "method": "moderated"}, has_barcodes=False) is not None


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ({}, "neither reference nor pairs"),
        ({"method": "moderated"}, "neither reference nor pairs"),
        ({"reference": "ref", "pairs": "pairs.tsv"}, "both reference and pairs"),
        ({"reference": "gone"}, "'gone' is no variant of the design"),
        ({"pairs": "none.tsv"}, "there is no such file"),
    ],
)
def test_faults_of_the_block(block: dict[str, str], told: str) -> None:
    with pytest.raises(KcalseqError, match=told):
        effects(block)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("variant\treference\none\tone\n", "row 1: 'one' against itself"),
        ("variant\treference\none\tref\none\tref\n", "stands in row 1 already"),
        ("variant\treference\none\tgone\n", "'gone' is no variant of the design"),
        ("variant\nref\n", "column 'reference' is missing"),
    ],
)
def test_faults_of_the_sheet(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(KcalseqError, match=told):
        effects(None, text, tmp_path)


def test_single_bases_are_asked_for() -> None:
    plain, asked = effects({"reference": "ref"}), effects({"reference": "ref", "single_bases": True})
    assert plain is not None and not plain.single_bases
    assert asked is not None and asked.single_bases and asked.min_barcodes == 10
    told = {"reference": "ref", "method": "combined", "single_bases": True, "min_barcodes": 10}
    assert asked.settings() == told
    fewer = effects({"reference": "ref", "single_bases": True, "min_barcodes": 3})
    assert fewer is not None and fewer.min_barcodes == 3


def test_a_least_number_of_barcodes_needs_single_bases() -> None:
    with pytest.raises(KcalseqError, match="min_barcodes without single_bases"):
        effects({"reference": "ref", "min_barcodes": 3})


def test_effects_on_fluorescence_are_those_of_combined_means() -> None:
    assert list(fluorescence_effect_errors("lac", effects({"reference": "ref"}), "config.yaml line 9")) == []
    asked = effects({"reference": "ref", "method": "moderated", "single_bases": True})
    told = [str(error) for error in fluorescence_effect_errors("lac", asked, "config.yaml line 9")]
    assert [message.split(": ")[1] for message in told] == ["its method", "its single_bases"]
    assert all("library 'lac' was sorted and has no DNA and RNA counts" in message for message in told)
