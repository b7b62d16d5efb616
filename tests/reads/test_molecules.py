"""Mates in step, and threads that end: never a hang, never a silent loss."""

import gzip
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from kcalseq.errors import KcalseqError
from kcalseq.reads.ahead import ahead
from kcalseq.reads.extract import Settings as RunSettings
from kcalseq.reads.layout import Layout
from kcalseq.reads.molecules import read_molecules
from kcalseq.reads.records import read_records

from .conftest import extract, part
from .files import CUT, TEXT, UNEQUAL, half, saved, whole_reads

pytestmark = [pytest.mark.timeout(60), pytest.mark.usefixtures("no_thread_stays")]


def renamed(names: list[str]) -> bytes:
    return "".join(f"@{name}\nAC\n+\nII\n" for name in names).encode()


def molecules_of(tmp_path: Path, tolerate: frozenset[str] = frozenset(), **texts: bytes) -> int:
    paths = {slot: str(saved(tmp_path, text, f"{slot}.fastq")) for slot, text in texts.items()}
    return sum(len(batch["read_1"].starts) for batch in read_molecules(paths, tolerate=tolerate, block_bytes=64))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (["a/1", "b/1"], ["a/2", "b/2"]),
        (["a 1:N:0:ACGT", "b 1:N:0:ACGT"], ["a 2:N:0:ACGT", "b 2:N:0:ACGT"]),
        (["SRR1.1.1", "SRR1.2.1"], ["SRR1.1.2", "SRR1.2.2"]),
        (["a_1", "b_1"], ["a_2", "b_2"]),
        (["a\tx", "b"], ["a", "b y"]),
    ],
)
def test_names_of_mates_may_differ_in_the_mate_number(tmp_path: Path, one: list[str], two: list[str]) -> None:
    assert molecules_of(tmp_path, read_1=renamed(one), read_2=renamed(two)) == 2


@pytest.mark.parametrize("n_before", [0, 1, 50])
def test_mates_out_of_step_are_told(tmp_path: Path, n_before: int) -> None:
    names = [f"read{number}" for number in range(n_before)]
    one, two = renamed([*names, "x1 more", "y1"]), renamed([*names, "y1 more", "x1"])
    with pytest.raises(KcalseqError) as caught:
        molecules_of(tmp_path, read_1=one, read_2=two)
    path = tmp_path / "read_2.fastq"
    assert f"{path} record {n_before + 1}: the read is named 'y1', but in {tmp_path}/read_1.fastq 'x1'" in str(
        caught.value
    )
    assert "filter or sort mates only together" in str(caught.value)


@pytest.mark.parametrize(("one", "two"), [("x.5", "x.6"), ("x/1", "x/1x"), ("x", "x1"), ("x/1", "y/1"), ("x1", "x2")])
def test_what_is_no_mate_number_tells_reads_apart(tmp_path: Path, one: str, two: str) -> None:
    with pytest.raises(KcalseqError, match="record 1: the read is named"):
        molecules_of(tmp_path, read_1=renamed([one]), read_2=renamed([two]))


@pytest.mark.parametrize(("n_one", "n_two"), [(5, 3), (3, 5), (100, 1), (99, 100)])
def test_unequal_mates(tmp_path: Path, n_one: int, n_two: int) -> None:
    texts = {slot: renamed([f"r{n}" for n in range(size)]) for slot, size in (("read_1", n_one), ("read_2", n_two))}
    shorter, longer = ("read_1", "read_2") if n_one < n_two else ("read_2", "read_1")
    fewest = min(n_one, n_two)
    with pytest.raises(KcalseqError) as caught:
        molecules_of(tmp_path, **texts)
    words = (
        f"{tmp_path}/{shorter}.fastq record {fewest + 1}: the file ends after {fewest} reads, but {tmp_path}/{longer}"
    )
    assert words in str(caught.value)
    assert "tolerate: [unequal_mates]" in str(caught.value)
    assert molecules_of(tmp_path, UNEQUAL, **texts) == fewest


def test_cut_mates_need_both_tolerances(tmp_path: Path) -> None:
    paths = {
        "read_1": str(saved(tmp_path, half(gzip.compress(TEXT)), "one.fastq.gz")),
        "read_2": str(saved(tmp_path, TEXT, "two.fastq")),
    }
    chosen = Layout("two", "", "barcode", {"read_1": (part("barcode", 10),), "read_2": (part("umi", 5),)})
    for tolerate, words in ((frozenset[str](), "truncated"), (CUT, "the file ends after"), (UNEQUAL, "truncated")):
        with pytest.raises(KcalseqError, match=words):
            extract(paths, chosen, settings=RunSettings(tolerate=tolerate))
    _, fates = extract(paths, chosen, settings=RunSettings(tolerate=CUT | UNEQUAL))
    assert fates == {("kept", None): len(whole_reads(zlib.decompressobj(31).decompress(half(gzip.compress(TEXT)))))}


def test_reading_may_stop_early(tmp_path: Path) -> None:
    path = saved(tmp_path, TEXT)
    reader = read_records(path, block_bytes=500)
    next(reader)
    reader.close()
    assert next(reader, None) is None
    read_records(path).close()  # never begun
    molecules = read_molecules({"read_1": str(path), "read_2": str(path)}, block_bytes=500)
    next(molecules)
    molecules.close()
    assert next(molecules, None) is None


def test_threads_end_when_the_user_stops_early(tmp_path: Path) -> None:
    path = saved(tmp_path, TEXT)
    reader = read_records(path, block_bytes=500, read_ahead=True)
    next(reader)
    assert threading.active_count() > 1
    reader.close()
    read_records(path).close()  # never begun
    molecules = read_molecules({"read_1": str(path), "read_2": str(path)}, block_bytes=500, read_ahead=True)
    next(molecules)
    molecules.close()


def test_an_error_in_one_of_two_files_names_it(tmp_path: Path) -> None:
    paths = {"read_1": str(saved(tmp_path, TEXT)), "read_2": str(saved(tmp_path, TEXT[:30_000] + b"x", "bad.fastq"))}
    with pytest.raises(KcalseqError, match=r"bad.fastq record 1\d\d"):
        list(read_molecules(paths, block_bytes=500))


def test_working_ahead_keeps_order_and_hands_errors_on() -> None:
    def numbers() -> Iterator[int]:
        yield from range(20)
        raise ValueError("twenty")

    seen = []
    with pytest.raises(ValueError, match="twenty"):
        for number in ahead(numbers()):
            seen.append(number)
    assert seen == list(range(20))


def test_working_ahead_makes_few_items_before_they_are_wanted() -> None:
    made = []

    def numbers() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    reader = ahead(numbers())
    next(reader)
    time.sleep(0.3)
    assert len(made) <= 3
    reader.close()
