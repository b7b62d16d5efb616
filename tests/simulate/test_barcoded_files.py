"""Simulated FASTQ files: the reads are the molecules, misread at the rates asked for; same seed, same bytes."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kcalseq.dna import reverse_complement
from kcalseq.simulate.barcoded import (
    LibraryRecipe,
    SampleRecipe,
    draw_association,
    draw_counts,
    draw_molecules,
    make_library,
)
from kcalseq.simulate.fastqfile import fastq_block, write_gzip
from kcalseq.simulate.misreading import ErrorRates, draw_places, misread
from kcalseq.simulate.molecules import to_list
from kcalseq.simulate.readfiles import (
    FileErrors,
    ReadFile,
    Surroundings,
    association_files,
    count_files,
    single_read_file,
    write_reads,
)
from kcalseq.simulate.truth import barcode_names

LETTERS = np.frombuffer(b"ACGT", dtype=np.uint8)
NO_ERRORS = ErrorRates(0.0, 0.0, 0.0)
AROUND = Surroundings()


def random_templates(n: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(1).choice(LETTERS, (n, width))


def sequences_in(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode("ascii").splitlines()[1::4]


def near(observed: int, n: int, probability: float) -> bool:
    """Within five standard deviations of a binomial."""
    return abs(observed - n * probability) <= 5 * np.sqrt(n * probability * (1 - probability))


def test_errors_come_at_the_rates_asked_for() -> None:
    rates = ErrorRates(substitution=0.01, insertion=0.002, deletion=0.001)
    done = misread(random_templates(20_000, 70), 50, rates, np.random.default_rng(2))
    for observed, rate in ((done.n_substitutions, 0.01), (done.n_insertions, 0.002), (done.n_deletions, 0.001)):
        assert near(observed, 1_000_000, rate)
    for score, share in ((25, 0.08), (11, 0.02)):
        lowered = 0.01 * 0.7 / 2
        assert near(int((done.qualities == score).sum()), 1_000_000, share * 0.99 + lowered)


def test_substitutions_counted_are_differences_and_lower_the_quality() -> None:
    sources = random_templates(5000, 40)
    done = misread(sources, 40, ErrorRates(0.05, 0.0, 0.0), np.random.default_rng(3))
    wrong = done.sequences != sources
    assert wrong.sum() == done.n_substitutions
    assert near(int((done.qualities[wrong] < 37).sum()), int(wrong.sum()), 0.7)


def test_an_indel_shifts_what_follows() -> None:
    sources = random_templates(4000, 60)
    for rates in (ErrorRates(0.0, 0.01, 0.0), ErrorRates(0.0, 0.0, 0.01)):
        done = misread(sources, 40, rates, np.random.default_rng(4))
        changed = np.flatnonzero((done.sequences != sources[:, :40]).any(axis=1))
        assert 0 < len(changed) <= done.n_insertions + done.n_deletions
        for row in changed[:200]:
            read, whole = done.sequences[row].tobytes(), sources[row].tobytes()
            shorter, longer = (read, whole) if done.n_deletions else (whole[:40], read)
            letters = iter(longer)
            n_found = sum(letter in letters for letter in shorter)
            assert n_found >= (40 if done.n_deletions else 40 - 4)


def test_a_template_that_does_not_last_is_refused() -> None:
    with pytest.raises(ValueError, match="a template of 40 nt does not last for 40 cycles"):
        misread(random_templates(100, 40), 40, ErrorRates(0.0, 0.0, 0.5), np.random.default_rng(1))


def test_places_are_independent_events() -> None:
    places = draw_places(200_000, 0.03, np.random.default_rng(5))
    assert near(len(places), 200_000, 0.03)
    assert (np.diff(places) > 0).all() and places[-1] < 200_000
    gaps = np.diff(places)
    assert near(int((gaps == 1).sum()), len(gaps), 0.03)
    assert len(draw_places(10, 0.0, np.random.default_rng(5))) == 0


def test_text_is_fastq() -> None:
    sequences = np.frombuffer(b"ACGTTT", dtype=np.uint8).reshape(2, 3)
    qualities = np.array([[37, 25, 11], [37, 37, 2]], dtype=np.uint8)
    text = fastq_block("run:", 9, " 1", sequences, qualities)
    assert text == b"@run:000000009 1\nACG\n+\nF:,\n@run:000000010 1\nTTT\n+\nFF#\n"


def test_gzip_holds_the_blocks_and_its_bytes_depend_on_them_alone(tmp_path: Path) -> None:
    blocks = [bytes([number]) * 1000 for number in range(20)]
    for name in ("one.gz", "two.gz"):
        assert write_gzip(tmp_path / name, blocks) == 20_000
    assert gzip.decompress((tmp_path / "one.gz").read_bytes()) == b"".join(blocks)
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()
    write_gzip(tmp_path / "empty.gz", [])
    assert gzip.decompress((tmp_path / "empty.gz").read_bytes()) == b""


def test_association_reads_without_errors_are_the_molecules(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    designs = {f"v{number}": "".join(rng.choice(list("ACGT"), 60)) for number in range(10)}
    made = make_library(designs, LibraryRecipe(5, mutated=0.5, two_variants=0.2), rng)
    draw = draw_association(made, 300, 0.7, 0.1, rng)
    files = association_files(made, draw, 70, AROUND)
    for name, file in files.items():
        assert write_reads(tmp_path / f"{name}.gz", file, NO_ERRORS, 1, "r") == FileErrors(300, 0, 0, 0)
    molecules, barcodes = to_list(made.molecules), barcode_names(made)
    reads = zip(*(sequences_in(tmp_path / f"{name}.gz") for name in ("read_1", "read_2", "index_1")), strict=True)
    for number, (read_1, read_2, index_1) in enumerate(reads):
        whole = AROUND.before_variant + molecules[draw.molecule[number]] + AROUND.behind_variant
        start = len(AROUND.before_variant)
        assert read_1 == whole[start : start + 70]
        assert reverse_complement(read_2) == whole[: -len(AROUND.behind_variant)][-70:]
        assert index_1 == barcodes[draw.barcode[number]]


def test_count_reads_without_errors_are_barcodes_and_umis(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    made = make_library({"a": "ACGT" * 10, "b": "AACC" * 10}, LibraryRecipe(30), rng)
    recipe = SampleRecipe(500, 200, transcribed=False)
    samples = [draw_molecules(made, np.ones(60), np.zeros(2), recipe, rng) for _ in range(2)]
    draw = draw_counts(samples, 0.1, rng)[1]
    files = count_files(made, samples, draw, AROUND) | {"single": single_read_file(made, draw.barcode, AROUND, 75)}
    for name, file in files.items():
        write_reads(tmp_path / f"{name}.gz", file, NO_ERRORS, 1, "r")
    reads = {name: sequences_in(tmp_path / f"{name}.gz") for name in files}
    barcodes = [barcode_names(made)[number] for number in draw.barcode]
    assert reads["read_1"] == barcodes
    assert [reverse_complement(read) for read in reads["read_2"]] == barcodes
    umis = [samples[s].umis[m].tobytes().decode() for s, m in zip(draw.sample, draw.molecule, strict=True)]
    assert reads["index_1"] == umis
    head = AROUND.before_barcode
    assert [read[: len(head) + 15] for read in reads["single"]] == [head + barcode for barcode in barcodes]
    assert {len(read) for read in reads["single"]} == {75}


def test_bytes_depend_on_seed_and_file_name_only(tmp_path: Path) -> None:
    file = ReadFile(random_templates(50, 40), np.arange(50) % 7, 30)
    (tmp_path / "other").mkdir()
    rates = ErrorRates()
    for folder, name, seed in (("", "a.gz", 1), ("other", "a.gz", 1), ("", "b.gz", 1), ("other", "b.gz", 2)):
        write_reads(tmp_path / folder / name, file, rates, seed, "r", level=9)
    written = [(tmp_path / path).read_bytes() for path in ("a.gz", "other/a.gz", "b.gz", "other/b.gz")]
    assert written[0] == written[1]
    assert len(set(written)) == 3
