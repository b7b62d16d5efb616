"""Copies of one promoter that no data can tell apart, and the one that is reported."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from binned import log_probabilities, network_of_bins
from numpy.typing import NDArray

from kcalseq.dna import encode_sequences
from kcalseq.models.canonical import canonicalise, swap_site, swappable_sites
from kcalseq.models.design import build_design
from kcalseq.models.network import Network
from kcalseq.models.spec import ModelSpec
from kcalseq.models.specparts import Published

CPU = torch.device("cpu")


def log_likelihoods(network: Network, codes: NDArray[np.uint8], flat: NDArray[np.float64]) -> torch.Tensor:
    member, design = torch.from_numpy(flat)[None], build_design(network.spec, codes, CPU)
    phi = network.phenotype(member, design, 0)
    return log_probabilities(network, member, phi)[0]


def numbers(spec: ModelSpec, network: Network, flat: NDArray[np.float64]) -> tuple[float, ...]:
    """The two chemical potentials and the interaction of a two-site model."""
    names = (*(f"{site.name}.mu" for site in spec.sites), spec.interactions[0].name)
    return tuple(float(flat[network.layout.blocks[name].start]) for name in names)


def binding_wildtype(spec: ModelSpec, network: Network) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """A random member whose wild type binds best at each site, and the wild type."""
    rng = np.random.default_rng(8)
    flat = rng.normal(size=network.layout.size)
    wildtype = encode_sequences([spec.wildtype or ""], spec.length)[0]
    for site in spec.sites:
        theta = np.abs(rng.normal(size=(site.length, 4)))
        theta[np.arange(site.length), wildtype[site.start : site.stop]] = 0.0
        flat[network.layout.blocks[f"{site.name}.theta"].slice] = theta.ravel()
    return flat, wildtype


def test_which_sites_of_lac_can_be_swapped(lac: ModelSpec) -> None:
    assert swappable_sites(lac) == {"CRP": False, "RNAP": True}


def test_a_table_that_a_swap_leaves_is_not_swappable(small: Callable[[str], ModelSpec]) -> None:
    assert swappable_sites(small("repressor")) == {}
    assert swappable_sites(small("three_sites")) == {"A": False, "B": False, "P": True}


def test_phi_is_not_turned_over_for_a_measurement_that_only_rises(
    texts: dict[str, str], read_text: Callable[[str], ModelSpec]
) -> None:
    rising = "measurement: {kind: continuous, curve: monotone, hidden_units: 3, noise: gaussian}"
    spec = read_text(texts["two_sites"].replace("measurement: {hidden_units: 3}", rising))
    assert spec.measurement.curve == "monotone" and swappable_sites(spec) == {"CRP": False}


def test_a_site_of_published_energies_is_not_swapped(lac: ModelSpec) -> None:
    """They say which copy is meant."""
    known = replace(lac.sites[0], published=Published(((0.0,) * 4,) * lac.sites[0].length, 0.1))
    assert swappable_sites(replace(lac, sites=(known, *lac.sites[1:]))) == {"RNAP": True}


def test_formulas_of_the_swaps(lac: ModelSpec) -> None:
    network = network_of_bins(lac, 10)
    flat = np.random.default_rng(9).normal(size=network.layout.size)
    c, r, i = numbers(lac, network, flat)
    assert numbers(lac, network, swap_site(lac, network.layout, flat, "CRP")) == (-c, r + i, -i)
    assert numbers(lac, network, swap_site(lac, network.layout, flat, "RNAP")) == (c + i, -r, -i)
    theta = network.layout.blocks["CRP.theta"].slice
    assert np.array_equal(swap_site(lac, network.layout, flat, "CRP")[theta], -flat[theta])
    assert np.array_equal(swap_site(lac, network.layout, flat, "RNAP")[theta], flat[theta])


@pytest.mark.parametrize("name", ["CRP", "RNAP"])
def test_swaps_leave_the_likelihood_of_lac_alone(lac: ModelSpec, name: str) -> None:
    network = network_of_bins(lac, 10)
    rng = np.random.default_rng(10)
    codes = rng.integers(0, 4, (200, lac.length), dtype=np.uint8)
    flat = rng.normal(size=network.layout.size)
    swapped = swap_site(lac, network.layout, flat, name)
    before, after = log_likelihoods(network, codes, flat), log_likelihoods(network, codes, swapped)
    assert torch.allclose(before, after, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", ["CRP", "RNAP"])
def test_swapping_twice_is_the_identity(lac: ModelSpec, name: str) -> None:
    network = network_of_bins(lac, 10)
    flat = np.random.default_rng(11).normal(size=network.layout.size)
    twice = swap_site(lac, network.layout, swap_site(lac, network.layout, flat, name), name)
    assert np.allclose(twice, flat, rtol=0, atol=1e-14)


@pytest.mark.parametrize("copy", list(product([False, True], repeat=2)))
def test_every_copy_comes_home(lac: ModelSpec, copy: tuple[bool, bool]) -> None:
    network = network_of_bins(lac, 10)
    flat, wildtype = binding_wildtype(lac, network)
    swaps = tuple(site.name for site, swap in zip(lac.sites, copy, strict=True) if swap)
    elsewhere = flat
    for name in swaps:
        elsewhere = swap_site(lac, network.layout, elsewhere, name)
    home = canonicalise(lac, network.layout, elsewhere, wildtype, phi_rises=True)
    assert home.swaps == swaps
    assert np.allclose(home.flat, flat, rtol=0, atol=1e-12)


@pytest.mark.parametrize("start", ["C", "R"])
def test_the_gauge_does_not_choose_the_copy(small: Callable[[str], ModelSpec], start: str) -> None:
    spec = small("two_sites")
    network = network_of_bins(spec, 4)
    flat, wildtype = binding_wildtype(spec, network)
    block = network.layout.blocks["CRP.theta" if start == "C" else "RNAP.theta"].slice
    flat[block] += 50.0
    assert canonicalise(spec, network.layout, flat, wildtype, phi_rises=True).swaps == ()


@pytest.mark.parametrize("rises", [True, False])
def test_an_additive_model_is_turned_until_phi_rises(small: Callable[[str], ModelSpec], rises: bool) -> None:
    spec = small("additive")
    network = network_of_bins(spec, 4)
    rng = np.random.default_rng(12)
    flat, codes = rng.normal(size=network.layout.size), rng.integers(0, 4, (50, spec.length), dtype=np.uint8)
    found = canonicalise(spec, network.layout, flat, codes[0], phi_rises=rises)
    assert found.swaps == (() if rises else ("phi",))
    before, after = log_likelihoods(network, codes, flat), log_likelihoods(network, codes, found.flat)
    assert torch.allclose(before, after, rtol=0, atol=1e-12)
    design = build_design(spec, codes, CPU)
    old, new = (network.phenotype(torch.from_numpy(item)[None], design, 0) for item in (flat, found.flat))
    assert torch.allclose(new, old if rises else -old, rtol=0, atol=1e-12)
