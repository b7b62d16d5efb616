"""A scanned site has the free energy of all its registers together, as counted letter by letter."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.optimize import least_squares

from kcalseq.dna import reverse_complement
from kcalseq.models import scan as scan_module
from kcalseq.models.design import build_design
from kcalseq.models.registers import Scan, registers
from kcalseq.models.scan import energy, register_probabilities, slopes
from kcalseq.models.scan_design import ScanDesign, build_scan_design
from kcalseq.models.spec import ModelSpec

CPU = torch.device("cpu")
KT = 0.61633
LENGTH = 15
SCANS = {
    "one place": Scan((4,), (3,)),
    "a few places": Scan((4,), (2, 3, 7)),
    "both strands": Scan((4,), tuple(range(12)), both_strands=True),
    "two blocks": Scan((3, 2), (0, 1, 4), (4, 6, 5), 6),
    "two blocks, both strands": Scan((3, 2), tuple(range(0, 12, 2)), (2, 3, 4), 3, both_strands=True),
}


def library(n_variants: int, length: int = LENGTH, mutation_rate: float = 0.3) -> NDArray[np.uint8]:
    rng = np.random.default_rng(7)
    steps = rng.integers(1, 4, (n_variants, length)) * (rng.random((n_variants, length)) < mutation_rate)
    return ((rng.integers(0, 4, length) + steps) % 4).astype(np.uint8)


def design_of(codes: NDArray[np.uint8]) -> ScanDesign:
    """A design in several pieces, the last of them smaller."""
    return build_scan_design(codes, CPU, piece=7)


def energies_of(scan: Scan, n_members: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Random energies of bases, spacers and starts."""
    sizes = (scan.length * 4, len(scan.free_spacers), len(scan.starts))
    generator = torch.Generator().manual_seed(3)
    theta, spacer, start = (torch.randn(n_members, n, dtype=torch.float64, generator=generator) for n in sizes)
    return theta, spacer, start


