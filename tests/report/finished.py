"""A finished run as the report floor is given it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from kcalseq.report.activity_rows import RatioTables
from kcalseq.report.barcode_summary import BarcodeTables
from kcalseq.report.embedding import ReportFigure
from kcalseq.report.page import render_page
from kcalseq.report.reporttables import ReportTables
from kcalseq.report.summary import LibraryTables, ModelTables, build_summary
from kcalseq.tablefile import read_tables

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
