"""The knee of reads per barcode."""

import numpy as np

from kcalseq.association.support import reads_per_barcode, recommended_min_reads


def test_the_valley_between_misread_and_true_barcodes_is_recommended() -> None:
    rng = np.random.default_rng(3)
    misread, true = rng.geometric(0.6, 20_000), rng.poisson(30, 5000)
    assert 5 < recommended_min_reads(np.concatenate([misread, true]), 3) < 18


def test_without_a_valley_the_users_number_stays() -> None:
    shallow = np.random.default_rng(4).geometric(0.3, 10_000)
    assert recommended_min_reads(shallow, 3) == 3
    assert recommended_min_reads(np.array([], dtype=np.int64), 2) == 2
    assert recommended_min_reads(np.random.default_rng(5).poisson(20, 1000), 3) == 3


def test_the_histogram_holds_every_barcode() -> None:
    found = reads_per_barcode("lib", np.array([1, 1, 5, 2]))
    assert found.to_dict("list") == {"library": ["lib"] * 3, "n_reads": [1, 2, 5], "n_barcodes": [2, 1, 1]}
