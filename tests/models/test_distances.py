"""Interactions by distance: microstates counted one by one, limits, and what each step is for."""

import math
from collections.abc import Callable

import numpy as np
import torch
from binned import network_of_bins
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kcalseq.models.canonical import swappable_sites
from kcalseq.models.design import build_design
from kcalseq.models.distance_energy import step_probabilities
from kcalseq.models.distances import distance, step_numbers, steps
from kcalseq.models.network import Network
from kcalseq.models.registers import Scan, registers
from kcalseq.models.scan import register_probabilities
from kcalseq.models.spec import ModelSpec

CPU = torch.device("cpu")
Read = Callable[[str], ModelSpec]

SPACED = """\
description: A polymerase of two blocks that may sit anywhere, and an activator at a fixed place
kind: thermodynamic
sequence: {length: 20}
sites:
  A: {start: 6, length: 4}
  P: {start: [0, 15], blocks: [2, 2], spacers: [1, 2, 3], reference_spacer: 2, strands: both}
interactions:
  a_p: {between: [P, A], by_distance: [1, 2, 5]}
states: auto
transcribing: {P: t_sat}
measurement: {hidden_units: 2}
"""


def library(spec: ModelSpec, n_variants: int = 25) -> NDArray[np.uint8]:
    return np.random.default_rng(6).integers(0, 4, (n_variants, spec.length), dtype=np.uint8)


def random_member(network: Network, seed: int = 7) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(size=network.layout.size))


def phenotype(spec: ModelSpec, network: Network, flat: torch.Tensor, codes: NDArray[np.uint8]) -> torch.Tensor:
    return network.phenotype(flat[None], build_design(spec, codes, CPU), 0)[0]


def counted(spec: ModelSpec, network: Network, flat: NDArray[np.float64], sequence: NDArray[np.uint8]) -> float:
    """Log odds of transcription: A off or at its place, P off or in any register, every microstate by itself."""
    b, kt = network.layout.blocks, network.kt
    a, p = (next(site for site in spec.sites if site.name == name) for name in "AP")
    theta_a, theta_p = (flat[b[f"{name}.theta"].slice].reshape(-1, 4) for name in "AP")
    mu_a, mu_p = (float(flat[b[f"{name}.mu"].start]) for name in "AP")
    g_a = mu_a + sum(theta_a[place, sequence[a.start + place]] for place in range(a.length))
    on, off = 0.0, 1.0 + math.exp(-g_a / kt)
    for register in registers(p.scan, spec.length):
        bases = sequence[list(p.scan.positions(register))]
        bases = bases if register.strand == "+" else 3 - bases
        g = mu_p + sum(theta_p[place, base] for place, base in enumerate(bases))
        if register.spacer in p.spacers:
            g += flat[b["P.spacers"].start + p.spacers.index(register.spacer)]
        on += math.exp(-g / kt)
        end = register.start + 4 + register.spacer
        gap = a.start - end if end <= a.start else register.start - (a.start + a.length)
        if gap >= 0:
            known = {1: "a_p[1]", 2: "a_p[2-4]", 3: "a_p[2-4]", 4: "a_p[2-4]"}
            joined = float(flat[b[known[gap]].start]) if gap in known else 0.0
            on += math.exp(-(g_a + g + joined) / kt)
    return math.log(on) - math.log(off)


def test_the_ensemble_is_that_of_all_microstates(read_text: Read) -> None:
    spec = read_text(SPACED)
    network, codes = network_of_bins(spec, 4), library(spec)
    for seed in range(3):
        flat = random_member(network, seed)
        expected = [counted(spec, network, flat.numpy(), sequence) for sequence in codes]
        np.testing.assert_allclose(phenotype(spec, network, flat, codes).numpy(), expected, rtol=0, atol=1e-12)


def test_its_gradient_is_that_of_finite_differences_in_every_direction(read_text: Read) -> None:
    spec = read_text(SPACED)
    network = network_of_bins(spec, 4)
    design, flat = build_design(spec, library(spec, 4), CPU), random_member(network)[None]
    assert torch.autograd.gradcheck(lambda x: network.term_energies(x, design, 0), flat.clone().requires_grad_())


def test_energies_are_named_by_the_distances_they_are_for(read_text: Read) -> None:
    spec = read_text(SPACED)
    assert spec.interactions[0].steps == {"a_p[1]": range(1, 2), "a_p[2-4]": range(2, 5)}
    assert spec.interaction_energies == ("a_p[1]", "a_p[2-4]")
    assert spec.terms == ("A", "P", "a_p")
    blocks = network_of_bins(spec, 4).layout.blocks
    assert [blocks[name].shape for name in spec.interaction_energies] == [(), ()]


def test_distances_are_counted_between_the_edges() -> None:
    """Three bases beside positions 5 and 6 of ten: 0-2 are two away, 1-3 one, 2-4 none; 7-9 none."""
    scan = Scan((3,), tuple(range(8)))
    found = [distance(scan, register, range(5, 7)) for register in registers(scan, 10)]
    assert found == [2, 1, 0, None, None, None, None, 0]
    assert step_numbers(scan, 10, range(5, 7), (0, 1, 2)) == (2, 1, 0, None, None, None, None, 0)
    assert step_numbers(scan, 10, range(5, 7), (1, 3)) == (0, 0, 1, None, None, None, None, 1)


