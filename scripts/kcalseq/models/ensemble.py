"""Thermodynamic ensemble: energies of the terms to log odds of transcription, in log space.

The only place where kT enters: Boltzmann weights W = -omega G / kT (Tareen & Kinney, arXiv 2001.03560, Eq. 1).
"""

import torch


def log_weights(g: torch.Tensor, omega: torch.Tensor, kt: float) -> torch.Tensor:
    """Log Boltzmann weight of each state, up to a common constant.

    Args:
        g: energies of the terms, shape (..., n_terms, n_variants), kcal/mol; negative is favourable.
        omega: occurrence of terms in states, shape (n_states, n_terms).
        kt: thermal energy, kcal/mol.

    Returns:
        shape (..., n_states, n_variants).
    """
    return (omega / -kt) @ g


def log_occupancies(g: torch.Tensor, omega: torch.Tensor, kt: float) -> torch.Tensor:
    """Log probability of each state, shape (..., n_states, n_variants); the exponentials add up to 1 over states."""
    return torch.log_softmax(log_weights(g, omega, kt), -2)


def log_activity(
    g: torch.Tensor, omega: torch.Tensor, on: torch.Tensor, log_rates: torch.Tensor, kt: float
) -> torch.Tensor:
    """Log mean activity, sum over transcribing states of probability times rate, nats, shape (..., n_variants).

    Args:
        g, omega, kt: as in ``log_weights``.
        on: which states transcribe, bool, shape (n_states,).
        log_rates: log rate of each transcribing state, shape (..., n_on, n_variants).
    """
    w = log_weights(g, omega, kt)
    return torch.logsumexp(w[..., on, :] + log_rates, -2) - torch.logsumexp(w, -2)


def log_odds(g: torch.Tensor, omega: torch.Tensor, on: torch.Tensor, kt: float) -> torch.Tensor:
    """Log odds that the promoter is in a transcribing state, shape (..., n_variants).

    A monotone function of the mean activity when all transcribing states share one rate. The odds, not the
    occupancy, because a smooth measurement process cannot resolve variants that crowd near occupancy 0 or 1.

    Args:
        g, omega, kt: as in ``log_weights``.
        on: which states transcribe, bool, shape (n_states,).
    """
    w = log_weights(g, omega, kt)
    return torch.logsumexp(w[..., on, :], -2) - torch.logsumexp(w[..., ~on, :], -2)
