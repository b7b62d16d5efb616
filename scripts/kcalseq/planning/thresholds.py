"""Thresholds of the quality marks that a configuration sets itself."""

from kcalseq.errors import KcalseqError, did_you_mean
from kcalseq.marks import METRICS
from kcalseq.yamlfile import Document


def read_thresholds(document: Document) -> dict[str, tuple[float, float]]:
    """Caution and bad by metric, of the metrics that the configuration names.

    Raises:
        KcalseqError: an unknown metric, or thresholds the wrong way round.
    """
    found: dict[str, tuple[float, float]] = {}
    for name, (caution, bad) in document.content.get("quality", {}).items():
        where, metric = document.where(("quality", name)), METRICS.get(name)
        if metric is None:
            found_name = f"'{name}', which is no metric"
            raise KcalseqError(where, found_name, f"one of {', '.join(METRICS)}", did_you_mean(name, METRICS))
        falls = metric.bad < metric.caution
        if bad == caution or (bad < caution) != falls:
            order = "less" if falls else "more"
            told = f"caution {caution:g} and bad {bad:g}"
            raise KcalseqError(where, told, f"bad {order} than caution", "exchange or correct them")
        found[name] = (float(caution), float(bad))
    return found
