"""Barcode maps: cases that can be checked by eye, laws, and recovery of simulated libraries."""

from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kcalseq.association.calls import CALLS
from kcalseq.association.design import Design
from kcalseq.association.mapping import Association, map_barcodes
from kcalseq.association.purity import UNIQUE
from kcalseq.association.settings import Settings
from kcalseq.dna import reverse_complement
from kcalseq.errors import KcalseqError
from kcalseq.tablefile import conform

A = "ACGTTGCATTCAGGACCATAGCGTTAACGGTCATTGCCAGTAGGCTAAC"
SNV = A[:24] + "C" + A[25:]  # T25C
DEL = A[:30] + A[31:]
B = "GGCTATTCGACCATGCAAGTCTTGATCCGAATCGTACGGATTCTCAAGT"
DESIGN = Design("design.fa", ("a", "a_snv", "a_del", "b"), (A, SNV, DEL, B))
TABLES = (
    "variants", "barcode_map", "barcode_calls", "reads_per_barcode", "association_summary", "design_conflicts",
)  # fmt: skip


def calls_of(found: Association) -> pd.DataFrame:
    return conform("barcode_calls", found.barcode_calls, "calls").set_index("barcode")


def number(found: Association, name: str) -> float:
    return float(found.association_summary.set_index("quantity").at[name, "value"])


def same(one: Association, two: Association) -> bool:
    tables = all(
        conform(name, getattr(one, name), "one").equals(conform(name, getattr(two, name), "two")) for name in TABLES
    )
    return tables and one.molecules == two.molecules and one.turned == two.turned


def test_calls_by_eye(observed: Callable[..., Path]) -> None:
    changed = B[:11] + "T" + B[12:]
    rows = [
        ("AAAAAAAA", A, 5),
        ("AAAAAAAA", A[:7] + "C" + A[8:], 1),  # a misread base
        ("CCCCCCCC", SNV, 6),
        ("GGGGGGGG", DEL, 4),
        ("TTTTTTTT", changed, 6),
        ("ACACACAC", A, 5),
        ("ACACACAC", B, 5),
        ("GTGTGTGT", B, 2),
        ("CACACACA", "ACACACGTGTGTACACTCTCTGAGAGAGTCTCTTTTTCCCCCAAAAAGG", 5),
        ("AAAAAAAT", A, 1),  # misread AAAAAAAA
        ("CCCCCCCG", B, 3),  # a neighbour of CCCCCCCC, but of another molecule
    ]
    found = map_barcodes("lib", [observed(rows)], DESIGN)
    calls = calls_of(found)
    assert calls["call"].to_dict() == {
        "AAAAAAAA": "assigned",
        "CCCCCCCC": "assigned",
        "GGGGGGGG": "assigned",
        "TTTTTTTT": "mutated",
        "ACACACAC": "two_molecules",
        "GTGTGTGT": "few_reads",
        "CACACACA": "no_match",
        "CCCCCCCG": "assigned",
    }
    assert calls.loc[["AAAAAAAA", "CCCCCCCC", "GGGGGGGG", "TTTTTTTT"], "variant"].tolist() == [
        "a",
        "a_snv",
        "a_del",
        "b",
    ]
    assert calls.at["TTTTTTTT", "mutations"] == "12C>T" if B[11] == "C" else f"12{B[11]}>T"
    assert calls.at["AAAAAAAA", "n_reads"] == calls.at["AAAAAAAA", "n_supporting"] == 7
    assert {calls.at["ACACACAC", "variant"], calls.at["ACACACAC", "second_variant"]} == {"a", "b"}
    mapped = conform("barcode_map", found.barcode_map, "map")
    assert mapped["barcode"].tolist() == ["AAAAAAAA", "CCCCCCCC", "CCCCCCCG", "GGGGGGGG"]
    assert mapped["purity"].tolist() == [1.0, 1.0, 1.0, 1.0]
    assert (number(found, "n_barcodes_read"), number(found, "n_barcodes"), number(found, "n_reads_moved")) == (9, 8, 1)
    assert conform("variants", found.variants, "variants")["variant"].tolist() == ["a", "a_del", "a_snv", "b"]


