"""Every table that crosses a floor: its columns, types, units, key and meaning. The one place that names them.

``tablefile`` reads, checks and writes them; ``docs/data-model.md`` is generated from here. Keys are explicit
columns: no data in column headers, nothing passed by position.
"""

from collections.abc import Mapping
from types import MappingProxyType

from kcalseq.columns import Column, Table

FRACTIONS = MappingProxyType(
    {
        "input": "the library before sorting",
        "bin": "cells sorted into one fluorescence bin",
        "dna": "DNA barcode counts",
        "rna": "RNA barcode counts",
    }
)

# In the order in which a read is tried: the first reason that applies is the read's fate.
READ_FATES = MappingProxyType(
    {
        "kept": "every part found and good: the read is counted",
        "too_short": "the read ends before the parts that must be there",
        "unknown_sample_code": "no sample code within the allowed mismatches",
        "ambiguous_sample_code": "two sample codes equally near",
        "no_left_flank": "the constant sequence left of the variant was not found",
        "no_right_flank": "the constant sequence right of the variant was not found anywhere",
        "wrong_length": "both flanks found, but not the right number of bases between them",
        "has_n": "an unread base (N) inside the variant",
        "low_quality": "mean error probability over the variant above the limit",
    }
)

SETS = MappingProxyType(
    {
        "training": "the model is fitted to it",
        "validation": "choices are made on it",
        "test": "looked at once, for the numbers reported",
    }
)

_library = Column("library", "string", "library of variants")
_model = Column("model", "string", "name of the model, as in config/models")
_sample = Column("sample", "string", "one fraction of one replicate of one condition")
_run = Column("run", "string", "sequencing run, as in runs.tsv")
_condition = Column("condition", "string", "growth condition or cell type")
_replicate = Column("replicate", "string", "biological replicate")
_variant = Column("variant", "string", "name of the variant; its sequence where it is read directly")
_sequence = Column("variant_sequence", "string", "sequence of the variant, 5' to 3'")
_n_reads = Column("n_reads", "int64", "number of reads")
_start = Column("start", "int64", "number of the random start, from 0")
_lower = Column("lower", "float64", "lower end of the interval", "as value", nullable=True)
_upper = Column("upper", "float64", "upper end of the interval", "as value", nullable=True)
_confidence = Column("confidence", "float64", "confidence level of the interval, 0 to 1", nullable=True)
_unit = Column("unit", "string", "unit of value, lower and upper")
_phi = Column(
    "phi", "float64", "latent phenotype, standardised over the training variants; rises with the mean bin", "sd"
)
_position = Column("position", "int64", "0-based position in the variant", "nt")

