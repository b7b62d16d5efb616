"""Energies of scanned sites: a factor that may sit in many registers has the free energy of all of them together.

G(x) = -kT log sum_r exp(-E_r(x) / kT) over the registers r = (start p, spacer d, strand), with
E_r(x) = E_1(x; p) + E_2(x; p + l_1 + d) + g_d + g_p: the energies of the blocks where they lie, of the spacer (0 for
the reference) and of the start (0 unless given). On the reverse strand the site is read on the reverse complement.

The energies of all registers are one product of the variants with a matrix that repeats the energy matrix at every
register. With 82 registers on 30,000 variants of 75 nt at 12 % mutations, counting only the mutations takes a fifth of
the time of the one-hot product, and less than a fiftieth of that of a convolution in float64; on random sequences it
is still the fastest of the three.

Where both strands are scanned at all starts, and the blocks are of one length, reading the site on the reverse
complement (all numbers of theta in reverse order) changes no energy: no data can tell the two apart.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch.autograd.function import once_differentiable

from kcalseq.dna import ALPHABET
from kcalseq.models.registers import Scan
from kcalseq.models.scan_design import Piece, ScanDesign, bases_of_entries, entries_of_bases, register_numbers

# Shares of registers kept for the way back of a gradient, bytes; where they would need more they are computed twice.
_KEPT_BYTES = 2**28
# Variants whose dense one-hot bases are held in memory at a time.
_CHUNK = 1024

# Energies of spacers, of starts and of single registers.
_Extra = tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]


def energy(
    scan: Scan,
    design: ScanDesign,
    theta: torch.Tensor,
    spacer_energy: torch.Tensor,
    kt: float,
    start_energy: torch.Tensor | None = None,
    register_energy: torch.Tensor | None = None,
) -> torch.Tensor:
    """Free energy of binding in any register; it can be differentiated once, by all energies.

    Args:
        scan: where the site may sit.
        design: the variants.
        theta: energy matrices, position by position of the first block and then of the second, four bases each in the
            order ACGT, shape (n_members, scan.length * 4), kcal/mol.
        spacer_energy: energies of ``scan.free_spacers`` over the reference spacer, shape (n_members, n_spacers - 1),
            kcal/mol; shape (n_members, 0) for a site of one block.
        kt: thermal energy, kcal/mol.
        start_energy: energies of ``scan.starts``, shape (n_members, n_starts), kcal/mol; 0 if not given.
        register_energy: energies of single registers, in the order of ``registers.registers``, shape (n_members,
            n_registers), kcal/mol; infinity where one may not be bound, but not all; 0 if not given.

    Returns:
        kcal/mol, shape (n_members, n_variants).

    Raises:
        ValueError: no register fits into the variants, or there is not one energy for each base, spacer, start and
            register.
    """
    columns, offset = _register_energies(scan, design.length, theta, (spacer_energy, start_energy, register_energy))
    at_reference = columns[design.reference]  # shape: (length, n_members, n_registers)
    by_mutation = columns - at_reference.repeat_interleave(len(ALPHABET), 0)
    log_weight = _LogWeight.apply(  # type: ignore[no-untyped-call]
        by_mutation.flatten(1) / -kt, (at_reference.sum(0) + offset) / -kt, design.pieces
    )
    result: torch.Tensor = -kt * log_weight
    return result


class _LogWeight(torch.autograd.Function):
    """Log of the sum over registers of exp(offset + x @ columns).

    columns: shape (length * 4, n_members * n_registers); offset: shape (n_members, n_registers); returns shape
    (n_members, n_variants). Left alone, autograd would keep several numbers for every register of every variant.
    """

    @staticmethod
    def forward(ctx: Any, columns: torch.Tensor, offset: torch.Tensor, pieces: tuple[Piece, ...]) -> torch.Tensor:
        n_numbers = sum(len(piece.x) for piece in pieces) * offset.numel()
        keep = any(ctx.needs_input_grad) and n_numbers * offset.element_size() <= _KEPT_BYTES
        sums, kept = [], []
        for piece in pieces:
            log_weights = _log_weights(piece, columns, offset)
            shares = torch.softmax(log_weights, -1)
            # log sum = log weight - log share of any register; the largest share is never so small that it becomes 0.
            sums.append(log_weights.amax(-1) - shares.amax(-1).log())
            kept += [shares] if keep else []
        ctx.save_for_backward(columns, offset)
        ctx.pieces, ctx.kept = pieces, kept
        return torch.cat(sums).T

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, None]:
        columns, offset = ctx.saved_tensors
        by_columns, by_offset = torch.zeros_like(columns), torch.zeros_like(offset)
        first = 0
        for number, piece in enumerate(ctx.pieces):
            gradient = gradients[0][:, first : first + len(piece.x)]
            shares = ctx.kept[number] if ctx.kept else torch.softmax(_log_weights(piece, columns, offset), -1)
            by_weight = shares * gradient.T[:, :, None]
            by_columns += piece.x_transposed @ by_weight.flatten(1)
            by_offset += by_weight.sum(0)
            first += len(piece.x)
        return by_columns, by_offset, None


def _log_weights(piece: Piece, columns: torch.Tensor, offset: torch.Tensor) -> torch.Tensor:
    """Minus energy over kT of some variants in all registers, shape (n, n_members, n_registers)."""
    return (piece.x @ columns).view(-1, *offset.shape) + offset


def register_probabilities(
    scan: Scan,
    design: ScanDesign,
    theta: torch.Tensor,
    spacer_energy: torch.Tensor,
    kt: float,
    start_energy: torch.Tensor | None = None,
    register_energy: torch.Tensor | None = None,
    rows: slice = slice(None),
) -> torch.Tensor:
    """Where a bound factor sits, for one member: probability of each register given that one of them is occupied.

    Args:
        scan, design, kt: as for ``energy``.
        theta, spacer_energy, start_energy, register_energy: as for ``energy``, but of one member and without the
            members' dimension.
        rows: the variants wanted.

    Returns:
        shape (n_registers, n_rows), in the order of ``registers.registers``; adds up to 1 over registers.

    Raises:
        ValueError: as for ``energy``.
    """
    pieces = _dense_shares(scan, design, theta, (spacer_energy, start_energy, register_energy), kt, rows)
    return torch.cat([shares for _, shares in pieces], 1)


def slopes(
    scan: Scan,
    design: ScanDesign,
    theta: torch.Tensor,
    spacer_energy: torch.Tensor,
    kt: float,
    start_energy: torch.Tensor | None = None,
    register_energy: torch.Tensor | None = None,
    rows: slice = slice(None),
) -> torch.Tensor:
    """Derivatives of each variant's energy, for one member: what stands at each base of the site, on average.

    The average is over the registers with their probabilities. The derivative by the energy of a start is the
    probability of all of its registers.

    Args:
        scan, design, theta, spacer_energy, kt, start_energy, register_energy, rows: as for ``register_probabilities``.

    Returns:
        d G / d theta and then d G / d spacer energies, pure numbers from 0 to 1, shape
        (n_rows, scan.length * 4 + n_spacers - 1).

    Raises:
        ValueError: as for ``energy``.
    """
    entries = torch.from_numpy(bases_of_entries(scan, design.length)).to(theta.device)
    spacers = torch.from_numpy(register_numbers(scan, design.length).spacer).to(theta.device)
    n_free = len(scan.free_spacers)
    has_spacer = torch.nn.functional.one_hot(spacers, n_free + 1)[:, :n_free].T.to(theta)
    found = []
    for bases, shares in _dense_shares(scan, design, theta, (spacer_energy, start_energy, register_energy), kt, rows):
        by_theta = torch.zeros(len(theta), bases.shape[1], dtype=theta.dtype, device=theta.device)
        for number, entry in enumerate(entries):
            by_theta.addcmul_(bases[entry], shares[number])
        found.append(torch.cat([by_theta, has_spacer @ shares]).T)
    return torch.cat(found)


def _dense_shares(
    scan: Scan,
    design: ScanDesign,
    theta: torch.Tensor,
    extra: _Extra,
    kt: float,
    rows: slice,
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """One-hot bases (length * 4, n) and probabilities of registers (n_registers, n) of some variants after others."""
    spacer, start, register = extra
    members = (spacer.detach()[None], _as_member(start), _as_member(register))
    columns, offset = _register_energies(scan, design.length, theta.detach()[None], members)
    for codes in torch.split(design.codes[rows], _CHUNK):
        bases = torch.nn.functional.one_hot(codes.T.long(), len(ALPHABET)).to(theta).mT.flatten(0, 1)
        yield bases, torch.softmax((columns[:, 0].T @ bases + offset[0, :, None]) / -kt, 0)


def _as_member(energies: torch.Tensor | None) -> torch.Tensor | None:
    return None if energies is None else energies.detach()[None]


def _register_energies(
    scan: Scan, length: int, theta: torch.Tensor, extra: _Extra
) -> tuple[torch.Tensor, torch.Tensor]:
    """What each base of a variant adds to the energy of each register, and what the register itself adds.

    Returns:
        kcal/mol, shapes (length * 4, n_members, n_registers) and (n_members, n_registers).
    """
    spacer_energy, start_energy, register_energy = extra
    _check_shapes(scan, length, theta, extra)
    entries, numbers = torch.from_numpy(entries_of_bases(scan, length)), register_numbers(scan, length)
    nothing = theta.new_zeros(len(theta), 1)
    columns = torch.cat([theta, nothing], 1)[:, entries.to(theta.device)].transpose(0, 1)
    offset = torch.cat([spacer_energy, nothing], 1)[:, torch.from_numpy(numbers.spacer).to(theta.device)]
    if start_energy is not None:
        offset = offset + start_energy[:, torch.from_numpy(numbers.start).to(theta.device)]
    return columns, offset if register_energy is None else offset + register_energy


def _check_shapes(scan: Scan, length: int, theta: torch.Tensor, extra: _Extra) -> None:
    spacer_energy, start_energy, register_energy = extra
    wanted = [("theta", theta, scan.length * len(ALPHABET)), ("spacer", spacer_energy, len(scan.free_spacers))]
    wanted += [("start", start_energy, len(scan.starts))] if start_energy is not None else []
    if register_energy is not None:
        wanted.append(("register", register_energy, len(register_numbers(scan, length).start)))
    for name, found, expected in wanted:
        if found.shape[1] != expected:
            raise ValueError(f"{found.shape[1]} {name} energies; expected {expected} for {scan}")
