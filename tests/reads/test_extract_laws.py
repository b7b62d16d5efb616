"""Laws of extraction: no read is lost, and the result depends on the reads alone."""

import tracemalloc
from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import pysam
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.errors import KcalseqError
from kcalseq.reads import counted, table
from kcalseq.reads.extract import Extractor, Settings, extract_run
from kcalseq.reads.layout import Layout, Merge
from kcalseq.reads.molecules import read_molecules
from kcalseq.reads.owners import Sample

from .conftest import Rows, constant, extract, fastq, layout, part
from .random_layouts import Maker, random_codes, random_molecule
from .twin import Molecule

SEEDS = range(6)


def case(seed: int, n_reads: int) -> tuple[Layout, dict[str, Sample] | Sample, list[Molecule]]:
    maker, rng = Maker(seed), Random(seed)
    codes = random_codes(rng, maker.code_length)
    owners = {code: Sample(f"s{number}", "lib") for number, code in enumerate(codes)} if codes else Sample("s", "lib")
    return maker.layout, owners, [random_molecule(rng, maker.layout, codes) for _ in range(n_reads)]


def written(folder: Path, molecules: list[Molecule]) -> dict[str, str]:
    folder.mkdir(exist_ok=True)
    paths = {slot: str(folder / f"{slot}.fastq") for slot in molecules[0]}
    for slot, path in paths.items():
        with open(path, "w", encoding="ascii") as file:
            for name, bases, scores in ((m[slot].name, m[slot].bases, m[slot].scores) for m in molecules):
                file.write(f"@{name}\n{bases}\n+\n{''.join(chr(33 + score) for score in scores)}\n")
    return paths


def joined(runs: list[Rows]) -> Rows:
    """Observations of several runs as one would have them: counts add up, of qualities the best stays."""
    total: dict[tuple[object, ...], dict[str, object]] = {}
    for row in (row for rows in runs for row in rows):
        key = tuple(row.get(name, "") for name in ("library", "sample", "barcode", "umi", "variant_sequence"))
        if key not in total:
            total[key] = dict(row)
            continue
        total[key]["n_reads"] += row["n_reads"]  # type: ignore[operator]
        if "variant_quality" in row:
            pairs = zip(str(total[key]["variant_quality"]), str(row["variant_quality"]), strict=True)
            total[key]["variant_quality"] = "".join(max(pair) for pair in pairs)
    return [total[key] for key in sorted(total)]  # type: ignore[type-var]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_read_has_one_fate_and_kept_reads_are_observed(tmp_path: Path, seed: int) -> None:
    chosen, owners, molecules = case(seed, 300)
    paths, seen = written(tmp_path, molecules), []
    result = extract_run("run", paths, chosen, owners, seen.append, Settings(block_bytes=2000))
    fates = Counter[str]()
    for row in result.read_fates.to_pylist():
        fates[row["reason"]] += row["n_reads"]
    assert sum(seen) == fates.total() == 300
    assert sum(sum(piece["n_reads"].to_pylist()) for piece in result.observations) == fates["kept"]


@pytest.mark.parametrize("seed", SEEDS)
def test_result_depends_on_the_reads_alone(tmp_path: Path, seed: int) -> None:
    """Not on the blocks, the threads, the order of the reads or how they are split into runs."""
    chosen, owners, molecules = case(seed, 200)
    keep = Settings(keep_qualities=True)
    whole = extract(written(tmp_path, molecules), chosen, owners, keep)
    for block_bytes in (1, 7, 60, 777):
        for threads in (1, 2, 5):
            how = keep._replace(block_bytes=block_bytes, threads=threads)
            assert extract(written(tmp_path, molecules), chosen, owners, how) == whole
    shuffled = Random(1).sample(molecules, len(molecules))
    assert extract(written(tmp_path, shuffled), chosen, owners, keep) == whole
    pieces = [
        extract(written(tmp_path / str(first), molecules[first : first + 70]), chosen, owners, keep)
        for first in range(0, 200, 70)
    ]
    assert joined([rows for rows, _ in pieces]) == whole[0]
    assert sum((Counter(fates) for _, fates in pieces), Counter()) == Counter(whole[1])


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**40), block_bytes=st.integers(1, 3000), threads=st.integers(1, 4))
def test_neither_blocks_nor_threads_change_anything(
    tmp_path_factory: pytest.TempPathFactory, seed: int, block_bytes: int, threads: int
) -> None:
    chosen, owners, molecules = case(seed, 60)
    paths, keep = written(tmp_path_factory.getbasetemp() / "blocks", molecules), Settings(keep_qualities=True)
    how = keep._replace(block_bytes=block_bytes, threads=threads)
    assert extract(paths, chosen, owners, how) == extract(paths, chosen, owners, keep)


