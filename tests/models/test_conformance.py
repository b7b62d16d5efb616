"""Laws that every model obeys. A new model's test is a subclass: its name, and its phenotype written out by hand."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np
import pytest
import torch
from binned import log_probabilities, network_of_bins
from numpy.typing import NDArray

from kcalseq.models.beginnings import initial_parameters
from kcalseq.models.canonical import swap_site, swappable_sites
from kcalseq.models.design import build_design
from kcalseq.models.ensemble import log_occupancies
from kcalseq.models.gauge import observed_bases, zero_mean_map
from kcalseq.models.network import Network
from kcalseq.models.registers import registers
from kcalseq.models.spec import ModelSpec
from kcalseq.models.specparts import Interaction, Site
from kcalseq.units import thermal_energy

CPU = torch.device("cpu")
N_BINS = 4


class ModelConformance(ABC):
    """A subclass names a small model of conftest.py and writes its phenotype down a second time."""

    model: str

    @abstractmethod
    def phenotype(self, w: dict[str, float]) -> float:
        """Raw phenotype from each term's energy in units of -kT and each free log rate, in plain floats."""

    @pytest.fixture
    def spec(self, small: Callable[[str], ModelSpec]) -> ModelSpec:
        return small(self.model)

    @pytest.fixture
    def network(self, spec: ModelSpec) -> Network:
        return network_of_bins(spec, N_BINS)

    @pytest.fixture
    def codes(self, spec: ModelSpec) -> NDArray[np.uint8]:
        return np.random.default_rng(1).integers(0, 4, (40, spec.length), dtype=np.uint8)

    @pytest.fixture
    def members(self, network: Network) -> torch.Tensor:
        return torch.from_numpy(np.random.default_rng(2).normal(0.0, 1.0, (3, network.layout.size)))

    def test_phenotype_is_the_one_written_by_hand(
        self, spec: ModelSpec, network: Network, codes: NDArray[np.uint8], members: torch.Tensor
    ) -> None:
        found = network.phenotype(members, build_design(spec, codes, CPU), 0)
        scale = -1.0 if spec.kind == "additive" else -1.0 / thermal_energy(spec.temperature_celsius)
        for member, flat in enumerate(members.numpy()):
            rates = {name: float(flat[network.layout.blocks[f"{name}.log_rate"].start]) for name in spec.free_rates}
            for variant, sequence in enumerate(codes):
                w = {name: scale * g for name, g in _energies(spec, network, flat, sequence).items()} | rates
                assert found[member, variant] == pytest.approx(self.phenotype(w), abs=1e-12)

    def test_probabilities_add_up_to_one(
        self, spec: ModelSpec, network: Network, codes: NDArray[np.uint8], members: torch.Tensor
    ) -> None:
        design = build_design(spec, codes, CPU)
        phi = network.phenotype(members, design, 0)
        total = log_probabilities(network, members, phi).exp().sum(1)
        assert torch.allclose(total, torch.ones_like(total), rtol=0, atol=1e-14)
        if spec.kind == "thermodynamic":
            g = network.term_energies(members, design, 0)[:, : len(spec.terms)]
            occupied = log_occupancies(g, network.omega, network.kt).exp()
            assert torch.allclose(occupied.sum(1), torch.ones_like(phi), rtol=0, atol=1e-14)

    def test_gradient_is_that_of_finite_differences(
        self, spec: ModelSpec, network: Network, codes: NDArray[np.uint8], members: torch.Tensor
    ) -> None:
        design = build_design(spec, codes[:6], CPU)

        def log_p(flat: torch.Tensor) -> torch.Tensor:
            phi = network.phenotype(flat, design, 0)
            return log_probabilities(network, flat, phi)

        assert torch.autograd.gradcheck(log_p, members[:1].clone().requires_grad_(), fast_mode=True)

    def test_a_member_does_not_see_its_company(
        self, spec: ModelSpec, network: Network, codes: NDArray[np.uint8], members: torch.Tensor
    ) -> None:
        design = build_design(spec, codes, CPU)
        alone = torch.cat(
            [network.phenotype(members[number : number + 1], design, 0) for number in range(len(members))]
        )
        assert torch.allclose(network.phenotype(members, design, 0), alone, rtol=1e-13, atol=1e-13)

    def test_a_variant_does_not_see_its_company(
        self, spec: ModelSpec, network: Network, codes: NDArray[np.uint8], members: torch.Tensor
    ) -> None:
        whole = network.phenotype(members, build_design(spec, codes, CPU), 0)
        part = network.phenotype(members, build_design(spec, codes[5:9], CPU), 0)
        assert torch.allclose(whole[:, 5:9], part, rtol=1e-12, atol=1e-12)

    def test_gauge_leaves_phenotypes_alone(
        self, spec: ModelSpec, network: Network, codes: NDArray[np.uint8], members: torch.Tensor
    ) -> None:
        design, a = build_design(spec, codes, CPU), zero_mean_map(spec, network.layout, observed_bases(codes))
        fixed = members @ torch.from_numpy(a).T
        assert not torch.allclose(fixed, members)
        assert torch.allclose(network.phenotype(fixed, design, 0), network.phenotype(members, design, 0), atol=1e-12)

    def test_swapping_bound_and_free_changes_no_probability(
        self, spec: ModelSpec, network: Network, codes: NDArray[np.uint8], members: torch.Tensor
    ) -> None:
        design, flat = build_design(spec, codes, CPU), members[:1]
        phi = network.phenotype(flat, design, 0)
        before = log_probabilities(network, flat, phi)
        for name in swappable_sites(spec) if spec.kind == "thermodynamic" else ():
            twin = torch.from_numpy(swap_site(spec, network.layout, flat[0].numpy(), name))[None]
            assert not torch.allclose(twin, flat)
            phi = network.phenotype(twin, design, 0)
            after = log_probabilities(network, twin, phi)
            assert torch.allclose(after, before, rtol=0, atol=1e-9)

    def test_beginnings_depend_on_seed_and_start_alone(self, network: Network) -> None:
        first = initial_parameters(network, 7, 0)
        assert np.array_equal(first, initial_parameters(network, 7, 0))
        assert not np.array_equal(first, initial_parameters(network, 7, 1))
        assert not np.array_equal(first, initial_parameters(network, 8, 0))


