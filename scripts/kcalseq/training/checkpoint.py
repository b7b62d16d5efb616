"""Where a long fit stands, as one safetensors file, so that a run that was stopped goes on as if it never had been."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from kcalseq.errors import KcalseqError
from kcalseq.wholefile import whole_or_not_at_all

# One entry for all: safetensors writes several in any order, and the same state should give the same bytes.
_ENTRY = "run"
_REMEDY = "delete the file to begin anew, or give this run another one"


@dataclass(frozen=True)
class Checkpoint:
    """A file for the state of a run.

    Attributes:
        path: where it is; written whole or not at all.
        every: epochs from one writing to the next, at least 1.
        run: what else the result depends on and no setting tells, such as a digest of the training set and the seed of
            the batches; the state of a run of another name is refused.
        strict: whether a file of another run, or one that is no checkpoint, is refused; else it is passed over, and
            written over.

    Raises:
        ValueError: ``every`` is less than 1.
    """

    path: Path
    every: int = 10
    run: str = ""
    strict: bool = True

    def __post_init__(self) -> None:
        """Check the interval."""
        if self.every < 1:
            raise ValueError(f"a checkpoint every {self.every} epochs: at least 1")

    def save(self, state: Mapping[str, torch.Tensor], settings: Mapping[str, object]) -> None:
        """Write the state of a run, and the settings by which it is known again."""
        with whole_or_not_at_all(self.path) as partial:
            save_file(dict(state), partial, metadata={_ENTRY: json.dumps(self._described(settings), sort_keys=True)})

    def load(self, settings: Mapping[str, object]) -> dict[str, torch.Tensor] | None:
        """Read the state back, to the last bit and onto the CPU; None if there is no file, or none of this run.

        Args:
            settings: of this run; values that JSON can hold.

        Raises:
            KcalseqError: the file is not a checkpoint, or one of another run; not if it may be passed over.
        """
        if not self.path.exists():
            return None
        try:
            return self._read(settings)
        except KcalseqError:
            if self.strict:
                raise
            return None

    def _read(self, settings: Mapping[str, object]) -> dict[str, torch.Tensor]:
        try:
            with safe_open(self.path, framework="pt") as file:
                entry, names = (file.metadata() or {}).get(_ENTRY), file.keys()
                state = {name: file.get_tensor(name) for name in names}
        except SafetensorError as error:
            raise KcalseqError(str(self.path), f"not safetensors ({error})", "a checkpoint", _REMEDY) from error
        if entry is None:
            raise KcalseqError(str(self.path), "tensors that do not say of which run", "a checkpoint", _REMEDY)
        found, expected = json.loads(entry), json.loads(json.dumps(self._described(settings)))
        keys = [key for key in sorted(found.keys() | expected.keys()) if found.get(key) != expected.get(key)]
        if keys:
            theirs, ours = ([f"{key} {run.get(key)!r}" for key in keys] for run in (found, expected))
            raise KcalseqError(
                str(self.path), f"a checkpoint of another run, with {', '.join(theirs)}", ", ".join(ours), _REMEDY
            )
        return state

    def _described(self, settings: Mapping[str, object]) -> dict[str, object]:
        return {**settings, "run": self.run}
