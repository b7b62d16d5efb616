"""A library's one table of measurements decides how it is read."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from binned import counts_of

from kcalseq.errors import KcalseqError
from kcalseq.models.spec import ModelSpec
from kcalseq.simulate.sorting import SortedLibrary
from kcalseq.tablefile import write_table
from kcalseq.training.inputs import read_inputs
from kcalseq.training.problem import build_problem


@pytest.fixture
def tables(tmp_path: Path, simulate: Callable[[int, int], SortedLibrary]) -> dict[str, str]:
    made = simulate(300, 4)
    found = {"variants": tmp_path / "variants.parquet", "variant_counts": tmp_path / "variant_counts.parquet"}
    for name, frame in (("variants", made.variants), ("variant_counts", made.counts)):
        write_table(name, frame, found[name])
    return {name: str(path) for name, path in found.items()} | {"model": "not a table"}


def test_counts_of_bins_are_what_the_tables_hold(
    spec: ModelSpec, tables: dict[str, str], simulate: Callable[[int, int], SortedLibrary]
) -> None:
    made = simulate(300, 4)
    expected = build_problem(spec, made.variants, made.counts, "raw")
    assert np.array_equal(counts_of(read_inputs(spec, tables, "raw")), counts_of(expected))


def test_a_model_of_bins_is_refused_for_a_table_of_values(
    spec: ModelSpec, tables: dict[str, str], tmp_path: Path
) -> None:
    values = str(tmp_path / "values.parquet")
    names = pd.read_parquet(tables["variants"])["variant"]
    frame = pd.DataFrame({"library": "tiny", "condition": "all", "variant": names, "value": 1.0})
    write_table("variant_values", frame.assign(value_se=None, n_replicates=1), values)
    with pytest.raises(KcalseqError, match="a measurement of kind bins"):
        read_inputs(spec, {**tables, "variant_values": values}, "raw")
