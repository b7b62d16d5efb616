"""The record of a run is a sound RO-Crate, and enough to lay the run out again."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from kcalseq.errors import KcalseqError
from kcalseq.report.crate import DataFile, ResultFile, crate, data_of, texts_of
from kcalseq.report.repeat import lay_out, main

TOLD = {"name": "Test", "date": "2026-11-23", "license": "MIT", "creator": "A lab"}
SOFTWARE = {"kcalseq": "0.1.0", "python": "3.11.2", "numpy": "2.4.6"}
TEXTS = {"config/runs.tsv": "run\tsample\n", "run_config.yaml": "seed: 1\n"}
READS = b"@read"
DATA = [
    DataFile("reads/a.fastq", len(READS), hashlib.sha256(READS).hexdigest()),
    DataFile("reads/copy_of_a.fastq", len(READS), hashlib.sha256(READS).hexdigest()),
    DataFile("design.fa", 0, hashlib.sha256(b"").hexdigest()),
]
RESULTS = [
    ResultFile("runs/a/observations.parquet", "Observations.", 5, "0" * 64),
    ResultFile("report.html", "The page.", None, None),
]


@pytest.fixture
def record() -> dict[str, Any]:
    return crate(TOLD, SOFTWARE, "abc", TEXTS, DATA, RESULTS)


def by_id(record: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {entity["@id"]: entity for entity in record["@graph"]}


def references(value: Any) -> list[str]:
    """Every entity that is referred to, at any depth of an entity's properties."""
    if isinstance(value, list):
        return [name for item in value for name in references(item)]
    if isinstance(value, dict):
        own = [value["@id"]] if set(value) == {"@id"} else []
        return own or [name for item in value.values() for name in references(item)]
    return []


def test_the_crate_is_flat_and_every_reference_is_described(record: dict[str, Any]) -> None:
    names = [entity["@id"] for entity in record["@graph"]]
    assert len(names) == len(set(names))
    outside = {"https://w3id.org/ro/crate/1.1", "http://schema.org/CompletedActionStatus"}
    assert set(references(record["@graph"])) - outside <= set(names)
    assert all("@type" in entity for entity in record["@graph"])


def test_descriptor_and_root_have_what_ro_crate_demands(record: dict[str, Any]) -> None:
    found = by_id(record)
    descriptor = found["ro-crate-metadata.json"]
    assert (descriptor["@type"], descriptor["about"]) == ("CreativeWork", {"@id": "./"})
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    root = found["./"]
    assert root["@type"] == "Dataset"
    assert {"name", "description", "datePublished", "license", "hasPart", "mentions", "conformsTo"} <= set(root)
    files = {name for name, entity in found.items() if entity["@type"] == "File"}
    assert {part["@id"] for part in root["hasPart"]} == files


def test_the_action_has_an_instrument_inputs_and_results(record: dict[str, Any]) -> None:
    found = by_id(record)
    run = found["#run"]
    assert run["@type"] == "CreateAction"
    assert found[run["instrument"]["@id"]]["softwareVersion"] == "0.1.0"
    assert {item["@id"] for item in run["result"]} == {"runs/a/observations.parquet", "report.html"}
    assert {found[item["@id"]]["name"] for item in run["object"]} == {*TEXTS, "a.fastq", "design.fa"}
    assert found["#numpy"]["softwareVersion"] == "2.4.6"


def test_measured_files_have_no_checksum_and_others_do(record: dict[str, Any]) -> None:
    found = by_id(record)
    assert "sha256" not in found["report.html"]
    assert found["runs/a/observations.parquet"]["sha256"] == "0" * 64


def test_one_content_is_one_file_under_its_named_information(record: dict[str, Any]) -> None:
    (empty,) = [entity for entity in record["@graph"] if entity.get("alternateName") == ["design.fa"]]
    # RFC 6920, of no bytes at all.
    assert empty["@id"] == "ni:///sha-256;47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
    (reads,) = [entity for entity in record["@graph"] if entity.get("name") == "a.fastq"]
    assert reads["alternateName"] == ["reads/a.fastq", "reads/copy_of_a.fastq"]
    assert sorted(data_of(record)) == sorted(DATA)


def test_what_the_configuration_does_not_tell_is_left_out() -> None:
    root = by_id(crate({}, SOFTWARE, "abc", TEXTS, DATA, RESULTS))["./"]
    assert not {"datePublished", "license", "creator"} & set(root)


def test_a_run_is_laid_out_from_its_record_and_lacking_data_are_named(record: dict[str, Any], tmp_path: Path) -> None:
    again = json.loads(json.dumps(record))
    lacking = lay_out(again, tmp_path)
    assert {path: (tmp_path / path).read_text(encoding="utf-8") for path in TEXTS} == TEXTS == texts_of(again)
    assert [line.split(" (")[0] for line in lacking] == [
        "missing: design.fa",
        "missing: reads/a.fastq",
        "missing: reads/copy_of_a.fastq",
    ]
    (tmp_path / "design.fa").touch()
    (tmp_path / "reads").mkdir()
    (tmp_path / "reads/a.fastq").write_bytes(READS)
    (tmp_path / "reads/copy_of_a.fastq").write_bytes(b"@other")
    (line,) = lay_out(again, tmp_path)
    assert line.startswith("differs: reads/copy_of_a.fastq")


def test_data_in_object_storage_are_not_looked_for_in_the_folder(tmp_path: Path) -> None:
    digest = hashlib.sha256(READS).hexdigest()
    data = [DataFile("s3://reads/a.fastq", len(READS), digest)]
    held = crate(TOLD, SOFTWARE, "abc", TEXTS, data, RESULTS)
    assert data_of(held) == data
    (line,) = lay_out(held, tmp_path)
    assert line.startswith("fetched by the run: s3://reads/a.fastq") and digest in line


@pytest.mark.parametrize("path", ["../outside.yaml", "/outside.yaml", "a/../../outside.yaml"])
def test_no_text_is_written_outside_the_folder(path: str, tmp_path: Path) -> None:
    record = crate(TOLD, SOFTWARE, "abc", {path: "x"}, [], [])
    with pytest.raises(KcalseqError, match="paths below the folder"):
        lay_out(record, tmp_path / "inner")
    assert not list(tmp_path.rglob("outside.yaml"))


def test_another_file_is_not_written_over(record: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "run_config.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(KcalseqError, match="another file of this name"):
        lay_out(record, tmp_path)
    assert (tmp_path / "run_config.yaml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("content", ["{", "[]", '{"@graph": [{"text": "a"}]}'])
def test_what_is_no_record_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text(content, encoding="utf-8")
    for wrong in (path, tmp_path / "none.json"):
        with pytest.raises(KcalseqError, match="the record of a run"):
            main(wrong, tmp_path)