@pytest.mark.parametrize("keep_qualities", [False, True])
def test_going_to_disk_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep_qualities: bool) -> None:
    rng, reads = Random(4), []
    for _ in range(3000):
        bases = "".join(rng.choices("AC", k=9))
        reads.append((bases, "".join(rng.choices("5?I", k=9))))
    (tmp_path / "many.fastq").write_text(fastq(reads))
    paths, chosen = {"read_1": str(tmp_path / "many.fastq")}, layout(part("variant", 6, 8), part("umi", 1))
    (tmp_path / "spilled").mkdir()
    small = Settings(keep_qualities, max_bytes=1, block_bytes=500, threads=2, folder=tmp_path / "spilled")
    whole = extract(paths, chosen, settings=Settings(keep_qualities))
    monkeypatch.setattr(table, "_FIRST_ROWS", 64)
    monkeypatch.setattr(counted, "_PIECE_ROWS", 50)
    spills, put = [], counted.Spill.put
    monkeypatch.setattr(counted.Spill, "put", lambda self, some: (spills.append(1), put(self, some)))
    assert extract(paths, chosen, settings=small) == whole
    assert len(spills) > 20
    assert not list((tmp_path / "spilled").iterdir())


def test_a_tiny_memory_goes_to_disk_without_help(tmp_path: Path) -> None:
    letters = np.random.default_rng(1).choice(np.frombuffer(b"ACGT", dtype=np.uint8), (60_000, 12))
    (tmp_path / "many.fastq").write_text(fastq((row.tobytes().decode(), "I" * 12) for row in letters))
    paths, chosen = {"read_1": str(tmp_path / "many.fastq")}, layout(part("barcode", 12), source="barcode")
    rows, _ = extract(paths, chosen, settings=Settings(max_bytes=1, block_bytes=100_000, folder=tmp_path))
    assert [(row["barcode"], row["n_reads"]) for row in rows] == sorted(
        Counter(r.tobytes().decode() for r in letters).items()
    )


def test_an_error_leaves_nothing_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "_FIRST_ROWS", 16)
    (tmp_path / "spilled").mkdir()
    reads = fastq([("".join(Random(n).choices("ACGT", k=9)), "I" * 9) for n in range(500)])
    (tmp_path / "bad.fastq").write_text(reads + "@r\nACGT\n+\nI\n")
    settings = Settings(max_bytes=1, block_bytes=200, folder=tmp_path / "spilled")
    with pytest.raises(KcalseqError, match="record 501: 4 bases but 1 quality values"):
        extract({"read_1": str(tmp_path / "bad.fastq")}, layout(part("variant", 9)), settings=settings)
    assert not list((tmp_path / "spilled").iterdir())


def test_order_of_rows_is_that_of_the_key(tmp_path: Path) -> None:
    codes = {"AA": Sample("z", "lib_a"), "CC": Sample("a", "lib_b"), "GG": Sample("b", "lib_a")}
    chosen = layout(
        part("sample_code", 2, max_mismatches=0),
        part("barcode", 1, 3),
        constant("flank", "TTTTTT"),
        part("umi", 1),
        part("variant", 0, 2),
    )
    rng = Random(2)
    reads = [
        rng.choice("ACG") * 2 + "".join(rng.choices("ACG", k=rng.randint(1, 3))) + "TTTTTT" + rng.choice("ACG") + tail
        for tail in ("", "A", "AC", "C") * 100
    ]
    (tmp_path / "r.fastq").write_text(fastq(reads))
    rows, fates = extract({"read_1": str(tmp_path / "r.fastq")}, chosen, codes)
    keys = [tuple(row[name] for name in ("library", "sample", "barcode", "umi", "variant_sequence")) for row in rows]
    assert keys == sorted(set(keys))
    assert fates == {("kept", None): 400}
    assert {row["variant_sequence"] for row in rows} == {"", "A", "AC", "C"}


