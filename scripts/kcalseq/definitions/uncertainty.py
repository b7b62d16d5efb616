"""Tables of the floor models that say how sure its numbers are: profiles, bootstraps, cross-validation."""

from kcalseq.columns import Column, Table
from kcalseq.definitions.common import CONDITION, CONFIDENCE, LIBRARY, MODEL, VARIANT
from kcalseq.definitions.models import PHI

FOLD = Column("fold", "int64", "number of the fold, from 0; by a hash of the sequence, the same in all models")

TABLES = (
    Table(
        "profiles",
        "models",
        "Profile likelihood: how much worse the best fit becomes when one parameter is held at a value.",
        ("library", "model", "parameter", "value"),
        (
            LIBRARY,
            MODEL,
            Column("parameter", "string", "name, as in parameters"),
            Column("value", "float64", "where the parameter was held", "kcal/mol; nats for a rate"),
            Column("objective_difference", "float64", "rise of the negative log posterior above its minimum", "nats"),
            Column("converged", "bool", "whether the refit of the others converged"),
        ),
    ),
    Table(
        "profile_intervals",
        "models",
        "Intervals of interactions and rates by profile likelihood, at 68 % and at the level of the configuration.",
        ("library", "model", "parameter", "confidence"),
        (
            LIBRARY,
            MODEL,
            Column("parameter", "string", "name, as in parameters"),
            Column("confidence", "float64", "confidence level, 0 to 1"),
            Column("lower", "float64", "lower end; missing where it is open", "kcal/mol; nats for a rate", True),
            Column("upper", "float64", "upper end; missing where it is open", "kcal/mol; nats for a rate", True),
        ),
    ),
    Table(
        "bootstraps",
        "models",
        "What refits to drawn data say of each parameter: its error, its bias and its interval.",
        ("library", "model", "parameter"),
        (
            LIBRARY,
            MODEL,
            Column("parameter", "string", "name, as in parameters"),
            Column(
                "kind",
                "string",
                "how the data were drawn",
                values={
                    "parametric": "the fitted model draws every observation anew",
                    "nonparametric": "variants of each experiment drawn with replacement",
                },
            ),
            Column("estimate", "float64", "of the fit; missing where data say nothing", "as unit", nullable=True),
            Column("mean", "float64", "mean over the refits", "as unit", nullable=True),
            Column("bias", "float64", "mean less estimate", "as unit", nullable=True),
            Column("standard_error", "float64", "standard deviation over the refits", "as unit", nullable=True),
            Column("lower", "float64", "lower quantile of the refits", "as unit", nullable=True),
            Column("upper", "float64", "upper quantile of the refits", "as unit", nullable=True),
            Column("basic_lower", "float64", "twice the estimate less upper", "as unit", nullable=True),
            Column("basic_upper", "float64", "twice the estimate less lower", "as unit", nullable=True),
            CONFIDENCE,
            Column("unit", "string", "unit of all its numbers"),
            Column("n_members", "int64", "refits, all of which count"),
            Column("n_converged", "int64", "refits that came to rest"),
        ),
    ),
    Table(
        "cross_validation",
        "models",
        "How well refits predict the fold of training and validation variants that each of them left out.",
        ("library", "model", "condition", "fold"),
        (
            LIBRARY,
            MODEL,
            CONDITION,
            FOLD,
            Column("n_variants", "int64", "variants left out that were observed"),
            Column("n_observations", "int64", "their observations"),
            Column("log_likelihood", "float64", "mean log probability of one of these", "nats"),
            Column(
                "information",
                "float64",
                "I_var of these, as in fit_metrics; missing of barcode counts and of too few values",
                "bits",
                nullable=True,
            ),
            Column("converged", "bool", "whether the refit came to rest"),
        ),
    ),
    Table(
        "left_out",
        "models",
        "The fold of each training and validation variant, and what the refit that left it out says of it.",
        ("library", "model", "condition", "variant"),
        (
            LIBRARY,
            MODEL,
            CONDITION,
            VARIANT,
            FOLD,
            PHI,
            Column("n_observations", "int64", "observations, as in predictions"),
            Column("log_likelihood", "float64", "log probability of all its observations", "nats"),
        ),
    ),
)
