"""mpralib and anndata read what is written for them.

They run in an environment of their own, since they do not allow the version of pandas that kcalseq runs with.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from kcalseq.export.barcodes import side_by_side, write_barcode_counts
from kcalseq.export.h5ad import Annotated, write_h5ad

from .invented import Invented, invented
from .test_matrices import content

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
MPRALIB = "mpralib==0.11.1"


@pytest.fixture(scope="module")
def made() -> Invented:
    return invented()


@pytest.fixture(scope="module")
def matrices(made: Invented) -> Annotated:
    return content(made)


@pytest.fixture(scope="module")
def told(
    made: Invented,
    matrices: Annotated,
    tmp_path_factory: pytest.TempPathFactory,
    missing_tool: Callable[[str], NoReturn],
) -> dict[str, Any]:
    """What both programs read."""
    folder = tmp_path_factory.mktemp("programs")
    python = folder / "environment" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", folder / "environment"], check=True)
    install = [python, "-m", "pip", "install", "-qq", "--only-binary", ":all:", MPRALIB]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        missing_tool(f"{MPRALIB} cannot be installed: {done.stderr.strip()[-500:]}")
    counted = side_by_side([made.barcode_counts], made.barcode_map.column("barcode").combine_chunks())
    path = folder / "reporter_experiment_barcode.tsv.gz"
    write_barcode_counts(counted.counts, "M9", {"a_1": "a-1", "a_2": "a-2"}, made.barcode_map, path)
    write_h5ad(matrices, folder / "made.h5ad")
    script = Path(__file__).parent / "read_back.py"
    done = subprocess.run([python, script, folder], capture_output=True, text=True, check=False)
    shutil.rmtree(folder / "environment")
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_mpralib_reads_the_barcodes_that_were_counted(told: dict[str, Any], made: Invented) -> None:
    counts = made.barcode_counts.to_pandas()
    assert told["replicates"] == ["a-1", "a-2"]
    assert told["barcodes"] == sorted(counts["barcode"].unique())
    for fraction in ("dna", "rna"):
        own = counts[counts["fraction"] == fraction]
        wide = own.pivot(index="replicate", columns="barcode", values="n_molecules")
        expected = wide.reindex(columns=told["barcodes"]).fillna(0).astype(int)
        assert told[fraction] == expected.to_numpy().tolist()
    owner = counts.drop_duplicates("barcode").set_index("barcode")["variant"]
    assert told["variants"] == owner.loc[told["barcodes"]].tolist()


def test_anndata_reads_the_matrices_that_were_written(told: dict[str, Any], matrices: Annotated) -> None:
    np.testing.assert_array_equal(np.array(told["X"], dtype=float), matrices.matrix)
    assert set(told["layers"]) == set(matrices.layers)
    for name, layer in matrices.layers.items():
        np.testing.assert_array_equal(np.array(told["layers"][name], dtype=float), layer)
    for found, frame in ((told["obs"], matrices.obs), (told["var"], matrices.var)):
        assert found.pop("index") == list(frame.index)
        assert list(found) == list(frame.columns)
    np.testing.assert_array_equal(told["obs"]["log2_ratio M9"], matrices.obs["log2_ratio M9"])
    assert told["obs"]["variant_sequence"] == matrices.obs["variant_sequence"].tolist()
    assert told["var"]["replicate"] == ["a_1", "a_2"]
    assert told["uns"]["library"] == "made"
