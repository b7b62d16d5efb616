"""Tables of the floors models and training."""

from kcalseq.columns import Column, Table
from kcalseq.definitions.common import CONDITION, CONFIDENCE, LIBRARY, LOWER, MODEL, SETS, START, UNIT, UPPER, VARIANT

PHI = Column(
    "phi",
    "float64",
    "latent phenotype; rises with what is measured. In standard deviations over the training variants of its condition"
    "; of barcode counts the natural log of activity",
    "sd or nats",
)

ENTRIES = ("energy_matrix", "pair_energy")
"""Kinds of parameters that are many, one a base or a pair of bases; the others are told one by one."""

KINDS = {
    "thermodynamic": "states in equilibrium",
    "kinetic": "transitions in the steady state",
    "additive": "one contribution a base",
    "black_box": "a neural network: a ceiling that predicts and explains nothing",
    "constant": "the same for every sequence: a floor",
}
"""Kinds of models."""

WITHOUT_ENERGIES = ("black_box", "constant")
"""Kinds of models that have nothing to tell beside their predictions."""

TABLES = (
    Table(
        "parameters",
        "models",
        "Parameters of a fitted model with their intervals, gauge-fixed and with swapped labels put right.",
        ("library", "model", "parameter"),
        (
            LIBRARY,
            MODEL,
            Column("parameter", "string", "name, for example CRP.theta[5,A], CRP.mu, interaction, interaction[0-4]"),
            Column(
                "kind",
                "string",
                "what it is",
                values={
                    "energy_matrix": "energy of one base at one position of a site",
                    "pair_energy": "energy of two bases together, beyond that of each",
                    "spacer": "energy of a spacer between the blocks of a site, beyond that of the reference spacer",
                    "chemical_potential": "constant part of a site's binding energy: log concentration and mean energy",
                    "potential_difference": "chemical potential in a condition less that in the first: -kT ln of the "
                    "ratio of the factor's active concentrations",
                    "interaction": "energy of an interaction between bound factors, of one by distance for the numbers "
                    "of bases in its name",
                    "rate": "log of a rate over the first one",
                    "affinity": "log of the rates forward over those back around a cycle, at the wild type",
                },
            ),
            Column("site", "string", "site the parameter belongs to", nullable=True),
            Column("position", "int64", "0-based position in the variant; within a site that is scanned", "nt", True),
            Column("base", "string", "base at that position", nullable=True),
            Column("second_position", "int64", "0-based position of a pair's second base", "nt", nullable=True),
            Column("second_base", "string", "second base of a pair", nullable=True),
            Column("value", "float64", "estimate; missing where the data say nothing", "as unit", nullable=True),
            LOWER,
            UPPER,
            CONFIDENCE,
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
            UNIT,
            Column(
                "gauge",
                "string",
                "gauge in which the value stands",
                values={
                    "zero_mean": "the four energies at a position add up to 0, and those of a pair along either base",
                    "none": "no gauge freedom",
                },
            ),
            Column("identifiable", "bool", "whether these data determine the value"),
        ),
        order=("library", "model", "site", "position", "base", "second_position", "second_base"),
    ),
    Table(
        "training_history",
        "models",
        "Course of each start of the fit.",
        ("library", "model", "start", "iteration"),
        (
            LIBRARY,
            MODEL,
            START,
            Column("iteration", "int64", "L-BFGS iteration, or epoch of a fit in minibatches, from 0"),
            Column("objective", "float64", "negative log posterior; of an epoch its mean over the batches", "nats"),
            Column(
                "gradient_norm",
                "float64",
                "largest component of the gradient in its stage; missing in minibatches",
                "nats",
                True,
            ),
            Column(
                "validation",
                "float64",
                "of a fit in minibatches: negative log likelihood of the validation set after the epoch, by which the "
                "weights are chosen",
                "nats/variant",
                True,
            ),
        ),
    ),
    Table(
        "fit_starts",
        "models",
        "Where each start of the fit ended.",
        ("library", "model", "start", "quantity"),
        (
            LIBRARY,
            MODEL,
            START,
            Column(
                "quantity", "string", "objective, n_evaluations, converged, chosen, swaps, an interaction or a rate"
            ),
            Column("value", "float64", "its value; yes = 1, no = 0", "as unit"),
            UNIT,
        ),
    ),
    Table(
        "fit_timing",
        "models",
        "CPU time of each start: the one table that measures the machine and so differs between runs.",
        ("library", "model", "start"),
        (LIBRARY, MODEL, START, Column("cpu_seconds", "float64", "CPU time of the start", "s")),
    ),
    Table(
        "fit_metrics",
        "models",
        "How well the fitted model predicts each part of the data split.",
        ("library", "model", "condition", "set", "metric"),
        (
            LIBRARY,
            MODEL,
            CONDITION,
            Column("set", "string", "part of the data split", values=SETS),
            Column(
                "metric",
                "string",
                "I_var, I_pred (MAVE-NN's estimator), I_pred_rank (the same on normal scores of the ranks), "
                "I_pred_ross (nearest neighbours, Ross 2014), log_likelihood, bin_entropy, n_observations, n_variants; "
                "of barcode counts also log_likelihood_constant (one activity for all variants), "
                "log_likelihood_log_ratio (what the variant's other barcodes show), gain_over_constant, r_squared (of "
                "measured log2 ratios); "
                "of continuous values r_squared (squared Pearson correlation), I_pred by Kraskov et al. (2004) and "
                "value_entropy (differential)",
            ),
            Column("value", "float64", "its value", "as unit"),
            LOWER,
            UPPER,
            CONFIDENCE,
            UNIT,
        ),
    ),
    Table(
        "measurement_process",
        "models",
        "The fitted p(bin | phi) on a grid of phi.",
        ("library", "model", "condition", "phi", "bin"),
        (
            LIBRARY,
            MODEL,
            CONDITION,
            PHI,
            Column("bin", "int64", "sort bin; 0 = the library before sorting"),
            Column("probability", "float64", "probability of the bin at this phi"),
        ),
    ),
    Table(
        "response",
        "models",
        "The fitted curve of continuous values on a grid of phi, with the interval that holds single values.",
        ("library", "model", "condition", "phi"),
        (
            LIBRARY,
            MODEL,
            CONDITION,
            PHI,
            Column("expected", "float64", "expected value: mean, centre or mode, as the noise has it", "as measured"),
            Column("lower", "float64", "lower end of the interval of a value", "as measured"),
            Column("upper", "float64", "upper end of the interval of a value", "as measured"),
            Column("confidence", "float64", "probability that a value lies within, 0 to 1"),
        ),
    ),
    Table(
        "predictions",
        "models",
        "What the fitted model says of each variant.",
        ("library", "model", "condition", "variant"),
        (
            LIBRARY,
            MODEL,
            CONDITION,
            VARIANT,
            Column("set", "string", "part of the data split", values=SETS),
            PHI,
            Column("mean_bin", "float64", "predicted mean sort bin among sorted cells", "bin", nullable=True),
            Column("log2_activity", "float64", "predicted log2 of RNA per DNA at equal depth", "log2", nullable=True),
            Column("log2_ratio", "float64", "measured log2 of RNA per DNA at equal depth", "log2", nullable=True),
            Column("value", "float64", "expected value of a continuous measurement", "as measured", nullable=True),
            Column("n_observations", "int64", "observations: bins it is in, barcodes in replicates, or its value"),
            Column("log_likelihood", "float64", "log probability of all its observations", "nats"),
        ),
    ),
    Table(
        "predicted_sequences",
        "models",
        "What the fitted model says of the sequences that `predict` names: one row for a sequence of its length, one "
        "for each window and strand of a longer one.",
        ("library", "model", "condition", "sequence_name", "start", "strand"),
        (
            LIBRARY,
            MODEL,
            CONDITION,
            Column("sequence_name", "string", "name of the record in the FASTA file"),
            Column("start", "int64", "0-based first base of the window in the record, on the + strand", "nt"),
            Column(
                "strand",
                "string",
                "strand on which the window is read",
                values={"+": "as in the file", "-": "the reverse complement"},
            ),
            Column("phi", "float64", f"{PHI.meaning}; missing where the window holds N", "sd", nullable=True),
            Column(
                "mean_bin",
                "float64",
                "predicted mean sort bin among sorted cells; missing where nothing was sorted, or the window holds N",
                "bin",
                nullable=True,
            ),
            Column(
                "log2_activity",
                "float64",
                "predicted log2 of RNA per DNA at equal depth; missing where none were counted, or the window holds N",
                "log2",
                nullable=True,
            ),
        ),
    ),
    Table(
        "model_comparison",
        "models",
        "The fitted models of a library by what they say of the test set, compared on the same variants.",
        ("library", "model"),
        (
            LIBRARY,
            MODEL,
            Column("kind", "string", "kind of the model", values=KINDS),
            Column("log_likelihood", "float64", "mean log probability of an observation of the test set", "nats"),
            Column(
                "difference",
                "float64",
                "information an observation that the best model has more; negative where a black box has more",
                "bits",
            ),
            LOWER,
            UPPER,
            CONFIDENCE,
            Column("best", "bool", "whether it predicts best, of the models that explain something"),
            Column("within_error", "bool", "whether the interval of its difference to the best includes 0"),
            Column(
                "folds_difference",
                "float64",
                "the same difference in the folds of cross_validation, their mean; missing without",
                "bits",
                nullable=True,
            ),
            Column("folds_se", "float64", "standard error of that mean, by its spread", "bits", nullable=True),
        ),
    ),
)