def _energies(
    spec: ModelSpec, network: Network, flat: NDArray[np.float64], sequence: NDArray[np.uint8]
) -> dict[str, float]:
    """Energy of each term in one sequence, base by base."""
    blocks, energies = network.layout.blocks, {}
    for site in spec.sites:
        theta = flat[blocks[f"{site.owner}.theta"].slice].reshape(site.length, 4)
        if site.scan is not None:
            energies[site.name] = _scanned(site, theta, flat, network, sequence, {})
            continue
        own = [int(code) for code in sequence[site.start : site.stop]]
        own = [3 - code for code in reversed(own)] if site.reverse else own
        mutated = sum(float(theta[place, own[place]]) for place in range(site.length))
        if site.energies != "matrix":
            pairs = [(i, j) for i in range(site.length) for j in range(i + 1, site.length)]
            pairs = [(i, j) for i, j in pairs if site.energies == "pairwise" or j == i + 1]
            table = flat[blocks[f"{site.owner}.pairs"].slice].reshape(len(pairs), 4, 4)
            mutated += sum(float(table[number, own[i], own[j]]) for number, (i, j) in enumerate(pairs))
        energies[site.name] = mutated + float(flat[blocks[f"{site.owner}.mu"].start])
    for item in spec.interactions:
        energies[item.name] = _interaction(spec, network, item, flat, sequence)
    return energies


def _interaction(
    spec: ModelSpec, network: Network, item: Interaction, flat: NDArray[np.float64], sequence: NDArray[np.uint8]
) -> float:
    """Energy of an interaction; by distance the free energy that the scanned site gains beside the other."""
    blocks = network.layout.blocks
    if not item.edges:
        return float(flat[blocks[item.name].start])
    one, two = (site for site in spec.sites if site.name in item.between)
    site, fixed = (one, two) if one.scan else (two, one)
    theta = flat[blocks[f"{site.name}.theta"].slice].reshape(site.length, 4)
    gained: dict[int, float] = {}
    for number, register in enumerate(registers(site.scan, len(sequence))):
        covered = set(range(register.start, register.start + site.scan.footprint(register.spacer)))
        beside = set(range(fixed.start, fixed.stop))
        apart = min(abs(p - q) for p in covered for q in beside) - 1
        gained[number] = math.inf if covered & beside else 0.0
        for name, step in item.steps.items():
            if not covered & beside and apart in step:
                gained[number] = float(flat[blocks[name].start])
    plain = _scanned(site, theta, flat, network, sequence, {})
    return _scanned(site, theta, flat, network, sequence, gained) - plain


def _scanned(
    site: Site,
    theta: NDArray[np.float64],
    flat: NDArray[np.float64],
    network: Network,
    sequence: NDArray[np.uint8],
    gained: dict[int, float],
) -> float:
    """Free energy of a scanned site over its registers, letter by letter; ``gained``: more for single registers."""
    blocks, weight = network.layout.blocks, 0.0
    for number, register in enumerate(registers(site.scan, len(sequence))):
        places = site.scan.positions(register)
        own = [int(sequence[place]) if register.strand == "+" else 3 - int(sequence[place]) for place in places]
        energy = gained.get(number, 0.0) + sum(float(theta[place, base]) for place, base in enumerate(own))
        if register.spacer in site.spacers:
            energy += float(flat[blocks[f"{site.name}.spacers"].start + site.spacers.index(register.spacer)])
        weight += math.exp(-energy / network.kt)
    return -network.kt * math.log(weight) + float(flat[blocks[f"{site.name}.mu"].start])


