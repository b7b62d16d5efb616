"""What was made of each barcode, held against the truth."""

import pandas as pd

LEAST_READS = 3
UNIQUE = 0.001
"""Probability of a second molecule up to which a barcode is reported as unique."""


def score(calls: pd.DataFrame, truth: pd.DataFrame) -> dict[str, float]:
    """Score the table barcode_calls.

    Args:
        calls: barcode_calls of the library.
        truth: as the generator writes it, without missing values.

    Returns:
        n_clean: true barcodes with one molecule without synthesis error and at least three reads; correct_percent of
        them assigned to their variant, n_wrong assigned to another; the same of those with three reads that are no
        chimeras (n_clean_own, correct_own_percent). n_mutated: barcodes whose molecule has a synthesis error and at
        least three reads; flagged_percent of them called mutated, silent_percent assigned to a variant instead.
        n_double: barcodes with two molecules and at least three reads; unique_percent of them assigned or called
        mutated as if they had one; two_oligo_unique_pct of them reported as unique, which is assigned with a second
        molecule all but excluded (n_unique barcodes are). unique_read_percent of those whose two molecules have two
        reads each at least (n_double_read), for what was not read cannot be seen. n_false: barcodes assigned or called
        mutated that were never made.
    """
    columns = ["barcode", "call", "variant", "second_probability"]
    made = truth.merge(calls[columns], on="barcode", how="outer", suffixes=("", "_called"))
    is_true = made["variant"].notna()
    enough = is_true & (made["n_reads"] >= LEAST_READS)
    double = enough & (made["second_variant"].fillna("") != "")
    mutated = enough & ~double & (made["mutations"].fillna("") != "")
    clean = enough & ~double & ~mutated
    own = clean & (made["n_reads"] - made["n_chimeras"] >= LEAST_READS)
    assigned, unique = made["call"] == "assigned", made["call"].isin(["assigned", "mutated"])
    n_first = made["n_reads"] - made["n_chimeras"] - made["n_second"]
    double_read = double & (made["n_second"] >= 2) & (n_first >= 2)
    excluded = (made["call"] == "assigned") & (made["second_probability"] <= UNIQUE)
    right = made["variant"] == made["variant_called"]

    def percent(which: pd.Series, of: pd.Series) -> float:
        return round(100 * float((which & of).sum()) / max(1, int(of.sum())), 3)

    return {
        "n_clean": int(clean.sum()),
        "correct_percent": percent(assigned & right, clean),
        "n_wrong": int((clean & unique & ~right).sum()),
        "n_clean_own": int(own.sum()),
        "correct_own_percent": percent(assigned & right, own),
        "n_mutated": int(mutated.sum()),
        "flagged_percent": percent(made["call"] == "mutated", mutated),
        "silent_percent": percent(assigned, mutated),
        "n_double": int(double.sum()),
        "unique_percent": percent(unique, double),
        "n_unique": int(excluded.sum()),
        "two_oligo_unique_pct": percent(excluded, double),
        "n_double_read": int(double_read.sum()),
        "unique_read_percent": percent(unique, double_read),
        "n_false": int((unique & ~is_true).sum()),
    }
