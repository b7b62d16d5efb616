"""Names with markup, quotes, blanks and letters of other scripts, and a DNA sample for two RNA samples, to the page."""

import json
from pathlib import Path

import pytest

from kcalseq.tablefile import read_table

from .barcoded import CONFIG, FILES, LIBRARY, NAME, Barcoded, barcoded_project

pytestmark = pytest.mark.slow

CONDITION, REPLICATES = '<script>alert(1)</script> \u57f9\u990a "\u00e4" $x$', {"1": "1 & <i>", "2": "NA"}
VARIANT, REFERENCE = "p1_<b>ref</b>&amp;", "NA"


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Barcoded:
    """The library under such names, its DNA sequenced once, run to its end."""
    project = barcoded_project(tmp_path_factory.mktemp("strange") / "project")
    header, *lines = project.rows("config/samples.tsv")
    fields = [line.split("\t") for line in lines]
    for row in fields:
        row[2:4] = [CONDITION, REPLICATES[row[3]]] if row[4] != "association" else row[2:4]
    project.write_rows("config/samples.tsv", [header, *("\t".join(row) for row in fields)])
    for sheet in ("config/samples.tsv", "config/runs.tsv"):
        project.drop_rows(sheet, f"{NAME}_dna_2")
    for file in ("design.fa", "pairs.tsv"):
        project.edit(f"{FILES}/{file}", "p1_ref", VARIANT)
        project.edit(f"{FILES}/{file}", "p2_ref", REFERENCE)
    project.edit(CONFIG, "models: []", "models: []\n    activity: {dna: by_condition}")
    outcome = project.run()
    assert outcome.code == 0 and "Warning" not in outcome.text, outcome.text[-3000:]
    return project


def test_tables_carry_the_names_as_they_are(strange: Barcoded) -> None:
    found = read_table("combined_activity", strange.root / LIBRARY / "combined_activity.parquet")
    assert set(found["condition"]) == {CONDITION} and {VARIANT, REFERENCE} <= set(found["variant"])
    replicates = read_table("activity_replicates", strange.root / LIBRARY / "activity_replicates.tsv")
    assert replicates["replicate"].tolist() == sorted(REPLICATES.values())
    effects = read_table("variant_effects", strange.root / LIBRARY / "variant_effects.tsv")
    assert {VARIANT, REFERENCE} <= set(effects["reference"])


def test_the_page_and_the_file_for_multiqc_show_the_names_and_run_none(strange: Barcoded) -> None:
    page = (strange.root / "results/report.html").read_text(encoding="utf-8")
    assert "alert(1)" in page and "<script>alert(1)" not in page and "<b>ref</b>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; \u57f9\u990a" in page
    told = json.loads((strange.root / "results/kcalseq_mqc.json").read_text(encoding="utf-8"))
    assert [name for name in told["data"] if "alert(1)" in name]
    assert not [name for name in told["data"] if "<" in name]


def test_one_dna_sample_serves_both_rna_samples(strange: Barcoded) -> None:
    found = read_table("variant_log_ratio", strange.root / LIBRARY / "variant_log_ratio.parquet")
    dna = found.pivot(index="variant", columns="replicate", values="dna")
    assert len(dna.columns) == 2 and dna["NA"].equals(dna["1 & <i>"].rename("NA"))
    page = (strange.root / "results/report.html").read_text(encoding="utf-8")
    assert "Replicates share their DNA sample" in page


def test_every_figure_is_drawn(strange: Barcoded) -> None:
    figures = sorted((Path(strange.root) / LIBRARY / "figures").glob("*.svg"))
    named = [path.stem for path in figures if "&lt;script&gt;" in path.read_text(encoding="utf-8")]
    assert {"replicate_activity", "replicate_correlations", "ranked_activity"} <= set(named)
