"""The generated pages say what code and schemas say."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kcalseq.tables import TABLES
from kcalseq.yamlfile import SCHEMAS, load_schema


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = Path(__file__).resolve().parents[2]
    folder = tmp_path_factory.mktemp("pages")
    subprocess.run(
        [sys.executable, project / "docs" / "generate", folder],
        env=os.environ | {"PYTHONPATH": str(project / "scripts")},
        check=True,
    )
    return folder


@pytest.mark.parametrize("page", ["docs/data-model.md", "config/README.md", "docs/quality.md"])
def test_pages_are_up_to_date(page: str, generated: Path, project: Path) -> None:
    assert (project / page).read_text(encoding="utf-8") == (generated / page).read_text(encoding="utf-8"), (
        f"{page} is behind the code: run `make docs`"
    )


def test_the_data_model_tells_every_column(generated: Path) -> None:
    sections = (generated / "docs" / "data-model.md").read_text(encoding="utf-8").split("\n## ")
    told = {section.split("\n")[0]: section for section in sections[1:]}
    assert set(told) == set(TABLES)
    for name, table in TABLES.items():
        for column in table.columns:
            assert f"| `{column.name}`" in told[name], f"{name}: {column.name}"


def test_the_guide_tells_every_key(generated: Path) -> None:
    guide = (generated / "config" / "README.md").read_text(encoding="utf-8")
    names = {path.name.removesuffix(".schema.yaml") for path in SCHEMAS.glob("*.schema.yaml")}
    assert names >= {"assay", "config", "model", "runs", "samples"}
    for name in sorted(names):
        keys = keys_below(load_schema(name))
        assert keys, name
        for key, child in keys:
            assert f"{key}` |" in guide, f"{name}: {key}"
            assert "description" in child, f"{name}: {key} has no description"


@pytest.mark.parametrize("page", ["docs/data-model.md", "config/README.md", "docs/quality.md"])
def test_rows_of_a_table_have_as_many_cells_as_its_header(page: str, generated: Path) -> None:
    n_cells, n_rows = 0, 0
    for line in [*(generated / page).read_text(encoding="utf-8").splitlines(), ""]:
        found = len(re.findall(r"(?<!\\)\|", line)) - 1 if line.startswith("|") else 0
        assert found == n_cells or 0 in (found, n_cells), line
        n_cells, n_rows = found, n_rows + (found > 0)
    assert n_rows > 20


def keys_below(schema: object) -> list[tuple[str, dict[str, object]]]:
    """Every key that a schema defines at any depth, however it is nested."""
    found = []
    if isinstance(schema, dict):
        properties = schema.get("properties")
        if isinstance(properties, dict):
            found += list(properties.items())
        found += [pair for child in schema.values() for pair in keys_below(child)]
    elif isinstance(schema, list):
        found += [pair for child in schema for pair in keys_below(child)]
    return found
