"""A real browser, and the page of all invented models open in it."""

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from playwright.sync_api import Browser, sync_playwright

from ..modelled import MODELS, Modelled, modelled
from .opening import Opened


@pytest.fixture(scope="module")
def browser(missing_tool: Callable[[str], NoReturn]) -> Iterator[Browser]:
    """Debian's Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        missing_tool("chromium was not found (apt-get install chromium)")
    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def models(run: Any, tmp_path: Path) -> dict[str, Modelled]:
    """All invented models."""
    return {name: modelled(tmp_path / "models" / name, name, run.fits[1]) for name in MODELS}


@pytest.fixture
def written(run: Any, models: dict[str, Modelled], tmp_path: Path) -> Path:
    """The page of a library with all of these models."""
    shown = dataclasses.replace(
        run, fits=[one.fit for one in models.values()], page_models=[one.page for one in models.values()]
    )
    path = tmp_path / "report.html"
    path.write_text(shown.page(), encoding="utf-8")
    return path


@pytest.fixture
def opened(browser: Browser, written: Path) -> Iterator[Opened]:
    """That page, open."""
    found = Opened(browser, written)
    yield found
    assert found.complaints == []
    assert [url for url in found.requests if not url.startswith("data:")] == [written.as_uri()]
    found.page.close()
