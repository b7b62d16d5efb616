"""Work shared out: each item to one worker, in order, never too far apart; the first error ends all."""

import threading
import time
from collections.abc import Iterator
from functools import partial

import pytest

from kcalseq.reads.sharing_out import share_out


@pytest.mark.parametrize("n_workers", [1, 2, 5])
def test_each_item_goes_to_one_worker_in_order(n_workers: int) -> None:
    seen: list[list[int]] = [[] for _ in range(n_workers)]
    share_out(iter(range(500)), [mine.append for mine in seen], 3)
    assert sorted(number for mine in seen for number in mine) == list(range(500))
    assert all(mine == sorted(mine) for mine in seen)


@pytest.mark.parametrize("n_apart", [1, 3])
def test_no_item_is_taken_far_behind_one_that_is_worked_on(n_apart: int) -> None:
    in_work, most = set[int](), [0]
    lock = threading.Lock()

    def items() -> Iterator[int]:
        for number in range(60):
            with lock:
                most[0] = max(most[0], number - min(in_work, default=number))
            yield number

    def work(pause: float, number: int) -> None:
        with lock:
            in_work.add(number)
        time.sleep(pause)
        with lock:
            in_work.remove(number)

    share_out(items(), [partial(work, pause) for pause in (0.02, 0.0, 0.0)], n_apart)
    assert 1 <= most[0] <= n_apart


@pytest.mark.parametrize("n_workers", [1, 2, 5])
def test_an_error_of_the_items_is_raised_when_all_have_stopped(n_workers: int) -> None:
    seen: list[int] = []

    def items() -> Iterator[int]:
        yield from range(20)
        raise ValueError("twenty")

    with pytest.raises(ValueError, match="twenty"):
        share_out(items(), [seen.append] * n_workers, 3)
    assert sorted(seen) == list(range(20))


@pytest.mark.parametrize("n_workers", [1, 2, 5])
def test_an_error_of_a_worker_ends_the_others(n_workers: int) -> None:
    def work(number: int) -> None:
        if number == 7:
            raise ValueError("seven")

    items = iter(range(100_000))
    with pytest.raises(ValueError, match="seven"):
        share_out(items, [work] * n_workers, 3)
    assert next(items) <= 7 + n_workers + 3
