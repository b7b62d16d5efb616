"""Matrices of variants x samples: every number is that of its table, and what was not measured is no 0."""

from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from kcalseq.export.h5ad import Annotated, write_h5ad
from kcalseq.export.matrices import annotated, count_layers, measured_layers, sample_frame, variant_frame

from .invented import SAMPLES, Invented, invented

BINS = [
    {"condition": "M9", "replicate": "1", "fraction": fraction, "bin": bin_}
    for fraction, bin_ in (("input", "0"), ("bin", "1"), ("bin", "2"))
]


@pytest.fixture(scope="module")
def made() -> Invented:
    return invented()


def variant_counts(made: Invented) -> pd.DataFrame:
    """Sums of the barcodes, as the floor counts has them: a variant that was not seen has no row."""
    key = ["condition", "replicate", "fraction", "bin", "variant"]
    by_variant = made.barcode_counts.to_pandas().groupby(key, as_index=False)
    sums = {name: (name, "sum") for name in ("n_reads", "n_molecules")}
    return by_variant.agg(**sums, n_barcodes=("barcode", "size"))


def content(made: Invented) -> Annotated:
    obs, samples = variant_frame(made.variants, {"combined_activity": made.combined}), sample_frame(SAMPLES)
    names = pd.Index(obs.index)
    layers = count_layers(variant_counts(made), names, samples)
    return annotated(obs, samples, layers, measured_layers(made.log_ratio, names, samples), "made")


def test_every_count_and_ratio_stands_in_its_cell(made: Invented) -> None:
    found = content(made)
    assert list(found.var.index) == ["M9 | a_1", "M9 | a_2"]
    at = {name: number for number, name in enumerate(found.obs.index)}
    total = 0
    for row in variant_counts(made).itertuples():
        column = ["a_1", "a_2"].index(str(row.replicate))
        for kind in ("reads", "molecules", "barcodes"):
            layer = found.layers[f"{row.fraction}_{kind}"]
            assert layer[at[str(row.variant)], column] == getattr(row, f"n_{kind}")
        total += row.n_reads
    assert sum(found.layers[f"{fraction}_reads"].sum() for fraction in ("dna", "rna")) == total
    for row in made.log_ratio.itertuples():
        cell = at[str(row.variant)], ["a_1", "a_2"].index(str(row.replicate))
        np.testing.assert_equal(found.matrix[cell], row.log2_ratio)


def test_a_variant_not_seen_has_no_counts_and_no_activity(made: Invented) -> None:
    found = content(made)
    gone = list(found.obs.index).index("gone")
    assert found.layers["rna_reads"][gone].tolist() == [0, 0]
    assert np.isnan(found.matrix[gone]).all() and np.isnan(found.obs.loc["gone", "log2_ratio M9"])


def test_a_sample_that_was_not_sequenced_is_missing_and_not_0(made: Invented) -> None:
    samples = sample_frame([sample for sample in SAMPLES if sample["sample"] != "rnaa_2"])
    counts = variant_counts(made).query("not (fraction == 'rna' and replicate == 'a_2')")
    layers = count_layers(counts, pd.Index(made.variants["variant"]), samples)
    assert np.isnan(layers["rna_reads"][:, 1]).all() and not np.isnan(layers["dna_reads"]).any()
    assert layers["dna_reads"].dtype == np.int64


