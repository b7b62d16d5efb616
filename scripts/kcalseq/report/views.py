"""What the page's templates show, worked out from the tables: no template computes or joins anything.

Everything is joined by the keys in the tables (library, model, run), never by the order of a list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kcalseq.report.activity import ActivityTables, ActivityView, activity_view
from kcalseq.report.association import AssociationView, association_view
from kcalseq.report.baseview import BaseView, base_view
from kcalseq.report.boxverdicts import ceiling_verdict, explains
from kcalseq.report.counts import CountsView, CountTables, counts_view
from kcalseq.report.effectsview import EffectsView, effects_view
from kcalseq.report.embedding import ReportFigure
from kcalseq.report.fates import FatesView, fates_view
from kcalseq.report.fluorescenceview import FluorescenceTables, FluorescenceView, fluorescence_view
from kcalseq.report.footprintview import FootprintView, footprint_view
from kcalseq.report.modelview import METRICS, Fit, ModelView, model_view
from kcalseq.report.numbers import summary_numbers
from kcalseq.report.playview import page_model_of
from kcalseq.report.qualityview import QualityView, quality_view
from kcalseq.report.reporttables import ReportTables
from kcalseq.report.variantview import VariantsView, variants_views
from kcalseq.report.verdict import Estimate, Verdict, comparison_verdict, reads_verdict, values_verdict
from kcalseq.wording import count, words_list


@dataclass(frozen=True)
class LibraryView:
    """One library with all that was made of it."""

    identity: str
    name: str
    description: Mapping[str, Any]
    numbers: list[dict[str, Any]]
    fates: FatesView
    shared: list[str]
    verdict: Verdict
    models: list[ModelView]
    comparisons: list[Verdict]
    figures: dict[str, ReportFigure]
    association: AssociationView | None
    counts: CountsView | None
    quality: QualityView | None
    effects: EffectsView | None
    base_effects: BaseView | None
    variants: VariantsView | None
    activity: ActivityView | None
    fluorescence: FluorescenceView | None
    footprint: FootprintView | None

    @property
    def metrics(self) -> dict[str, str]:
        """Metrics that its models have, and what to call them."""
        found = {metric for model in self.models for own in model.metrics.values() for metric in own}
        return {metric: words for metric, words in METRICS.items() if metric in found}

    @property
    def is_sorted(self) -> bool:
        """Whether its variants were counted in sort bins."""
        unnamed = self.counts is not None and self.association is None
        return "bin" in self._fractions and not unnamed

    @property
    def has_dna_and_rna(self) -> bool:
        """Whether its activity is RNA per DNA."""
        return {"dna", "rna"} <= self._fractions

    def purpose(self, run: str) -> str:
        """What a run of a barcoded library was sequenced for."""
        own = self.description["association_runs"]
        if run in own:
            return "barcode map"
        return "counts and barcode map" if self.association and self.association.calls and not own else "counts"

    @property
    def _fractions(self) -> set[str]:
        return {str(row["fraction"]) for row in self.description["sheet"].values()}

    @property
    def all_verdicts(self) -> list[Verdict]:
        """Everything worth a sentence at the head of the page, in reading order."""
        of_models = [verdict for model in self.models for verdict in (*model.verdicts, *model.predictions)]
        before = (self.association, self.counts, self.activity, self.fluorescence)
        of_barcodes = [verdict for view in before if view for verdict in view.verdicts]
        return [self.verdict, *of_barcodes, *of_models, *self.comparisons]


def library_views(
    tables: ReportTables,
    fits: Sequence[Fit],
    figures: Sequence[ReportFigure],
    libraries: Mapping[str, Mapping[str, Any]],
    page_models: Sequence[Fit],
) -> list[LibraryView]:
    """Work out what the page shows, library by library, in order of their names."""
    variants, views = variants_views(tables, fits, sorted(libraries)), []
    for number, (library, description) in enumerate(sorted(libraries.items()), start=1):
        identity = f"library-{number}"
        fates = fates_view(tables.read_fates, [str(run) for run in description["runs"]])
        numbers, shared = summary_numbers(tables.summary, library, None), shared_runs(library, libraries)
        kept = next((int(row["value"]) for row in numbers if row["metric"] == "reads_kept"), 0)
        own = sorted((fit for fit in fits if fit["library"] == library), key=_thermodynamic_first)
        models = [
            model_view(tables, fit, page_model_of(fit, page_models), figures, f"{identity}-model-{n}")
            for n, fit in enumerate(own, start=1)
        ]
        views.append(
            LibraryView(
                identity,
                library,
                description,
                numbers,
                fates,
                _shared_words(library, shared, kept),
                _source_verdict(library, description, numbers, kept, fates, bool(shared)),
                models,
                _comparisons(_of(tables.model_comparison, library), _unit(description, own)),
                {figure.name: figure for figure in figures if (figure.library, figure.model) == (library, None)},
                *_barcode_views(tables, library, numbers, description["sheet"]),
                quality_view(_of(tables.quality, library)),
                effects_view(_of(tables.variant_effects, library)),
                base_view(
                    *(
                        _of(table, library)
                        for table in (tables.base_effects, tables.base_effect_agreement, tables.base_effect_drops)
                    )
                ),
                variants[library],
                activity_view(
                    library, ActivityTables(*(_of(getattr(tables, name), library) for name in ActivityTables._fields))
                ),
                fluorescence_view(
                    library,
                    FluorescenceTables(*(_of(getattr(tables, name), library) for name in FluorescenceTables._fields)),
                ),
                footprint_view(library, _of(tables.footprint_check, library), _of(tables.putative_sites, library)),
            )
        )
    return views


def _unit(description: Mapping[str, Any], fits: Sequence[Fit]) -> str:
    if any(fit["observations"] == "barcodes" for fit in fits):
        return "bits/barcode"
    return "bits/value" if description.get("value_table") else "bits/read"


def _source_verdict(
    library: str,
    description: Mapping[str, Any],
    numbers: Sequence[Mapping[str, Any]],
    kept: int,
    fates: FatesView,
    shared: bool,
) -> Verdict:
    if not description.get("value_table"):
        return reads_verdict(library, kept, fates.total, fates.kept if shared else None)
    told = {str(row["metric"]): int(row["value"]) for row in numbers}
    return values_verdict(library, told.get("n_values", 0), told.get("n_variants", 0))


def _barcode_views(
    tables: ReportTables, library: str, numbers: Sequence[Mapping[str, Any]], sheet: Mapping[str, Mapping[str, Any]]
) -> tuple[AssociationView | None, CountsView | None]:
    counted = CountTables(*(_of(getattr(tables, name), library) for name in CountTables._fields))
    summary, conflicts = _of(tables.association_summary, library), _of(tables.design_conflicts, library)
    values = {str(row["metric"]): float(row["value"]) for row in numbers}
    association = association_view(library, summary, conflicts, values)
    return association, counts_view(library, counted, sheet, association is not None)


def _of(table: pd.DataFrame, library: str) -> pd.DataFrame:
    return table[table["library"] == library]


def shared_runs(library: str, libraries: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Runs of a library that carry other libraries too, with the names of those."""
    own = {str(run): [name for name in sorted(libraries) if name != library] for run in libraries[library]["runs"]}
    others = {run: [name for name in names if run in map(str, libraries[name]["runs"])] for run, names in own.items()}
    return {run: names for run, names in others.items() if names}


