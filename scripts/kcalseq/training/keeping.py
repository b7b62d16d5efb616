"""Files that keep where fits stand, so that a job that was killed goes on there.

A file says what its numbers come from. One of another computation, or one that is damaged, is passed over and the
fit begins anew: what a folder holds can save time, and never change a result.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import torch

from kcalseq.errors import KcalseqError
from kcalseq.training.checkpoint import Checkpoint
from kcalseq.training.identity import digest_of
from kcalseq.training.members import Standing

_SEAL = "seal"


@dataclass(frozen=True)
class Keeper:
    """A folder for where the members of a fit stand.

    Attributes:
        folder: made when the first stage ends, removed by ``clear``.
        code: digest of the code that fits.
        tell: takes a line for the log.
        what: what a member is, such as ``start`` or ``refit``.
    """

    folder: Path
    code: str
    tell: Callable[[str], None]
    what: str = "start"

    def named(self, what: str) -> Self:
        """The same folder for members of another kind."""
        return replace(self, what=what)

    def of(self, numbers: list[int], *depends_on: object) -> "Kept":
        """The file of these members.

        Args:
            numbers: of the members.
            depends_on: all that their way depends on.
        """
        ends = "-".join(map(str, dict.fromkeys((numbers[0], numbers[-1]))))
        run = digest_of(self.code, torch.__version__, np.__version__, depends_on)
        path = self.folder / f"{self.what.replace(' ', '_')}_{ends}.safetensors"
        return Kept(Checkpoint(path, run=run), f"{self.what} {ends}", self.tell)

    def whole(self, name: str, every: int, *depends_on: object) -> Checkpoint:
        """A file for the state of a fit of all members at once, passed over if it is of another fit.

        Args:
            name: of the file.
            every: epochs from one writing to the next.
            depends_on: all that the fit depends on.
        """
        path = self.folder / f"{name}.safetensors"
        if path.exists():
            self.tell(f"goes on from the checkpoint, if it is of this fit: {path}")
        run = digest_of(self.code, torch.__version__, np.__version__, depends_on)
        return Checkpoint(path, every, run, strict=False)

    def clear(self) -> None:
        """Remove the folder: what was fitted is written elsewhere now."""
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True)
class Kept:
    """One file of a ``Keeper``: its checkpoint, what its members are called, and what takes a line for the log."""

    checkpoint: Checkpoint
    name: str
    tell: Callable[[str], None]

    def save(self, standing: Standing) -> None:
        """Keep where the members stand, in the place of what was kept before."""
        tensors = standing.tensors()
        self.checkpoint.save({name: value.cpu() for name, value in (tensors | {_SEAL: _seal(tensors)}).items()}, {})

    def load(self, device: torch.device) -> Standing | None:
        """Where the members stood, on the device of the fit; None where nothing of this computation is kept."""
        try:
            tensors = self.checkpoint.load({})
        except KcalseqError as error:
            self.tell(f"{self.name} begins anew: {error.where} holds {error.found}")
            return None
        if tensors is None:
            return None
        # After a loss of power a file may have its length and not its content.
        if not torch.equal(tensors.pop(_SEAL), _seal(tensors)):
            self.tell(f"{self.name} begins anew: {self.checkpoint.path} is damaged")
            return None
        standing = Standing.of_tensors(tensors, device)
        self.tell(f"goes on from the checkpoint: {self.name} after {_rounds(standing.n_rounds)}")
        return standing


def _seal(tensors: dict[str, torch.Tensor]) -> torch.Tensor:
    return torch.tensor(list(bytes.fromhex(digest_of(tensors))), dtype=torch.uint8)


def _rounds(n: int) -> str:
    return f"{n} round{'' if n == 1 else 's'}"
