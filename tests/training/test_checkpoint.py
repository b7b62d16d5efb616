"""Checkpoints of training: the same bits after a break, and nothing of another run."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from kcalseq.errors import KcalseqError
from kcalseq.training.adam import AdamFit, AdamSettings
from kcalseq.training.checkpoint import Checkpoint

from .test_adam import STARTS, fit


def same(one: AdamFit, other: AdamFit) -> bool:
    """Whether all of two results is the same to the last bit."""
    return all(a.numpy().tobytes() == b.numpy().tobytes() for a, b in zip(one, other, strict=True))


def fall_for(epochs: int) -> Callable[[int], None]:
    """A progress callback that falls over after so many epochs."""
    left = [epochs]

    def progress(n: int) -> None:
        left[0] -= n
        if left[0] <= 0:
            raise RuntimeError("the power failed")

    return progress


@pytest.mark.parametrize("killed_after", [1, 4, 5, 11])
@pytest.mark.parametrize("every", [1, 3])
def test_a_run_that_was_killed_ends_at_the_same_bits(killed_after: int, every: int, tmp_path: Path) -> None:
    checkpoint, settings = Checkpoint(tmp_path / "state", every), AdamSettings(n_epochs=12, first_rate=0.3, patience=4)
    # The last start is so far off that its member is still on its way when the others have stopped.
    start = STARTS * torch.tensor([[1.0], [1.0], [30.0]])
    whole = fit(start, settings)
    assert whole.stopped.any() and not whole.stopped.all()
    with pytest.raises(RuntimeError, match="the power failed"):
        fit(start, settings, checkpoint=checkpoint, progress=fall_for(killed_after))
    assert checkpoint.path.exists() == (killed_after >= every)
    epochs: list[int] = []
    assert same(fit(start, settings, checkpoint=checkpoint, progress=epochs.append), whole)
    behind = killed_after - killed_after % every
    assert epochs == ([behind] if behind else []) + [1] * (12 - behind)
    # A run that is over is not done again, and gives the same once more.
    epochs.clear()
    assert same(fit(start, settings, checkpoint=checkpoint, progress=epochs.append), whole)
    assert epochs == [12]


def test_a_state_that_could_not_be_written_leaves_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint, whole = Checkpoint(tmp_path / "state", 1), fit()
    with pytest.raises(RuntimeError, match="the power failed"):
        fit(checkpoint=checkpoint, progress=fall_for(4))
    before = checkpoint.path.read_bytes()

    def half_written(state: object, path: Path, metadata: object) -> None:
        path.write_bytes(before[: len(before) // 2])
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr("kcalseq.training.checkpoint.save_file", half_written)
        with pytest.raises(OSError, match="no space left"):
            fit(checkpoint=checkpoint)
    assert checkpoint.path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["state"]
    assert same(fit(checkpoint=checkpoint), whole)


def test_the_same_state_is_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        fit(checkpoint=Checkpoint(tmp_path / name))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"settings": AdamSettings(n_epochs=13, patience=12)}, "another run, with n_epochs 12; expected n_epochs 13"),
        ({"start": STARTS[:2]}, r"start_shape [3, 4]; expected start"),
        ({"start": STARTS + 1e-15}, "another run, with start '"),
        ({"start": STARTS.float()}, "precision 'torch.float64'"),
        ({"run": "seed 2"}, "another run, with run 'seed 1'; expected run 'seed 2'"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(other: dict[str, object], told: str, tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    fit(checkpoint=Checkpoint(path, run="seed 1"))
    checkpoint = Checkpoint(path, run=str(other.pop("run", "seed 1")))
    with pytest.raises(KcalseqError) as raised:
        fit(checkpoint=checkpoint, **other)  # type: ignore[arg-type]
    for word in (str(path), told, "delete the file to begin anew"):
        assert word in str(raised.value)


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    path.write_text("not tensors at all", encoding="utf-8")
    with pytest.raises(KcalseqError, match="not safetensors"):
        fit(checkpoint=Checkpoint(path))
    save_file({"mpa.a": torch.zeros(2)}, path)
    with pytest.raises(KcalseqError, match="tensors that do not say of which run"):
        fit(checkpoint=Checkpoint(path))


def test_a_checkpoint_every_0_epochs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a checkpoint every 0 epochs"):
        Checkpoint(tmp_path / "state", 0)
