"""The simulated barcoded library alone, in a folder of its own, and ways to change what is told of it.

The workflow is that of the repository itself, started in another folder: its compiled loops are there already.
"""

import shutil
from pathlib import Path

from .conftest import REPOSITORY, Outcome, Project

NAME = "mpra_simulated"
FILES = f"resources/{NAME}"
LIBRARY = f"results/libraries/{NAME}"
CONFIG = "config/config.yaml"
COUNTS = f"config/assays/{NAME}_counts.yaml"
ASSOCIATION = f"config/assays/{NAME}_association.yaml"


class Barcoded(Project):
    """A folder with the sheets, layouts and reads of the library."""

    def run(self, *arguments: str) -> Outcome:
        """Run the repository's workflow here."""
        return self.snakemake("--snakefile", str(REPOSITORY / "Snakefile"), "--cores", "2", *arguments)

    def rows(self, sheet: str) -> list[str]:
        """Lines of a sheet, the header first."""
        return (self.root / sheet).read_text(encoding="utf-8").splitlines()

    def write_rows(self, sheet: str, lines: list[str]) -> None:
        """Replace a sheet."""
        (self.root / sheet).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def drop_rows(self, sheet: str, beginning: str) -> None:
        """Drop the rows of a sheet that begin so."""
        self.write_rows(sheet, [line for line in self.rows(sheet) if not line.startswith(beginning)])


def barcoded_project(root: Path) -> Barcoded:
    """The library without the lac promoter, which these tests need not wait for."""
    shutil.copytree(REPOSITORY / "config", root / "config")
    shutil.copytree(REPOSITORY / FILES, root / FILES)
    project = Barcoded(root)
    text = (root / CONFIG).read_text(encoding="utf-8")
    text = text[: text.index("  lac:")] + text[text.index(f"  {NAME}:") :]
    (root / CONFIG).write_text(text, encoding="utf-8")
    for sheet in ("config/samples.tsv", "config/runs.tsv"):
        project.drop_rows(sheet, "lac_")
    return project