def test_a_mutated_molecule_can_be_its_own_variant(observed: Callable[..., Path]) -> None:
    changed = A[:5] + "TTT" + A[5:40] + A[42:]
    rows = [("AAAAAAAA", A, 5), ("TTTTTTTT", changed, 6)]
    found = map_barcodes("lib", [observed(rows)], DESIGN, Settings(mutated="own_variant"))
    name = "a:" + str(calls_of(found).at["TTTTTTTT", "mutations"])
    assert "ins" in name and "del" in name
    assert found.barcode_map.set_index("barcode")["variant"].to_dict() == {"AAAAAAAA": "a", "TTTTTTTT": name}
    variants = conform("variants", found.variants, "variants").set_index("variant")["variant_sequence"]
    assert variants[name] == changed


def test_both_strands_and_turned_molecules(observed: Callable[..., Path]) -> None:
    rows = [(barcode, reverse_complement(A), 5) for barcode in ("AAAAAAAA", "CCCCCCCC", "GGGGGGGG")]
    found = map_barcodes("lib", [observed([*rows, ("TTTTTTTT", A, 5)])], DESIGN)
    assert number(found, "reverse_complement") == 1
    assert calls_of(found)["call"].tolist() == ["assigned", "assigned", "assigned", "mutated"]
    assert calls_of(found).at["TTTTTTTT", "mutations"] == "reverse_complement"


def test_oligos_alike_are_unclear(observed: Callable[..., Path]) -> None:
    twins = Design("design.fa", ("a", "twin", "b"), (A, A, B))
    found = map_barcodes("lib", [observed([("AAAAAAAA", A, 5), ("CCCCCCCC", B, 5)])], twins)
    assert calls_of(found)["call"].to_dict() == {"AAAAAAAA": "unclear", "CCCCCCCC": "assigned"}
    assert found.design_conflicts["relation"].tolist() == ["identical"]


def test_without_a_design_variants_are_the_molecules(observed: Callable[..., Path]) -> None:
    rows = [("AAAAAAAA", A, 5), ("CCCCCCCC", SNV, 4), ("GGGGGGGG", SNV, 3), ("TTTTTTTT", B, 2)]
    found = map_barcodes("lib", [observed(rows)], None)
    assert found.barcode_map["variant"].tolist() == [A, SNV, SNV]
    assert sorted(conform("variants", found.variants, "variants")["variant_sequence"]) == sorted([A, SNV])
    assert len(conform("design_conflicts", found.design_conflicts, "none")) == 0


def test_purity_can_be_asked_for(observed: Callable[..., Path]) -> None:
    rows = [("AAAAAAAA", A, 30), ("AAAAAAAA", B, 2), *(("CCCCCCC" + base, B, 30) for base in "ACGT")]
    strict = map_barcodes("lib", [observed(rows)], DESIGN, Settings(min_purity=0.95))
    assert calls_of(strict).at["AAAAAAAA", "call"] == "two_molecules"
    enough = map_barcodes("lib", [observed(rows)], DESIGN, Settings(min_purity=30 / 32))
    assert calls_of(enough).at["AAAAAAAA", "call"] == "assigned"


def test_a_molecule_needs_the_least_reads_for_itself(observed: Callable[..., Path]) -> None:
    """Three reads vote and a second molecule is unlikely enough, but only two agree."""
    rows = [("AAAAAAAA", A, 2), ("AAAAAAAA", B, 1), *((base + "CCGGTTC", B, 30) for base in "ACGT")]
    found = map_barcodes("lib", [observed(rows)], DESIGN, Settings(min_reads=3, max_second=0.5))
    assert calls_of(found).at["AAAAAAAA", "call"] == "unclear"
    fewer = map_barcodes("lib", [observed(rows)], DESIGN, Settings(min_reads=2, max_second=0.5))
    assert calls_of(fewer).at["AAAAAAAA", "call"] == "assigned"


def test_switched_off_correction_leaves_barcodes_as_read(observed: Callable[..., Path]) -> None:
    path = observed([("AAAAAAAA", A, 9), ("AAAAAAAT", A, 1)])
    assert len(map_barcodes("lib", [path], DESIGN).barcode_calls) == 1
    assert len(map_barcodes("lib", [path], DESIGN, Settings(correct_barcodes=False)).barcode_calls) == 2


