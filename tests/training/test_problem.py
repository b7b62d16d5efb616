"""From tables to matrices: by key, not by place, and refused in words when they cannot carry a model."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from binned import bins_of, counts_of

from kcalseq.errors import KcalseqError
from kcalseq.models.processes import described
from kcalseq.models.spec import ModelSpec
from kcalseq.models.specparts import Sorter
from kcalseq.simulate.sorting import SortedLibrary
from kcalseq.training.fitting import fit_problem
from kcalseq.training.problem import Problem, binned, build_problem

WILDTYPE = "ACGTACGTACGT"
MUTANTS = ["TCGTACGTACGT", "ACGTACTTACGT", "ACCTACGAACGT"]


def variants(sets: str = "training validation test training") -> pd.DataFrame:
    sequences = [WILDTYPE, *MUTANTS]
    names = [f"v{number}" for number in range(4)]
    return pd.DataFrame({"library": "tiny", "variant": names, "variant_sequence": sequences, "set": sets.split()})


def counts(rows: str) -> pd.DataFrame:
    """Rows of variant, bin and reads; a fourth field is the replicate."""
    cells = [(*row.split(), "1")[:4] for row in rows.split(",")]
    frame = pd.DataFrame(cells, columns=["variant", "bin", "n_reads", "replicate"])
    frame = frame.astype({"bin": "int64", "n_reads": "int64"})
    fraction = frame["bin"].map(lambda number: "bin" if number else "input")
    return frame.assign(library="tiny", condition="M9", fraction=fraction)


EVERY_BIN = "v0 0 5, v0 2 1, v1 1 2, v1 1 1 2, v2 4 7, v3 1 1, v3 4 2"


def test_counts_by_presence_and_by_reads(spec: ModelSpec) -> None:
    problem = build_problem(spec, variants(), counts(EVERY_BIN), "raw")
    assert bins_of(problem) == [0, 1, 2, 4]
    assert counts_of(problem).tolist() == [[5, 0, 0, 0], [0, 3, 0, 1], [1, 0, 0, 0], [0, 0, 7, 2]]
    presence = build_problem(spec, variants(), counts(EVERY_BIN), "presence")
    # Two replicates are two observations.
    assert counts_of(presence).tolist() == [[1, 0, 0, 0], [0, 2, 0, 1], [1, 0, 0, 0], [0, 0, 1, 1]]
    assert problem.variants.tolist() == ["v0", "v1", "v2", "v3"]
    assert problem.codes[1].tolist() == [3, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]


def test_parts_of_the_split(spec: ModelSpec) -> None:
    problem = build_problem(spec, variants(), counts(EVERY_BIN), "raw")
    assert [problem.rows(part).tolist() for part in ("training", "validation", "test")] == [[0, 3], [1], [2]]


def test_order_of_rows_does_not_matter(spec: ModelSpec, simulate: Callable[[int, int], SortedLibrary]) -> None:
    made = simulate(300, 60)
    problem = build_problem(spec, made.variants, made.counts, "raw")
    shuffled = build_problem(spec, made.variants, made.counts.sample(frac=1, random_state=1), "raw")
    assert np.array_equal(counts_of(problem), counts_of(shuffled)) and bins_of(problem) == bins_of(shuffled)
    order = np.random.default_rng(61).permutation(len(made.variants))
    moved = build_problem(spec, made.variants.iloc[order].reset_index(drop=True), made.counts, "raw")
    assert np.array_equal(counts_of(moved), counts_of(problem)[:, order])
    assert np.array_equal(moved.codes, problem.codes[order]) and np.array_equal(moved.sets, problem.sets[order])


def one_bin_in_a_condition() -> tuple[pd.DataFrame, pd.DataFrame]:
    table = counts(EVERY_BIN)
    table.loc[table.index[:2], "condition"] = "glucose"
    return variants(), table


def a_short_variant() -> tuple[pd.DataFrame, pd.DataFrame]:
    table = variants()
    table.loc[2, "variant_sequence"] = "ACGTACGT"
    return table, counts(EVERY_BIN)


def a_site_without_mutations() -> tuple[pd.DataFrame, pd.DataFrame]:
    table = variants()
    table["variant_sequence"] = [sequence[:6] + WILDTYPE[6:] for sequence in table["variant_sequence"]]
    return table, counts(EVERY_BIN)


REFUSALS: list[tuple[str, Callable[[], tuple[pd.DataFrame, pd.DataFrame]], tuple[str, ...]]] = [
    (
        "one bin in a condition",
        one_bin_in_a_condition,
        ("library 'tiny', model 'tiny', condition 'glucose'", "1 sort bins with reads", "at least 2"),
    ),
    (
        "wrong length",
        a_short_variant,
        ("library 'tiny', model 'tiny'", "a variant of 8 bases (ACGTACGT...)", "variants of 12 bases"),
    ),
    (
        "no mutation in a site",
        a_site_without_mutations,
        ("no variant differs from the others within site 'RNAP'", "mutations in every site", "drop the site"),
    ),
    (
        "one bin",
        lambda: (variants(), counts("v0 1 1, v1 1 1, v2 1 1")),
        ("1 sort bins", "at least 2", "name more samples in samples.tsv"),
    ),
    (
        "empty set",
        lambda: (variants("training training test training"), counts(EVERY_BIN)),
        ("no observation in the validation set", "observations in every set", "correct the split"),
    ),
    (
        "empty bin",
        lambda: (variants(), counts("v0 0 5, v1 1 2, v2 4 7, v3 4 2")),
        ("bin 1 has no observation in the training set", "observations in every bin", "drop its sample"),
    ),
]


def test_each_condition_is_an_experiment_with_bins_of_its_own(spec: ModelSpec) -> None:
    second = counts(EVERY_BIN)
    second = second[second["bin"] != 2].assign(condition="glucose")
    problem = build_problem(spec, variants(), pd.concat([counts(EVERY_BIN), second]), "raw")
    (first_name, first, whole), (second_name, other, part) = binned(problem)
    assert (first_name, second_name) == ("M9", "glucose")
    assert (first.bins, other.bins) == ((0, 1, 2, 4), (0, 1, 4))
    assert np.array_equal(part.table, whole.table[[0, 1, 3]])


@pytest.mark.parametrize(("tables", "words"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS])
def test_words_of_a_refusal(
    tables: Callable[[], tuple[pd.DataFrame, pd.DataFrame]], words: tuple[str, ...], spec: ModelSpec
) -> None:
    with pytest.raises(KcalseqError) as raised:
        build_problem(spec, *tables(), "raw")
    for word in words:
        assert word in str(raised.value)


def test_as_many_gates_as_there_are_places_between_bins(spec: ModelSpec) -> None:
    sorter = dataclasses.replace(spec.measurement, sorter=Sorter((0.0, 1.0, 2.0), "normal"))
    with pytest.raises(KcalseqError, match="3 gates for the 3 sort bins of condition 'M9'; expected 2, one between"):
        build_problem(dataclasses.replace(spec, measurement=sorter), variants(), counts(EVERY_BIN), "raw")


def test_a_sorter_is_fitted_like_any_process(spec: ModelSpec, problem: Problem) -> None:
    """The truth is a normal sorter: with its few numbers the fit is as good as with tanh units, within 3 nats."""
    sorter = dataclasses.replace(spec.measurement, sorter=Sorter(None, "normal"))
    gated = dataclasses.replace(spec, measurement=sorter)
    experiment = problem.experiments[0]._replace(process=described(gated, {"bins": bins_of(problem)}))
    gated_problem = problem._replace(experiments=(experiment,))
    found = fit_problem(gated, gated_problem, seed=1, n_starts=2, n_threads=2, progress=lambda _: None)
    free = fit_problem(spec, problem, seed=1, n_starts=2, n_threads=2, progress=lambda _: None)
    assert len(found.flat) < len(free.flat)
    assert found.objective < free.objective + 3
