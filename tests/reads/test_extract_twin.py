"""The extractor against its slow twin, on layouts and reads made by chance."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.reads.extract import Extractor, Settings, extract_run
from kcalseq.reads.fates import NOWHERE, REASONS
from kcalseq.reads.layout import Layout
from kcalseq.reads.molecules import read_molecules
from kcalseq.reads.owners import Sample
from kcalseq.tables import READ_FATES

from .random_layouts import Maker, random_codes, random_molecule
from .twin import Answer, Molecule, twin

COLUMN = {"barcode": "barcode", "umi": "umi", "variant": "variant_sequence"}


def written(folder: Path, molecules: list[Molecule]) -> dict[str, str]:
    paths = {slot: str(folder / f"{slot}.fastq") for slot in molecules[0]}
    for slot, path in paths.items():
        reads = [molecule[slot] for molecule in molecules]
        letters = ["".join(chr(33 + score) for score in read.scores) for read in reads]
        text = "".join(f"@{r.name}\n{r.bases}\n+\n{q}\n" for r, q in zip(reads, letters, strict=True))
        Path(path).write_text(text, encoding="ascii")
    return paths


def owners_of(codes: list[str]) -> dict[str, Sample] | Sample:
    """A sample for each code, in an order that is not that of the codes."""
    if not codes:
        return Sample("s", "lib")
    return {code: Sample(f"s{(number * 2) % len(codes)}{number}", "lib") for number, code in enumerate(codes)}


def expected_rows(answers: list[Answer], names: list[str], with_qualities: bool) -> list[dict[str, object]]:
    counts: Counter[tuple[object, ...]] = Counter()
    best: dict[tuple[object, ...], tuple[int, ...]] = {}
    for answer in answers:
        if answer.reason == "kept":
            key = (names[answer.code], answer.counted)
            counts[key] += 1
            before = best.get(key, (0,) * len(answer.scores))
            best[key] = tuple(max(pair) for pair in zip(before, answer.scores, strict=True))
    rows = []
    for (name, counted), n_reads in counts.items():
        row = {"library": "lib", "sample": name, "run": "run", "n_reads": n_reads}
        row |= {COLUMN[kind]: letters for kind, letters in counted}
        if "variant_sequence" in row and with_qualities:
            row["variant_quality"] = "".join(chr(33 + score) for score in best[(name, counted)])
        rows.append(row)
    return sorted(rows, key=lambda row: [row.get(key, "") for key in ("sample", *COLUMN.values())])


def every_fate(extractor: Extractor, paths: dict[str, str]) -> Iterator[tuple[str, str | None]]:
    for batch in read_molecules(paths):
        fates, _, _ = extractor.extract(batch)
        for reason, part in zip(fates.reasons.tolist(), fates.parts.tolist(), strict=True):
            yield REASONS[reason], None if part == NOWHERE else extractor.part_names[part]


def check_against_twin(folder: Path, layout: Layout, codes: list[str], molecules: list[Molecule]) -> Counter[str]:
    owners = owners_of(codes)
    if isinstance(owners, dict):
        codes = sorted(codes, key=lambda code: owners[code].name)
    samples = [owners] if isinstance(owners, Sample) else [owners[code] for code in codes]
    answers = [twin(molecule, layout, codes) for molecule in molecules]
    paths = written(folder, molecules)
    # Without qualities a batch may go another, shorter way.
    for keep_qualities in (False, True):
        seen = list(every_fate(Extractor(layout, codes, samples, keep_qualities), paths))
        for answer, fate, molecule in zip(answers, seen, molecules, strict=True):
            assert fate == (answer.reason, answer.part), (keep_qualities, layout, codes, molecule)
    for keep_qualities in (False, True):
        result = extract_run(
            "run", paths, layout, owners, lambda n_reads: None, Settings(keep_qualities=keep_qualities)
        )
        rows = [row for piece in result.observations for row in piece.to_pylist()]
        assert rows == expected_rows(answers, [sample.name for sample in samples], keep_qualities)
    return Counter(answer.reason for answer in answers)


def check_seed(folder: Path, seed: int, n_reads: int, **keys: bool) -> Counter[str]:
    maker, rng = Maker(seed, **keys), Random(seed)
    codes = random_codes(rng, maker.code_length)
    molecules = [random_molecule(rng, maker.layout, codes) for _ in range(n_reads)]
    return check_against_twin(folder, maker.layout, codes, molecules)


def test_extractor_equals_its_twin_and_every_fate_comes_up(tmp_path: Path) -> None:
    total: Counter[str] = Counter()
    for seed in range(60):
        total += check_seed(tmp_path, seed, 40)
    assert set(total) == set(READ_FATES)
    assert total["kept"] > 0.2 * total.total()


def test_short_way_of_plain_layouts_equals_the_twin(tmp_path: Path) -> None:
    total: Counter[str] = Counter()
    for seed in range(40):
        total += check_seed(tmp_path, seed, 40, plain=True)
    assert total["kept"] > 0.2 * total.total()


@pytest.mark.slow
@pytest.mark.parametrize("keys", [{}, {"indels": True, "both_strands": True}, {"plain": True}], ids=str)
@settings(max_examples=250, deadline=None)
@given(seed=st.integers(0, 2**40))
def test_extractor_equals_its_twin_on_many_layouts(
    tmp_path_factory: pytest.TempPathFactory, seed: int, keys: dict[str, bool]
) -> None:
    check_seed(tmp_path_factory.getbasetemp(), seed, 60, **keys)
