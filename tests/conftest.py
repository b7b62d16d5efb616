"""What tests in all folders share: where the project is, and what to do where a tool or data are missing."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture
def project() -> Path:
    """The root of the project."""
    return PROJECT


@pytest.fixture(scope="session")
def missing_tool() -> Callable[[str], NoReturn]:
    """Call it with what is missing: skips the test, but fails it in CI, where every tool must be there."""

    def stop(reason: str) -> NoReturn:
        if os.environ.get("KCALSEQ_CI") == "1":
            pytest.fail(f"{reason} (KCALSEQ_CI=1: nothing may be skipped for want of a tool)")
        pytest.skip(reason)

    return stop


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real data sets that are too large for the project; tests that use them skip where it is absent."""
    folder = Path(os.environ.get("KCALSEQ_SHARED", PROJECT.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data sets in {folder}; KCALSEQ_SHARED names the folder that holds data/")
    return folder
