"""The variants of a library with what was measured and what its models predict, as much as the page can carry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kcalseq.report.inlined import packed_data
from kcalseq.report.reporttables import ReportTables
from kcalseq.tables import SETS
from kcalseq.wording import NOTHING, number
from kcalseq.wording import count as count_words

MOST_CHARACTERS = 5_000_000
"""Size of the variants of all libraries on the page: with its figures it stays below 10 MB."""
STATIC_ROWS = 10
_MEASURED = {"mean_bin": "mean bin", "log2_activity": "log2 RNA per DNA", "value": "value"}
_DECIMALS = 3
_CLOSE_TO = 0.98


@dataclass(frozen=True)
class VariantsView:
    """Columns of the table (``label``, ``kind``, ``values`` as the page's scripts take them) and what was left out.

    ``packed``: ``data`` as it stands in the page.
    """

    data: dict[str, Any]
    packed: str
    n_shown: int
    n_total: int

    @property
    def columns(self) -> list[dict[str, Any]]:
        """The columns."""
        return list(self.data["columns"])

    @property
    def n_characters(self) -> int:
        """What it takes on the page."""
        return len(self.packed)

    @property
    def is_ranked(self) -> bool:
        """Whether it is known how often each was observed."""
        return any(column["kind"] == "count" for column in self.columns)

    @property
    def first_rows(self) -> list[list[tuple[str, str]]]:
        """The first rows as kind and text of each cell, for a page without scripts."""
        n = min(STATIC_ROWS, self.n_shown)
        return [[(column["kind"], _words(column, row)) for column in self.columns] for row in range(n)]


def variants_views(
    tables: ReportTables, fits: Sequence[Mapping[str, Any]], libraries: Sequence[str]
) -> dict[str, VariantsView | None]:
    """The variants of each library. What small libraries leave of the page is for the larger ones.

    Args:
        tables: the tables behind the page.
        fits: the fits' records.
        libraries: their names.
    """
    views: dict[str, VariantsView | None] = {}
    left = MOST_CHARACTERS
    order = sorted(libraries, key=lambda name: (int((tables.variants["library"] == name).sum()), name))
    for n_before, library in enumerate(order):
        variants, activity, combined, values, predictions = (
            table[table["library"] == library]
            for table in (
                tables.variants,
                tables.variant_activity,
                tables.combined_activity,
                tables.variant_values,
                tables.predictions,
            )
        )
        own = sorted((fit["model"], fit["sequence"].get("wildtype")) for fit in fits if fit["library"] == library)
        wildtype = next((one for _, one in own if one), None)
        observed = observed_values(activity, combined, values, predictions)
        view = variants_view(variants, observed, predictions, wildtype, left // (len(order) - n_before))
        views[library] = view
        left -= view.n_characters if view else 0
    return views


def variants_view(
    variants: pd.DataFrame,
    observed: pd.DataFrame,
    predictions: pd.DataFrame,
    wildtype: str | None,
    most_characters: int,
) -> VariantsView | None:
    """The variants most often observed, as many as fit; None for a library without sequences.

    Args:
        variants: table ``variants`` of the library.
        observed: what was measured, as from ``observed_values``.
        predictions: table ``predictions`` of the library's models.
        wildtype: from which the page marks differences; None if there is none.
        most_characters: that the table may take, packed.
    """
    known = variants[variants["variant_sequence"].notna()]
    if known.empty:
        return None
    often = observed.groupby("variant")["n_observations"].sum()
    n_observations = known["variant"].map(often).fillna(0).astype("int64")
    order = known.assign(n=n_observations).sort_values(["n", "variant"], ascending=[False, True], kind="stable")
    columns = [*_named(order), *_numbers(order, observed, predictions)]
    n_shown = len(known)
    while True:
        shown = [{**column, "values": column["values"][:n_shown]} for column in columns]
        data = {"wildtype": wildtype, "columns": shown}
        packed = packed_data(data)
        if len(packed) <= most_characters or n_shown == 0:
            return VariantsView(data, packed, n_shown, len(known))
        # How well the first rows pack is known once they are packed.
        n_shown = min(n_shown - 1, int(_CLOSE_TO * n_shown * most_characters / len(packed)))


def observed_values(
    activity: pd.DataFrame, combined: pd.DataFrame, values: pd.DataFrame, predictions: pd.DataFrame
) -> pd.DataFrame:
    """What was measured of variants in each condition: mean bin, log2 of RNA per DNA, or value.

    Args:
        activity, combined, values, predictions: tables ``variant_activity``, ``combined_activity``, ``variant_values``
            and ``predictions`` of a library. Measured ratios of the last are taken where there is no combined activity.

    Returns:
        condition, variant, n_observations, value, and measured: ``mean_bin``, ``log2_activity`` or ``value``.
        Replicates of mean bins are put together by their observations.
    """
    sums = activity.assign(total=activity["mean_bin"] * activity["n_observations"])
    sums = sums.groupby(["condition", "variant"], as_index=False)[["n_observations", "total"]].sum()
    binned = sums.assign(value=sums["total"] / sums["n_observations"].where(sums["n_observations"] > 0))
    single = values.rename(columns={"n_replicates": "n_observations"})
    if len(combined):
        ratios = combined[combined["log2_ratio"].notna()]
        ratios = ratios.assign(n_observations=ratios["n_barcodes"].fillna(ratios["n_replicates"]))
    else:
        ratios = predictions[predictions["log2_ratio"].notna()].drop_duplicates(["condition", "variant"])
        ratios = ratios.drop(columns="value")
    ratios = ratios.rename(columns={"log2_ratio": "value"})
    wanted = ["condition", "variant", "n_observations", "value", "measured"]
    every = {"mean_bin": binned, "log2_activity": ratios, "value": single}
    parts = [part.assign(measured=name)[wanted] for name, part in every.items() if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=wanted)


def _named(order: pd.DataFrame) -> list[dict[str, Any]]:
    names, sequences = order["variant"].astype(str), order["variant_sequence"].astype(str)
    parts = list(SETS)
    columns = [] if (names == sequences).all() else [_column("Variant", "text", names.tolist())]
    columns.append(_column("Sequence", "sequence", sequences.tolist()))
    columns.append({**_column("Set", "choice", [parts.index(one) for one in order["set"]]), "choices": parts})
    return [*columns, _column("Observations", "count", order["n"].tolist())] if order["n"].any() else columns


def _numbers(order: pd.DataFrame, observed: pd.DataFrame, predictions: pd.DataFrame) -> list[dict[str, Any]]:
    """A column for what was measured in each condition, and for what each model predicts there."""
    conditions = sorted({*observed["condition"], *predictions["condition"]})
    columns = []
    for condition in conditions:
        where = f", {condition}" if len(conditions) > 1 else ""
        own = predictions[predictions["condition"] == condition]
        for measured, rows in observed[observed["condition"] == condition].groupby("measured"):
            columns.append(_of_variants(order, rows, "value", f"Measured {_MEASURED[measured]}{where}"))
        for model, predicted in own.groupby("model"):
            name = next((name for name in _MEASURED if predicted[name].notna().any()), None)
            if name is not None:
                columns.append(_of_variants(order, predicted, name, f"Predicted by {model}{where}"))
    return columns


def _of_variants(order: pd.DataFrame, rows: pd.DataFrame, name: str, label: str) -> dict[str, Any]:
    found = order["variant"].map(rows.set_index("variant")[name]).astype("float64").to_numpy()
    values = [round(value, _DECIMALS) if np.isfinite(value) else None for value in found.tolist()]
    return _column(label, "number", values)


def _column(label: str, kind: str, values: Sequence[Any]) -> dict[str, Any]:
    return {"label": label, "kind": kind, "values": list(values)}


def _words(column: Mapping[str, Any], row: int) -> str:
    value = column["values"][row]
    match column["kind"]:
        case "number":
            told = number(float("nan") if value is None else value)
            return "–" if told == NOTHING else told
        case "count":
            return count_words(value)
        case "choice":
            return str(column["choices"][value])
    return str(value)
