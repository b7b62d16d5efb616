"""Variants as sparse differences from their most common sequence.

A random-mutagenesis library carries about one mutation in ten bases, so counting only what differs from the
most common base at each position costs a tenth of a one-hot product and gives the same energies exactly:
E(x) = E(reference) + sum over mutated positions of theta[i, x_i] - theta[i, reference_i].
"""

import warnings
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET, most_common_bases
from kcalseq.models.scan_design import ScanDesign, build_scan_design
from kcalseq.models.spec import ModelSpec
from kcalseq.models.specparts import Site

_Codes = TypeVar("_Codes", NDArray[np.uint8], torch.Tensor)


class _SparseProduct(torch.autograd.Function):
    """x @ v for a constant sparse x; the transpose is kept ready, because CSR has no fast transposed product."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, x_transposed: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        ctx.x_transposed = x_transposed
        return x @ v

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[None, None, torch.Tensor]:
        return None, None, ctx.x_transposed @ gradients[0]


class Layer(NamedTuple):
    """What one list of energies multiplies: groups of which each variant has one member, bases or pairs of bases.

    Attributes:
        x: 1 where a variant has another member of a group than the reference, sparse, (n_variants, n_groups * width).
        x_transposed: its transpose, sparse.
        reference: flat index of the reference's member of each group, shape (n_groups,).
    """

    x: torch.Tensor
    x_transposed: torch.Tensor
    reference: torch.Tensor

    def energy(self, weights: torch.Tensor) -> torch.Tensor:
        """Energy of every variant.

        Args:
            weights: energies of the members of all groups, shape (n_members, n_groups * width), kcal/mol.

        Returns:
            shape (n_members, n_variants), kcal/mol.
        """
        reference = weights[:, self.reference]
        change = (weights.reshape(len(weights), len(self.reference), -1) - reference[:, :, None]).flatten(1)
        product = _SparseProduct.apply(self.x, self.x_transposed, change.T)  # type: ignore[no-untyped-call]
        difference: torch.Tensor = product  # shape: (n_variants, n_members)
        return difference.T + reference.sum(1, keepdim=True)


class SiteDesign(NamedTuple):
    """What the energies of one site multiply: its bases, and the pairs of bases that have energies, if any."""

    bases: Layer
    pairs: Layer | None


@dataclass(frozen=True)
class Design:
    """All that a model needs to know of a set of variants, on one device.

    Attributes:
        sites: of each site; None where it is scanned.
        n_variants: how many variants.
        scanned: of all scanned sites together; None where there are none.
        codes: bases 0..3 as a black box reads them, uint8, shape (n_variants, length); None for other models.
    """

    sites: tuple[SiteDesign | None, ...]
    n_variants: int
    scanned: ScanDesign | None
    codes: torch.Tensor | None = None


def build_design(spec: ModelSpec, codes_nl: NDArray[np.uint8], device: torch.device) -> Design:
    """Sparse design of variants for a model.

    Args:
        spec: the model.
        codes_nl: bases 0..3 of the variants, shape (n_variants, length).
        device: where the tensors go.
    """
    if spec.network is not None:
        return Design((), len(codes_nl), None, torch.from_numpy(np.ascontiguousarray(codes_nl)).to(device))
    reference = most_common_bases(codes_nl)
    sites = tuple(None if site.scan else _site_design(site, codes_nl, reference, device) for site in spec.sites)
    scanned = build_scan_design(codes_nl, device) if None in sites else None
    return Design(sites, len(codes_nl), scanned)


def one_hot(codes_nl: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Dense one-hot, shape (n_variants, length * 4)."""
    return np.asarray(np.eye(len(ALPHABET))[codes_nl].reshape(len(codes_nl), -1))


def site_codes(site: Site, codes_nl: _Codes) -> _Codes:
    """Bases 0..3 that the energies of a site at a fixed place meet, in its own order, shape (n_variants, site.length).

    Those of the other strand where it is read there.
    """
    own = codes_nl[:, list(site.positions)]
    return len(ALPHABET) - 1 - own if site.reverse else own


def pair_codes(site: Site, codes_nl: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Number 0..15 of each pair of bases of a site, the first base counting four; shape (n_variants, n_pairs)."""
    own = site_codes(site, codes_nl).astype(np.int64)
    one, two = np.array(site.pairs, dtype=np.int64).reshape(-1, 2).T
    return own[:, one] * len(ALPHABET) + own[:, two]


def _site_design(
    site: Site, codes_nl: NDArray[np.uint8], reference_l: NDArray[np.uint8], device: torch.device
) -> SiteDesign:
    bases, reference = (site_codes(site, codes).astype(np.int64) for codes in (codes_nl, reference_l[None]))
    first = _layer(bases, reference[0], len(ALPHABET), device)
    if not site.pairs:
        return SiteDesign(first, None)
    pairs = pair_codes(site, codes_nl)
    return SiteDesign(first, _layer(pairs, pair_codes(site, reference_l[None])[0], len(ALPHABET) ** 2, device))


def _layer(members: NDArray[np.int64], reference: NDArray[np.int64], width: int, device: torch.device) -> Layer:
    """A layer from each variant's member of each group (n_variants, n_groups) and the reference's (n_groups,)."""
    rows, groups = np.nonzero(members != reference)
    flat_reference = np.arange(len(reference)) * width + reference
    shape = (len(members), len(reference) * width)
    index = torch.from_numpy(np.stack([rows, groups * width + members[rows, groups]]))
    with warnings.catch_warnings():
        # torch calls its CSR support beta; the products used here are checked against dense ones in the tests.
        warnings.filterwarnings("ignore", message="Sparse")
        x = torch.sparse_coo_tensor(index, torch.ones(len(rows), dtype=torch.float64), shape).coalesce()
        return Layer(
            x.to_sparse_csr().to(device),
            x.t().coalesce().to_sparse_csr().to(device),
            torch.from_numpy(flat_reference.astype(np.int64)).to(device),
        )
