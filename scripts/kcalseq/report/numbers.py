"""Numbers of table ``summary`` as the page lists them."""

from typing import Any

import pandas as pd

# Numbers of table summary, without the condition that some are of, in the order and words that a reader wants.
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
    "n_measured": "variants with an activity",
    "log2_ratio_se_median": "standard error of an activity, median",
    "between_replicates_sd": "scatter between replicates that barcodes do not explain",
    "replicate_pearson_least": "correlation of replicates, least",
    "n_effects_tested": "effects tested",
    "n_effects_sure": "effects sure at a false discovery rate of 5 %",
    "energy_": "interaction energy",
    "I_var_test": "information, test set",
    "I_pred_test": "information in the phenotype, test set",
    "I_var_validation": "information, validation set",
    "I_var_folds": "information, folds left out of refits",
    "I_var_folds_se": "standard error of it",
    "log_likelihood_test": "log-likelihood, test set",
    "log_likelihood_folds": "log-likelihood, folds left out of refits",
    "log_likelihood_folds_se": "standard error of that",
    "folds": "folds",
    "folds_converged": "refits without a fold that converged",
    "gain_over_constant_test": "gain over one activity for all, test set",
    "r_squared_test": "R² of what was measured, test set",
    "n_parameters": "identifiable energy parameters",
    "converged": "converged",
    "in_minibatches": "fitted in minibatches, near the optimum",
    "fit_cpu_seconds": "CPU time of one start",
    "fit_cpu_seconds_total": "CPU time of all starts",
}


def condition_of(metric: str) -> tuple[str, str]:
    """A metric and the condition that it is of, empty where a library has one alone.

    >>> condition_of("I_var_test[crp-wt]")
    ('I_var_test', 'crp-wt')
    """
    name, _, condition = metric.removesuffix("]").partition("[")
    return name, condition


def summary_numbers(summary: pd.DataFrame, library: str, model: str | None) -> list[dict[str, Any]]:
    """Give the rows of table ``summary`` of one model, or of the library itself, in reading order with ``words``."""
    of_model = summary["model"].isna() if model is None else summary["model"] == model
    rows = summary[(summary["library"] == library) & of_model].to_dict("records")
    order = {key: place for place, key in enumerate(SUMMARY_WORDS)}
    rows.sort(key=lambda row: (order.get(_key(row["metric"]), len(order)), row["metric"]))
    return [{**{str(name): cell for name, cell in row.items()}, "words": _words(row["metric"])} for row in rows]


def _key(metric: str) -> str:
    """A metric without the condition that it was measured in, and energies all as one."""
    return "energy_" if metric.startswith("energy_") else condition_of(metric)[0]


def _words(metric: str) -> str:
    condition = condition_of(metric)[1]
    words = SUMMARY_WORDS.get(_key(metric), metric)
    return f"{words}, condition {condition}" if condition and words != metric else words