def _shared_words(library: str, shared: Mapping[str, Sequence[str]], n_kept: int) -> list[str]:
    told = [
        f"Run {run} also carries {'library' if len(names) == 1 else 'libraries'} {words_list(list(names))}: "
        "its reads in total are those of all its libraries."
        for run, names in shared.items()
    ]
    reason = (
        f"{count(n_kept)} of the reads kept are library {library}'s. What share of its own reads that is cannot be "
        "told, because a dropped read often does not show its library."
    )
    return [*told, reason] if shared else []


def _comparisons(compared: pd.DataFrame, unit: str) -> list[Verdict]:
    """What the best model has more than each other, most first; nothing where there is one model.

    The best is one that explains something, where there is one; black boxes are told as ceilings above it.
    """
    best = compared.loc[compared["best"], ["model", "kind"]]
    others = compared[~compared["best"]].sort_values("difference", ascending=False, kind="stable")
    verdicts = []
    for row in others.to_dict("records"):
        name, kind = best.iloc[0]
        gain = Estimate(row["difference"], row["lower"], row["upper"], unit, row["confidence"])
        if row["kind"] == "black_box" and kind != "black_box":
            verdicts.append(ceiling_verdict(str(name), str(row["model"]), gain))
        else:
            in_folds = row["folds_difference"], row["folds_se"]
            verdicts.append(comparison_verdict(str(name), str(row["model"]), gain, in_folds))
    return verdicts


def _thermodynamic_first(fit: Fit) -> tuple[bool, bool, str]:
    return not explains(fit), fit["kind"] == "additive", fit["model"]
