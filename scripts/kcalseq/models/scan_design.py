"""Variants made ready for scanned sites, and what each register meets on them.

Variants are kept as mutations against their most common sequence, as in ``design``, in pieces that stay in the
processor's cache together with the energies of all their registers.
"""

import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET, most_common_bases
from kcalseq.models.registers import Scan, registers

_PIECE = 1024


class Piece(NamedTuple):
    """Mutations of some variants against the most common sequence.

    Attributes:
        x: 1 where a variant has that base and the most common sequence another, sparse, shape (n, length * 4).
        x_transposed: its transpose, sparse.
    """

    x: torch.Tensor
    x_transposed: torch.Tensor


@dataclass(frozen=True)
class ScanDesign:
    """All that scans need to know of a set of variants, on one device; one serves any number of scanned sites.

    Attributes:
        codes: bases 0..3, shape (n_variants, length).
        reference: flat number (position * 4 + base) of each base of the most common sequence, shape (length,).
        pieces: the variants in order.
    """

    codes: torch.Tensor
    reference: torch.Tensor
    pieces: tuple[Piece, ...]

    @property
    def n_variants(self) -> int:
        """Number of variants."""
        return len(self.codes)

    @property
    def length(self) -> int:
        """Length of every variant, nt."""
        return self.codes.shape[1]


def build_scan_design(codes_nl: NDArray[np.uint8], device: torch.device, piece: int = _PIECE) -> ScanDesign:
    """Sparse design of variants for scanned sites.

    Args:
        codes_nl: bases 0..3 of the variants, shape (n_variants, length).
        device: where the tensors go.
        piece: variants taken at a time; the work space is piece * n_members * n_registers numbers.
    """
    reference = most_common_bases(codes_nl).astype(np.int64)
    firsts = range(0, len(codes_nl), piece)
    return ScanDesign(
        torch.from_numpy(np.ascontiguousarray(codes_nl)).to(device),
        torch.from_numpy(np.arange(len(reference)) * len(ALPHABET) + reference).to(device),
        tuple(_mutations(codes_nl[first : first + piece], reference, device) for first in firsts),
    )


def _mutations(codes_nl: NDArray[np.uint8], reference_l: NDArray[np.int64], device: torch.device) -> Piece:
    rows, positions = np.nonzero(codes_nl != reference_l)
    index = torch.from_numpy(np.stack([rows, positions * len(ALPHABET) + codes_nl[rows, positions]]))
    shape = (len(codes_nl), len(reference_l) * len(ALPHABET))
    with warnings.catch_warnings():
        # torch calls its CSR support beta; the products used here are checked against plain loops in the tests.
        warnings.filterwarnings("ignore", message="Sparse")
        x = torch.sparse_coo_tensor(index, torch.ones(len(rows), dtype=torch.float64), shape).coalesce()
        return Piece(x.to_sparse_csr().to(device), x.t().coalesce().to_sparse_csr().to(device))


class RegisterNumbers(NamedTuple):
    """Which of the scan's own energies each register has.

    Attributes:
        spacer: number of its spacer among the free ones, their count for the reference, shape (n_registers,).
        start: number of its start, shape (n_registers,).
    """

    spacer: NDArray[np.int64]
    start: NDArray[np.int64]


@lru_cache(maxsize=16)
def register_numbers(scan: Scan, length: int) -> RegisterNumbers:
    """Numbers of spacers and starts of the registers that fit into variants of a length, nt."""
    fitting, reference = registers(scan, length), len(scan.free_spacers)
    spacers: dict[int | None, int] = {spacer: number for number, spacer in enumerate(scan.free_spacers)}
    starts = {start: number for number, start in enumerate(scan.starts)}
    return RegisterNumbers(
        np.array([spacers.get(one.spacer, reference) for one in fitting], dtype=np.int64),
        np.array([starts[one.start] for one in fitting], dtype=np.int64),
    )


@lru_cache(maxsize=16)
def bases_of_entries(scan: Scan, length: int) -> NDArray[np.int64]:
    """Base of the variant (flat, position * 4 + base) that each entry of theta is for, shape (n_registers, n_theta).

    Raises:
        ValueError: no register fits into variants of that length.
    """
    fitting = registers(scan, length)
    if not fitting:
        raise ValueError(f"no register of {scan} fits into {length} nt")
    forward = np.arange(len(ALPHABET))
    # Read from behind, A, C, G, T are their own complements.
    bases = np.stack([forward if register.strand == "+" else forward[::-1] for register in fitting])
    positions = np.array([scan.positions(register) for register in fitting], dtype=np.int64)
    return (positions[:, :, None] * len(ALPHABET) + bases[:, None]).reshape(len(fitting), -1)


@lru_cache(maxsize=16)
def entries_of_bases(scan: Scan, length: int) -> NDArray[np.int64]:
    """Entry of theta for each base of the variant, n_theta where it is off the site, (length * 4, n_registers).

    Raises:
        ValueError: no register fits into variants of that length.
    """
    bases = bases_of_entries(scan, length)
    n_registers, n_theta = bases.shape
    entries = np.full((length * len(ALPHABET), n_registers), n_theta, dtype=np.int64)
    entries[bases.T, np.arange(n_registers)] = np.arange(n_theta)[:, None]
    return entries
