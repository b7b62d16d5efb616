"""The record of a run as an RO-Crate: what was run on what, with which settings and versions, and what came out.

RO-Crate 1.1 (Soiland-Reyes et al. 2022) with the profile Process Run Crate 0.5 (Leo et al. 2024). The same run gives
the same bytes: the record holds no time, so the date that RO-Crate asks for is one that the configuration names.
"""

import base64
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import quote

RECORD = "ro-crate-metadata.json"
CONTEXT = ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"]
_CRATE, _PROFILE = "https://w3id.org/ro/crate/1.1", "https://w3id.org/ro/wfrun/process/0.5"
_FORMATS = {
    ".parquet": "application/vnd.apache.parquet",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".yaml": "application/yaml",
    ".html": "text/html",
}
Entity = dict[str, Any]


class DataFile(NamedTuple):
    """A file that was read, and that is not in the crate: its path as the configuration names it."""

    path: str
    n_bytes: int
    sha256: str


class ResultFile(NamedTuple):
    """A file in the crate: its path from the crate's folder, what it is, its size and checksum.

    Size and checksum are None where the file holds measured times.
    """

    path: str
    meaning: str
    n_bytes: int | None
    sha256: str | None


def crate(
    told: Mapping[str, str],
    software: Mapping[str, str],
    code: str,
    texts: Mapping[str, str],
    data: Sequence[DataFile],
    results: Sequence[ResultFile],
) -> Entity:
    """The record of a run.

    Args:
        told: what the configuration says of the record: name, date, license, creator; what is missing is left out.
        software: versions by name, kcalseq's own among them.
        code: digest of kcalseq's code.
        texts: sheets, layouts and models by their paths, as they were.
        data: files that were read.
        results: files that were made.

    Returns:
        JSON-LD, the same for the same arguments.
    """
    inputs = [*_text_entities(texts), *_data_entities(data)]
    outputs = [_result_entity(result) for result in sorted(results)]
    programs: list[Entity] = [
        {"@id": f"#{name}", "@type": "SoftwareApplication", "name": name, "softwareVersion": version}
        for name, version in sorted(software.items())
    ]
    own = next(program for program in programs if program["name"] == "kcalseq")
    own["identifier"] = f"code:{code}"
    own["softwareRequirements"] = [_id(program) for program in programs if program is not own]
    run = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": "kcalseq, from reads to activities and energies",
        "instrument": _id(own),
        "object": [_id(entity) for entity in inputs],
        "result": [_id(entity) for entity in outputs],
        "actionStatus": {"@id": "http://schema.org/CompletedActionStatus"},
    }
    web = [entity for entity in inputs if entity["@type"] == "File"]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "conformsTo": {"@id": _PROFILE},
        "name": told.get("name", "Results of kcalseq"),
        "description": "Results of one run of kcalseq, with checksums of its inputs, its settings and its versions.",
        **({"datePublished": told["date"]} if "date" in told else {}),
        **({"license": told["license"]} if "license" in told else {}),
        **({"creator": {"@id": "#creator"}} if "creator" in told else {}),
        "hasPart": [_id(entity) for entity in [*web, *outputs]],
        "mentions": _id(run),
    }
    descriptor = {"@id": RECORD, "@type": "CreativeWork", "conformsTo": {"@id": _CRATE}, "about": {"@id": "./"}}
    profile = {"@id": _PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}
    creator = [{"@id": "#creator", "@type": "Person", "name": told["creator"]}] if "creator" in told else []
    graph = [descriptor, root, profile, *creator, run, *programs, *inputs, *outputs]
    return {"@context": CONTEXT, "@graph": graph}


def texts_of(record: Mapping[str, Any]) -> dict[str, str]:
    """The sheets, layouts, models and the configuration that a record holds, by their paths."""
    return {entity["name"]: entity["text"] for entity in record["@graph"] if "text" in entity}


def data_of(record: Mapping[str, Any]) -> list[DataFile]:
    """The files that the run of a record read, one for each path by which they were named."""
    return [
        DataFile(path, int(entity["contentSize"]), entity["sha256"])
        for entity in record["@graph"]
        if entity["@id"].startswith("ni:")
        for path in entity["alternateName"]
    ]


def _id(entity: Mapping[str, Any]) -> dict[str, str]:
    return {"@id": entity["@id"]}


def _text_entities(texts: Mapping[str, str]) -> list[Entity]:
    return [
        {"@id": f"#{quote(path)}", "@type": "CreativeWork", "name": path, "text": text, **_format(path)}
        for path, text in sorted(texts.items())
    ]


def _data_entities(data: Sequence[DataFile]) -> list[Entity]:
    """One entity a content: files are named by their checksums (RFC 6920), since their places differ between labs."""
    paths: dict[str, list[DataFile]] = {}
    for file in sorted(set(data)):
        paths.setdefault(file.sha256, []).append(file)
    return [
        {
            "@id": _named_information(digest),
            "@type": "File",
            "name": PurePosixPath(files[0].path).name,
            "alternateName": [file.path for file in files],
            "contentSize": str(files[0].n_bytes),
            "sha256": digest,
        }
        for digest, files in sorted(paths.items(), key=lambda pair: pair[1][0].path)
    ]


def _named_information(digest: str) -> str:
    return "ni:///sha-256;" + base64.urlsafe_b64encode(bytes.fromhex(digest)).decode().rstrip("=")


def _result_entity(result: ResultFile) -> Entity:
    measured = {} if result.sha256 is None else {"contentSize": str(result.n_bytes), "sha256": result.sha256}
    return {
        "@id": quote(result.path),
        "@type": "File",
        "name": result.path,
        "description": result.meaning,
        **_format(result.path),
        **measured,
    }


def _format(path: str) -> dict[str, str]:
    found = _FORMATS.get(PurePosixPath(path).suffix)
    return {"encodingFormat": found} if found else {}
