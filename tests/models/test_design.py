"""The sparse design gives the energies of the dense one-hot product, whatever the library."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from kcalseq.dna import most_common_bases
from kcalseq.models.design import build_design, one_hot
from kcalseq.models.spec import ModelSpec

CPU = torch.device("cpu")


def library(length: int, mutation_rate: float, n_variants: int = 300) -> NDArray[np.uint8]:
    rng = np.random.default_rng(4)
    steps = rng.integers(1, 4, (n_variants, length)) * (rng.random((n_variants, length)) < mutation_rate)
    return ((rng.integers(0, 4, length) + steps) % 4).astype(np.uint8)


@pytest.mark.parametrize("mutation_rate", [0.0, 0.12, 0.75])
def test_energies_and_gradients_are_those_of_the_dense_product(
    mutation_rate: float, small: Callable[[str], ModelSpec]
) -> None:
    spec = small("two_sites")
    codes = library(spec.length, mutation_rate)
    for site, (design, _) in zip(spec.sites, build_design(spec, codes, CPU).sites, strict=True):
        dense = torch.from_numpy(one_hot(codes[:, site.start : site.stop]))
        theta = torch.randn(5, 4 * site.length, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
        sparse_theta, dense_theta = theta.clone().requires_grad_(), theta.clone().requires_grad_()
        found, expected = design.energy(sparse_theta), dense_theta @ dense.T
        assert torch.allclose(found, expected, rtol=0, atol=1e-12)
        weight = torch.linspace(-1, 2, found.numel(), dtype=torch.float64).reshape(found.shape)
        (found * weight).sum().backward()
        (expected * weight).sum().backward()
        assert sparse_theta.grad is not None and dense_theta.grad is not None
        assert torch.allclose(sparse_theta.grad, dense_theta.grad, rtol=0, atol=1e-10)


def test_only_mutations_are_stored(small: Callable[[str], ModelSpec]) -> None:
    spec = small("two_sites")
    codes = library(spec.length, 0.12)
    reference = most_common_bases(codes)
    for site, (design, _) in zip(spec.sites, build_design(spec, codes, CPU).sites, strict=True):
        window = slice(site.start, site.stop)
        assert design.x.values().numel() == (codes[:, window] != reference[window]).sum()


def test_most_common_bases_and_ties() -> None:
    codes = np.array([[0, 3, 2], [0, 1, 2], [1, 3, 0], [1, 3, 0]], dtype=np.uint8)
    assert most_common_bases(codes).tolist() == [0, 3, 0]


def test_one_hot_in_the_order_acgt() -> None:
    assert one_hot(np.array([[0, 3], [2, 1]], dtype=np.uint8)).tolist() == [
        [1, 0, 0, 0, 0, 0, 0, 1],
        [0, 0, 1, 0, 0, 1, 0, 0],
    ]
