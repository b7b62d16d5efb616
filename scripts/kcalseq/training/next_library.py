"""The next library: which sequences, once measured, would tell most about a model's parameters.

The posterior is taken as normal with precision Lambda (curvature of the fit). Measuring candidate i adds its expected
Fisher information R_i^T R_i, where the k rows of R_i are the scores of its possible outcomes, each times the square
root of the outcome's probability. A set S of measurements then leaves the precision
Lambda + sum_(i in S) R_i^T R_i, whatever is observed. From this follow two aims (Chaloner & Verdinelli 1995,
Statistical Science 10:273):

- all parameters (D-optimal): the expected information 1/2 [logdet(Lambda + sum R^T R) - logdet(Lambda)], in nats;
- one scalar c^T theta (c-optimal), such as an interaction energy: the fall of its variance c^T Lambda^-1 c.

Both take the candidate that gains most, again and again. The information is a monotone submodular function of the set,
so this reaches at least 1 - 1/e = 63 % of what the best set of that size reaches (Nemhauser, Wolsey & Fisher 1978,
Mathematical Programming 14:265). The fall of one variance is monotone but not submodular: there the greedy choice has
no such guarantee, and where next to nothing is known yet the choice for all parameters can leave a smaller variance.

All of it holds near the fitted parameters, where the information was computed, and for the model as drawn.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve, solve_triangular

Array = NDArray[np.float64]
Target = Literal["all"] | int | Array


class Choice(NamedTuple):
    """Candidates in the order in which they were chosen.

    Attributes:
        indices: numbers of the candidates, each once, shape (n,).
        gain: what the first ones gain together, shape (n,), never falling: expected information in nats for the target
            'all', else fall of the target's variance, in the square of its unit.
    """

    indices: NDArray[np.int64]
    gain: Array


def expected_information(scores_root: Array, precision: Array) -> Array:
    """What measuring each candidate alone would tell about all parameters, in nats.

    Args:
        scores_root: R_i of each candidate, per unit of each parameter, shape (n_candidates, k, size).
        precision: Lambda of the posterior so far, positive definite, shape (size, size).

    Returns:
        1/2 [logdet(Lambda + R_i^T R_i) - logdet(Lambda)] = 1/2 logdet(1 + R_i Lambda^-1 R_i^T), shape (n_candidates,).

    Raises:
        ValueError: shapes do not belong together, or the precision is not positive definite.
    """
    covariance = _covariance(scores_root, precision)
    return _information(_inner(scores_root, scores_root @ covariance))


def expected_fall(scores_root: Array, precision: Array, target: int | Array) -> Array:
    """By how much measuring each candidate alone would lower the variance of one scalar.

    Args:
        scores_root: as for ``expected_information``.
        precision: as for ``expected_information``.
        target: number of a parameter, or the weights c of a sum c^T theta, shape (size,).

    Returns:
        in the square of the target's unit, shape (n_candidates,).

    Raises:
        ValueError: as ``expected_information``, or there is no such parameter.
    """
    covariance = _covariance(scores_root, precision)
    known = _inner(scores_root, scores_root @ covariance)
    return _fall(known, scores_root @ (covariance @ _weights(target, len(covariance))))


def choose_library(scores_root: Array, precision: Array, n: int, target: Target = "all") -> Choice:
    """Choose candidates one by one, each the one that gains most beside those already chosen.

    Each choice changes the covariance by a matrix of rank k (Woodbury), which costs n_candidates k^2 size operations;
    no matrix is inverted after the first.

    Args:
        scores_root: as for ``expected_information``.
        precision: as for ``expected_information``.
        n: candidates to choose.
        target: 'all' parameters, or as for ``expected_fall``.

    Raises:
        ValueError: as ``expected_fall``, or fewer than n candidates.
    """
    if not 0 <= n <= len(scores_root):
        raise ValueError(f"{n} of {len(scores_root)} candidates cannot be chosen")
    covariance = _covariance(scores_root, precision)
    weights = None if isinstance(target, str) and target == "all" else _weights(target, len(covariance))
    known = _inner(scores_root, scores_root @ covariance)
    along = None if weights is None else scores_root @ (covariance @ weights)
    open_, indices, gains = np.ones(len(scores_root), dtype=bool), np.empty(n, dtype=np.int64), np.empty(n)
    for number in range(n):
        each = _information(known) if along is None else _fall(known, along)
        best = int(np.where(open_, each, -np.inf).argmax())
        indices[number], gains[number], open_[best] = best, each[best], False
        # U U^T is what the covariance loses: U = Sigma R^T L^-T, with L the Cholesky factor of 1 + R Sigma R^T.
        factor = np.linalg.cholesky(np.eye(known.shape[1]) + known[best])
        lost = solve_triangular(factor, scores_root[best] @ covariance, lower=True).T
        seen = scores_root @ lost  # shape: (n_candidates, k, k)
        covariance = covariance - lost @ lost.T
        known = known - _inner(seen, seen)
        if along is not None and weights is not None:
            along = along - seen @ (lost.T @ weights)
    return Choice(indices, np.cumsum(gains))


def _covariance(scores_root: Array, precision: Array) -> Array:
    if scores_root.ndim != 3 or precision.shape != (scores_root.shape[2],) * 2:
        shapes = f"scores_root {scores_root.shape}, precision {precision.shape}"
        raise ValueError(f"{shapes}; expected (n_candidates, k, size) and (size, size)")
    try:
        factor = cho_factor(precision, lower=True)
    except LinAlgError as error:
        raise ValueError("the precision is not positive definite: add that of the prior") from error
    inverse: Array = cho_solve(factor, np.eye(len(precision)))
    return (inverse + inverse.T) / 2


def _weights(target: Target, size: int) -> Array:
    if isinstance(target, str):
        raise ValueError(f"target '{target}': expected 'all', a parameter's number, or weights of all parameters")
    if isinstance(target, int | np.integer):
        if not 0 <= target < size:
            raise ValueError(f"target {target}: expected a parameter's number from 0 to {size - 1}")
        unit: Array = np.eye(size)[target]
        return unit
    if target.shape != (size,):
        raise ValueError(f"target of shape {target.shape}; expected ({size},)")
    return target


def _inner(left: Array, right: Array) -> Array:
    """L_i R_i^T of each candidate, shape (n_candidates, k, k)."""
    product: Array = left @ right.transpose(0, 2, 1)
    return product


def _information(known: Array) -> Array:
    """1/2 logdet(1 + R_i Sigma R_i^T) from the matrices R_i Sigma R_i^T."""
    factors = np.linalg.cholesky(np.eye(known.shape[1]) + known)
    logs: Array = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(1)
    return logs


def _fall(known: Array, along: Array) -> Array:
    """(R_i Sigma c)^T (1 + R_i Sigma R_i^T)^-1 (R_i Sigma c) from R_i Sigma R_i^T and R_i Sigma c (n_candidates, k)."""
    solved = np.linalg.solve(np.eye(known.shape[1]) + known, along[:, :, None])[:, :, 0]
    fall: Array = (along * solved).sum(1)
    return fall