def test_reads_that_cannot_be_mapped_are_told(observed: Callable[..., Path]) -> None:
    with pytest.raises(KcalseqError, match="no read of library 'other'"):
        map_barcodes("other", [observed([("AAAAAAAA", A, 9)])], DESIGN)
    path = observed([(None, A, 9)])  # type: ignore[list-item]
    with pytest.raises(KcalseqError, match="1 rows without a barcode"):
        map_barcodes("lib", [path], DESIGN)


def test_order_split_and_parts_change_nothing(
    observed: Callable[..., Path], simulate: Callable[..., object], counted: Callable[..., list]
) -> None:
    library = simulate(1)
    rng = np.random.default_rng(2)
    whole = map_barcodes("lib", [observed(counted(library.reads))], library.design)
    assert len(whole.barcode_map) > 500
    runs = rng.integers(0, 3, len(library.reads))
    paths = [
        observed(counted([read for read, of in zip(library.reads, runs, strict=True) if of == run]), f"run_{run}")
        for run in range(3)
    ]
    assert same(whole, map_barcodes("lib", paths, library.design))
    assert same(whole, map_barcodes("lib", paths[::-1], library.design, rows_per_part=400))
    other = observed([("ACGT", A, 4)], "other", library="else")
    samples = observed(counted(library.reads), "sampled", sample="mine")
    assert same(whole, map_barcodes("lib", [samples, other, *paths], library.design, samples=["mine"]))


@pytest.mark.parametrize("designed", [True, False])
def test_every_read_and_every_barcode_is_in_one_call(
    observed: Callable[..., Path], simulate: Callable[..., object], counted: Callable[..., list], designed: bool
) -> None:
    library = simulate(3)
    found = map_barcodes("lib", [observed(counted(library.reads))], library.design if designed else None)
    calls = calls_of(found)
    assert calls["n_reads"].sum() == len(library.reads) == number(found, "n_reads")
    assert (calls["n_supporting"] + calls["n_second"] + calls["n_silent"] <= calls["n_reads"]).all()
    assert calls.index.is_unique and len(calls) == number(found, "n_barcodes")
    assert sum(
        number(found, name)
        for name in found.association_summary["quantity"]
        if name.startswith("n_barcodes_") and name[11:] in set(calls["call"])
    ) == len(calls)
    assert (found.reads_per_barcode["n_reads"] * found.reads_per_barcode["n_barcodes"]).sum() == len(library.reads)
    assert sum(number(found, f"n_barcodes_{call}") for call in CALLS) == len(calls)
    assert set(found.barcode_map["barcode"]) == set(calls.index[calls["call"] == "assigned"])