_DEFINITIONS = (
    Table(
        "observations",
        "reads",
        "What one run's kept reads say: how often each variant was read in each sample.",
        ("library", "sample", "run", "variant_sequence"),
        (_library, _sample, _run, _sequence, _n_reads),
    ),
    Table(
        "read_fates",
        "reads",
        "One named fate for every read of a run: the rows of a run add up to its reads.",
        ("run", "reason"),
        (_run, Column("reason", "string", "fate of the read", values=READ_FATES), _n_reads),
    ),
    Table(
        "variants",
        "association",
        "The variants of a library and the part of the data split each belongs to.",
        ("library", "variant"),
        (_library, _variant, _sequence, Column("set", "string", "part of the data split", values=SETS)),
    ),
    Table(
        "variant_counts",
        "counts",
        "Reads of each variant in each fraction, summed over runs.",
        ("library", "condition", "replicate", "fraction", "bin", "variant"),
        (
            _library,
            _condition,
            _replicate,
            Column("fraction", "string", "what was sequenced", values=FRACTIONS),
            Column("bin", "int64", "sort bin, 1 = dimmest; 0 where the fraction is not a bin"),
            _variant,
            Column("n_barcodes", "int64", "distinct barcodes; missing where variants carry none", nullable=True),
            _n_reads,
            Column("n_molecules", "int64", "distinct UMIs; missing where reads carry none", nullable=True),
        ),
    ),
    Table(
        "variant_activity",
        "activity",
        "Mean sort bin of each variant with its standard error.",
        ("library", "condition", "replicate", "variant"),
        (
            _library,
            _condition,
            _replicate,
            _variant,
            Column("n_observations", "int64", "independent sorted observations behind the mean"),
            Column("mean_bin", "float64", "mean sort bin", "bin"),
            Column("mean_bin_se", "float64", "standard error; missing if no variant was seen twice", "bin", True),
        ),
    ),
    Table(
        "information_footprint",
        "activity",
        "Mutual information between the base at each position and the sort bin.",
        ("library", "condition", "replicate", "position"),
        (
            _library,
            _condition,
            _replicate,
            _position,
            Column("information", "float64", "mutual information, bias-corrected; can fall below 0 by noise", "bits"),
            Column("information_se", "float64", "standard error by the delta method", "bits"),
            Column("bias", "float64", "the Treves-Panzeri correction that was subtracted", "bits"),
            Column("mutated_fraction", "float64", "share of observations that differ from the most common base"),
        ),
    ),
    Table(
        "parameters",
        "models",
        "Parameters of a fitted model with their intervals, gauge-fixed and with swapped labels put right.",
        ("library", "model", "parameter"),
        (
            _library,
            _model,
            Column("parameter", "string", "name, for example CRP.theta[5,A], CRP.mu, interaction"),
            Column(
                "kind",
                "string",
                "what it is",
                values={
                    "energy_matrix": "energy of one base at one position of a site",
                    "chemical_potential": "constant part of a site's binding energy: log concentration and mean energy",
                    "interaction": "energy of an interaction between bound factors",
                },
            ),
            Column("site", "string", "site the parameter belongs to", nullable=True),
            Column("position", "int64", "0-based position in the variant", "nt", nullable=True),
            Column("base", "string", "base at that position", nullable=True),
            Column("value", "float64", "estimate; missing where the data say nothing", "as unit", nullable=True),
            _lower,
            _upper,
            _confidence,
            Column(
                "method",
                "string",
                "how the interval was made",
                nullable=True,
                values={
                    "profile": "profile likelihood: all other parameters refitted at each fixed value",
                    "laplace": "curvature of the log posterior at its maximum",
                },
            ),
            _unit,
            Column(
                "gauge",
                "string",
                "gauge in which the value stands",
                values={
                    "zero_mean": "the four energies at a position add up to 0",
                    "none": "no gauge freedom",
                },
            ),
            Column("identifiable", "bool", "whether these data determine the value"),
        ),
        order=("library", "model", "site", "position", "base"),
    ),
    Table(
        "training_history",
        "models",
        "Course of each start of the fit.",
        ("library", "model", "start", "iteration"),
        (
            _library,
            _model,
            _start,
            Column("iteration", "int64", "L-BFGS iteration, from 0"),
            Column("objective", "float64", "negative log posterior", "nats"),
            Column("gradient_norm", "float64", "largest component of the gradient in its stage", "nats"),
        ),
    ),
    Table(
        "fit_starts",
        "models",
        "Where each start of the fit ended.",
        ("library", "model", "start", "quantity"),
        (
            _library,
            _model,
            _start,
            Column("quantity", "string", "objective, n_evaluations, converged, chosen, swaps, or an interaction"),
            Column("value", "float64", "its value; yes = 1, no = 0", "as unit"),
            _unit,
        ),
    ),
    Table(
        "fit_timing",
        "models",
        "CPU time of each start: the one table that measures the machine and so differs between runs.",
        ("library", "model", "start"),
        (_library, _model, _start, Column("cpu_seconds", "float64", "CPU time of the start", "s")),
    ),
    Table(
        "fit_metrics",
        "models",
        "How well the fitted model predicts each part of the data split.",
        ("library", "model", "set", "metric"),
        (
            _library,
            _model,
            Column("set", "string", "part of the data split", values=SETS),
            Column("metric", "string", "I_var, I_pred, log_likelihood, bin_entropy, n_observations, n_variants"),
            Column("value", "float64", "its value", "as unit"),
            _lower,
            _upper,
            _confidence,
            _unit,
        ),
    ),
    Table(
        "measurement_process",
        "models",
        "The fitted p(bin | phi) on a grid of phi.",
        ("library", "model", "phi", "bin"),
        (
            _library,
            _model,
            _phi,
            Column("bin", "int64", "sort bin; 0 = the library before sorting"),
            Column("probability", "float64", "probability of the bin at this phi"),
        ),
    ),
    Table(
        "profiles",
        "models",
        "Profile likelihood: how much worse the best fit becomes when one parameter is held at a value.",
        ("library", "model", "parameter", "value"),
        (
            _library,
            _model,
            Column("parameter", "string", "name, as in parameters"),
            Column("value", "float64", "where the parameter was held", "kcal/mol"),
            Column("objective_difference", "float64", "rise of the negative log posterior above its minimum", "nats"),
            Column("converged", "bool", "whether the refit of the others converged"),
        ),
    ),
    Table(
        "predictions",
        "models",
        "What the fitted model says of each variant.",
        ("library", "model", "variant"),
        (
            _library,
            _model,
            _variant,
            Column("set", "string", "part of the data split", values=SETS),
            _phi,
            Column("mean_bin", "float64", "predicted mean sort bin among sorted cells", "bin"),
        ),
    ),
    Table(
        "summary",
        "report",
        "The key numbers of a run of the pipeline.",
        ("library", "model", "metric"),
        (
            _library,
            Column(
                "model", "string", "name of the model; empty where the number belongs to the library", nullable=True
            ),
            Column("metric", "string", "name of the number"),
            Column("value", "float64", "its value", "as unit", nullable=True),
            _lower,
            _upper,
            _unit,
        ),
    ),
)

TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for table in _DEFINITIONS})
