"""A run read in parts: to the byte what reading it whole gives, faults included."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from kcalseq.arrowfile import write_pieces
from kcalseq.errors import KcalseqError
from kcalseq.reads.extract import RunObservations, Settings, extract_run
from kcalseq.reads.layout import Layout
from kcalseq.reads.owners import Sample
from kcalseq.reads.parts import join_parts, raise_as_of_whole
from kcalseq.reads.splitting import part_stretches

from . import bgzip
from .conftest import layout, part
from .random_layouts import Maker, random_codes, random_molecule

Owners = dict[str, Sample] | Sample
Spoil = Callable[[bytes], bytes]


def files(folder: Path, texts: dict[str, str]) -> dict[str, str]:
    """The text of each slot, in blocks as small as a record."""
    return {
        slot: str(bgzip.saved(folder / f"{slot}.fastq.gz", text.encode(), [97, 300])) for slot, text in texts.items()
    }


def saved(found: RunObservations, folder: Path) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    write_pieces("observations", found.observations, folder / "observations.parquet")
    write_pieces("read_fates", [found.read_fates], folder / "read_fates.parquet")
    return folder


def read_in_parts(paths: dict[str, str], chosen: Layout, owners: Owners, n_parts: int, folder: Path) -> Path:
    """As the three rules do it one after another."""
    parts, folders = part_stretches({slot: Path(path) for slot, path in paths.items()}, n_parts), []
    for number, stretches in enumerate(parts):
        how = Settings(keep_qualities=True, stretches=stretches, block_bytes=500)
        try:
            found = extract_run("run", paths, chosen, owners, lambda n_reads: None, how)
        except KcalseqError as error:
            raise_as_of_whole(paths, chosen, error)
        folders.append(saved(found, folder / str(number)))
    assert sum((own / "read_fates.parquet").is_file() for own in folders) == n_parts
    observations, fates = ([own / f"{name}.parquet" for own in folders] for name in ("observations", "read_fates"))
    return saved(join_parts("run", paths, chosen, owners, True, observations, fates), folder / "joined")


def read_whole(paths: dict[str, str], chosen: Layout, owners: Owners, folder: Path) -> Path:
    found = extract_run("run", paths, chosen, owners, lambda n_reads: None, Settings(keep_qualities=True))
    return saved(found, folder / "whole")


def case(seed: int, n_reads: int) -> tuple[Layout, Owners, dict[str, str]]:
    """A layout, its samples, and the text of each of its files."""
    maker, rng = Maker(seed), Random(seed)
    codes = random_codes(rng, maker.code_length)
    owners = {code: Sample(f"s{n}", f"lib{n % 2}") for n, code in enumerate(codes)} if codes else Sample("s", "lib")
    texts: dict[str, list[str]] = {}
    for number in range(n_reads):
        for slot, read in random_molecule(rng, maker.layout, codes).items():
            letters = "".join(chr(33 + score) for score in read.scores)
            texts.setdefault(slot, []).append(f"@{number}:{read.name}\n{read.bases}\n+\n{letters}\n")
    return maker.layout, owners, {slot: "".join(rows) for slot, rows in texts.items()}


@pytest.mark.parametrize("seed", range(12))
def test_parts_together_are_the_bytes_of_the_whole(tmp_path: Path, seed: int) -> None:
    chosen, owners, texts = case(seed, 150)
    paths = files(tmp_path, texts)
    whole = read_whole(paths, chosen, owners, tmp_path)
    for n_parts in (2, 5):
        joined = read_in_parts(paths, chosen, owners, n_parts, tmp_path / str(n_parts))
        for name in ("observations.parquet", "read_fates.parquet"):
            assert (joined / name).read_bytes() == (whole / name).read_bytes()


def test_most_parts_of_the_cases_hold_reads(tmp_path: Path) -> None:
    """Or the law above would be about one part and empty ones."""
    held = []
    for seed in range(12):
        (tmp_path / str(seed)).mkdir()
        paths = files(tmp_path / str(seed), case(seed, 150)[2])
        parts = part_stretches({slot: Path(path) for slot, path in paths.items()}, 5)
        held += [all(stretch.begin < stretch.end for stretch in own.values()) for own in parts]
    assert sum(held) > 0.9 * len(held)


VARIANT = layout(part("variant", 4))


def text(n_reads: int, spoilt: dict[int, str] | None = None, bases: str = "ACGT") -> str:
    """Records from number 1, some of them others than they should be."""
    rows = {number: f"@r{number}\n{bases}\n+\n{'I' * len(bases)}\n" for number in range(1, n_reads + 1)}
    return "".join({**rows, **(spoilt or {})}.values())


def complaints(tmp_path: Path, texts: dict[str, str], chosen: Layout, spoil: Spoil = bytes) -> list[str]:
    """What is said of files when they are read whole, and in four parts."""
    paths, said = files(tmp_path, texts), []
    for path in map(Path, paths.values()):
        path.write_bytes(spoil(path.read_bytes()))
    for read in (
        lambda: read_whole(paths, chosen, Sample("s", "lib"), tmp_path),
        lambda: read_in_parts(paths, chosen, Sample("s", "lib"), 4, tmp_path),
    ):
        with pytest.raises(KcalseqError) as caught:
            read()
        said.append(str(caught.value))
    return said


def test_a_fault_is_told_with_its_record_in_the_whole_file(tmp_path: Path) -> None:
    whole, parted = complaints(tmp_path, {"read_1": text(400, {333: "@r333\nACGT\n+\nIII\n"})}, VARIANT)
    assert "record 333" in whole
    assert parted == whole


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda content: content[:-200], "truncated"),
        (lambda content: content[: len(content) // 2], "truncated"),
        (lambda content: content + b"garbage" * 10, "behind the end"),
        (lambda content: content[:5000] + bytes(60) + content[5060:], "damaged"),
        (lambda content: content[:-5000] + bytes(60) + content[-4940:], "damaged"),
        (lambda content: content[:5000] + content[6000:], "damaged"),
    ],
)
def test_a_damaged_file_is_told_as_of_the_whole(tmp_path: Path, spoil: Spoil, told: str) -> None:
    whole, parted = complaints(tmp_path, {"read_1": text(2000)}, VARIANT, spoil)
    assert told in whole
    assert parted == whole


def test_mates_of_unequal_number_are_told_as_of_the_whole_files(tmp_path: Path) -> None:
    chosen = Layout("layout", "a layout", "read", {"read_1": VARIANT.reads["read_1"], "index_1": (part("umi", 4),)})
    whole, parted = complaints(tmp_path, {"read_1": text(400), "index_1": text(390)}, chosen)
    assert "ends after 390 reads" in whole
    assert parted == whole


def test_shuffled_mates_are_told_as_of_the_whole_files(tmp_path: Path) -> None:
    chosen = Layout("layout", "a layout", "read", {"read_1": VARIANT.reads["read_1"], "index_1": (part("umi", 4),)})
    swapped = {200: "@r201\nACGT\n+\nIIII\n", 201: "@r200\nACGT\n+\nIIII\n"}
    whole, parted = complaints(tmp_path, {"read_1": text(400), "index_1": text(400, swapped)}, chosen)
    assert "record 200" in whole
    assert parted == whole


def test_a_layout_longer_than_every_read_is_told_when_all_parts_are_read(tmp_path: Path) -> None:
    whole, parted = complaints(tmp_path, {"read_1": text(400, bases="ACG")}, VARIANT)
    assert "all 400 reads are shorter" in whole
    assert parted == whole


def test_a_part_whose_reads_are_all_short_is_no_fault(tmp_path: Path) -> None:
    short = {number: f"@r{number}\nACG\n+\nIII\n" for number in range(201, 401)}
    paths, owner = files(tmp_path, {"read_1": text(400, short)}), Sample("s", "lib")
    whole = read_whole(paths, VARIANT, owner, tmp_path)
    joined = read_in_parts(paths, VARIANT, owner, 4, tmp_path)
    assert (joined / "read_fates.parquet").read_bytes() == (whole / "read_fates.parquet").read_bytes()


def test_parts_that_do_not_belong_together_are_told_with_the_remedy(tmp_path: Path) -> None:
    """Names that come again far away may mislead; whatever part that spoils cannot hold as many reads of both mates."""
    paths = files(tmp_path, {"read_1": text(40)})
    with pytest.raises(KcalseqError, match="part_mb: 0"):
        raise_as_of_whole(paths, VARIANT, KcalseqError("reads", "more reads in one", "as many", "mend"))


def test_reads_that_all_have_one_name_are_read_in_one_part(tmp_path: Path) -> None:
    chosen = Layout("layout", "a layout", "read", {"read_1": VARIANT.reads["read_1"], "index_1": (part("umi", 4),)})
    same = "@r\nACGT\n+\nIIII\n" * 400
    paths = files(tmp_path, {"read_1": same, "index_1": same})
    first, *others = part_stretches({slot: Path(path) for slot, path in paths.items()}, 3)
    assert all(stretch.begin == stretch.end for own in others for stretch in own.values())
    joined = read_in_parts(paths, chosen, Sample("s", "lib"), 3, tmp_path)
    whole = read_whole(paths, chosen, Sample("s", "lib"), tmp_path)
    assert (joined / "observations.parquet").read_bytes() == (whole / "observations.parquet").read_bytes()
    assert first["read_1"].is_first
