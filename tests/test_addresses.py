"""Addresses of reads in object storage: what is wrong with one is said before anything is fetched."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from kcalseq import addresses
from kcalseq.addresses import PLUGINS, address_error, scheme_of
from kcalseq.errors import KcalseqError
from kcalseq.plan import Plan
from kcalseq.planning.remote import check_storage

from .test_plan import plan as plan  # the fixture
from .test_plan import refusal

REMOTE = ("runs.tsv", "one.fastq", "s3://reads/run17/one.fastq.gz")


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the plugin were there; tests of addresses need none."""
    monkeypatch.setattr(addresses, "find_spec", lambda name: name == "snakemake_storage_plugin_s3" or None)


@pytest.mark.parametrize("path", ["reads/one.fastq", "/data/one.fastq", "C:/reads/one.fastq", "a:b", "s3:/one", ""])
def test_paths_are_no_addresses(path: str) -> None:
    assert scheme_of(path) == ""


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("gs://reads/one.fastq", "is of the scheme 'gs'"),
        ("S3://reads/one.fastq", "is of the scheme 'S3'"),
        ("s3://reads", "names no object"),
        ("s3:///one.fastq", "names no object"),
        ("s3://reads/run17/", "names no object"),
        ("s3://reads//one.fastq", "names no object"),
        ("s3://reads/../one.fastq", "names no object"),
        ("s3://name:word@reads/one.fastq", "names no object"),
        ("s3://reads/one.fastq?versionId=2", "has a ? or #"),
        ("s3://reads/lane#1.fastq", "has a ? or #"),
    ],
)
def test_an_address_that_would_fetch_something_else_or_nothing_is_refused(address: str, told: str) -> None:
    assert told in str(address_error("runs.tsv row 1", address))


@pytest.mark.parametrize("address", ["s3://reads/one.fastq", "s3://my.lab-1/run 17/a+b=c (1).fastq.gz"])
def test_an_address_of_an_object_is_right(address: str) -> None:
    assert address_error("runs.tsv row 1", address) is None


def test_without_the_plugin_it_is_said_what_to_install(
    plan: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "find_spec", lambda name: None)
    told = refusal(plan, REMOTE)
    assert "runs.tsv row 1: 's3://reads/run17/one.fastq.gz' lies in object storage" in told
    assert told.endswith("Remedy: pip install snakemake-storage-plugin-s3==0.3.6.")


def test_the_plugin_is_the_one_that_the_tests_pin() -> None:
    tests = Path(__file__).parents[1] / "requirements-test.txt"
    assert set(PLUGINS.values()) <= set(tests.read_text(encoding="utf-8").splitlines())


def test_a_plan_knows_which_row_names_an_address(plan: Callable[..., Plan]) -> None:
    found = plan(REMOTE)
    assert found.files_of_run("r1") == {"read_1": "s3://reads/run17/one.fastq.gz"}
    assert found.addresses() == {"s3://reads/run17/one.fastq.gz": "runs.tsv row 1"}
    assert plan().addresses() == {}


def test_one_object_in_two_rows_is_refused(plan: Callable[..., Plan]) -> None:
    told = refusal(plan, REMOTE, ("runs.tsv", "two.fastq", "s3://reads/run17/one.fastq.gz"))
    assert "runs.tsv row 2: 's3://reads/run17/one.fastq.gz' is the file of row 1" in told


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("runs: runs.tsv", "runs: s3://lab/runs.tsv", "config.yaml line 2, key 'runs'"),
        ("assay: assay.yaml", "assay: s3://lab/assay.yaml", "config.yaml line 6"),
        ("models: [one.yaml]", "models: [one.yaml]\n    split: s3://lab/split.tsv", "config.yaml line 8"),
    ],
)
def test_only_reads_may_lie_in_object_storage(plan: Callable[..., Plan], old: str, new: str, line: str) -> None:
    told = refusal(plan, ("config.yaml", old, new))
    assert line in told and "is an address; expected a file on this machine" in told


def test_images_licences_and_words_may_be_addresses(plan: Callable[..., Plan]) -> None:
    words = "container: docker://lab/kcalseq\nrecord: {license: 'https://spdx.org/licenses/MIT'}\nseed: 4"
    assert plan(("config.yaml", "seed: 4", words)).container == "docker://lab/kcalseq"


def storage(there: Callable[[], bool], folder: bool = False) -> SimpleNamespace:
    return SimpleNamespace(exists=there, is_dir=lambda: folder)


def failing() -> bool:
    raise ConnectionError("no route to 10.0.0.1")


def test_objects_that_are_there_pass(plan: Callable[..., Plan]) -> None:
    check_storage(plan(REMOTE), {"s3://reads/run17/one.fastq.gz": storage(lambda: True)})


def test_all_objects_that_are_not_there_are_told_together(plan: Callable[..., Plan]) -> None:
    found = plan(REMOTE, ("runs.tsv", "two.fastq", "s3://reads/run17"))
    objects = {"s3://reads/run17/one.fastq.gz": storage(lambda: False), "s3://reads/run17": storage(lambda: True, True)}
    with pytest.raises(KcalseqError) as raised:
        check_storage(found, objects)
    first, second = str(raised.value).splitlines()
    assert first.startswith("runs.tsv row 1: there is no object 's3://reads/run17/one.fastq.gz'")
    assert second.startswith("runs.tsv row 2: 's3://reads/run17' is a folder of objects")


def test_a_storage_that_gives_no_answer_is_told_once(plan: Callable[..., Plan]) -> None:
    found = plan(REMOTE, ("runs.tsv", "two.fastq", "s3://reads/run17/two.fastq.gz"))
    with pytest.raises(KcalseqError) as raised:
        check_storage(found, dict.fromkeys(found.addresses(), storage(failing)))
    told = str(raised.value)
    assert len(told.splitlines()) == 1
    assert "no answer about 's3://reads/run17/one.fastq.gz' (ConnectionError: no route to 10.0.0.1)" in told
