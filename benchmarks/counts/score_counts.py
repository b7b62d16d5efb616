"""Counts of barcodes, held against the truth."""

import numpy as np
import pandas as pd


def score(counted: pd.Series, true: pd.Series) -> dict[str, float]:
    """Score one sample's counts.

    Args:
        counted: reads or molecules of each barcode reported.
        true: reads or molecules of each barcode that exists.

    Returns:
        n_true, n_barcodes: counts and barcodes there are; truth_percent: what of them was counted on its barcode, no
        barcode counting for more than is true of it; on_true_percent: what was counted on true barcodes, which may be
        more than 100; n_false_barcodes, false_percent: barcodes that do not exist, and their share of the counts
        reported; log_r: correlation of log2(1 + count) over the barcodes that are there.
    """
    there = true[true > 0]
    reported = counted.reindex(there.index, fill_value=0)
    false = counted[~counted.index.isin(true.index)]
    logs = np.log2(1 + np.stack([there.to_numpy(np.float64), reported.to_numpy(np.float64)]))
    return {
        "n_true": int(there.sum()),
        "n_barcodes": len(there),
        "truth_percent": 100 * float(np.minimum(there, reported).sum()) / int(there.sum()),
        "on_true_percent": 100 * float(reported.sum()) / int(there.sum()),
        "n_false_barcodes": len(false),
        "false_percent": 100 * float(false.sum()) / max(1, int(counted.sum())),
        "exact_percent": 100 * float((there == reported).mean()),
        "log_r": float(np.corrcoef(logs)[0, 1]),
    }
