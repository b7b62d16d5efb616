"""The shipped lac reads: what extraction makes of them against what they were rendered from."""

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from kcalseq.reads.extract import Extractor, extract_run
from kcalseq.reads.fates import REASONS
from kcalseq.reads.layout import Layout, read_layout
from kcalseq.reads.molecules import read_molecules
from kcalseq.reads.owners import Sample
from kcalseq.reads.samplecodes import check_sample_codes, n_differences
from kcalseq.sequences import to_strings, unpack

ROOT = Path(__file__).parents[2]
RUNS = ("lac_run1", "lac_run2")
FATES = {
    "lac_run1": {
        ("kept", None): 25362,
        ("part_not_found", "left_flank"): 4,
        ("part_not_found", "right_flank"): 17,
        ("wrong_length", "variant"): 80,
        ("has_n", "variant"): 317,
        ("low_quality", "variant"): 70,
    },
    "lac_run2": {
        ("kept", None): 25527,
        ("unknown_sample_code", "sample_code"): 6,
        ("part_not_found", "left_flank"): 8,
        ("part_not_found", "right_flank"): 18,
        ("wrong_length", "variant"): 76,
        ("has_n", "variant"): 294,
        ("low_quality", "variant"): 74,
    },
}
Fates = dict[tuple[str, str | None], int]


@pytest.fixture(scope="module")
def samples() -> pd.DataFrame:
    sheet = pd.read_csv(ROOT / "config/samples.tsv", sep="\t", dtype=str)
    return sheet[sheet["sample_code"].notna()]


@pytest.fixture(scope="module")
def layout() -> Layout:
    return read_layout(ROOT / "config/assays/lac.yaml")


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    return pd.read_csv(ROOT / "resources/lac/truth.tsv.gz", sep="\t")


@pytest.fixture(scope="module")
def owners(samples: pd.DataFrame) -> dict[str, Sample]:
    return {row.sample_code: Sample(str(row.sample), str(row.library)) for row in samples.itertuples()}


def path_of(run: str) -> dict[str, str]:
    return {"read_1": str(ROOT / f"resources/lac/{run.removeprefix('lac_')}.fastq.gz")}


@pytest.fixture(scope="module")
def results(owners: dict[str, Sample], layout: Layout) -> dict[str, tuple[pd.DataFrame, Fates]]:
    found = {}
    for run in RUNS:
        result = extract_run(run, path_of(run), layout, owners, lambda n_reads: None)
        observations = pd.concat([piece.to_pandas() for piece in result.observations], ignore_index=True)
        fates = {(row["reason"], row["part"]): row["n_reads"] for row in result.read_fates.to_pylist()}
        found[run] = observations, fates
    return found


def pairs(frame: pd.DataFrame, counts: str | None = None) -> Counter[tuple[str, str]]:
    """Reads of each (sample, variant)."""
    numbers = [1] * len(frame) if counts is None else frame[counts].tolist()
    total: Counter[tuple[str, str]] = Counter()
    for sample, variant, number in zip(frame["sample"], frame["variant_sequence"], numbers, strict=True):
        total[(sample, variant)] += number
    return total


@pytest.mark.parametrize("run", RUNS)
def test_every_read_has_a_fate_and_97_percent_are_kept(
    run: str, results: dict[str, tuple[pd.DataFrame, Fates]], truth: pd.DataFrame
) -> None:
    observations, fates = results[run]
    n_reads = int((truth["run"] == run).sum())
    assert {key: n for key, n in fates.items() if n} == FATES[run]
    assert sum(fates.values()) == n_reads
    assert observations["n_reads"].sum() == fates["kept", None] >= 0.97 * n_reads


@pytest.mark.parametrize("run", RUNS)
def test_kept_reads_disagree_with_the_truth_only_where_the_variant_was_misread(
    run: str, results: dict[str, tuple[pd.DataFrame, Fates]], truth: pd.DataFrame
) -> None:
    of_run = truth[truth["run"] == run]
    kept = pairs(results[run][0], "n_reads")
    clean = pairs(of_run[of_run["n_errors_in_variant"] == 0])
    misread = pairs(of_run[of_run["n_errors_in_variant"] > 0])
    # Reads that are right: no more of a pair than were rendered.
    right = kept & (clean + misread)
    wrong = kept - right
    assert wrong.total() <= misread.total()
    # Each wrong pair comes from a misread variant of its own sample and differs from it at no more places than there
    # were errors. Only where an extra base in the variant and a missing one in the flank behind it (or the reverse)
    # make up for each other is more different: two indels in one read, seen once in 50,000.
    origins = {str(sample): rows for sample, rows in of_run[of_run["n_errors_in_variant"] > 0].groupby("sample")}
    unexplained = 0
    for sample, variant in wrong:
        rows = origins[sample]
        candidates = zip(rows["variant_sequence"], rows["n_errors_in_variant"], strict=True)
        unexplained += not any(n_differences(variant, origin) <= n_errors for origin, n_errors in candidates)
    assert unexplained <= (of_run["n_indels"] > 1).sum()
    assert unexplained <= 1
    # What remains is quantified: the share of kept reads whose variant carries an error.
    assert 0.060 < wrong.total() / kept.total() < 0.070


