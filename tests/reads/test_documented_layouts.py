"""Every layout in docs/reads.md can be read as it stands there."""

import re
from pathlib import Path

import pytest

from kcalseq.reads.layout import read_layout

PAGE = (Path(__file__).parents[2] / "docs" / "reads.md").read_text(encoding="utf-8")
LAYOUTS = [block for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if block.startswith("description:")]


def test_layouts_are_found() -> None:
    assert len(LAYOUTS) == PAGE.count("```yaml\ndescription:") >= 11


@pytest.mark.parametrize("text", LAYOUTS, ids=lambda text: text.splitlines()[0].removeprefix("description: "))
def test_a_documented_layout_can_be_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "assay.yaml"
    path.write_text(text, encoding="utf-8")
    layout = read_layout(path)
    assert layout.description == text.splitlines()[0].removeprefix("description: ")
    assert layout.slots
