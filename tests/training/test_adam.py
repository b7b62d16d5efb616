"""Adam on minibatches: the steps of the textbook, and the best weights at the end."""

import gc
import itertools
import weakref
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from kcalseq.training.adam import AdamFit, AdamSettings, minimise_batches, shuffled_batches
from kcalseq.training.checkpoint import Checkpoint

RNG = np.random.default_rng(60)
X = torch.from_numpy(RNG.normal(size=(90, 4)))
Y = X @ torch.tensor([1.0, -2.0, 0.5, 0.0], dtype=torch.float64) + 0.1 * torch.from_numpy(RNG.normal(size=90))
STARTS = torch.from_numpy(RNG.normal(size=(3, 4)))
SHORT = AdamSettings(n_epochs=12, patience=12)


def squares(flat: torch.Tensor, rows: np.ndarray) -> torch.Tensor:
    """Mean square of what a line leaves, over some of the first sixty points."""
    return (flat @ X[rows].T - Y[rows]).square().mean(1)


def held_out(flat: torch.Tensor) -> torch.Tensor:
    return squares(flat, np.arange(60, 90))


def nothing(_: int) -> None:
    pass


def fit(
    start: torch.Tensor = STARTS,
    settings: AdamSettings = SHORT,
    objective: Callable[[torch.Tensor, np.ndarray], torch.Tensor] = squares,
    validation: Callable[[torch.Tensor], torch.Tensor] = held_out,
    progress: Callable[[int], None] = nothing,
    checkpoint: Checkpoint | None = None,
) -> AdamFit:
    batches = shuffled_batches(60, 7, seed=61)
    return minimise_batches(objective, start, batches, validation, settings, progress, checkpoint)


def best_after(epochs: list[int], seen: list[torch.Tensor]) -> Callable[[torch.Tensor], torch.Tensor]:
    """A validation value that is lowest after so many epochs, whatever the weights are; keeps what they were."""

    def watched(flat: torch.Tensor) -> torch.Tensor:
        seen.append(flat.clone())
        return torch.tensor([abs(len(seen) - 1.0 - epoch) for epoch in epochs], dtype=torch.float64)

    return watched


def test_steps_are_those_of_torch() -> None:
    found = fit(validation=best_after([100, 100, 100], []))
    weights = STARTS.clone().requires_grad_()
    optimiser = torch.optim.Adam([weights])
    for epoch in range(SHORT.n_epochs):
        for rows in shuffled_batches(60, 7, seed=61)(epoch):
            optimiser.param_groups[0]["lr"] = SHORT.rate(epoch)
            optimiser.zero_grad()
            squares(weights, rows).sum().backward()
            optimiser.step()
    assert (found.best_epoch == SHORT.n_epochs).all()
    assert torch.allclose(found.flat, weights.detach(), rtol=0, atol=1e-13)


def test_a_line_is_found() -> None:
    found = fit(settings=AdamSettings(n_epochs=150, first_rate=0.05, patience=30))
    solution = torch.linalg.lstsq(X[:60], Y[:60]).solution
    assert torch.allclose(found.flat, solution.expand(3, -1), atol=0.02)


def test_learning_rate_falls_along_half_a_cosine() -> None:
    settings = AdamSettings(n_epochs=11)
    rates = [settings.rate(epoch) for epoch in range(11)]
    assert rates[0] == 1e-2 and rates[10] == pytest.approx(1e-4, rel=1e-12)
    assert rates[5] == pytest.approx((1e-2 + 1e-4) / 2, rel=1e-12)
    assert (np.diff(rates) < 0).all()
    assert AdamSettings(n_epochs=1).rate(0) == 1e-2


@given(n=st.integers(1, 60), size=st.integers(1, 70), seed=st.integers(0, 9), epoch=st.integers(0, 9))
def test_an_epoch_has_every_observation_once_in_even_batches(n: int, size: int, seed: int, epoch: int) -> None:
    batches = list(shuffled_batches(n, size, seed)(epoch))
    assert sorted(np.concatenate(batches).tolist()) == list(range(n))
    sizes = {len(batch) for batch in batches}
    assert max(sizes) <= size and max(sizes) - min(sizes) <= 1
    assert len(batches) == int(np.ceil(n / size))
    again = shuffled_batches(n, size, seed)(epoch)
    assert all(np.array_equal(one, other) for one, other in zip(batches, again, strict=True))


def test_the_order_is_another_in_every_epoch_and_for_every_seed() -> None:
    orders = [np.concatenate(list(shuffled_batches(50, 8, seed)(epoch))) for seed in (0, 1) for epoch in (0, 1)]
    assert len({order.tobytes() for order in orders}) == 4
    with pytest.raises(ValueError, match="batches of 0 out of 5 observations"):
        shuffled_batches(5, 0, 0)


def test_each_member_gets_back_the_weights_of_its_own_best_epoch() -> None:
    best, seen = [0, 3, 7], list[torch.Tensor]()
    found = fit(validation=best_after(best, seen))
    assert found.best_epoch.tolist() == best
    assert (found.validation == 0).all()
    for member, epoch in enumerate(best):
        assert torch.equal(found.flat[member], seen[epoch][member])
        assert not torch.equal(found.flat[member], seen[-1][member])
    assert torch.equal(found.flat[0], STARTS[0])


def test_weights_given_back_have_the_lowest_validation_value() -> None:
    # Few points and many epochs: what is held out gets worse in the end.
    few = np.arange(5)
    found = fit(
        settings=AdamSettings(n_epochs=60, first_rate=0.1, last_rate=0.05, patience=60),
        objective=lambda flat, _: squares(flat, few),
    )
    history = found.validation_history
    assert torch.equal(found.validation, history.amin(0))
    assert torch.equal(found.validation, held_out(found.flat))
    assert torch.equal(found.best_epoch, history.argmin(0))
    assert (history[-1] > found.validation).any()