class TestTwoSites(ModelConformance):
    """Simple recruitment: the four-state closed form of Kinney et al. 2010."""

    model = "two_sites"

    def phenotype(self, w: dict[str, float]) -> float:
        return w["RNAP"] + math.log1p(math.exp(w["CRP"] + w["stack"])) - math.log1p(math.exp(w["CRP"]))


class TestRepressor(ModelConformance):
    """Repression by exclusion."""

    model = "repressor"

    def phenotype(self, w: dict[str, float]) -> float:
        return w["P"] - math.log1p(math.exp(w["R"]))


class TestThreeSites(ModelConformance):
    """Two activators: all subsets, enumerated."""

    model = "three_sites"

    def phenotype(self, w: dict[str, float]) -> float:
        with_p = without_p = 0.0
        for a in (0, 1):
            for b in (0, 1):
                neighbours = a * w["A"] + b * w["B"] + a * b * w["a_b"]
                without_p += math.exp(neighbours)
                with_p += math.exp(neighbours + w["P"] + a * w["a_p"] + b * w["b_p"])
        return math.log(with_p) - math.log(without_p)


class TestAdditive(ModelConformance):
    """The additive yardstick: minus the sum of its entries."""

    model = "additive"

    def phenotype(self, w: dict[str, float]) -> float:
        return w["promoter"]


class TestNeighbours(TestTwoSites):
    """Energies of adjacent bases in one site and of all pairs of bases in the other."""

    model = "neighbours"


class TestPairwise(TestAdditive):
    """The additive model with all pairs."""

    model = "pairwise"


class TestAutomatic(ModelConformance):
    """All sets of sites that do not overlap: the repressor and the polymerase exclude each other."""

    model = "automatic"

    def phenotype(self, w: dict[str, float]) -> float:
        off = 1 + math.exp(w["A"]) + math.exp(w["R"]) + math.exp(w["A"] + w["R"] + w["a_r"])
        return math.log(math.exp(w["P"]) + math.exp(w["A"] + w["P"] + w["a_p"])) - math.log(off)


class TestTwoRates(ModelConformance):
    """Three rates: the log of the mean activity, the first rate being 1."""

    model = "two_rates"

    def phenotype(self, w: dict[str, float]) -> float:
        a, p, both = math.exp(w["A"]), math.exp(w["P"]), math.exp(w["A"] + w["P"] + w["a_p"])
        activity = a + p * math.exp(w["slow"]) + both * math.exp(w["fast"])
        return math.log(activity) - math.log(1 + a + p + both)


class TestCycle(ModelConformance):
    """The three-state cycle by its six spanning trees."""

    model = "cycle"

    def phenotype(self, w: dict[str, float]) -> float:
        binding = math.exp(0.25 * w["A"])
        leaving = math.exp(w["leaving"] - w["P"] - 0.75 * w["A"])
        opening, closing, escape = (math.exp(w[name]) for name in ("opening", "closing", "escape"))
        # Trees: two edges that lead every other state to the root. The cycle unbound - closed - open has one way back
        # from open to unbound, so unbound has three of them, closed two and open one.
        unbound = leaving * closing + leaving * escape + opening * escape
        closed = binding * closing + binding * escape
        opened = binding * opening
        return math.log(opened * escape) - math.log(unbound + closed + opened)


class TestScanned(ModelConformance):
    """An activator and a polymerase whose places are free."""

    model = "scanned"

    def phenotype(self, w: dict[str, float]) -> float:
        return w["P"] + math.log1p(math.exp(w["A"] + w["a_p"])) - math.log1p(math.exp(w["A"]))


class TestCopies(ModelConformance):
    """Two places of one activator, one read on the other strand, with an interaction for each pair."""

    model = "copies"

    def phenotype(self, w: dict[str, float]) -> float:
        with_p = without_p = 0.0
        for a in (0, 1):
            for far in (0, 1):
                alone = a * w["A"] + far * w["A_far"] + a * far * w["loop"]
                without_p += math.exp(alone)
                with_p += math.exp(alone + w["P"] + a * w["a_p"] + far * w["far_p"])
        return math.log(with_p) - math.log(without_p)


class TestByDistance(ModelConformance):
    """Recruitment by an activator without a place of its own."""

    model = "by_distance"

    def phenotype(self, w: dict[str, float]) -> float:
        return w["P"] + math.log1p(math.exp(w["A"] + w["a_p"])) - math.log1p(math.exp(w["A"]))
