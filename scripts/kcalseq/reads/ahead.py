"""Working ahead: a thread makes the next items while the caller uses this one."""

import queue
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

_T = TypeVar("_T")


def ahead(items: Iterator[_T], n_waiting: int = 1) -> Generator[_T]:
    """The same items in the same order, made by a thread; its errors are raised here.

    Args:
        items: made while the caller works on earlier ones; closed with this generator.
        n_waiting: items that may wait for the caller, beside the one being made.
    """
    made: queue.Queue[tuple[_T | None, BaseException | None]] = queue.Queue(maxsize=n_waiting)
    stop = threading.Event()

    def put(item: _T | None, error: BaseException | None) -> None:
        while not stop.is_set():
            try:
                made.put((item, error), timeout=0.1)
                return
            except queue.Full:
                continue

    def work() -> None:
        try:
            for item in items:
                put(item, None)
                if stop.is_set():
                    return
            put(None, None)
        except BaseException as error:
            put(None, error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while True:
            item, error = made.get()
            if error is not None:
                raise error
            if item is None:
                return
            yield item
    finally:
        stop.set()
        thread.join()
        close = getattr(items, "close", None)
        if close is not None:
            close()
