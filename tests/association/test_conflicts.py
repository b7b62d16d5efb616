"""Oligos that cannot be told apart are all listed, each pair once."""

import numpy as np

from kcalseq.association.conflicts import design_conflicts, no_conflicts
from kcalseq.association.design import Design
from kcalseq.dna import reverse_complement
from kcalseq.tablefile import conform


def rows(sequences: list[str]) -> list[tuple[str, str, str]]:
    design = Design("design.fa", tuple(f"v{number}" for number in range(len(sequences))), tuple(sequences))
    frame = conform("design_conflicts", design_conflicts("lib", design), "found")
    return list(frame[["variant", "other_variant", "relation"]].itertuples(index=False, name=None))


def test_each_relation_by_eye() -> None:
    assert rows(["ACCA", "GGGG", "ACCA", "CCCC", "TGGGGA", "CC"]) == [
        ("v0", "v2", "identical"),
        ("v1", "v3", "reverse_complement"),
        ("v1", "v4", "contained"),
        ("v5", "v0", "contained"),
        ("v5", "v3", "contained"),
    ]
    assert rows(["ACGT", "AAAA"]) == []  # its own reverse complement is no conflict
    assert len(conform("design_conflicts", no_conflicts("lib"), "empty")) == 0


def test_it_finds_what_comparing_all_pairs_finds() -> None:
    rng = np.random.default_rng(7)
    for _ in range(30):
        drawn = [
            "".join(rng.choice(list("AG" if rng.random() < 0.5 else "ACGT"), rng.integers(2, 7))) for _ in range(25)
        ]
        sequences = list(dict.fromkeys(drawn))
        pairs = [(i, j) for i in range(len(sequences)) for j in range(len(sequences)) if i != j]
        expected = {(f"v{i}", f"v{j}", "contained") for i, j in pairs if sequences[i] in sequences[j]}
        expected |= {
            (f"v{i}", f"v{j}", "reverse_complement")
            for i, j in pairs
            if i < j and sequences[i] == reverse_complement(sequences[j])
        }
        assert set(rows(sequences)) == expected


def test_a_hundred_thousand_oligos_take_seconds() -> None:
    rng = np.random.default_rng(8)
    letters = rng.choice(np.frombuffer(b"ACGT", dtype=np.uint8), (100_000, 150))
    sequences = [row.tobytes().decode() for row in letters]
    sequences[500] = sequences[99_000][3:120]
    assert rows(sequences) == [("v500", "v99000", "contained")]
