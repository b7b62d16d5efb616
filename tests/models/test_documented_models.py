"""Every model of the page on models is one that the pipeline takes, and says what the page says of it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kcalseq.models.registers import registers
from kcalseq.models.spec import ModelSpec

PAGE = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
MODELS = re.findall(r"^```yaml\n(description: .*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("text", MODELS, ids=lambda text: text.splitlines()[0].removeprefix("description: "))
def test_a_model_of_the_page_is_taken(text: str, read_text: Callable[[str], ModelSpec]) -> None:
    assert read_text(text).description in text


def test_the_page_shows_copies_and_distances(read_text: Callable[[str], ModelSpec]) -> None:
    copies, by_distance = (read_text(text) for text in MODELS if "copy_of:" in text or "by_distance:" in text)
    assert (len(copies.originals), len(copies.sites), len(copies.states)) == (2, 3, 8)
    assert by_distance.interaction_energies == ("crp_rnap[0-4]", "crp_rnap[5-9]", "crp_rnap[10-14]")
    scanned = by_distance.scanned_site(by_distance.interactions[0])
    steps = by_distance.register_steps(by_distance.interactions[0])
    assert scanned.scan is not None and len(steps) == len(registers(scanned.scan, 70))
    assert {name for name in steps if name is not None} == {0, 1, 2} and steps.count(None) > 0
