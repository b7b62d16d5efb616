"""Programs that run beside a test, and waiting for what they do."""

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

_Found = TypeVar("_Found")


@contextmanager
def beside(command: Sequence[str], root: Path) -> Iterator["subprocess.Popen[str]"]:
    """A program at work in a folder; what it says goes to a file ``said`` there."""
    with (root / "said").open("w") as said:
        process = subprocess.Popen(command, cwd=root, stdout=said, stderr=said, text=True)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def wait_for(condition: Callable[[], _Found], what: str, queue: str = "squeue", seconds: float = 240) -> _Found:
    """Wait until a condition holds, and give what it gave; the program that shows the queue is asked if it does not."""
    for _ in range(int(seconds * 50)):
        if found := condition():
            return found
        time.sleep(0.02)
    shown = subprocess.run([queue], capture_output=True, text=True, timeout=60, check=False)
    raise AssertionError(f"{what} did not come in {seconds} s\n{shown.stdout}{shown.stderr}")
