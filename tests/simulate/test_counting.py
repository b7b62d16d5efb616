"""Counted libraries are drawn as they are told to be."""

from pathlib import Path

import numpy as np
import pytest

from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.simulate.counting import CountingExperiment, simulate_counting
from kcalseq.simulate.sorting import Energies
from kcalseq.tablefile import conform

MODEL = """\
description: Every base adds to log activity
kind: additive
sequence: {length: 4, wildtype: ACGT}
sites:
  promoter: {start: 0, length: 4}
measurement: {kind: barcode_counts}
"""
# Without effects every variant has the same activity, so that counts scatter by what counts scatter by.
EQUAL = Energies({"promoter": np.zeros((4, 4))}, {"promoter": 0.0}, {})


@pytest.fixture
def spec(tmp_path: Path) -> ModelSpec:
    path = tmp_path / "sum.yaml"
    path.write_text(MODEL, encoding="utf-8")
    return read_model(path)


def test_counts_have_the_means_and_the_dispersion_that_were_asked_for(spec: ModelSpec) -> None:
    experiment = CountingExperiment(
        400, 40, dispersion=0.2, mutation_rate=0.7, dna_reads=(50.0,), rna_per_dna=(3.0,), abundance_sd=0.0
    )
    counts = simulate_counting("made", spec, EQUAL, experiment, seed=1).counts
    for fraction, mean in (("dna", 50.0), ("rna", 150.0)):
        reads = counts.loc[counts["fraction"] == fraction, "n_reads"]
        assert len(reads) > 4000
        assert reads.mean() == pytest.approx(mean, rel=0.03)
        assert reads.var() == pytest.approx(mean + 0.2 * mean**2, rel=0.1)


def test_rna_per_dna_is_the_activity_and_a_barcode_keeps_its_abundance(spec: ModelSpec) -> None:
    theta = np.zeros((4, 4))
    theta[:, 3] = -0.5
    experiment = CountingExperiment(200, dispersion=1e-6, dna_reads=(1e4, 1e4), rna_per_dna=(1.0, 2.0))
    library = simulate_counting("made", spec, Energies({"promoter": theta}, {"promoter": 0.0}, {}), experiment, seed=2)
    wide = library.counts.pivot(index=["variant", "barcode"], columns=["replicate", "fraction"], values="n_reads")
    ratio = np.log(wide["1", "rna"] / wide["1", "dna"]).groupby("variant").mean()
    true = library.log_activity - library.log_activity.mean()
    assert np.allclose(ratio[library.variants["variant"]], true, rtol=0, atol=0.06)
    assert np.allclose(wide["2", "rna"] / wide["2", "dna"], 2 * wide["1", "rna"] / wide["1", "dna"], rtol=0.15)
    assert np.allclose(wide["1", "dna"], wide["2", "dna"], rtol=0.15)
    assert library.log_activity.max() == pytest.approx(0.5 * 4, abs=1.0)


def test_tables_are_those_of_the_pipeline_and_a_seed_gives_one_library(spec: ModelSpec) -> None:
    one, two, other = (simulate_counting("made", spec, EQUAL, CountingExperiment(50), seed) for seed in (3, 3, 4))
    conform("variants", one.variants, "made")
    conform("barcode_counts", one.counts, "made")
    assert one.counts.equals(two.counts) and one.variants.equals(two.variants)
    assert not one.counts.equals(other.counts)
    assert one.counts["barcode"].nunique() == 5 * len(one.variants)
    assert one.counts["n_reads"].min() > 0
