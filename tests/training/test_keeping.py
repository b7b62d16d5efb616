"""A fit that was killed goes on where it stood and ends with the same bits; no file ever changes a result."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from kcalseq.models.bins import BinData
from kcalseq.models.spec import ModelSpec
from kcalseq.training import bootstrap as bootstrapping
from kcalseq.training.bootstrap import bootstrap
from kcalseq.training.fit import fit_batch, fit_members
from kcalseq.training.fitting import FittedModel, Setup, fit_problem
from kcalseq.training.identity import digest_of
from kcalseq.training.keeping import Keeper
from kcalseq.training.members import Fit
from kcalseq.training.objective import LogPosterior
from kcalseq.training.problem import Problem
from kcalseq.training.rounds import FitSettings, whitening

QUICK = FitSettings(first_iterations=40, round_iterations=20, max_rounds=4, tolerance=1e-9)
SHORT = FitSettings(first_iterations=10, round_iterations=10, max_rounds=2, tolerance=1e-9)


class KilledError(Exception):
    """What a test stops a fit with."""


def killed_after(n_steps: int) -> Callable[[int], None]:
    """A progress bar that stops the fit after so many steps."""
    left = [n_steps]

    def advance(n: int) -> None:
        left[0] -= n
        if left[0] < 0:
            raise KilledError

    return advance


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def keeper(tmp_path: Path, told: list[str]) -> Keeper:
    return Keeper(tmp_path / "fit.checkpoint", "some code", told.append)


def same(one: Fit, two: Fit) -> bool:
    """Whether two fits are equal to the last bit, in all but the CPU time that they took."""
    names = ("flat", "value", "n_evaluations", "converged")
    return one.history == two.history and all(torch.equal(getattr(one, name), getattr(two, name)) for name in names)


def run(spec: ModelSpec, problem: Problem, n_threads: int, keeper: Keeper | None, n_steps: int = 10**6) -> FittedModel:
    return fit_problem(spec, problem, 3, 2, n_threads, killed_after(n_steps), None, keeper)


@pytest.mark.parametrize("n_threads", [1, 2])
def test_a_killed_fit_goes_on_with_the_same_bits(
    spec: ModelSpec, problem: Problem, keeper: Keeper, told: list[str], n_threads: int
) -> None:
    """Killed in the first steps, in a round and in the polish, each time begun again."""
    whole = run(spec, problem, n_threads, None)
    n_steps = len(whole.fit.history)
    for stop in (100, 250, n_steps - 5):
        with pytest.raises(KilledError):
            run(spec, problem, n_threads, keeper, stop)
    files = {path.name for path in keeper.folder.iterdir()}
    chosen = f"polish_of_start_{whole.chosen}.safetensors"
    assert {"start_0.safetensors", "start_1.safetensors"} <= files <= {*files, chosen}
    told.clear()
    again = run(spec, problem, n_threads, keeper)
    assert same(again.fit, whole.fit) and again.chosen == whole.chosen
    assert np.array_equal(again.flat, whole.flat)
    assert {line.split(" after ")[0] for line in told} >= {f"goes on from the checkpoint: start {n}" for n in (0, 1)}
    # Done to the end, it takes no step any more.
    steps: list[int] = []
    finished = fit_problem(spec, problem, 3, 2, n_threads, steps.append, None, keeper)
    assert same(finished.fit, whole.fit) and sum(steps) == n_steps
    assert torch.equal(finished.fit.cpu_seconds, again.fit.cpu_seconds)
    keeper.clear()
    assert not keeper.folder.exists()


@pytest.mark.parametrize("stop", [55, 65, 90])
def test_a_killed_batch_goes_on_with_the_same_bits(
    setup: Setup, beginnings: torch.Tensor, keeper: Keeper, told: list[str], stop: int
) -> None:
    def fit(n_steps: int, keeper: Keeper | None) -> Fit:
        return fit_batch(setup.posterior, beginnings, QUICK, killed_after(3 * n_steps), keeper=keeper)

    whole = fit(10**6, None)
    with pytest.raises(KilledError):
        fit(stop, keeper)
    assert same(fit(10**6, keeper), whole)
    assert told == [
        f"goes on from the checkpoint: start 0-2 after {(stop - 40) // 20} rounds".replace("1 rounds", "1 round")
    ]


@pytest.mark.parametrize("n_threads", [1, 2])
def test_killed_bootstraps_go_on_with_the_same_bits(
    spec: ModelSpec,
    problem: Problem,
    setup: Setup,
    beginnings: torch.Tensor,
    keeper: Keeper,
    told: list[str],
    monkeypatch: pytest.MonkeyPatch,
    n_threads: int,
) -> None:
    monkeypatch.setattr(bootstrapping, "_SETTINGS", SHORT)
    monkeypatch.setattr(bootstrapping, "_CHUNK", 2)
    refits, flat = keeper.named("refit"), beginnings[0].numpy()

    def refit(n_steps: int, keeper: Keeper | None) -> bootstrapping.Bootstraps:
        return bootstrap(spec, problem, setup, flat, 3, "nonparametric", 5, n_threads, killed_after(n_steps), keeper)

    whole = refit(10**6, None)
    with pytest.raises(KilledError):
        refit(70, refits)
    again = refit(10**6, refits)
    assert same(again.fit, whole.fit) and np.array_equal(again.values, whole.values)
    # The first chunk was done; of the second there was the end of its first steps.
    assert sorted(line.removeprefix("goes on from the checkpoint: ") for line in told) == [
        "refit 0 after 2 rounds",
        "refit 1 after 2 rounds",
        "refit 2 after 0 rounds",
    ]


def other_fits(setup: Setup, beginnings: torch.Tensor) -> dict[str, tuple[LogPosterior, torch.Tensor, FitSettings]]:
    """Fits that differ from that of the setup in one thing each."""
    network, (training,) = setup.posterior.network, setup.posterior.training
    assert isinstance(training.data, BinData)
    more = BinData(training.data.counts + torch.eye(4, training.n_variants, dtype=torch.float64))
    codes = training.codes.clone()
    codes[0, 0] = 3 - codes[0, 0]
    held = torch.full_like(beginnings, torch.nan)
    held[:, 0] = 0.5
    return {
        "data": (LogPosterior(network, (training._replace(data=more),)), beginnings, SHORT),
        "sequences": (LogPosterior(network, (training._replace(codes=codes),)), beginnings, SHORT),
        "held": (LogPosterior(network, (training,), held), beginnings, SHORT),
        "start": (setup.posterior, beginnings + 1e-13, SHORT),
        "settings": (setup.posterior, beginnings, replace(SHORT, max_rounds=1)),
    }


@pytest.mark.parametrize("what", ["data", "sequences", "held", "start", "settings", "metric", "code"])
def test_what_another_fit_left_changes_nothing(
    setup: Setup, beginnings: torch.Tensor, keeper: Keeper, told: list[str], what: str
) -> None:
    fit_members(setup.posterior, beginnings, SHORT, 1, lambda _: None, keeper=keeper)
    posterior, start, settings = other_fits(setup, beginnings).get(what, (setup.posterior, beginnings, SHORT))
    metric = whitening(posterior, start[0], 0) if what == "metric" else None
    own = replace(keeper, code="other code") if what == "code" else keeper
    alone = fit_members(posterior, start, settings, 1, lambda _: None, metric)
    beside = fit_members(posterior, start, settings, 1, lambda _: None, metric, 0, own)
    assert same(alone, beside)
    assert len(told) == 3 and all("begins anew" in line for line in told)


@pytest.mark.parametrize("damage", ["cut off", "one bit", "empty", "text"])
def test_a_damaged_file_changes_nothing(
    setup: Setup, beginnings: torch.Tensor, keeper: Keeper, told: list[str], damage: str
) -> None:
    whole = fit_members(setup.posterior, beginnings, SHORT, 1, lambda _: None, keeper=keeper)
    path = keeper.folder / "start_1.safetensors"
    content = path.read_bytes()
    flipped = content[:-5] + bytes([content[-5] ^ 1]) + content[-4:]
    path.write_bytes({"cut off": content[:-100], "one bit": flipped, "empty": b"", "text": b"no tensors"}[damage])
    again = fit_members(setup.posterior, beginnings, SHORT, 1, lambda _: None, keeper=keeper)
    assert same(again, whole)
    assert [line.split(":")[0] for line in told] == [
        "goes on from the checkpoint",
        "start 1 begins anew",
        "goes on from the checkpoint",
    ]
    assert path.read_bytes() != content[:-100] and len(path.read_bytes()) == len(content)


def test_a_digest_tells_parts_apart() -> None:
    parts: list[tuple[object, ...]] = [
        (),
        (1,),
        (1.0,),
        (True,),
        ("1",),
        (None,),
        ("a", "b"),
        ("ab",),
        (("a", "b"),),
        (["a"], "b"),
        ({"a": "b"},),
        (torch.zeros(2),),
        (torch.zeros(1, 2),),
        (torch.zeros(2, dtype=torch.float64),),
        (np.zeros(4, np.float32),),
        (torch.tensor([0.0, -0.0]),),
        (FitSettings(),),
        (FitSettings(tolerance=0.2),),
    ]
    assert len({digest_of(*part) for part in parts}) == len(parts)
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})
    assert digest_of(torch.zeros(2, 3).T) == digest_of(torch.zeros(3, 2).contiguous())
    with pytest.raises(TypeError, match="no digest is known for set"):
        digest_of({1, 2})