def test_both_mates_of_one_bam_file_and_two_fastq_files_are_the_same(tmp_path: Path) -> None:
    reads = {"read_1": (part("barcode", 4),), "read_2": (part("umi", 2), part("variant", 3, 6))}
    chosen, rng = Layout("layout", "", "read", reads), Random(3)
    mates = [("".join(rng.choices("ACGT", k=4)), "".join(rng.choices("ACGT", k=rng.randint(4, 8)))) for _ in range(50)]
    paths = {}
    for slot, bases in zip(("read_1", "read_2"), zip(*mates, strict=True), strict=True):
        paths[slot] = str(tmp_path / f"{slot}.fastq")
        Path(paths[slot]).write_text(fastq((letters, "I" * len(letters)) for letters in bases))
    header = pysam.AlignmentHeader.from_dict({"HD": {"VN": "1.6"}})
    with pysam.AlignmentFile(str(tmp_path / "both.bam"), "wb", header=header) as file:
        for number, pair in enumerate(mates):
            for flag, bases in zip((77, 141), pair, strict=True):
                read = pysam.AlignedSegment(header)
                read.query_name, read.flag, read.query_sequence = f"r{number}", flag, bases
                read.query_qualities = pysam.qualitystring_to_array("I" * len(bases))
                file.write(read)
    bam = dict.fromkeys(paths, str(tmp_path / "both.bam"))
    keep = Settings(keep_qualities=True)
    assert extract(bam, chosen, settings=keep) == extract(paths, chosen, settings=keep)


def test_phred_64_and_33_are_the_same_reads(tmp_path: Path) -> None:
    found = []
    for phred in (33, 64):
        rng, path = Random(8), tmp_path / f"{phred}.fastq"
        scores = [[rng.randint(2, 40) for _ in range(6)] for _ in range(30)]
        path.write_text(
            fastq(("".join(rng.choices("AC", k=6)), "".join(chr(phred + s) for s in row)) for row in scores)
        )
        chosen = layout(part("variant", 6, min_quality=10), phred=phred)
        found.append(extract({"read_1": str(path)}, chosen, settings=Settings(keep_qualities=True)))
    assert found[0] == found[1]
    assert {reason for reason, _ in found[0][1]} == {"kept", "low_quality"}


def test_one_long_read_does_not_make_room_for_all_as_long(tmp_path: Path) -> None:
    """Turned and merged reads take the room of their bases, not that of the longest read for each."""
    reads = ["TGCATCACCA"] * 3000 + ["ACGT" * 5_000] + ["TGGTGATGCA"] * 3000
    (tmp_path / "r.fastq").write_text(fastq(reads))
    path = str(tmp_path / "r.fastq")
    flank, variant = constant("flank", "TGCATC"), part("variant", 4)
    both = layout(flank, variant, both_strands=True)
    merged = Layout("layout", "", "read", {"merged": (flank, part("skip", 0, 9))}, Merge(10, 0.0))
    for chosen, paths in ((both, {"read_1": path}), (merged, {"read_1": path, "read_2": path})):
        (molecules,) = read_molecules(paths, block_bytes=1 << 21)
        tracemalloc.start()
        fates, _, _ = Extractor(chosen, [], [Sample("s", "lib")], False).extract(molecules)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 100e6
        assert len(fates.reasons) == 6001
    rows, fates_of_all = extract({"read_1": path}, both)
    assert [(row["variant_sequence"], row["n_reads"]) for row in rows] == [("ACCA", 6000)]
    assert sum(fates_of_all.values()) == 6001