def test_sort_bins_are_samples_of_their_own() -> None:
    samples = sample_frame(BINS)
    assert list(samples.index) == ["M9 | 1 | input", "M9 | 1 | bin 1", "M9 | 1 | bin 2"]
    rows = [("input", 0, "v", 5), ("bin", 2, "v", 7), ("bin", 1, "w", 2)]
    counts = pd.DataFrame(rows, columns=["fraction", "bin", "variant", "n_reads"])
    counts = counts.assign(condition="M9", replicate="1", n_barcodes=None, n_molecules=None)
    layers = count_layers(counts, pd.Index(["v", "w"]), samples)
    assert list(layers) == ["reads"] and layers["reads"].tolist() == [[5, 0, 7], [0, 2, 0]]
    place = {"condition": "M9", "replicate": "1", "variant": ["v"]}
    mean_bins = pd.DataFrame({**place, "mean_bin": 2.0, "mean_bin_se": 0.1})
    variants = pd.DataFrame({"variant": ["v", "w"], "variant_sequence": ["A", None], "set": "test"})
    fluorescence = pd.DataFrame({"condition": "M9", "variant": ["w"], "mean_log10": 3.5, "mean_log10_se": 0.1})
    obs = variant_frame(variants, {"variant_activity": mean_bins, "combined_fluorescence": fluorescence})
    columns = ["mean_log10 M9", "mean_log10_se M9", "mean_bin M9 | 1", "mean_bin_se M9 | 1"]
    assert list(obs.columns) == ["set", *columns]
    assert np.isnan(obs.loc["v", "mean_log10 M9"]) and obs.loc["w", "mean_log10 M9"] == 3.5
    assert obs["mean_bin M9 | 1"].tolist()[0] == 2.0 and np.isnan(obs["mean_bin M9 | 1"].tolist()[1])
    assert annotated(obs, samples, layers, {}, "l").matrix.tolist() == [[5, 0, 7], [0, 2, 0]]


def test_the_file_is_what_the_specification_says(made: Invented, tmp_path: Path) -> None:
    found = content(made)
    write_h5ad(found, tmp_path / "a.h5ad")
    with h5py.File(tmp_path / "a.h5ad", locking=False) as file:
        kinds = {name: (node.attrs["encoding-type"], node.attrs["encoding-version"]) for name, node in nodes(file)}
        assert kinds[""] == ("anndata", "0.1.0")
        for name in ("layers", "uns", "obsm", "varm", "obsp", "varp"):
            assert kinds[name] == ("dict", "0.1.0")
        assert kinds["obs"] == kinds["var"] == ("dataframe", "0.2.0")
        assert kinds["X"] == kinds["layers/dna_reads"] == ("array", "0.2.0")
        assert kinds["obs/_index"] == kinds["obs/variant_sequence"] == ("string-array", "0.2.0")
        assert kinds["uns/library"] == ("string", "0.2.0")
        assert list(file["obs"].attrs["column-order"]) == list(found.obs.columns)
        assert file["obs"][file["obs"].attrs["_index"]].asstr()[()].tolist() == list(found.obs.index)
        np.testing.assert_array_equal(file["layers/rna_reads"][()], found.layers["rna_reads"])


def nodes(file: h5py.File) -> list[tuple[str, h5py.Group | h5py.Dataset]]:
    """Everything in a file by its path, the file itself first."""
    found: list[tuple[str, h5py.Group | h5py.Dataset]] = [("", file)]
    file.visititems(lambda name, node: found.append((name, node)))
    return found


def test_a_slash_in_a_condition_makes_no_group(made: Invented, tmp_path: Path) -> None:
    turned = made.combined.assign(condition="M9/37 °C")
    obs = variant_frame(made.variants, {"combined_activity": pd.concat([made.combined, turned])})
    assert list(obs.columns)[2:] == [
        f"{name} {place}" for place in ("M9", "M9_37 °C") for name in ("log2_ratio", "log2_ratio_se")
    ]
    write_h5ad(content(made)._replace(obs=obs), tmp_path / "a.h5ad")
    with h5py.File(tmp_path / "a.h5ad", locking=False) as file:
        np.testing.assert_array_equal(file["obs"]["log2_ratio M9_37 °C"][()], obs["log2_ratio M9"])


def test_the_same_content_is_the_same_bytes(made: Invented, tmp_path: Path) -> None:
    for name in ("one.h5ad", "two.h5ad"):
        write_h5ad(content(made), tmp_path / name)
    assert (tmp_path / "one.h5ad").read_bytes() == (tmp_path / "two.h5ad").read_bytes()