def reversed_codes(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray((3 - codes)[:, ::-1])


def register_energy(
    scan: Scan, letters: str, register: tuple[int, int | None, str], theta: list[float], spacer: list[float]
) -> float:
    """Energy in one register, letter by letter."""
    start, gap, strand = register
    window = letters[start : start + sum(scan.blocks) + (gap or 0)]
    window = window if strand == "+" else reverse_complement(window)
    site = window[: scan.blocks[0]] + window[scan.blocks[0] + (gap or 0) :]
    of_spacer = 0.0 if gap == scan.reference_spacer else spacer[scan.free_spacers.index(gap or 0)]
    return of_spacer + sum(theta[4 * place + "ACGT".index(letter)] for place, letter in enumerate(site))


def by_letters(
    scan: Scan, codes: NDArray[np.uint8], energies: tuple[torch.Tensor, torch.Tensor, torch.Tensor], member: int
) -> NDArray[np.float64]:
    """Boltzmann weights of all registers, in plain Python, shape (n_registers, n_variants)."""
    theta, spacer, start = (part[member].tolist() for part in energies)
    weights = [
        [
            math.exp(
                -(register_energy(scan, letters, register, theta, spacer) + start[scan.starts.index(register.start)])
                / KT
            )
            for letters in ("".join("ACGT"[code] for code in row) for row in codes)
        ]
        for register in registers(scan, codes.shape[1])
    ]
    return np.array(weights)


@pytest.mark.parametrize("name", SCANS)
def test_energies_are_those_counted_letter_by_letter(name: str) -> None:
    scan, codes = SCANS[name], library(30)
    energies = energies_of(scan, 2)
    found = energy(scan, design_of(codes), *energies[:2], KT, energies[2])
    for member in range(2):
        expected = -KT * np.log(by_letters(scan, codes, energies, member).sum(0))
        np.testing.assert_allclose(found[member].numpy(), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", SCANS)
def test_probabilities_are_boltzmann_weights_and_add_up_to_1(name: str) -> None:
    scan, codes = SCANS[name], library(30)
    energies = energies_of(scan, 2)
    weights = by_letters(scan, codes, energies, 1)
    theta, spacer, start = (part[1] for part in energies)
    found = register_probabilities(scan, design_of(codes), theta, spacer, KT, start)
    np.testing.assert_allclose(found.numpy(), weights / weights.sum(0), rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.sum(0).numpy(), 1.0, rtol=0, atol=1e-14)


def test_the_register_of_a_planted_site_has_the_probability() -> None:
    scan = Scan((4,), tuple(range(10)), both_strands=True)
    theta = torch.zeros(16, dtype=torch.float64)
    theta[[0, 5, 10, 14]] = -6.0  # binds ACGG
    codes = np.array([["ACGT".index(letter) for letter in word] for word in ("TTTACGGTTTTTT", "TTTTTTTTCCGTT")])
    found = register_probabilities(scan, design_of(codes.astype(np.uint8)), theta, theta.new_zeros(0), KT)
    assert [tuple(registers(scan, 13)[number]) for number in found.argmax(0)] == [(3, None, "+"), (8, None, "-")]
    assert (found.amax(0) > 0.99).all()


@pytest.mark.parametrize("name", SCANS)
@pytest.mark.parametrize("kept_bytes", [0, 2**28])
def test_gradients_are_those_of_finite_differences(name: str, kept_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "_KEPT_BYTES", kept_bytes)
    scan, design = SCANS[name], design_of(library(9))
    leaves = tuple(part.requires_grad_() for part in energies_of(scan, 2))
    assert torch.autograd.gradcheck(lambda *parts: energy(scan, design, *parts[:2], KT, parts[2]), leaves)


@pytest.mark.parametrize("name", SCANS)
def test_slopes_are_the_derivatives_of_each_variant(name: str) -> None:
    scan, codes = SCANS[name], library(25)
    design = design_of(codes)
    theta, spacer, start = (part[0] for part in energies_of(scan, 1))

    def of_one(theta: torch.Tensor, spacer: torch.Tensor, start: torch.Tensor) -> torch.Tensor:
        return energy(scan, design, theta[None], spacer[None], KT, start[None])[0]

    expected = torch.autograd.functional.jacobian(of_one, (theta, spacer, start))
    found = slopes(scan, design, theta, spacer, KT, start)
    torch.testing.assert_close(found, torch.cat(expected[:2], 1), rtol=0, atol=1e-12)
    some = slopes(scan, design, theta, spacer, KT, start, rows=slice(3, 21, 4))
    torch.testing.assert_close(some, found[3:21:4], rtol=0, atol=1e-15)
    shares = register_probabilities(scan, design, theta, spacer, KT, start)
    first = [register.start for register in registers(scan, LENGTH)]
    for number, one in enumerate(scan.starts):
        of_start = shares[[row for row, begin in enumerate(first) if begin == one]].sum(0)
        torch.testing.assert_close(expected[2][:, number], of_start, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", SCANS)
def test_slopes_at_a_position_of_the_site_add_up_to_1(name: str) -> None:
    scan = SCANS[name]
    theta, spacer, _ = (part[0] for part in energies_of(scan, 1))
    found = slopes(scan, design_of(library(25)), theta, spacer, KT)[:, : scan.length * 4]
    torch.testing.assert_close(found.reshape(25, scan.length, 4).sum(2), torch.ones(25, scan.length).double())


@pytest.mark.parametrize("name", SCANS)
def test_a_constant_at_a_position_of_the_site_adds_to_every_energy(name: str) -> None:
    scan, design = SCANS[name], design_of(library(30))
    theta, spacer, start = energies_of(scan, 2)
    before = energy(scan, design, theta, spacer, KT, start)
    for position in range(scan.length):
        shifted = theta.clone()
        shifted[:, 4 * position : 4 * position + 4] += 1.7
        after = energy(scan, design, shifted, spacer, KT, start)
        torch.testing.assert_close(after, before + 1.7, rtol=0, atol=1e-12)


def test_one_register_is_the_energy_matrix_of_a_fixed_site(small: Callable[[str], ModelSpec]) -> None:
    spec = small("two_sites")
    codes = library(40, spec.length)
    for site, fixed in zip(spec.sites, build_design(spec, codes, CPU).sites, strict=True):
        scan = Scan((site.length,), (site.start,))
        theta, spacer, _ = energies_of(scan, 3)
        found = energy(scan, design_of(codes), theta, spacer, KT)
        torch.testing.assert_close(found, fixed.bases.energy(theta), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "scan",
    [
        Scan((4,), (1, 2, 6), both_strands=True),
        Scan((3, 2), (0, 1, 4), (5,), 5, both_strands=True),
        Scan((3, 2), tuple(range(LENGTH)), (2, 3, 4), 3, both_strands=True),
    ],
)
def test_both_strands_of_the_reverse_complement_are_both_strands(scan: Scan) -> None:
    codes = library(30)
    theta, spacer, _ = energies_of(scan, 2)
    stops = {register.start + scan.footprint(register.spacer) for register in registers(scan, LENGTH)}
    mirrored = tuple(sorted({LENGTH - stop for stop in stops})) if len(scan.spacers) < 2 else scan.starts
    turned = Scan(scan.blocks, mirrored, scan.spacers, scan.reference_spacer, both_strands=True)
    found = energy(turned, design_of(reversed_codes(codes)), theta, spacer, KT)
    torch.testing.assert_close(found, energy(scan, design_of(codes), theta, spacer, KT), rtol=0, atol=1e-12)


def test_a_site_scanned_on_both_strands_everywhere_may_be_told_either_way() -> None:
    design = design_of(library(30))
    for scan in (SCANS["both strands"], Scan((3, 3), tuple(range(LENGTH)), (2, 4), 4, both_strands=True)):
        theta, spacer, _ = energies_of(scan, 2)
        forward, backward = (energy(scan, design, way, spacer, KT) for way in (theta, theta.flip(1)))
        torch.testing.assert_close(backward, forward, rtol=0, atol=1e-12)
        one_strand = Scan(scan.blocks, scan.starts, scan.spacers, scan.reference_spacer)
        ways = [energy(one_strand, design, way, spacer, KT) for way in (theta, theta.flip(1))]
        assert (ways[0] - ways[1]).abs().amin() > 1e-6


@pytest.mark.parametrize("name", SCANS)
def test_the_free_energy_lies_below_the_best_register_by_at_most_the_entropy_of_registers(name: str) -> None:
    scan, codes = SCANS[name], library(30)
    energies = energies_of(scan, 1)
    best = -KT * np.log(by_letters(scan, codes, energies, 0).max(0))
    found = energy(scan, design_of(codes), *energies[:2], KT, energies[2])[0].numpy()
    assert (found <= best + 1e-12).all()
    assert (found >= best - KT * math.log(len(registers(scan, LENGTH))) - 1e-12).all()
    cold = energy(scan, design_of(codes), *energies[:2], 1e-4, energies[2])[0].numpy()
    np.testing.assert_allclose(cold, best, rtol=0, atol=1e-3)


def test_energies_far_beyond_the_range_of_exp_stay_finite() -> None:
    scan = SCANS["two blocks, both strands"]
    theta, spacer, _ = energies_of(scan, 2)
    leaf = (1e4 * theta).requires_grad_()
    found = energy(scan, design_of(library(30)), leaf, spacer, KT)
    found.sum().backward()
    assert found.isfinite().all() and leaf.grad is not None and leaf.grad.isfinite().all()


def test_the_size_of_the_pieces_changes_nothing() -> None:
    scan, codes = SCANS["two blocks, both strands"], library(50)
    theta, spacer, _ = energies_of(scan, 2)
    found = [energy(scan, build_scan_design(codes, CPU, piece), theta, spacer, KT) for piece in (1, 8, 50, 1000)]
    for other in found[1:]:
        torch.testing.assert_close(other, found[0], rtol=0, atol=1e-13)


@pytest.mark.parametrize("mutation_rate", [0.0, 0.75])
def test_any_library_will_do(mutation_rate: float) -> None:
    scan, codes = SCANS["two blocks"], library(20, mutation_rate=mutation_rate)
    energies = energies_of(scan, 1)
    leaf = energies[0].clone().requires_grad_()
    found = energy(scan, design_of(codes), leaf, *energies[1:2], KT, energies[2])
    np.testing.assert_allclose(
        found[0].detach().numpy(), -KT * np.log(by_letters(scan, codes, energies, 0).sum(0)), rtol=0, atol=1e-12
    )
    found.sum().backward()
    expected = slopes(scan, design_of(codes), *(part[0] for part in energies[:2]), KT, energies[2][0])
    assert leaf.grad is not None
    torch.testing.assert_close(leaf.grad[0], expected[:, : leaf.shape[1]].sum(0), rtol=0, atol=1e-12)


def test_starts_that_do_not_fit_are_without_effect() -> None:
    design = design_of(library(30))
    theta, spacer, _ = energies_of(Scan((4,), (2,)), 2)
    fitting, beyond = Scan((4,), tuple(range(5, 12))), Scan((4,), tuple(range(5, 40)))
    assert torch.equal(energy(fitting, design, theta, spacer, KT), energy(beyond, design, theta, spacer, KT))


def test_energies_that_do_not_go_with_the_scan_are_refused() -> None:
    scan, design = SCANS["two blocks"], design_of(library(5))
    theta, spacer, start = energies_of(scan, 1)
    with pytest.raises(ValueError, match="21 theta energies; expected 20 for Scan"):
        energy(scan, design, torch.cat([theta, theta[:, :1]], 1), spacer, KT)
    with pytest.raises(ValueError, match="3 spacer energies; expected 2 for Scan"):
        energy(scan, design, theta, start, KT)
    with pytest.raises(ValueError, match="2 start energies; expected 3 for Scan"):
        energy(scan, design, theta, spacer, KT, spacer)
    with pytest.raises(ValueError, match="no register of Scan.* fits into 15 nt"):
        energy(Scan((4,), (12,)), design, theta[:, :16], spacer[:, :0], KT)


def zero_mean(theta: NDArray[np.float64]) -> NDArray[np.float64]:
    rows = theta.reshape(-1, 4)
    return np.asarray((rows - rows.mean(1, keepdims=True)).ravel())


def fitted(scan: Scan, codes: NDArray[np.uint8], observed: NDArray[np.float64]) -> NDArray[np.float64]:
    """The best of several least-squares fits from small random energies, theta and then spacer energies."""
    design, n_theta = build_scan_design(codes, CPU), scan.length * 4

    def parts(flat: NDArray[np.float64]) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.from_numpy(flat[:n_theta]), torch.from_numpy(flat[n_theta:])

    def residuals(flat: NDArray[np.float64]) -> NDArray[np.float64]:
        theta, spacer = parts(flat)
        return energy(scan, design, theta[None], spacer[None], KT)[0].numpy() - observed

    def jacobian(flat: NDArray[np.float64]) -> NDArray[np.float64]:
        return slopes(scan, design, *parts(flat), KT).numpy()

    rng = np.random.default_rng(1)
    starts = [rng.normal(0.0, 0.3, n_theta + len(scan.free_spacers)) for _ in range(6)]
    # A trust region, because a constant at a position may be taken from any other: the Jacobian has no full rank.
    fits = [least_squares(residuals, start, jacobian, max_nfev=60) for start in starts]
    return np.asarray(min(fits, key=lambda fit: fit.cost).x)


@pytest.mark.parametrize(
    "scan",
    [Scan((6,), tuple(range(25)), both_strands=True), Scan((3, 3), tuple(range(8)), (14, 15, 16), 15)],
)
def test_a_matrix_and_its_spacers_are_found_again_though_no_one_says_where_the_site_is(scan: Scan) -> None:
    rng = np.random.default_rng(11)
    codes = rng.integers(0, 4, (600, 30)).astype(np.uint8)
    theta, spacer = zero_mean(rng.normal(0.0, 1.2, scan.length * 4)), np.array([1.0, 0.6])[: len(scan.free_spacers)]
    members = (torch.from_numpy(theta)[None], torch.from_numpy(spacer)[None])
    exact = energy(scan, build_scan_design(codes, CPU), *members, KT)[0].numpy()
    found = fitted(scan, codes, exact + rng.normal(0.0, 0.2, len(codes)))
    entries = zero_mean(found[: len(theta)])
    ways = (entries, entries[::-1]) if scan.both_strands else (entries,)
    assert max(np.corrcoef(way, theta)[0, 1] for way in ways) > 0.95
    assert min(np.sqrt(np.mean((way - theta) ** 2)) for way in ways) < 0.15
    np.testing.assert_allclose(found[len(theta) :], spacer, rtol=0, atol=0.15)