@pytest.mark.parametrize("seed", [4, 5])
def test_a_simulated_library_is_recovered(
    observed: Callable[..., Path], simulate: Callable[..., object], counted: Callable[..., list], seed: int
) -> None:
    library = simulate(seed)
    calls = calls_of(map_barcodes("lib", [observed(counted(library.reads))], library.design))
    named = dict(zip(library.design.sequences, library.design.names, strict=True))
    read = pd.Series([barcode for barcode, _ in library.reads]).value_counts()
    family = {name: number // 3 for number, name in enumerate(library.design.names)}
    right = wrong = silent = 0
    clean = [name for name, found in library.molecules.items() if len(found) == 1 and read.get(name, 0) >= 5]
    for barcode in clean:
        call = calls.loc[barcode]
        truth = named.get(library.molecules[barcode][0])
        if truth is None:  # its nearest oligo may be a neighbour of the one it was made from
            right += call["call"] == "mutated" and family[call["variant"]] == family[library.oligos[barcode]]
        else:
            right += call["call"] == "assigned" and call["variant"] == truth
        wrong += call["call"] == "assigned" and truth is not None and call["variant"] != truth
        silent += call["call"] == "assigned" and truth is None
    assert (wrong, silent) == (0, 0)
    assert right >= 0.95 * len(clean)  # the others have one read of another molecule among few, and are unclear
    double = [name for name, found in library.molecules.items() if len(set(found)) == 2 and read.get(name, 0) >= 10]
    assert len(double) > 10 and (calls.loc[double, "call"] != "assigned").mean() > 0.85


def test_rates_are_measured(
    observed: Callable[..., Path], simulate: Callable[..., object], counted: Callable[..., list]
) -> None:
    library = simulate(6)
    found = map_barcodes("lib", [observed(counted(library.reads))], library.design)
    assert number(found, "error_rate") == pytest.approx(0.0045, rel=0.15)
    assert number(found, "chimera_rate") == pytest.approx(0.03, rel=0.3)
    assert number(found, "two_molecule_rate") == pytest.approx(0.03, rel=0.5)


@pytest.mark.slow
@pytest.mark.parametrize("designed", [True, False])
def test_long_reads_with_many_gaps_are_aligned(
    observed: Callable[..., Path], simulate: Callable[..., object], counted: Callable[..., list], designed: bool
) -> None:
    library = simulate(7, substitutions=0.01, gaps=0.05)
    found = map_barcodes("lib", [observed(counted(library.reads))], library.design if designed else None)
    calls = calls_of(found)
    read = pd.Series([barcode for barcode, _ in library.reads]).value_counts()
    named = dict(zip(library.design.sequences, library.design.names, strict=True))
    clean = [
        name
        for name, made in library.molecules.items()
        if made[0] in named and len(made) == 1 and read.get(name, 0) >= 8
    ]
    truth = pd.Series(
        {name: named[library.molecules[name][0]] if designed else library.molecules[name][0] for name in clean}
    )
    assigned = calls.loc[clean, "call"] == "assigned"
    assert assigned.mean() > 0.85
    assert (calls.loc[clean, "variant"][assigned] == truth[assigned]).mean() > 0.98
    assert number(found, "error_rate") == pytest.approx(0.06, rel=0.25)


def test_every_barcode_tells_its_chance_of_a_second_molecule(
    observed: Callable[..., Path], simulate: Callable[..., object], counted: Callable[..., list]
) -> None:
    """Of all barcodes together, as many have two molecules as their chances add up to, within counting error."""
    expected, two, n = 0.0, 0, 0
    for seed in (8, 9, 10):
        library = simulate(seed, depth=6)
        found = map_barcodes("lib", [observed(counted(library.reads))], library.design)
        calls = calls_of(found)
        assert calls["second_probability"].between(0, 1).all()
        mapped = conform("barcode_map", found.barcode_map, "map").set_index("barcode")["second_probability"]
        assert mapped.equals(calls.loc[mapped.index, "second_probability"])
        assert number(found, "n_barcodes_unique") == (mapped <= UNIQUE).sum() > 0
        unsure = calls[(calls["second_probability"] < 0.5) & calls.index.isin(library.molecules)]
        expected += unsure["second_probability"].sum()
        two += sum(len(set(library.molecules[barcode])) == 2 for barcode in unsure.index)
        n += len(unsure)
    assert n > 2000
    assert abs(two - expected) < 3 * np.sqrt(expected) + 1, (two, expected)


def test_the_second_variant_is_told_by_its_name(observed: Callable[..., Path]) -> None:
    rows = [("ACACACAC", B, 6), ("ACACACAC", SNV, 5), *(("CCCCCCC" + base, A, 9) for base in "ACGT")]
    calls = calls_of(map_barcodes("lib", [observed(rows)], DESIGN))
    assert calls.loc["ACACACAC", ["call", "variant", "second_variant"]].tolist() == ["two_molecules", "b", "a_snv"]


def test_two_deletions_of_one_oligo_on_one_barcode_are_two_molecules(observed: Callable[..., Path]) -> None:
    """Their reads differ by two gaps, so those of one do not fit into the frame of the other."""
    one, two = A[:9] + A[10:], A[:38] + A[39:]
    design = Design("design.fa", ("one", "two", "b"), (one, two, B))
    rows = [
        ("ACACACAC", one, 6),
        ("ACACACAC", two, 5),
        *(("GG" + "".join(rest), B, 9) for rest in product("CTA", repeat=6)),
    ]
    call = calls_of(map_barcodes("lib", [observed(rows)], design)).loc["ACACACAC"]
    assert call["call"] == "two_molecules" and call["second_probability"] > 0.5
