"""The zero-mean gauge: rows of observed bases add up to zero, and fixing twice is fixing once."""

from collections.abc import Callable

import numpy as np
from binned import network_of_bins
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET, encode_sequences
from kcalseq.models.gauge import observed_bases, observed_of, zero_mean_map
from kcalseq.models.registers import registers
from kcalseq.models.spec import ModelSpec


def two_to_four_bases(length: int) -> NDArray[np.uint8]:
    """A library in which position l shows 1 + l % 4 bases."""
    codes = np.arange(24)[:, None] % (1 + np.arange(length)[None] % 4)
    return codes.astype(np.uint8)


def test_observed_bases() -> None:
    codes = np.array([[0, 3], [0, 1], [0, 3]], dtype=np.uint8)
    assert observed_bases(codes).tolist() == [[True, False, False, False], [False, True, False, True]]


def test_a_copy_on_the_other_strand_meets_the_complements(small: Callable[[str], ModelSpec]) -> None:
    """Positions 0 to 3 of AAGT and AACT, and 10 to 13 of CCTT and CGTT, which are read as AAGG and AACG."""
    spec = small("copies")
    assert [(site.name, site.start) for site in spec.places(spec.sites[0])] == [("A", 0), ("A_far", 10)]
    codes = encode_sequences(["AAGTAAAAAACCTTAA", "AACTAAAAAACGTTAA"], 16)
    found = observed_of(spec, spec.sites[0], observed_bases(codes))
    assert ["".join(np.array(list(ALPHABET))[row]) for row in found] == ["A", "A", "CG", "GT"]


def test_a_scanned_site_meets_what_any_of_its_registers_covers(small: Callable[[str], ModelSpec]) -> None:
    spec = small("scanned")
    codes = two_to_four_bases(spec.length)
    scanned = [site for site in spec.sites if site.scan is not None]
    assert {register.strand for site in scanned for register in registers(site.scan, spec.length)} == {"+", "-"}
    for site in scanned:
        met = np.zeros((site.length, 4), dtype=bool)
        for register in registers(site.scan, spec.length):
            for number, position in enumerate(site.scan.positions(register)):
                read = codes[:, position] if register.strand == "+" else 3 - codes[:, position]
                met[number, read] = True
        assert np.array_equal(observed_of(spec, site, observed_bases(codes)), met)


def test_rows_of_observed_bases_add_up_to_zero(small: Callable[[str], ModelSpec]) -> None:
    spec = small("two_sites")
    layout, observed = network_of_bins(spec, 4).layout, observed_bases(two_to_four_bases(spec.length))
    fixed = zero_mean_map(spec, layout, observed) @ np.random.default_rng(13).normal(size=layout.size)
    for site in spec.sites:
        theta = fixed[layout.blocks[f"{site.name}.theta"].slice].reshape(-1, 4)
        sums = (theta * observed[site.start : site.stop]).sum(1)
        assert np.allclose(sums, 0.0, rtol=0, atol=1e-14)


def test_fixing_twice_is_fixing_once(small: Callable[[str], ModelSpec]) -> None:
    for name in ("three_sites", "neighbours", "pairwise"):
        spec = small(name)
        layout = network_of_bins(spec, 4).layout
        a = zero_mean_map(spec, layout, observed_bases(two_to_four_bases(spec.length)))
        assert np.allclose(a @ a, a, rtol=0, atol=1e-13)


def test_energies_of_a_pair_add_up_to_zero_along_either_base(small: Callable[[str], ModelSpec]) -> None:
    spec = small("neighbours")
    layout, observed = network_of_bins(spec, 4).layout, observed_bases(two_to_four_bases(spec.length))
    fixed = zero_mean_map(spec, layout, observed) @ np.random.default_rng(15).normal(size=layout.size)
    for site in spec.sites:
        pairs = fixed[layout.blocks[f"{site.name}.pairs"].slice].reshape(-1, 4, 4)
        for (one, two), table in zip(site.pairs, pairs, strict=True):
            assert np.allclose(observed[site.start + one] @ table, 0.0, rtol=0, atol=1e-13)
            assert np.allclose(table @ observed[site.start + two], 0.0, rtol=0, atol=1e-13)


def test_a_pair_that_only_speaks_of_one_base_is_an_energy_of_that_base(small: Callable[[str], ModelSpec]) -> None:
    spec = small("neighbours")
    layout = network_of_bins(spec, 4).layout
    a = zero_mean_map(spec, layout, np.ones((spec.length, 4), dtype=bool))
    of_pair, of_base = np.zeros(layout.size), np.zeros(layout.size)
    first = layout.blocks["CRP.pairs"].start + 2 * 16  # positions 2 and 3
    of_pair[first + 4 : first + 8] = 1.5  # C at position 2, whatever stands at 3
    of_base[layout.blocks["CRP.theta"].start + 2 * 4 + 1] = 1.5
    assert np.allclose(a @ of_pair, a @ of_base, rtol=0, atol=1e-14)


def test_everything_but_matrices_and_potentials_stays(small: Callable[[str], ModelSpec]) -> None:
    spec = small("two_sites")
    layout = network_of_bins(spec, 4).layout
    a = zero_mean_map(spec, layout, observed_bases(two_to_four_bases(spec.length)))
    for name in ("stack", "mpa.a", "mpa.b", "mpa.c", "mpa.d"):
        assert np.array_equal(a[layout.blocks[name].slice], np.eye(layout.size)[layout.blocks[name].slice])


def test_a_shift_of_one_position_is_forgotten(small: Callable[[str], ModelSpec]) -> None:
    spec = small("two_sites")
    layout, rng = network_of_bins(spec, 4).layout, np.random.default_rng(14)
    a = zero_mean_map(spec, layout, np.ones((spec.length, 4), dtype=bool))
    flat = rng.normal(size=layout.size)
    shifted = flat.copy()
    shifted[layout.blocks["RNAP.theta"].start : layout.blocks["RNAP.theta"].start + 4] += 2.5
    shifted[layout.blocks["RNAP.mu"].start] -= 2.5
    assert np.allclose(a @ shifted, a @ flat, rtol=0, atol=1e-13)
