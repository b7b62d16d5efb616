"""Fits of kcalseq beside those of MAVE-NN: the same observations, the same split, the same score.

Makes MAVE-NN's environment where it is not there, runs every fit in a process of its own, one after the other and
both programs in turn, and writes the table after each. Rows of fits that are not run now stay in the table, so that
one program or model can be measured again, or added, by itself.

    PYTHONPATH=scripts:benchmarks/harness python benchmarks/mavenn/run.py --mavenn-env ENV --folder FOLDER
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from timing import run

HERE = Path(__file__).resolve().parent
KEY = ["peer", "model", "starts", "seed"]
COLUMNS = [
    *("peer", "version", "model", "starts", "seed"),
    *("log_likelihood", "I_var_bits", "I_var_se", "r_squared", "interaction_kcal_per_mol"),
    *("n_iterations", "cpu_s", "cpu_ratio_to_kcalseq", "process_cpu_s", "peak_mb", "command"),
]
DECIMALS = {"cpu_s": 1, "cpu_ratio_to_kcalseq": 2, "process_cpu_s": 1, "interaction_kcal_per_mol": 2}


class Fit(NamedTuple):
    """A model of a program, from so many starts, fitted with so many seeds."""

    peer: str
    model: str
    starts: int
    n_seeds: int


FITS = (
    Fit("kcalseq", "sortseq_additive", 1, 3),
    Fit("mavenn", "sortseq_additive", 1, 3),
    Fit("kcalseq", "sortseq_lac", 1, 3),
    Fit("mavenn", "sortseq_lac", 1, 1),
    Fit("kcalseq", "sortseq_lac", 4, 3),
    Fit("mavenn", "mpsa_additive", 1, 1),
    Fit("mavenn", "mpsa_neighbor", 1, 1),
    Fit("mavenn", "mpsa_pairwise", 1, 1),
)


def make_environment(folder: Path) -> Path:
    """MAVE-NN's Python, with its packages installed where that was not done before."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([python, "-m", "pip", "install", "-q", "-r", HERE / "requirements.txt"], check=True)
    return python


def in_turn(pattern: str) -> Iterator[tuple[Fit, int]]:
    """Fits and seeds whose name, such as `mavenn sortseq_lac 1 2`, the pattern finds: all with seed 1 first."""
    for seed in range(1, max(fit.n_seeds for fit in FITS) + 1):
        for fit in FITS:
            if seed <= fit.n_seeds and re.search(pattern, f"{fit.peer} {fit.model} {fit.starts} {seed}"):
                yield fit, seed


def measure(fit: Fit, seed: int, python: Path, data: Path, folder: Path) -> dict[str, object]:
    """Run one fit in its own process; its row of the table."""
    arguments = ["--model", fit.model, "--seed", str(seed)]
    if fit.peer == "kcalseq":
        arguments += ["--starts", str(fit.starts)]
    program, name = f"fit_{fit.peer}.py", f"{fit.peer}_{fit.model}_{fit.starts}_{seed}"
    table, row = data / f"{fit.model.split('_')[0]}_data.csv.gz", folder / f"{name}.json"
    places = ["--table", str(table), "--output", str(row)]
    usage = run([str(python), str(HERE / program), *arguments, *places], folder / f"{name}.log")
    found = json.loads(row.read_text(encoding="utf-8"))
    same = {"peer": fit.peer, "model": fit.model, "starts": fit.starts, "seed": seed}
    whole = {"process_cpu_s": usage.cpu_s, "peak_mb": usage.peak_mb}
    return same | found | whole | {"command": " ".join([program, *arguments])}


def joined(kept: pd.DataFrame, row: dict[str, object]) -> pd.DataFrame:
    """The table with a new row in the place of the old one.

    `cpu_ratio_to_kcalseq` is CPU seconds as a multiple of the median of kcalseq's fits of that model from one start.
    """
    table = pd.concat([kept, pd.DataFrame([row])], ignore_index=True).drop_duplicates(KEY, keep="last")
    own = table[(table["peer"] == "kcalseq") & (table["starts"] == 1)].groupby("model")["cpu_s"].median()
    table["cpu_ratio_to_kcalseq"] = table["cpu_s"] / table["model"].map(own)
    return table.sort_values(["model", "peer", "starts", "seed"])[COLUMNS]


def write(table: pd.DataFrame, path: Path) -> None:
    """Write the table, rounded: four decimals where `DECIMALS` does not say otherwise."""
    table = table.assign(peak_mb=table["peak_mb"].round().astype(int))
    numbers = {name: DECIMALS.get(name, 4) for name in table.select_dtypes("float").columns}
    path.write_text(table.round(numbers).to_csv(sep="\t", index=False, lineterminator="\n"), encoding="utf-8")


def main() -> None:
    """Run the fits and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mavenn-env", type=Path, required=True, help="MAVE-NN's environment; made if it is not there")
    parser.add_argument("--folder", type=Path, required=True, help="for logs and what each fit writes")
    parser.add_argument("--data", type=Path, help="folder of MAVE-NN's tables (default: those in its environment)")
    parser.add_argument("--only", default="", help="fits to run: a pattern in 'peer model starts seed' (default: all)")
    parser.add_argument("--output", type=Path, required=True, help="the table; rows of other fits are kept")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    python = make_environment(options.mavenn_env)
    data = options.data or next(options.mavenn_env.glob("lib/python*/site-packages/mavenn/examples/datasets"))
    pythons = {"kcalseq": Path(sys.executable), "mavenn": python}
    for fit, seed in in_turn(options.only):
        row = measure(fit, seed, pythons[fit.peer], data, options.folder)
        print(*(row[name] for name in (*KEY, "I_var_bits", "cpu_s")), sep="\t", flush=True)
        kept = pd.read_csv(options.output, sep="\t") if options.output.exists() else pd.DataFrame(columns=COLUMNS)
        write(joined(kept, row), options.output)


if __name__ == "__main__":
    main()
