"""What was judged, as custom content that MultiQC finds by its file's name and shows among its own tables."""

import html
from typing import Any

import pandas as pd

from kcalseq.marks import METRICS

_PLAIN = ("fraction", "ratio", "correlation")


def multiqc_content(quality: pd.DataFrame) -> dict[str, Any]:
    """A table for MultiQC, a row a library and subject, a column a metric; numbers that are missing are left out.

    Args:
        quality: table ``quality`` of all libraries.
    """
    told = quality[quality["value"].notna()]
    data: dict[str, dict[str, float]] = {}
    for row in told.to_dict("records"):
        # MultiQC writes names into its page as they are.
        name = html.escape(f"{row['library']}, {row['subject']}")
        data.setdefault(name, {})[row["metric"]] = float(row["value"])
    return {
        "id": "kcalseq",
        "section_name": "kcalseq",
        "description": "Quality of MPRA libraries: reads, barcodes, samples and replicates.",
        "plot_type": "table",
        "pconfig": {"id": "kcalseq_quality", "title": "kcalseq: quality", "namespace": "kcalseq"},
        "headers": {name: _header(name, told) for name in METRICS if (told["metric"] == name).any()},
        "data": data,
    }


def _header(name: str, told: pd.DataFrame) -> dict[str, Any]:
    """Title, meaning and colours of a column, from the thresholds that its values were judged by."""
    own, metric = told[told["metric"] == name].iloc[0], METRICS[name]
    header: dict[str, Any] = {"title": name.replace("_", " "), "description": metric.words, "format": "{:,.3g}"}
    if metric.unit not in _PLAIN:
        header["suffix"] = f" {metric.unit}"
    better, worse = ("gt", "lt") if own["bad"] < own["caution"] else ("lt", "gt")
    caution, bad = float(own["caution"]), float(own["bad"])
    rules = {"pass": [{better: caution}, {"eq": caution}], "warn": [{worse: caution}], "fail": [{worse: bad}]}
    return header | {"cond_formatting_rules": rules, "scale": False}
