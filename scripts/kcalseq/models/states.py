"""The state table of a thermodynamic model as matrices, and its energy terms counted out by hand.

omega[s, f] counts how often energy term f (sites first, then interactions) occurs in state s; with it the
energy of a state is a linear function of the terms (Tareen & Kinney, arXiv 2001.03560, Eq. 1).
"""

import numpy as np
from numpy.typing import NDArray

from kcalseq.models.spec import ModelSpec


def state_matrix(spec: ModelSpec) -> NDArray[np.float64]:
    """Occurrence of each energy term in each state, shape (n_states, n_terms), entries 0 or 1."""
    omega = np.zeros((len(spec.states), len(spec.terms)))
    for row, state in enumerate(spec.states):
        for term in spec.terms_of(state):
            omega[row, spec.terms.index(term)] = 1.0
    return omega


def transcribing(spec: ModelSpec) -> NDArray[np.bool_]:
    """Which states transcribe, shape (n_states,)."""
    return np.array([state.rate is not None for state in spec.states])


def rate_numbers(spec: ModelSpec) -> NDArray[np.int64]:
    """Number among ``spec.rates`` of the rate of each transcribing state, shape (n_transcribing,)."""
    return np.array([spec.rates.index(state.rate) for state in spec.states if state.rate is not None], dtype=np.int64)


def energy_shares(spec: ModelSpec) -> NDArray[np.float64]:
    """How much of each energy term each transition of a kinetic model feels, shape (n_transitions, n_terms)."""
    nu = np.zeros((len(spec.transitions), len(spec.terms)))
    for row, transition in enumerate(spec.transitions):
        for name, share in transition.energies:
            nu[row, spec.terms.index(name)] = share
    return nu