@pytest.mark.parametrize("run", RUNS)
def test_each_kept_read_alone_equals_its_truth(
    run: str, layout: Layout, owners: dict[str, Sample], truth: pd.DataFrame
) -> None:
    """Read by read, in FASTQ order: a kept read without an error inside the variant is exactly what was rendered."""
    codes = sorted(owners, key=lambda code: (owners[code].library, owners[code].name))
    extractor = Extractor(layout, codes, [owners[code] for code in codes], False)
    (field,) = extractor.form.fields
    of_run = truth[truth["run"] == run].reset_index(drop=True)
    n_done = n_clean = n_wrong = 0
    for batch in read_molecules(path_of(run)):
        fates, keys, _ = extractor.extract(batch)
        letters, _ = unpack(keys[:, field.first_word :].copy(), field.longest, True)
        rows = of_run.iloc[n_done : n_done + len(keys)]
        n_done += len(keys)
        read = zip(fates.reasons.tolist(), keys[:, 0].tolist(), to_strings(letters).to_pylist(), strict=True)
        for (reason, sample, variant), row in zip(read, rows.itertuples(), strict=True):
            if REASONS[reason] != "kept":
                continue
            assert owners[codes[sample]].name == row.sample
            if row.n_errors_in_variant == 0:
                assert variant == row.variant_sequence
                n_clean += 1
            else:
                n_wrong += variant != row.variant_sequence
    assert n_done == len(of_run)
    assert n_wrong < 0.08 * (n_clean + n_wrong)


@pytest.mark.parametrize("run", RUNS)
def test_dropped_reads_are_those_that_something_befell(
    run: str, results: dict[str, tuple[pd.DataFrame, Fates]], truth: pd.DataFrame
) -> None:
    of_run = truth[truth["run"] == run]
    lost = pairs(of_run) - pairs(results[run][0], "n_reads")
    clean = pairs(of_run[of_run["n_errors"] == 0])
    # A read without a single error can only be dropped for the qualities it states.
    n_low = results[run][1]["low_quality", "variant"]
    assert (lost & (clean - pairs(of_run[of_run["n_errors"] > 0]))).total() <= n_low


def test_error_rate_is_as_the_readme_states(truth: pd.DataFrame) -> None:
    n_bases = 125 * len(truth)
    assert 0.0009 < truth["n_errors"].sum() / n_bases < 0.0012
    assert 0.02 < truth["n_indels"].sum() / truth["n_errors"].sum() < 0.05


def test_truth_holds_every_observation_of_the_split(truth: pd.DataFrame) -> None:
    split = pd.read_csv(ROOT / "resources/lac/split.tsv.gz", sep="\t")
    assert len(truth) == 51_853
    assert len(split) == 50_518 and split["variant_sequence"].is_unique
    assert split["set"].value_counts().to_dict() == {"training": 30_516, "validation": 10_067, "test": 9_935}
    assert set(truth["variant_sequence"]) == set(split["variant_sequence"])


def test_no_single_error_turns_one_sample_code_into_another(samples: pd.DataFrame, layout: Layout) -> None:
    codes = dict(zip(samples["sample_code"], samples["sample"], strict=True))
    check_sample_codes(codes, layout.sample_code, layout.name, "config/samples.tsv")
    assert min(n_differences(a, b) for a in codes for b in codes if a != b) >= 4
    for code in codes:
        behind = code + layout.reads["read_1"][1].sequence
        shifted = {behind[:place] + behind[place + 1 :] for place in range(7)}
        shifted |= {behind[:place] + base + behind[place:] for place in range(7) for base in "ACGT"}
        for other in set(codes) - {code}:
            assert min(n_differences(read[:7], other) for read in shifted) >= 2