def test_members_that_have_stopped_move_no_more_while_others_go_on() -> None:
    seen: list[torch.Tensor] = []
    found = fit(settings=AdamSettings(n_epochs=12, patience=2), validation=best_after([1, 100, 4], seen))
    assert found.stopped.tolist() == [True, False, True]
    for member, stop in ((0, 3), (2, 6)):
        moved = [not torch.equal(one[member], other[member]) for one, other in itertools.pairwise(seen)]
        assert moved == [epoch < stop for epoch in range(12)]
        assert torch.isfinite(found.validation_history[:, member]).tolist() == [epoch <= stop for epoch in range(13)]
        assert torch.isfinite(found.training_history[:, member]).tolist() == [epoch < stop for epoch in range(12)]
    assert all(not torch.equal(one[1], other[1]) for one, other in itertools.pairwise(seen))


def test_a_member_that_has_stopped_is_not_judged_again() -> None:
    values = iter([[3.0, 3.0], [4.0, 2.0], [4.0, 1.0], [0.0, 0.0]])
    found = fit(STARTS[:2], AdamSettings(n_epochs=3, patience=2), validation=lambda _: torch.tensor(next(values)))
    assert found.best_epoch.tolist() == [0, 3]
    assert found.validation.tolist() == [3.0, 0.0]


def test_training_ends_when_all_have_stopped() -> None:
    epochs: list[int] = []
    found = fit(
        settings=AdamSettings(n_epochs=50, patience=3), validation=lambda flat: 0 * flat[:, 0], progress=epochs.append
    )
    assert epochs == [1, 1, 1]
    assert found.stopped.all()
    assert torch.equal(found.flat, STARTS)
    assert found.training_history.shape == (3, 3) and found.validation_history.shape == (4, 3)


def test_a_member_does_not_see_its_company() -> None:
    # Products of matrices may round differently with their size, sums over one axis do not.
    def careful(flat: torch.Tensor, rows: np.ndarray) -> torch.Tensor:
        return ((flat[:, None] * X[rows]).sum(2) - Y[rows]).square().mean(1)

    settings = AdamSettings(n_epochs=40, first_rate=0.3, patience=2)
    together = fit(settings=settings, objective=careful)
    assert len(set(together.best_epoch.tolist())) > 1
    for member in range(3):
        alone = fit(STARTS[member : member + 1], settings, careful)
        assert torch.allclose(together.flat[member], alone.flat[0], rtol=1e-12, atol=1e-12)
        assert together.best_epoch[member] == alone.best_epoch[0]


def test_a_member_that_is_lost_leaves_the_others_alone() -> None:
    def broken(flat: torch.Tensor, rows: np.ndarray) -> torch.Tensor:
        return squares(flat, rows) * torch.tensor([1.0, torch.nan, 1.0], dtype=torch.float64)

    patient = AdamSettings(n_epochs=12, patience=50)
    found, sound = fit(settings=patient, objective=broken), fit()
    assert found.stopped.tolist() == [False, True, False]
    assert torch.equal(found.flat[[0, 2]], sound.flat[[0, 2]])
    assert torch.equal(found.flat[1], STARTS[1]) and found.best_epoch[1] == 0


def test_training_history_is_the_mean_over_batches() -> None:
    found = fit(settings=AdamSettings(n_epochs=2, first_rate=1e-12, last_rate=1e-12))
    for epoch, told in enumerate(found.training_history):
        expected = torch.stack([squares(STARTS, rows) for rows in shuffled_batches(60, 7, 61)(epoch)]).mean(0)
        assert torch.allclose(told, expected, rtol=1e-9)


@pytest.mark.parametrize("precision", [torch.float32, torch.float64])
def test_weights_keep_their_precision(precision: torch.dtype) -> None:
    found = fit(
        STARTS.to(precision),
        objective=lambda flat, rows: squares(flat.double(), rows),
        validation=lambda flat: held_out(flat.double()).to(precision),
    )
    assert found.flat.dtype == precision and found.validation.dtype == torch.float64
    assert torch.allclose(found.flat.double(), fit().flat, atol=1e-4)


def test_one_batch_is_kept_at_a_time() -> None:
    alive: weakref.WeakSet[torch.Tensor] = weakref.WeakSet()
    most = []

    def batches(_: int) -> Iterator[torch.Tensor]:
        for number in range(50):
            batch = X[number % 60].clone()
            alive.add(batch)
            yield batch
            del batch
            most.append(len(alive))

    def objective(flat: torch.Tensor, batch: torch.Tensor) -> torch.Tensor:
        return (flat * batch).square().sum(1)

    gc.collect()
    gc.disable()
    try:
        minimise_batches(objective, STARTS, batches, held_out, AdamSettings(n_epochs=3), nothing)
    finally:
        gc.enable()
    assert len(most) == 150 and max(most) <= 2


def test_an_epoch_without_batches_is_refused() -> None:
    once = iter([np.arange(4)])
    with pytest.raises(ValueError, match="epoch 1 has no batches"):
        minimise_batches(squares, STARTS, lambda _: once, held_out, SHORT, nothing)


@pytest.mark.parametrize(
    "wrong",
    [{"n_epochs": 0}, {"patience": 0}, {"first_rate": 0.0}, {"last_rate": -1.0}, {"first_decay": 1.0}, {"epsilon": 0}],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(wrong))}={next(iter(wrong.values()))}"):
        AdamSettings(**wrong)  # type: ignore[arg-type]
