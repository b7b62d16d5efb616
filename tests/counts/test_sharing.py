"""What samples share: hopped reads are found at the rate at which they were made to hop, chance is told from it."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from kcalseq.counts.keys import to_keys
from kcalseq.counts.saturation import spectrum
from kcalseq.counts.sharing import barcode_overlap, index_hopping, share_molecules

N_BARCODES, UMI_LENGTH = 2000, 8


def hopping(rows: pd.DataFrame, n: int) -> pd.DataFrame:
    """Rows of barcode, sample, umi (a number), n_reads."""
    ordered = rows.sort_values(["barcode", "sample", "umi"])
    letters = np.array(list("ACGT"))[(ordered["umi"].to_numpy()[:, None] >> (2 * np.arange(UMI_LENGTH))) & 3]
    ordered = ordered.assign(umi=["".join(row) for row in letters]).sort_values(["barcode", "sample", "umi"])
    columns = (ordered[name].to_numpy() for name in ("barcode", "sample"))
    umis, n_reads = to_keys(pa.array(ordered["umi"]), "test"), ordered["n_reads"].to_numpy()
    shared = share_molecules(*columns, umis=umis, n_reads=n_reads, n_samples=n)
    reads_of = [spectrum(n_reads[(ordered["sample"] == sample).to_numpy()]) for sample in range(n)]
    return index_hopping("lib", [f"s{sample}" for sample in range(n)], shared, reads_of)


def simulated(
    rng: np.random.Generator, n_molecules: list[int], depth: float, rates: NDArray[np.float64]
) -> pd.DataFrame:
    """Reads of molecules of each sample; each read goes to sample j with chance ``rates[sample, j]``."""
    rows = []
    for sample, n in enumerate(n_molecules):
        barcode, umi = rng.integers(0, N_BARCODES, n), rng.integers(0, 4**UMI_LENGTH, n)
        n_reads = rng.poisson(depth * rng.lognormal(0, 0.5, n))
        for other, share in enumerate(rng.multinomial(n_reads, rates[sample]).T):
            rows.append(pd.DataFrame({"barcode": barcode, "sample": other, "umi": umi, "n_reads": share}))
    whole = pd.concat(rows)
    return whole[whole["n_reads"] > 0].groupby(["barcode", "sample", "umi"], as_index=False)["n_reads"].sum()


@pytest.mark.parametrize("depth", [1.0, 3.0, 10.0])
@pytest.mark.parametrize("rate", [0.002, 0.02])
def test_the_rate_of_hopping_is_found(depth: float, rate: float) -> None:
    """Two samples of unlike size, so that as many reads hop, but make another share of what they reach."""
    rng = np.random.default_rng(3)
    stay = np.array([[1 - rate, rate], [rate, 1 - rate]])
    sizes = np.array([100_000, 50_000])
    found = hopping(simulated(rng, sizes.tolist(), depth, stay), 2).set_index("sample")["hopped_fraction"]
    for into, source in ((0, 1), (1, 0)):
        truth = rate * sizes[source] / (rate * sizes[source] + (1 - rate) * sizes[into])
        assert found[f"s{into}"] == pytest.approx(truth, rel=0.15, abs=1e-4)


def test_without_hopping_there_is_chance_alone() -> None:
    """Short UMIs: many are shared by chance, and are expected to be."""
    rng = np.random.default_rng(4)
    found = hopping(simulated(rng, [200_000, 200_000, 100_000], 3.0, np.eye(3)), 3)
    assert (found["n_shared"] > 100).all()
    assert ((found["n_shared"] - found["n_expected"]).abs() < 4 * np.sqrt(found["n_expected"])).all()
    assert (found["hopped_fraction"] < 2e-4).all()


def test_sums_by_eye() -> None:
    """Barcode 0: UMI 1 in both samples, 9 and 2 reads; UMI 2 in the second alone; barcode 1: UMI 1 in the second."""
    rows = [(0, 0, 1, 9), (0, 1, 1, 2), (0, 1, 2, 5), (1, 1, 1, 5)]
    frame = pd.DataFrame(rows, columns=["barcode", "sample", "umi", "n_reads"])
    found = hopping(frame, 2)
    assert found["n_shared"].to_list() == [1, 1]
    # UMIs CAAAAAAA three times and GAAAAAAA once: two are alike with chance (9 + 1) / 16; 1 x 2 pairs.
    assert found["n_expected"].to_list() == pytest.approx([1.25, 1.25])


def test_overlap_by_eye() -> None:
    seen = [np.array([0, 1, 2]), np.array([2, 3]), np.array([5])]
    found = barcode_overlap("lib", ["b", "a", "c"], seen, 6)
    rows = found[["sample", "other_sample", "n_barcodes", "n_other", "n_shared"]].itertuples(index=False, name=None)
    assert sorted(rows) == [("a", "b", 2, 3, 1), ("a", "c", 2, 1, 0), ("b", "c", 3, 1, 0)]
