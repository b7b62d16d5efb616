"""A finished run in miniature: two libraries, two models, with numbers that can be checked by eye.

Beside them a barcoded library, ``barcoded``, that tests add to it or look at alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kcalseq.report.activity import ActivityTables
from kcalseq.report.activity_rows import RatioTables
from kcalseq.report.barcode_summary import BarcodeTables
from kcalseq.report.embedding import ReportFigure, read_figures
from kcalseq.report.fluorescenceview import FluorescenceTables
from kcalseq.report.page import render_page
from kcalseq.report.reporttables import ReportTables
from kcalseq.report.summary import LibraryTables, ModelTables, build_summary
from kcalseq.tablefile import read_tables

from .described import page_model
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
ONE_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@dataclass(frozen=True)
class Run:
    """Everything the report floor is given."""

    read_fates: pd.DataFrame
    variants: pd.DataFrame
    variant_counts: pd.DataFrame
    models: ModelTables
    fit_starts: pd.DataFrame
    profiles: pd.DataFrame
    model_comparison: pd.DataFrame
    fits: list[dict[str, Any]]
    libraries: dict[str, dict[str, Any]]
    figures: list[ReportFigure]
    barcodes: BarcodeTables
    pairs: Mapping[str, pd.DataFrame]
    quality: pd.DataFrame
    effects: pd.DataFrame
    base_effects: Mapping[str, pd.DataFrame]
    variant_activity: pd.DataFrame
    predictions: pd.DataFrame
    page_models: list[dict[str, Any]]
    footprints: Mapping[str, pd.DataFrame]

    @property
    def run_libraries(self) -> dict[str, list[str]]:
        """Libraries of each run."""
        runs = sorted({run for of in self.libraries.values() for run in of["runs"]})
        return {run: [name for name, of in self.libraries.items() if run in of["runs"]] for run in runs}

    def summary(self) -> pd.DataFrame:
        """Its table ``summary``."""
        of_libraries = LibraryTables(
            self.read_fates,
            self.variants,
            self.variant_counts,
            read_tables("variant_values", []),
        )
        association_runs = {name: of["association_runs"] for name, of in self.libraries.items()}
        told = (self.pairs["activity_summary"], self.pairs["replicate_agreement"], self.effects)
        return build_summary(
            of_libraries,
            self.run_libraries,
            self.models,
            self.fits,
            self.barcodes,
            association_runs,
            RatioTables(*told),
        )

    def tables(self) -> ReportTables:
        """The tables behind its report."""
        metrics, parameters, _, _ = self.models
        association_summary, _, count_fates, saturation = self.barcodes
        return ReportTables(
            summary=self.summary(),
            read_fates=self.read_fates,
            parameters=parameters,
            fit_metrics=metrics,
            fit_starts=self.fit_starts,
            profiles=self.profiles,
            model_comparison=self.model_comparison,
            quality=self.quality,
            variant_effects=self.effects,
            **self.base_effects,
            association_summary=association_summary,
            count_fates=count_fates,
            saturation=saturation,
            variants=self.variants,
            variant_activity=self.variant_activity,
            variant_values=read_tables("variant_values", []),
            predictions=self.predictions,
            combined_activity=read_tables("combined_activity", []),
            **self.pairs,
            **self.footprints,
        )

    def page(self) -> str:
        """Its report."""
        paths = ["summary.tsv", "libraries/lac/fit.json"]
        return render_page(self.tables(), self.fits, self.figures, self.libraries, paths, self.page_models)

    def emptied(self) -> "Run":
        """The same with no model, no figure and no read."""
        models = ModelTables(*(table.iloc[:0] for table in self.models))
        return replace(
            self,
            read_fates=self.read_fates.iloc[:0],
            variants=self.variants.iloc[:0],
            variant_counts=self.variant_counts.iloc[:0],
            models=models,
            barcodes=BarcodeTables(*(table.iloc[:0] for table in self.barcodes)),
            pairs={name: table.iloc[:0] for name, table in self.pairs.items()},
            fit_starts=self.fit_starts.iloc[:0],
            quality=self.quality.iloc[:0],
            footprints={name: table.iloc[:0] for name, table in self.footprints.items()},
            effects=self.effects.iloc[:0],
            base_effects={name: table.iloc[:0] for name, table in self.base_effects.items()},
            profiles=self.profiles.iloc[:0],
            model_comparison=self.model_comparison.iloc[:0],
            variant_activity=self.variant_activity.iloc[:0],
            predictions=self.predictions.iloc[:0],
            page_models=[],
            fits=[],
            figures=[],
        )


def _fit(model: str, kind: str, **changed: Any) -> dict[str, Any]:
    thermodynamic = kind == "thermodynamic"
    states = [
        ([], "0", []),
        (["CRP"], "0", ["CRP"]),
        (["RNAP"], "t_sat", ["RNAP"]),
        (["CRP", "RNAP"], "t_sat", ["CRP", "RNAP", "interaction"]),
    ]
    return {
        "library": "lac",
        "model": model,
        "kind": kind,
        "temperature_celsius": 37.0,
        "sequence": {"length": 8, "wildtype": "ACGTACGT", "first_position": -8},
        "sites": [{"name": "CRP", "start": 0, "length": 3}, {"name": "RNAP", "start": 4, "length": 4}],
        "states": [{"bound": b, "rate": r, "terms": t} for b, r, t in states] if thermodynamic else [],
        "transitions": [],
        "interactions": [{"name": "interaction", "between": ["CRP", "RNAP"]}] if thermodynamic else [],
        "energy_unit": "kcal/mol" if thermodynamic else "arbitrary",
        "observations": "presence",
        "seed": 1,
        "n_starts": 3,
        "chosen_start": 1,
        "swaps": ["CRP"],
        "converged": True,
        "not_identifiable": [{"parameter": "RNAP.mu", "reason": "the measurement process is free"}],
        "notes": ["The interaction moves with the prior."],
        **changed,
    }


def _metrics() -> pd.DataFrame:
    rows: list[tuple[Any, ...]] = []
    for model, lost in (("lac_thermodynamic", 0.0), ("additive", 0.08)):
        for part in ("training", "validation", "test"):
            rows += [
                ("lac", model, "M9", part, "I_var", 0.7213 - lost, 0.7013 - lost, 0.7413 - lost, 0.95, "bits/read"),
                ("lac", model, "M9", part, "I_pred", 0.7188 - lost, 0.7038 - lost, 0.7338 - lost, 0.95, "bits/read"),
                (
                    "lac",
                    model,
                    "M9",
                    part,
                    "log_likelihood",
                    -1.8016 - lost,
                    -1.82 - lost,
                    -1.79 - lost,
                    0.95,
                    "nats/read",
                ),
                ("lac", model, "M9", part, "bin_entropy", 3.3207, None, None, None, "bits/read"),
            ]
    return frame("fit_metrics", rows)


def _model_comparison() -> pd.DataFrame:
    rows = [
        ("lac", "additive", "additive", -1.8816, 0.08, 0.06, 0.1, 0.95, False, False, None, None),
        ("lac", "lac_thermodynamic", "thermodynamic", -1.8016, 0.0, 0.0, 0.0, 0.95, True, True, None, None),
    ]
    return frame("model_comparison", rows)


def _parameters() -> pd.DataFrame:
    physics, additive = ("lac", "lac_thermodynamic"), ("lac", "additive")
    nothing = (None, None, None)
    rows: list[tuple[Any, ...]] = [
        (
            *physics,
            "CRP.theta[0,A]",
            "energy_matrix",
            "CRP",
            0,
            "A",
            None,
            None,
            -0.5,
            -0.7,
            -0.3,
            0.95,
            "laplace",
            "kcal/mol",
            "zero_mean",
            True,
        ),
        (
            *physics,
            "RNAP.mu",
            "chemical_potential",
            "RNAP",
            None,
            None,
            None,
            None,
            *nothing,
            None,
            None,
            "kcal/mol",
            "zero_mean",
            False,
        ),
        (
            *physics,
            "interaction",
            "interaction",
            None,
            None,
            *nothing,
            -3.1,
            -4.2,
            -2.0,
            0.95,
            "profile",
            "kcal/mol",
            "none",
            True,
        ),
        (
            *additive,
            "all.theta[0,A]",
            "energy_matrix",
            "all",
            0,
            "A",
            None,
            None,
            -0.4,
            None,
            None,
            None,
            None,
            "arbitrary",
            "zero_mean",
            True,
        ),
    ]
    return frame("parameters", rows)


def _starts() -> pd.DataFrame:
    rows = []
    for model in ("lac_thermodynamic", "additive"):
        for start, objective in enumerate([100.4, 100.0, 107.0]):
            for quantity, value, unit in (
                ("objective", objective, "nats"),
                ("converged", 1.0, "yes = 1, no = 0"),
                ("chosen", float(start == 1), "yes = 1, no = 0"),
            ):
                rows.append(("lac", model, start, quantity, value, unit))
    return frame("fit_starts", rows)


def _effects() -> pd.DataFrame:
    told = "combined", "measured"
    rows = [
        (
            "lac",
            "M9",
            "v1",
            "v0",
            3,
            "A",
            "C",
            "combined",
            "measured",
            2,
            -1.5,
            0.2,
            None,
            -1.95,
            -1.05,
            0.95,
            1e-5,
            3e-5,
        ),
        ("lac", "M9", "v2", "v0", 5, "A", "T", *told, 1, 0.1, 0.2, None, -0.36, 0.56, 0.95, 0.6, 0.6),
        ("lac", "M9", "v3", "v0", *[None] * 3, "combined", "variant_not_measured", 0, *[None] * 5, 0.95, None, None),
    ]
    return frame("variant_effects", rows)


def _base_effects() -> dict[str, pd.DataFrame]:
    told = [("estimated", None, 2, 9, 40), (-1.2, 0.1, -1.396, -1.004, 0.95, 0.0, 1e-9, 2e-9)]
    chance = [("estimated", None, 2, 8, 30), (0.05, 0.1, -0.146, 0.246, 0.95, 0.0, 0.6, 0.6)]
    none = (None, None, None, None, 0.95, None, None, None)
    never, bound = ("never_seen", None, 0, 0, 0), ("confounded", "9del", 0, 3, 12)
    places = [(3, "A", "C", told), (3, "A", "G", chance), (4, "C", "A", [never, none]), (7, "T", "G", [bound, none])]
    rows = [("lac", "M9", "v0", *place, *first, *second) for *place, (first, second) in places]
    drops = [("lac", "M9", "v0", "1", "barcode", fate, n) for fate, n in (("used", 90), ("unlike", 0), ("left_out", 7))]
    return {
        "base_effects": frame("base_effects", rows),
        "base_effect_agreement": frame(
            "base_effect_agreement", [("lac", "M9", "v0", "1", "2", 50, 0.9512, 0.94, 0.3, 1.02)]
        ),
        "base_effect_drops": frame("base_effect_drops", drops),
    }


def _quality() -> pd.DataFrame:
    rows = [
        ("lac", "reads_kept_fraction", "run_1", 0.97, "fraction", "good", 0.9, 0.5, None),
        ("lac", "agreement_mean_bin", "M9", None, "correlation", "told", 0.5, 0.2, None),
        ("lac", "smallest_bin_share", "M9, replicate 1", 0.04, "ratio", "bad", 0.2, 0.05, "sort more cells into it"),
    ]
    return frame("quality", rows)


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
        predictions=frame(
            "predictions",
            [
                ("lac", model, "M9", f"v{i}", "test", 0.1 * i, 1.1 + i / 5, None, None, None, 1 + i, -1.0)
                for model in ("additive", "lac_thermodynamic")
                for i in range(7)
            ],
        ),
        page_models=[page_model()],
        variant_counts=frame(
            "variant_counts",
            [("lac", "M9", "1", "bin", 1 + i % 2, f"v{i}", None, n, None) for i, n in enumerate([2000, 700, 230])]
            + [("spare", "M9", "1", "bin", 1, "v0", None, 40, None)],
        ),
        models=ModelTables(_metrics(), _parameters(), frame("fit_timing", timing), frame("cross_validation", [])),
        fit_starts=_starts(),
        quality=_quality(),
        effects=_effects(),
        base_effects=_base_effects(),
        model_comparison=_model_comparison(),
        profiles=frame(
            "profiles",
            [
                ("lac", "lac_thermodynamic", "interaction", v, 1.92 * ((v + 3.1) / 1.1) ** 2, True)
                for v in (-6.0, -4.5, -3.1, -2.0, 0.0)
            ],
        ),
        fits=[_fit("additive", "additive"), _fit("lac_thermodynamic", "thermodynamic")],
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
