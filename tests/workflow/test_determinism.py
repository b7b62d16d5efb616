"""Same input, config and seed give the same bytes, on any number of cores."""

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from kcalseq.tablefile import read_table

from .conftest import Project, copy_project

pytestmark = pytest.mark.slow

# These measure the machine, and what is made from them.
MEASURED = {"fit_timing.tsv", "summary.tsv", "report.html"}


def digests(root: Path) -> dict[str, str]:
    """Digest of every result that does not hold a measured time."""
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and path.name not in MEASURED]
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def untimed_summary(root: Path) -> list[str]:
    """Rows of the summary that do not hold a measured time."""
    lines = (root / "summary.tsv").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if "fit_cpu_seconds" not in line]


def test_cores_do_not_change_a_byte(finished: Project, tmp_path: Path) -> None:
    other = copy_project(tmp_path / "project")
    outcome = other.snakemake("--cores", "1")
    assert outcome.code == 0, outcome.text[-3000:]
    one, two = digests(other.root / "results"), digests(finished.root / "results")
    assert len(one) > 40
    assert one == two
    assert untimed_summary(other.root / "results") == untimed_summary(finished.root / "results")


def test_results_hold_no_path_of_the_machine(finished: Project) -> None:
    home = str(finished.root).encode()
    files = [path for path in (finished.root / "results").rglob("*") if path.is_file()]
    assert len(files) > 40
    assert [path.name for path in files if home in path.read_bytes()] == []


def test_every_figure_has_the_numbers_drawn_beside_it(finished: Project) -> None:
    figures = sorted((finished.root / "results").rglob("figures/*.pdf"))
    assert len(figures) > 5
    for figure in figures:
        assert read_table("figure_source", figure.with_suffix(".tsv")) is not None


def test_summary_has_its_columns_and_metrics(finished: Project) -> None:
    summary = pd.read_csv(finished.root / "results/summary.tsv", sep="\t")
    assert list(summary.columns) == ["library", "model", "metric", "value", "lower", "upper", "unit"]
    named = set(summary["metric"])
    expected = {"I_var_test", "I_pred_test", "log_likelihood_test", "energy_interaction", "reads_total", "reads_kept"}
    assert expected | {"fit_cpu_seconds"} <= named
