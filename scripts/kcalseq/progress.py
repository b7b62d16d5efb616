"""Progress of long work: a bar with rate and remaining time on a terminal, and nothing anywhere else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm


@contextmanager
def progress_bar(title: str, unit: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar for the length of a ``with`` block.

    Args:
        title: what is being done, in the scientist's words.
        unit: what is counted, for example ``reads``.
        total: how many there will be, if known.

    Yields:
        a function to call with the number newly done.
    """
    with tqdm(desc=title, unit=f" {unit}", total=total, unit_scale=True, disable=None, leave=False) as bar:

        def advance(n: int) -> None:
            bar.update(n)

        yield advance
