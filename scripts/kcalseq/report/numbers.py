"""Numbers of table ``summary`` as the page lists them."""

from typing import Any

import pandas as pd

# Numbers of table summary in the order and words in which a reader wants them.
SUMMARY_WORDS = {
    "reads_total": "reads sequenced",
    "reads_kept": "reads kept",
    "reads_kept_fraction": "share of reads kept",
    "n_variants": "distinct variants",
    "n_values": "measured values",
    "reads_association": "reads with barcode and variant",
    "reads_assigned_fraction": "share of these on assigned barcodes",
    "n_barcodes": "barcodes in these reads",
    "n_barcodes_assigned": "barcodes assigned to a variant",
    "barcodes_assigned_fraction": "share of barcodes assigned",
    "n_barcodes_mapped": "barcodes in the barcode map",
    "n_variants_mapped": "variants with a barcode",
    "barcodes_per_variant_median": "barcodes per variant, median",
    "reads_to_count": "reads kept of the counted samples",
    "reads_counted": "reads counted",
    "reads_counted_fraction": "share of these reads counted",
    "n_molecules": "molecules counted, all samples",
    "energy_": "interaction energy",
    "I_var_test": "information, test set",
    "I_pred_test": "information in the phenotype, test set",
    "I_var_validation": "information, validation set",
    "log_likelihood_test": "log-likelihood, test set",
    "gain_over_constant_test": "gain over one activity for all, test set",
    "r_squared_test": "R² of what was measured, test set",
    "n_parameters": "identifiable energy parameters",
    "converged": "converged",
    "fit_cpu_seconds": "CPU time of one start",
    "fit_cpu_seconds_total": "CPU time of all starts",
}


def summary_numbers(summary: pd.DataFrame, library: str, model: str | None) -> list[dict[str, Any]]:
    """Give the rows of table ``summary`` of one model, or of the library itself, in reading order with ``words``."""
    of_model = summary["model"].isna() if model is None else summary["model"] == model
    rows = summary[(summary["library"] == library) & of_model].to_dict("records")
    order = {key: place for place, key in enumerate(SUMMARY_WORDS)}
    keyed = [("energy_" if row["metric"].startswith("energy_") else str(row["metric"]), row) for row in rows]
    keyed.sort(key=lambda pair: (order.get(pair[0], len(order)), pair[1]["metric"]))
    named = [(key, {str(name): cell for name, cell in row.items()}) for key, row in keyed]
    return [{**row, "words": SUMMARY_WORDS.get(key, key)} for key, row in named]
