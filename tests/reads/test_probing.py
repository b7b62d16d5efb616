"""The check of a layout names the fault that was planted, and nothing where there is none."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kcalseq.dna import reverse_complement
from kcalseq.reads.findings import format_findings
from kcalseq.reads.layout import Layout, Merge, Part
from kcalseq.reads.molecules import read_molecules
from kcalseq.reads.probing import Finding, Probe

LEFT, RIGHT = "GCGGGCAGTGAGCGCAACGC", "AATTGTGAGCGGATAACAAT"
RNG = np.random.default_rng(8)
N_READS = 400


def bases(length: int) -> str:
    return "".join(RNG.choice(list("ACGT"), length))


def constant(name: str, sequence: str) -> Part:
    return Part(name, "constant", len(sequence), len(sequence), sequence, max_mismatches=2)


def fixed(kind: str, length: int) -> Part:
    return Part(kind, kind, length, length, min_quality=10)


SINGLE = Layout(
    "single", "", "read", {"read_1": (constant("left", LEFT), fixed("variant", 30), constant("right", RIGHT))}
)
VARIANTS = [bases(30) for _ in range(40)]
SINGLE_READS = [LEFT + VARIANTS[number % 40] + RIGHT + bases(8) for number in range(N_READS)]
TAGGED = Layout(
    "tagged", "", "barcode", {"read_1": (fixed("barcode", 15), constant("tail", RIGHT)), "index_1": (fixed("umi", 10),)}
)
TAGGED_READS = {
    "read_1": [bases(15) + RIGHT + bases(5) for _ in range(N_READS)],
    "index_1": [bases(10) for _ in range(N_READS)],
}


def findings(
    folder: Path, layout: Layout, reads: Mapping[str, list[str]], known: Mapping[str, frozenset[str]] | None = None
) -> list[Finding]:
    paths = {}
    for slot, sequences in reads.items():
        paths[slot] = str(folder / f"{slot}.fastq")
        records = (f"@r{number}\n{read}\n+\n{'I' * len(read)}\n" for number, read in enumerate(sequences))
        Path(paths[slot]).write_text("".join(records), encoding="ascii")
    probe = Probe(layout, [], known or {})
    for molecules in read_molecules(paths):
        probe.look(molecules)
    return probe.findings()


def advice(found: list[Finding]) -> str:
    return " | ".join(f"{line.part}: {line.advice}" for line in found if line.advice)


def test_nothing_is_advised_where_all_fits(tmp_path: Path) -> None:
    known = {"variant": frozenset(VARIANTS)}
    for layout, reads in ((SINGLE, {"read_1": SINGLE_READS}), (TAGGED, TAGGED_READS)):
        found = findings(tmp_path, layout, reads, known)
        assert found[0] == Finding("reads looked at", None, N_READS, 1.0, None)
        assert found[1] == Finding("fits the layout", None, N_READS, 1.0, None)
        assert advice(found) == ""
    assert findings(tmp_path, SINGLE, {"read_1": SINGLE_READS}, known)[-1].n_reads == N_READS


def test_the_fates_add_up(tmp_path: Path) -> None:
    broken = [read[:50] if number % 3 == 0 else read for number, read in enumerate(SINGLE_READS)]
    found = {(line.quantity, line.part): line.n_reads for line in findings(tmp_path, SINGLE, {"read_1": broken})}
    assert found[("fits the layout", None)] + found[("too short", "read_1")] == N_READS


PLANTED = {
    "wrong strand": (
        SINGLE,
        {"read_1": [reverse_complement(read[:70]) for read in SINGLE_READS]},
        ["the reads come from the other strand: 100% would fit", "strand: both", "as its reverse complement"],
    ),
    "shifted offset": (
        SINGLE,
        {"read_1": ["ACGTACG" + read for read in SINGLE_READS]},
        ["left: it stands 7 nt later than described (from base 8 on) in 100%", "add {kind: skip, length: 7} before it"],
    ),
    "a shorter barcode": (
        TAGGED,
        {**TAGGED_READS, "read_1": [read[1:] for read in TAGGED_READS["read_1"]]},
        ["tail: it stands 1 nt earlier than described (from base 15 on)", "shorten what stands before it"],
    ),
    "another constant part": (
        TAGGED,
        {**TAGGED_READS, "read_1": [read[:15] + LEFT + read[35:] for read in TAGGED_READS["read_1"]]},
        [f"most reads have {LEFT} there instead of {RIGHT}", "correct the sequence"],
    ),
    "files exchanged": (
        TAGGED,
        {"read_1": TAGGED_READS["index_1"], "index_1": TAGGED_READS["read_1"]},
        ["tail: it stands in index_1 in 100%", "exchange the files"],
    ),
    "a UMI that is too long": (
        TAGGED,
        {**TAGGED_READS, "index_1": [read[:8] + "AC" for read in TAGGED_READS["index_1"]]},
        ["umi: base 9, 10 of it is the same in nearly all reads"],
    ),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_the_planted_fault_is_named(tmp_path: Path, fault: str) -> None:
    layout, reads, words = PLANTED[fault]
    told = advice(findings(tmp_path, layout, reads))
    for word in words:
        assert word in told, told


def test_swapped_mates_are_told(tmp_path: Path) -> None:
    parts = {"read_1": (constant("left", LEFT), fixed("variant", 30)), "read_2": (fixed("barcode", 12),)}
    reads = {"read_1": [LEFT + bases(40) for _ in range(N_READS)], "read_2": [bases(60) for _ in range(N_READS)]}
    layout = Layout("mates", "", "read", parts)
    assert advice(findings(tmp_path, layout, reads)) == ""
    told = advice(findings(tmp_path, layout, {"read_1": reads["read_2"], "read_2": reads["read_1"]}))
    assert "the mates are swapped: 100% would fit; exchange read_1 and read_2 in runs.tsv" in told


def test_merged_mates_from_the_other_strand_are_told_by_the_design(tmp_path: Path) -> None:
    variants = [bases(50) for _ in range(20)]
    molecules = [variants[number % 20] for number in range(N_READS)]
    layout = Layout("merged", "", "read", {"merged": (fixed("variant", 50),)}, Merge(20, 0.1))
    known = {"variant": frozenset(variants)}
    mates = {
        "read_1": [read[:40] for read in molecules],
        "read_2": [reverse_complement(read)[:40] for read in molecules],
    }
    assert advice(findings(tmp_path, layout, mates, known)) == ""
    told = advice(findings(tmp_path, layout, {"read_1": mates["read_2"], "read_2": mates["read_1"]}, known))
    assert "variant: it is read as the reverse complement; set 'reverse_complement: true'" in told


def test_the_text_says_the_same(tmp_path: Path) -> None:
    layout, reads, _ = PLANTED["shifted offset"]
    found = findings(tmp_path, layout, reads)
    frame = pd.DataFrame(found).assign(run="lane1", line=range(len(found)))
    text = format_findings(frame)
    assert text.startswith("Run lane1, first 400 reads\n    0.0 %  fits the layout\n")
    assert "-> it stands 7 nt later than described" in text
    assert all(len(line) <= 100 for line in text.splitlines())
