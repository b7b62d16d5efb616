"""The lac example's observations as they are before any sequencing error, for benchmarks."""

from pathlib import Path

import pandas as pd

from kcalseq.models.spec import ModelSpec
from kcalseq.training.problem import Problem, build_problem

REPOSITORY = Path(__file__).resolve().parents[1]


def true_observations(spec: ModelSpec) -> Problem:
    """The lac example's observations as they are before any sequencing error."""
    resources = REPOSITORY / "resources" / "lac"
    truth = pd.read_csv(resources / "truth.tsv.gz", sep="\t")
    split = pd.read_csv(resources / "split.tsv.gz", sep="\t")
    samples = pd.read_csv(REPOSITORY / "config" / "samples.tsv", sep="\t").set_index("sample")
    seen = truth.groupby(["variant_sequence", "sample"], as_index=False).size()
    counts = seen.assign(
        library="lac",
        condition="full-wt",
        replicate="1",
        variant=seen["variant_sequence"],
        n_reads=seen["size"],
        fraction=seen["sample"].map(samples["fraction"]),
        bin=seen["sample"].map(samples["bin"]),
    )
    variants = split.assign(library="lac", variant=split["variant_sequence"]).sort_values("variant", ignore_index=True)
    return build_problem(spec, variants, counts, "presence")
