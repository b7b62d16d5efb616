"""A finished run in miniature: two libraries, two models, with numbers that can be checked by eye.

Beside them a barcoded library, ``barcoded``, that tests add to it or look at alone.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from kcalseq.report.activity import ActivityTables
from kcalseq.report.barcode_summary import BarcodeTables
from kcalseq.report.embedding import read_figures
from kcalseq.report.fluorescenceview import FluorescenceTables
from kcalseq.report.summary import ModelTables

from .described import page_model
from .finished import ONE_PIXEL, Run
from .of_models import fit_card, fit_metrics, fit_starts, model_comparison, parameters, predictions, profiles
from .of_variants import base_effects, quality, variant_effects
from .tables import KEPT, activity_tables, association_summary, fates_and_saturation, frame, sheet_row

_REASONS = (
    ("kept", None),
    ("too_short", "variant"),
    ("unknown_sample_code", "code"),
    ("ambiguous_sample_code", None),
    ("part_not_found", "left_flank"),
    ("part_not_found", "right_flank"),
    ("wrong_length", "variant"),
    ("has_n", "variant"),
    ("low_quality", "variant"),
)
FATES = {"run_1": [970, 2, 5, 0, 7, 4, 6, 1, 5], "run_2": [1960, 4, 8, 1, 9, 6, 5, 3, 4], "run_3": [40] + [0] * 8}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    folders = [tmp_path / "libraries/lac/figures", tmp_path / "libraries/lac/models/lac_thermodynamic/figures"]
    names = [["read_fates", "information_footprint"], ["energy_logos", "parameters", "training_history"]]
    paths = [folder / f"{name}.png" for folder, own in zip(folders, names, strict=True) for name in own]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(ONE_PIXEL)
    fates = [(r, *fate, n) for r, row in FATES.items() for fate, n in zip(_REASONS, row, strict=True)]
    timing = [("lac", model, s, 10.0 + s) for model in ("lac_thermodynamic", "additive") for s in range(3)]
    sheet = {f"s{number}": sheet_row("bin", "1", str(number)) for number in (1, 2)}
    about = {"assay": "Sort-Seq", "samples": ["s1", "s2"], "conditions": ["M9"], "association_runs": [], "sheet": sheet}
    mutated = [f"{'ACGT'[i % 4]}CGTACG{'ACGT'[i // 4]}" for i in range(7)]
    return Run(
        read_fates=frame("read_fates", fates),
        variants=frame("variants", [("lac", f"v{i}", mutated[i], "test") for i in range(7)]),
        variant_activity=frame(
            "variant_activity", [("lac", "M9", "1", f"v{i}", 1 + i, 1.0 + i / 4, None) for i in range(6)]
        ),
        predictions=predictions(),
        page_models=[page_model()],
        variant_counts=frame(
            "variant_counts",
            [("lac", "M9", "1", "bin", 1 + i % 2, f"v{i}", None, n, None) for i, n in enumerate([2000, 700, 230])]
            + [("spare", "M9", "1", "bin", 1, "v0", None, 40, None)],
        ),
        models=ModelTables(fit_metrics(), parameters(), frame("fit_timing", timing), frame("cross_validation", [])),
        fit_starts=fit_starts(),
        quality=quality(),
        effects=variant_effects(),
        base_effects=base_effects(),
        model_comparison=model_comparison(),
        profiles=profiles(),
        fits=[fit_card("additive", "additive"), fit_card("lac_thermodynamic", "thermodynamic")],
        libraries={
            "lac": {**about, "description": "lac promoter", "runs": ["run_1", "run_2"]},
            "spare": {**about, "description": "read, not modelled", "runs": ["run_3"]},
        },
        figures=read_figures([str(path) for path in paths]),
        barcodes=BarcodeTables(*(frame(name, []) for name in BarcodeTables._fields)),
        pairs={
            name: frame(name, [])
            for name in (
                "design_conflicts",
                "barcode_overlap",
                "index_hopping",
                "bootstraps",
                *ActivityTables._fields,
                *FluorescenceTables._fields,
            )
        },
        footprints={
            "footprint_check": frame("footprint_check", [("lac", "random", 1500, 8, 0.12, 8)]),
            "putative_sites": frame(
                "putative_sites",
                [
                    ("lac", "M9", "RNAP", 4, 4, "polymerase", 6, -1.2, 0.01, 0.0004, 4, 6, 3, 0.89),
                    ("lac", "M9", "site_1", 0, 3, "activator", 1, -0.7, 0.02, 0.0312, None, None, None, None),
                ],
            ),
        },
    )


@pytest.fixture
def barcoded(run: Run) -> Run:
    """A run with one barcoded library alone: association, DNA of two replicates, RNA of one, no model."""
    sheet = {name: sheet_row(name.split("_")[0], name.split("_")[-1] if "_" in name else "1") for name in KEPT}
    runs = [f"run_{sample}" for sample in KEPT]
    fates = [(f"run_{sample}", "kept", None, n) for sample, n in KEPT.items()]
    fates += [(f"run_{sample}", "part_not_found", "behind_barcode", 10) for sample in KEPT]
    mapped = [("mpra", f"b{number:02}", f"v{number % 5}", 20, 1.0, 0.0) for number in range(15)]
    overlap = [("mpra", "dna_1", "dna_2", 14, 13, 12), ("mpra", "dna_1", "rna_1", 14, 10, 9)]
    hopping = [("mpra", "dna_1", "rna_1", 9, 0.5, 0.013), ("mpra", "rna_1", "dna_1", 9, 0.5, None)]
    conflicts = [("mpra", f"v{number}", "v6", "contained") for number in range(3)]
    card = {"assay": "MPRA", "samples": list(KEPT), "conditions": ["M9"], "association_runs": runs[:1], "sheet": sheet}
    return replace(
        run.emptied(),
        read_fates=frame("read_fates", fates),
        variants=frame("variants", [("mpra", f"v{number}", "ACGT", "training") for number in range(7)]),
        libraries={"mpra": {**card, "description": "barcoded", "runs": runs}},
        barcodes=BarcodeTables(association_summary(), frame("barcode_map", mapped), *fates_and_saturation()),
        pairs={
            "bootstraps": frame("bootstraps", []),
            "design_conflicts": frame("design_conflicts", conflicts),
            "barcode_overlap": frame("barcode_overlap", [*overlap, ("mpra", "dna_2", "rna_1", 13, 10, 8)]),
            "index_hopping": frame("index_hopping", hopping),
            **activity_tables(),
            **{name: frame(name, []) for name in FluorescenceTables._fields},
        },
    )
