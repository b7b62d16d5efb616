"""The page as a part of the report that Snakemake makes of a finished run."""

import base64
import re
from collections.abc import Callable

import pytest

from .conftest import Project

pytestmark = pytest.mark.slow


def test_snakemakes_report_holds_the_page_as_it_is(finished_copy: Callable[[], Project]) -> None:
    project = finished_copy()
    outcome = project.snakemake("--report", "all.html")
    assert outcome.code == 0, outcome.text[-3000:]
    held = (project.root / "all.html").read_text(encoding="utf-8")
    (page,) = re.findall(r"data:text/html[^,]*filename=report.html;base64,([A-Za-z0-9+/=]+)", held)
    assert base64.b64decode(page) == (project.root / "results" / "report.html").read_bytes()
    assert "it can be saved and sent alone" in held
