"""Render the real observations of Kinney et al. (2010) as the FASTQ files of this folder; see README.md.

Usage, from the top of the repository:

    PYTHONPATH=scripts python resources/lac/render_reads.py mavenn-1.1.4-py3-none-any.whl
"""

import gzip
import io
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kcalseq.errors import KcalseqError
from kcalseq.reads.layout import Layout, read_layout
from kcalseq.simulate.reads import ReadProfile, RenderedReads, draw_qualities, fastq_text, read_templates

SEED = 2010
N_CYCLES = 125
# What follows the right flank in lac, so that reads go on behind it as they do on a sequencer.
DOWNSTREAM = "TTCACACAGGAAACAGCTATGACCATGATTACGGATTCACTG"
FOLDER = Path(__file__).resolve().parent
REPOSITORY = FOLDER.parents[1]
_IN_WHEEL = "mavenn/examples/datasets/sortseq_data.csv.gz"


def read_source(path: Path) -> pd.DataFrame:
    """The table ``sortseq`` of mavenn: set, ct_0 to ct_9 and x, from its wheel or from the table itself."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return pd.read_csv(io.BytesIO(wheel.read(_IN_WHEEL)), compression="gzip")
    return pd.read_csv(path)


def observations(source: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """One row for each real observation: variant_sequence, sample and its sample_code, in the source's order."""
    long = source.melt(
        id_vars=["x"], value_vars=[f"ct_{number}" for number in range(10)], var_name="ct", value_name="n"
    )
    long = long.loc[long.index.repeat(long["n"])]
    by_ct = samples.assign(ct="ct_" + samples["bin"].astype(str))[["ct", "sample", "sample_code"]]
    merged = long.merge(by_ct, on="ct", how="left", validate="many_to_one")
    if merged["sample"].isna().any():
        found = "a fraction of the experiment has no row"
        raise KcalseqError("config/samples.tsv", found, "bins 0 (the input) to 9", "restore the sheet")
    return merged.rename(columns={"x": "variant_sequence"})[["variant_sequence", "sample", "sample_code"]]


def templates(reads: pd.DataFrame, layout: Layout) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """What the sequencer reads of each molecule, as ASCII letters, and where the variant sits in it."""
    text = (
        reads["sample_code"]
        + layout.left_flank.sequence
        + reads["variant_sequence"]
        + layout.right_flank.sequence
        + DOWNSTREAM
    )
    letters = np.frombuffer("".join(text).encode("ascii"), dtype=np.uint8).reshape(len(text), -1)
    start = len(reads["sample_code"].iloc[0]) + layout.left_flank.length
    return letters, (start, start + layout.variant.length)


def write_gzip(path: Path, content: bytes) -> None:
    """Gzip without time and file name, so that the bytes depend on the content alone."""
    with path.open("wb") as file, gzip.GzipFile("", "wb", compresslevel=9, fileobj=file, mtime=0) as zipped:
        zipped.write(content)


def write_tsv(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame as gzipped TSV."""
    write_gzip(path, frame.to_csv(sep="\t", index=False, lineterminator="\n").encode("ascii"))


def write_runs(reads: pd.DataFrame, rendered: RenderedReads, run_of_read: NDArray[np.int64]) -> None:
    """Write the FASTQ of each run and the truth about all of them."""
    truth = []
    for number in (1, 2):
        chosen = np.flatnonzero(run_of_read == number)
        names = [f"lac_run{number}.{count}" for count in range(1, len(chosen) + 1)]
        text = fastq_text(names, rendered.sequences[chosen], rendered.qualities[chosen])
        write_gzip(FOLDER / f"run{number}.fastq.gz", text)
        counts = {name: getattr(rendered, name)[chosen] for name in ("n_errors_in_variant", "n_errors", "n_indels")}
        rows = reads.iloc[chosen][["variant_sequence", "sample"]].reset_index(drop=True)
        truth.append(rows.assign(run=f"lac_run{number}", read=names, **counts))
    columns = ["run", "read", "variant_sequence", "sample", "n_errors_in_variant", "n_errors", "n_indels"]
    write_tsv(FOLDER / "truth.tsv.gz", pd.concat(truth)[columns])


def main(path: Path) -> None:
    """Render all reads and write the folder's data files."""
    rng = np.random.default_rng(SEED)
    source = read_source(path)
    samples = pd.read_csv(REPOSITORY / "config" / "samples.tsv", sep="\t", dtype=str)
    layout = read_layout(REPOSITORY / "config" / "assays" / "lac.yaml")
    in_order = observations(source, samples[samples["library"] == "lac"])
    reads = in_order.iloc[rng.permutation(len(in_order))].reset_index(drop=True)
    profile = ReadProfile()
    letters, variant_span = templates(reads, layout)
    qualities = draw_qualities(len(reads), N_CYCLES, profile, rng)
    rendered = read_templates(letters, qualities, variant_span, profile.indel_share, rng)
    write_runs(reads, rendered, rng.integers(1, 3, size=len(reads)))
    split = source[["x", "set"]].rename(columns={"x": "variant_sequence"})
    write_tsv(FOLDER / "split.tsv.gz", split)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
