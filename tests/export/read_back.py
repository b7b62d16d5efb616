"""Run by a Python that has mpralib and anndata: reads the files of a folder and tells what it found as JSON."""

import json
import logging
import sys
from pathlib import Path
from typing import Any


def read_back(folder: Path) -> dict[str, Any]:
    """What mpralib and anndata see in the files."""
    # Only the environment in which this runs has them.
    import anndata
    from mpralib.mpradata import MPRABarcodeData

    barcodes = MPRABarcodeData.from_file(str(folder / "reporter_experiment_barcode.tsv.gz"))
    data = anndata.read_h5ad(folder / "made.h5ad")
    return {
        "replicates": list(barcodes.obs_names),
        "barcodes": list(barcodes.var_names),
        "variants": list(barcodes.oligos),
        "dna": barcodes.raw_dna_counts.tolist(),
        "rna": barcodes.raw_rna_counts.tolist(),
        "X": data.X.tolist(),
        "obs": {"index": list(data.obs_names), **{name: list(data.obs[name]) for name in data.obs}},
        "var": {"index": list(data.var_names), **{name: [str(cell) for cell in data.var[name]] for name in data.var}},
        "layers": {name: layer.tolist() for name, layer in data.layers.items()},
        "uns": {name: str(text) for name, text in data.uns.items()},
    }


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    print(json.dumps(read_back(Path(sys.argv[1]))))
