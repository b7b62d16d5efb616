"""Copies of a site: one protein at several places, so one matrix and one potential, and a term of its own each."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from binned import network_of_bins
from numpy.typing import NDArray

from kcalseq.models.canonical import swappable_sites
from kcalseq.models.copies import written_out
from kcalseq.models.design import build_design, pair_codes, site_codes
from kcalseq.models.gauge import observed_bases, observed_of
from kcalseq.models.network import Network
from kcalseq.models.spec import ModelSpec
from kcalseq.models.specparts import Site

CPU = torch.device("cpu")
Read = Callable[[str], ModelSpec]


def library(spec: ModelSpec, n_variants: int = 30) -> NDArray[np.uint8]:
    return np.random.default_rng(4).integers(0, 4, (n_variants, spec.length), dtype=np.uint8)


def terms(spec: ModelSpec, network: Network, flat: torch.Tensor, codes: NDArray[np.uint8]) -> dict[str, torch.Tensor]:
    """Energy of each term in each variant."""
    g = network.term_energies(flat[None], build_design(spec, codes, CPU), 0)[0]
    return dict(zip(spec.terms, g, strict=True))


def random_member(network: Network, seed: int = 5) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(size=network.layout.size))


def test_a_copy_has_no_parameters_and_a_term(small: Read) -> None:
    spec = small("copies")
    assert spec.terms == ("A", "P", "A_far", "a_p", "far_p", "loop")
    assert [site.name for site in spec.originals] == ["A", "P"]
    far = spec.sites[2]
    assert (far.copy_of, far.owner, far.reverse, far.length, far.energies) == ("A", "A", True, 4, "neighbour")
    assert spec.places(spec.sites[0]) == (spec.sites[0], far) == spec.places(far)
    blocks = network_of_bins(spec, 4).layout.blocks
    assert [name for name in blocks if not name.startswith("mpa")] == [
        *("A.theta", "P.theta", "A.pairs", "A.mu", "P.mu", "a_p", "far_p", "loop")
    ]


def test_states_are_those_of_sites_that_do_not_overlap(texts: dict[str, str], read_text: Read) -> None:
    assert len(read_text(texts["copies"]).states) == 8
    apart = read_text(texts["copies"].replace("start: 10", "start: 8").replace("  far_p: {between: [A_far, P]}\n", ""))
    assert [state.bound for state in apart.states] == [(), ("A",), ("P",), ("A", "P"), ("A_far",), ("A", "A_far")]


def test_a_copy_may_stand_before_its_original(texts: dict[str, str], read_text: Read) -> None:
    line = "  A_far: {copy_of: A, start: 10, strand: reverse}\n"
    turned = read_text(texts["copies"].replace(line, "").replace("sites:\n", f"sites:\n{line}"))
    spec, codes = read_text(texts["copies"]), library(turned)
    network, other = network_of_bins(spec, 4), network_of_bins(turned, 4)
    assert list(network.layout.blocks) == list(other.layout.blocks)
    flat = random_member(network)
    found, expected = (terms(*one, flat, codes) for one in ((turned, other), (spec, network)))
    for name, energy in expected.items():
        torch.testing.assert_close(found[name], energy, rtol=0, atol=1e-12)


def test_a_copy_on_the_other_strand_is_a_copy_on_this_one_of_the_reverse_complement(
    texts: dict[str, str], read_text: Read
) -> None:
    """Positions 10 to 13 of 16 are 2 to 5 from the other end, where the polymerase makes room."""
    there = read_text(texts["copies"])
    text = texts["copies"].replace("start: 10, strand: reverse", "start: 2").replace("P: {start: 5", "P: {start: 7")
    here = read_text(text.replace("  loop: {between: [A, A_far]}\n", ""))
    codes, network = library(there), network_of_bins(there, 4)
    flat = random_member(network)
    reverse_complement = np.ascontiguousarray((3 - codes)[:, ::-1])
    found = terms(there, network, flat, codes)["A_far"]
    expected = terms(here, network_of_bins(here, 4), flat, reverse_complement)["A_far"]
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
    assert (found - terms(there, network, flat, codes)["A"]).abs().min() > 1e-3


def test_the_same_bases_bind_as_well_at_either_place(small: Read) -> None:
    spec = small("copies")
    codes, network = library(spec), network_of_bins(spec, 4)
    codes[:, 10:14] = (3 - codes[:, :4])[:, ::-1]
    found = terms(spec, network, random_member(network), codes)
    torch.testing.assert_close(found["A_far"], found["A"], rtol=0, atol=1e-13)


def test_bases_and_pairs_of_a_turned_copy_are_counted_from_its_end() -> None:
    codes = np.array([[0, 0, 1, 2]], dtype=np.uint8)  # AACG, on the other strand CGTT
    site = Site("B", 0, 4, "neighbour", copy_of="A", reverse=True)
    assert site_codes(site, codes).tolist() == [[1, 2, 3, 3]]
    assert site_codes(site, torch.from_numpy(codes)).tolist() == [[1, 2, 3, 3]]
    assert pair_codes(site, codes).tolist() == [[4 * 1 + 2, 4 * 2 + 3, 4 * 3 + 3]]
    assert site_codes(Site("A", 0, 4), codes).tolist() == codes.tolist()


def test_bases_are_seen_where_any_place_shows_them(small: Read) -> None:
    spec = small("copies")
    codes = np.zeros((2, spec.length), dtype=np.uint8)  # all A: a turned copy meets T
    codes[1, 13] = 1  # C at the copy's first base, which it reads as G
    seen = observed_of(spec, spec.sites[0], observed_bases(codes))
    assert seen.tolist() == [[True, False, True, True], *[[True, False, False, True]] * 3]
    assert observed_of(spec, spec.sites[1], observed_bases(codes)).tolist() == [[True, False, False, False]] * 4


def test_nothing_that_touches_shared_energies_is_exchanged(texts: dict[str, str], read_text: Read) -> None:
    """Without the interactions with the activator the polymerase may be exchanged as before, the activator never."""
    assert swappable_sites(read_text(texts["copies"])) == {}
    alone = texts["copies"].replace("  a_p: {between: [A, P]}\n  far_p: {between: [A_far, P]}\n", "")
    assert swappable_sites(read_text(alone)) == {"P": True}


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({"": "0", "A, A_far": "r"}, ("A",)),
        ({"": "0", "A": "r", "A_far": "r"}, ("A",)),
        ({"": "r", "A": "0", "A_far": "0"}, ("A",)),
        ({"": "0", "A": "0", "A_far": "r"}, ()),
        ({"": "0", "A": "r", "A, A_far": "r"}, ()),
    ],
)
def test_a_shared_potential_only_shifts_where_as_many_are_bound(
    states: dict[str, str], expected: tuple[str, ...], read_text: Read
) -> None:
    rows = "".join(f"  - {{bound: [{bound}], rate: {rate}}}\n" for bound, rate in states.items())
    sites = "  A: {start: 0, length: 4}\n  A_far: {copy_of: A, start: 6}\n"
    head = "description: two places\nkind: thermodynamic\nsequence: {length: 12}\n"
    spec = read_text(f"{head}sites:\n{sites}states:\n{rows}")
    assert spec.shift_only_sites == expected
    network = network_of_bins(spec, 4)
    flat = random_member(network)
    shifted = flat.clone()
    shifted[network.layout.blocks["A.mu"].start] += 1.0
    design = build_design(spec, library(spec), CPU)
    moved = network.phenotype(shifted[None], design, 0) - network.phenotype(flat[None], design, 0)
    assert bool(moved.std() < 1e-12) == (expected == ("A",))


def test_transitions_of_a_scheme_feel_a_copy(texts: dict[str, str], read_text: Read) -> None:
    spec = read_text(texts["cycle"].replace("  P: {start: 5, length: 4}", "  P: {copy_of: A, start: 5}"))
    network, codes = network_of_bins(spec, 4), library(spec)
    flat = random_member(network)
    a, p, *_ = network.term_energies(flat[None], build_design(spec, codes, CPU), 0)[0]
    codes[:, [0, 1, 2, 3, 5, 6, 7, 8]] = codes[:, [5, 6, 7, 8, 0, 1, 2, 3]]
    again, other, *_ = network.term_energies(flat[None], build_design(spec, codes, CPU), 0)[0]
    torch.testing.assert_close(torch.stack([again, other]), torch.stack([p, a]), rtol=0, atol=1e-12)
    assert spec.shift_only_sites == ("A",)


def test_a_copy_takes_no_published_energies(texts: dict[str, str], read_text: Read) -> None:
    known = "published: {energies: [[0, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 0]], sd_kcal_per_mol: 0.5}"
    spec = read_text(texts["copies"].replace("energies: neighbour}", f"energies: neighbour, {known}}}"))
    assert [site.published is not None for site in spec.sites] == [True, False, False]
    sites = written_out({"A": {"start": 0, "length": 1, "published": {}}, "B": {"copy_of": "A", "start": 4}})
    assert sites["B"] == {"start": 4, "length": 1, "copy_of": "A"}
