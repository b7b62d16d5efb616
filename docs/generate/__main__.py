"""Write the pages that are made from code and schemas: ``python docs/generate [FOLDER]`` (needs scripts/ on its path).

Writes docs/data-model.md and config/README.md below FOLDER, by default the project itself.
"""

import sys
from pathlib import Path

import jinja2
from config_guide import column_rows, key_rows
from data_model import rows_of_table, table_rows
from markdown import table
from quality import judged_rows

from kcalseq.tables import TABLES

PROJECT = Path(__file__).resolve().parents[2]
PAGES = {
    "data-model.md.j2": "docs/data-model.md",
    "config.md.j2": "config/README.md",
    "quality.md.j2": "docs/quality.md",
}


def render(template: str) -> str:
    """One page as Markdown."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # Markdown, not HTML
    )
    environment.globals |= {
        "tables": TABLES,
        "overview": table(*table_rows()),
        "columns_of_table": lambda definition: table(*rows_of_table(definition)),
        "judged": table(*judged_rows()),
        "keys": lambda schema: table(*key_rows(schema)),
        "columns": lambda schema: table(*column_rows(schema)),
        "example": lambda path: (PROJECT / path).read_text(encoding="utf-8").rstrip(),
    }
    return environment.get_template(template).render()


def main(folder: Path) -> None:
    """Write all pages below a folder."""
    for template, name in PAGES.items():
        page = folder / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(render(template), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PROJECT)