def test_a_spacer_belongs_to_the_footprint() -> None:
    scan = Scan((2, 2), (0,), (0, 3), 0)
    assert [distance(scan, register, range(8, 9)) for register in registers(scan, 9)] == [4, 1]


@given(st.lists(st.integers(0, 30), min_size=2, max_size=6, unique=True).map(sorted))
def test_steps_tile_the_distances_from_the_first_edge_to_the_last(edges: list[int]) -> None:
    assert [d for step in steps(edges) for d in step] == list(range(edges[0], edges[-1]))


def apart(text: str, interaction: str) -> str:
    """The model with a polymerase that no register of the activator overlaps."""
    text = text.replace("[0, 14], length: 3", "[0, 4], length: 3")
    return text.replace("a_p: {between: [A, P], by_distance: [0, 2, 4]}", interaction)


def test_equal_steps_over_all_registers_are_an_interaction_that_knows_no_distance(
    texts: dict[str, str], read_text: Read
) -> None:
    by_distance = read_text(apart(texts["by_distance"], "a_p: {between: [A, P], by_distance: [1, 2, 4, 6]}"))
    plain = read_text(apart(texts["by_distance"], "a_p: {between: [A, P]}"))
    codes, network, other = library(plain), network_of_bins(by_distance, 4), network_of_bins(plain, 4)
    flat, simple = random_member(network), random_member(other)
    for name, block in other.layout.blocks.items():
        if name != "a_p":
            flat[network.layout.blocks[name].slice] = simple[block.slice]
    for name in by_distance.interaction_energies:
        flat[network.layout.blocks[name].slice] = simple[other.layout.blocks["a_p"].slice]
    found, expected = phenotype(by_distance, network, flat, codes), phenotype(plain, other, simple, codes)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


def test_steps_of_no_energy_are_no_interaction(texts: dict[str, str], read_text: Read) -> None:
    spec = read_text(apart(texts["by_distance"], "a_p: {between: [A, P], by_distance: [1, 2, 4]}"))
    network, codes = network_of_bins(spec, 4), library(spec)
    flat = random_member(network)
    for name in spec.interaction_energies:
        flat[network.layout.blocks[name].slice] = 0.0
    term = network.term_energies(flat[None], build_design(spec, codes, CPU), 0)[0, 2]
    torch.testing.assert_close(term, torch.zeros_like(term), rtol=0, atol=1e-12)


def test_a_step_of_strong_attraction_takes_all_of_a_bound_site(read_text: Read) -> None:
    """The term is then that step's energy and the cost of going there: a constant falls out one to one."""
    spec = read_text(SPACED)
    network, codes = network_of_bins(spec, 4), library(spec)
    flat, design = random_member(network), build_design(spec, codes, CPU)
    index = network.layout.blocks["a_p[2-4]"].start
    energies = []
    for value in (-40.0, -41.0):
        flat[index] = value
        energies.append(network.term_energies(flat[None], design, 0)[0, 2])
    torch.testing.assert_close(energies[0] - energies[1], torch.ones(len(codes)).double(), rtol=0, atol=1e-12)
    beside = network.register_energies(flat[None], spec.interactions[0])[0]
    theta, spacers = (part[0] for part in network.scan_energies(flat[None], spec.sites[1]))
    shares = register_probabilities(
        spec.sites[1].scan, design.scanned, theta, spacers, network.kt, register_energy=beside
    )
    assert torch.equal(shares[beside.isinf()], torch.zeros_like(shares[beside.isinf()]))
    found = step_probabilities(spec, spec.interactions[0], shares)
    torch.testing.assert_close(found.T, torch.tensor([[0.0, 1.0]]).double().expand(len(codes), 2))


def test_all_pairs_of_sites_but_those_by_distance_must_not_overlap(texts: dict[str, str], read_text: Read) -> None:
    assert [state.bound for state in read_text(texts["by_distance"]).states] == [(), ("A",), ("P",), ("A", "P")]
    plain = texts["by_distance"].replace("interactions:\n  a_p: {between: [A, P], by_distance: [0, 2, 4]}\n", "")
    assert [state.bound for state in read_text(plain).states] == [(), ("A",), ("P",)]


def test_a_site_that_touches_another_by_distance_is_not_exchanged(texts: dict[str, str], read_text: Read) -> None:
    assert swappable_sites(read_text(texts["by_distance"])) == {}
    plain = apart(texts["by_distance"], "a_p: {between: [A, P]}")
    assert swappable_sites(read_text(plain)) == {"P": True}


def test_a_copy_may_be_the_site_at_a_fixed_place(texts: dict[str, str], read_text: Read) -> None:
    """Two places of the polymerase, each with steps of its own; the activator is beside one of them at a time."""
    text = texts["by_distance"].replace(
        "P: {start: 8, length: 4}", "P: {start: 5, length: 4}\n  Q: {copy_of: P, start: 8}"
    )
    text = text.replace("{P: t_sat}", "{P: t_sat, Q: t_sat}")
    spec = read_text(text.replace("states:", "  a_q: {between: [Q, A], by_distance: [0, 3]}\nstates:"))
    assert {state.bound for state in spec.states} == {(), ("A",), ("P",), ("Q",), ("A", "P"), ("A", "Q")}
    assert spec.interaction_energies == ("a_p[0-1]", "a_p[2-3]", "a_q[0-2]")
    assert spec.scanned_site(spec.interactions[1]).name == "A"
