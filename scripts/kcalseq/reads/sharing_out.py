"""Items of one iterator given out to several workers, each in a thread of its own.

Taking an item and working on it happen in one thread, so that what was made for a worker is still near its processor.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

_T = TypeVar("_T")


def share_out(items: Iterator[_T], workers: Sequence[Callable[[_T], None]], n_apart: int) -> None:
    """Give each item to the worker that is free first.

    Args:
        items: taken one at a time, in order.
        workers: called with one item at a time; the first in the caller's thread.
        n_apart: while an item is worked on, at most so many behind it are taken.

    Raises:
        Exception: the first error of items or workers, when all have stopped.
    """
    desk = _Desk(items, n_apart)
    threads = [threading.Thread(target=desk.serve, args=(worker,), daemon=True) for worker in workers[1:]]
    for thread in threads:
        thread.start()
    try:
        desk.serve(workers[0])
    finally:
        for thread in threads:
            thread.join()
    if desk.error is not None:
        raise desk.error


class _Desk(Generic[_T]):
    def __init__(self, items: Iterator[_T], n_apart: int) -> None:
        self.error: BaseException | None = None
        self._items, self._n_apart = items, n_apart
        self._n_taken, self._in_work, self._is_closed = 0, set[int](), False
        self._changed = threading.Condition()

    def serve(self, worker: Callable[[_T], None]) -> None:
        """Let a worker work until no item is left."""
        try:
            while (taken := self._take()) is not None:
                number, item = taken
                worker(item)
                with self._changed:
                    self._in_work.remove(number)
                    self._changed.notify_all()
        except BaseException as error:
            with self._changed:
                self.error, self._is_closed = self.error or error, True
                self._changed.notify_all()

    def _take(self) -> tuple[int, _T] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or self._n_taken - self._oldest() <= self._n_apart)
            if self._is_closed:
                return None
            try:
                item = next(self._items)
            except StopIteration:
                self._is_closed = True
                self._changed.notify_all()
                return None
            self._n_taken += 1
            self._in_work.add(self._n_taken - 1)
            return self._n_taken - 1, item

    def _oldest(self) -> int:
        return min(self._in_work, default=self._n_taken)
