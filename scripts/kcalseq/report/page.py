"""The report: one HTML page that needs no other file and no network, the same bytes each time.

Without scripts it is complete but for what needs computing. With them it computes: its own scripts, and no others.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from kcalseq import wording
from kcalseq.confidence import level_words, rise_at_limit
from kcalseq.report import views
from kcalseq.report.association import relation_meanings
from kcalseq.report.embedding import ReportFigure
from kcalseq.report.inlined import page_script, script_data, script_source
from kcalseq.report.overview import comparisons, library_rows
from kcalseq.report.qualityview import MARK_WORDS
from kcalseq.report.reporttables import ReportTables
from kcalseq.report.verdict import Estimate
from kcalseq.tables import ACTIVITY_FATES, COUNT_FATES, FLUORESCENCE_FATES, TABLES

TEMPLATES = Path(__file__).with_name("templates")
INTERVAL_METHODS = {
    "profile": "Intervals by profile likelihood: the parameter was held at one value after another, everything else "
    "was refitted each time, and the interval holds the values at which the fit is not clearly worse",
    "laplace": "Intervals by the Laplace approximation: the width follows from how sharply the objective curves at "
    "its minimum, which is too narrow where the curve is not a parabola.",
}
OBSERVATION_WORDS = {
    "presence": "an observation is a variant seen in a bin, however often it was read there",
    "raw": "an observation is a read",
    "value": "an observation is the value of a variant",
    "barcodes": "an observation is a barcode in a replicate, where DNA and RNA were counted",
}
TONE_WORDS = {"good": "Clear", "caution": "Caution", "bad": "Problem"}


def render_page(
    tables: ReportTables,
    fits: Sequence[Mapping[str, Any]],
    figures: Sequence[ReportFigure],
    libraries: Mapping[str, Mapping[str, Any]],
    table_paths: Sequence[str],
    page_models: Sequence[Mapping[str, Any]],
) -> str:
    """Write the report as HTML.

    Args:
        tables: the tables behind it, over all libraries, models and runs.
        fits: the fits' records.
        figures: figures to embed.
        libraries: for each library its ``description``, ``assay`` (or the ``value_table`` that it came as),
            ``samples``, ``runs`` and ``conditions``; the
            ``association_runs`` among its runs, and ``sheet``: the rows of samples.tsv by sample.
        table_paths: where each table lies, relative to the report.
        page_models: descriptions of the fits, from which the page computes predictions.

    Returns:
        The page, the same text for the same arguments.
    """
    shown = views.library_views(tables, fits, figures, libraries, page_models)
    script = page_script()
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            libraries=shown,
            script=script,
            script_source=script_source(script),
            overview={
                "libraries": library_rows(shown, tables.model_comparison),
                "models": comparisons(shown),
            },
            tables=[(path, _meaning(path)) for path in sorted(table_paths)],
            count_fates=COUNT_FATES,
            activity_fates=ACTIVITY_FATES,
            fluorescence_fates=FLUORESCENCE_FATES,
            has={
                "minibatches": any(model.in_minibatches for library in shown for model in library.models),
                "models": any(library.models for library in shown),
                "quality": any(library.quality for library in shown),
                "effects": any(library.effects for library in shown),
                "promoters": any(model.play for library in shown for model in library.models),
                "maps": any(library.association for library in shown),
                "counts": any(library.counts for library in shown),
                "activities": any(library.activity for library in shown),
                "fluorescence": any(library.fluorescence for library in shown),
                "footprints": any(library.footprint for library in shown),
                "bins": any(library.is_sorted for library in shown),
                "variants": any(library.variants for library in shown),
                "value_tables": any(library.description.get("value_table") for library in shown),
                "counted_models": "barcodes" in _kinds_of_observation(fits),
            },
            relations=relation_meanings(),
            observations=[words for key, words in OBSERVATION_WORDS.items() if key in _kinds_of_observation(fits)],
            tone_words=TONE_WORDS,
            mark_words=MARK_WORDS,
        )
    )


def relative_paths(paths: Sequence[str], page: str | Path) -> list[str]:
    """Paths as seen from the page's folder, with forward slashes, so that no machine's folders are named.

    >>> relative_paths(["results/summary.tsv"], "results/report.html")
    ['summary.tsv']
    """
    return [Path(os.path.relpath(path, Path(page).parent)).as_posix() for path in paths]


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_unbroken,
    )
    environment.filters.update(
        number=wording.number,
        count=wording.count,
        words=wording.words_list,
        estimate=_estimate_words,
        interval=_row_interval,
        value=_row_value,
        method_words=_method_words,
        share=wording.share,
        script_data=script_data,
    )
    return environment


def _unbroken(value: Any) -> Any:
    # A line must not end between a number and its per cent sign. Markup, a kind of str, is scripts and their data.
    return value.replace(" %", "\u00a0%") if type(value) is str else value


def _estimate_words(estimate: Estimate) -> str:
    return estimate.words(wording.decimals_for(estimate.unit))


def _kinds_of_observation(fits: Sequence[Mapping[str, Any]]) -> set[str]:
    return {str(fit["observations"]) for fit in fits}


def _method_words(method: str, confidence: float) -> str:
    words = INTERVAL_METHODS[method]
    if method != "profile":
        return words
    limit = f"{wording.number(rise_at_limit(confidence))} nats"
    return f"{words} (for {level_words(confidence)}: by less than {limit})."


def _row_value(row: Mapping[str, Any]) -> str:
    return wording.number(float(row["value"]), wording.decimals_for(row["unit"]))


def _row_interval(row: Mapping[str, Any]) -> str:
    ends = wording.interval(float(row["lower"]), float(row["upper"]), wording.decimals_for(row["unit"]))
    return "" if ends == "no interval" else ends


def _meaning(path: str) -> str:
    name = Path(path).stem
    return TABLES[name].meaning if name in TABLES else "The fit's record: sites, states, settings and warnings."
