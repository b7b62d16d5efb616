"""Association of one million pairs, end to end, two designs and several seeds: CPU seconds and correctness.

Each library is extracted and mapped by two whole processes, as the pipeline's two steps do it; times are medians of the
repeats. Without --fasta the designs are random sequences.

    PYTHONPATH=scripts:benchmarks/harness python benchmarks/association/run.py --folder /tmp/pairs --fasta design.fa
"""

import argparse
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
from generate_pairs import DESIGNS, designs_of, generate
from score import score
from timing import medians, side_by_side, write_table

HERE = Path(__file__).resolve().parent


def measure(folder: Path, repeats: int, python: str) -> dict[str, float]:
    """CPU seconds of both steps and together, wall seconds, and peak memory of the larger."""
    files = " ".join(f"{name}={folder}/{name}.fastq.gz" for name in ("read_1", "read_2", "index_1"))
    extract = f"{python} {HERE.parent}/reads/extract.py {HERE}/layout.yaml {folder} pairs pairs {files}"
    build = f"{python} {HERE}/map.py {folder}/pairs.observations.parquet {folder}/design.fa {folder}"
    steps = {"extract": extract, "map": build}
    table = medians(side_by_side(steps, repeats, folder, warm_up=list(steps)))
    return {
        "extract_cpu_s": table.at["extract", "cpu_s"],
        "map_cpu_s": table.at["map", "cpu_s"],
        "cpu_s": table["cpu_s"].sum(),
        "wall_s": table["wall_s"].sum(),
        "peak_mb": table["peak_mb"].max(),
    }


def main() -> None:
    """Generate what is not there, run and score everything, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="for the reads and what is made of them")
    parser.add_argument("--fasta", type=Path, help="design of about 171-nt oligos (default: random sequences)")
    parser.add_argument("--pairs", type=int, default=1_000_000, help="(default %(default)s)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="(default 1 2 3)")
    parser.add_argument("--repeats", type=int, default=5, help="(default %(default)s)")
    parser.add_argument("--python", default=sys.executable, help="the Python to run programs with")
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    options = parser.parse_args()
    rows = []
    for kind in DESIGNS:
        designs = designs_of(kind, options.fasta)
        for seed in options.seeds:
            folder = options.folder / f"{kind}_{seed}_{options.pairs}"
            if not (folder / "truth.tsv").exists():
                generate(folder, designs, options.pairs, seed)
            times = measure(folder, options.repeats, options.python)
            truth = pd.read_csv(folder / "truth.tsv", sep="\t", keep_default_na=False)
            calls = pq.read_table(folder / "barcode_calls.parquet").to_pandas()
            rows.append({"design": kind, "seed": seed, "n_pairs": options.pairs, **times, **score(calls, truth)})
            print(rows[-1], flush=True)
    write_table(pd.DataFrame(rows).round(3), options.output)


if __name__ == "__main__":
    main()
