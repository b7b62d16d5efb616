"""Where the members of a fit stand: at its end, and at the end of a stage on the way there."""

from collections.abc import Mapping
from typing import NamedTuple, Self

import torch

from kcalseq.training.rounds import HistoryRow


class Fit(NamedTuple):
    """Where the members ended.

    Attributes:
        flat: shape (n_members, size).
        value: negative log posterior, nats, shape (n_members,).
        n_evaluations: shape (n_members,).
        converged: shape (n_members,).
        history: every step of every member.
        cpu_seconds: CPU time per member, shape (n_members,).
    """

    flat: torch.Tensor
    value: torch.Tensor
    n_evaluations: torch.Tensor
    converged: torch.Tensor
    history: list[HistoryRow]
    cpu_seconds: torch.Tensor


class Standing(NamedTuple):
    """Where members stand after so many whitened rounds; 0 at the end of the first stage.

    A stage begins with no memory of the steps before it, so nothing else is needed to go on with the same bits.
    """

    n_rounds: int
    fit: Fit

    def tensors(self) -> dict[str, torch.Tensor]:
        """Itself as tensors, to the last bit; the history as rows of (member, iteration, objective, gradient norm)."""
        named = self.fit._asdict() | {"n_rounds": torch.tensor(self.n_rounds)}
        history = torch.tensor(self.fit.history, dtype=torch.float64).reshape(-1, len(HistoryRow._fields))
        return {name: value.contiguous() for name, value in (named | {"history": history}).items()}

    @classmethod
    def of_tensors(cls, tensors: Mapping[str, torch.Tensor], device: torch.device) -> Self:
        """The inverse of ``tensors``, on the device of the fit."""
        history = [HistoryRow(int(row[0]), int(row[1]), *row[2:]) for row in tensors["history"].tolist()]
        moved = {name: tensors[name].to(device) for name in ("flat", "value", "n_evaluations", "converged")}
        return cls(int(tensors["n_rounds"]), Fit(**moved, history=history, cpu_seconds=tensors["cpu_seconds"]))


def joined(fits: list[Fit]) -> Fit:
    """Members of several fits as one, in order."""
    return Fit(
        torch.cat([fit.flat for fit in fits]),
        torch.cat([fit.value for fit in fits]),
        torch.cat([fit.n_evaluations for fit in fits]),
        torch.cat([fit.converged for fit in fits]),
        [row for fit in fits for row in fit.history],
        torch.cat([fit.cpu_seconds for fit in fits]),
    )
