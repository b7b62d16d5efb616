r"""Memory and time of the steps of large libraries, beside what the profile for clusters asks for them.

Runs kcalseq's own rules, one job at a time, on the projects of ``large_libraries``: one of pairs and UMIs, one of an
imported map, one sorted by bin with a model fitted on four threads. Memory is the most that the step's process had, by
the kernel's account, from 0.2 GB on, which Snakemake takes before it turns into the step; CPU seconds are those of the
step itself, from its log. What is asked comes from the profile's own lines and the sizes of the step's own inputs.

    PYTHONPATH=scripts:benchmarks:benchmarks/harness:benchmarks/scale python benchmarks/scale/asked.py \
        --folder /tmp/asked --mapped 100000 1000000 --imported 1000000 10000000 --by_bin 100000 1000000 \
        --output benchmarks/scale/asked.tsv

Rows that are not measured again stay as they are, but for what the profile asks; work in a folder goes on.
"""

import argparse
import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import large_libraries
import pandas as pd
import yaml
from large_libraries import REPOSITORY
from timing import write_table

PROFILE = yaml.safe_load((REPOSITORY / "profiles/slurm/config.yaml").read_text(encoding="utf-8"))
LIBRARY, MODEL, FIGURES = "libraries/l", "libraries/l/models/lac_thermodynamic", "libraries/l/figures"
_COUNTED = {
    "count_barcodes": f"{LIBRARY}/barcode_counts.parquet",
    "count_variants": f"{LIBRARY}/variant_counts.parquet",
    "measure_log_ratios": f"{LIBRARY}/combined_activity.parquet",
}
_EXPORTS = {
    "export_anndata": f"{LIBRARY}/exports/l.h5ad",
    "export_tables": f"{LIBRARY}/exports/csv",
}
_PAGE = {
    "write_qc": "qc.tsv",
    "write_summary": "summary.tsv",
    "save_config": "run_config.yaml",
    "write_report": "report.html",
    "write_record": "ro-crate-metadata.json",
}
STEPS = {
    "mapped": {
        "extract_reads": "runs/pairs/observations.parquet",
        "probe_layout": "runs/pairs/layout_check.tsv",
        "check_design": f"{LIBRARY}/design_conflicts.tsv",
        "map_barcodes": f"{LIBRARY}/barcode_map.parquet",
        **_COUNTED,
        "plot_association": f"{FIGURES}/barcode_calls.pdf",
    },
    "imported": {
        "import_barcode_map": f"{LIBRARY}/barcode_map.parquet",
        **_COUNTED,
        "fit_error_model": f"{LIBRARY}/error_model.tsv",
        "measure_effects": f"{LIBRARY}/variant_effects.tsv",
        "call_sites": f"{LIBRARY}/putative_sites.tsv",
        "judge_quality": f"{LIBRARY}/quality.tsv",
        "draft_model": f"{LIBRARY}/draft_model.yaml",
        "plot_reads": f"{FIGURES}/read_fates.pdf",
        "plot_map": f"{FIGURES}/barcodes_per_variant.pdf",
        "plot_counts": f"{FIGURES}/saturation.pdf",
        "plot_log_ratios": f"{FIGURES}/ranked_activity.pdf",
        "plot_error_model": f"{FIGURES}/error_model.pdf",
        "plot_footprint": f"{FIGURES}/putative_sites.pdf",
        "plot_effects": f"{FIGURES}/saturation_map.pdf",
        **_PAGE,
        "export_igvf": f"{LIBRARY}/exports/igvf",
        **_EXPORTS,
    },
    "by_bin": {
        "assign_variants": f"{LIBRARY}/variants.parquet",
        "count_variants": f"{LIBRARY}/variant_counts.parquet",
        "measure_activity": f"{LIBRARY}/variant_activity.parquet",
        "call_sites": f"{LIBRARY}/putative_sites.tsv",
        "judge_quality": f"{LIBRARY}/quality.tsv",
        "draft_model": f"{LIBRARY}/draft_model.yaml",
        "fit_model": f"{MODEL}/fit.json",
        "estimate_intervals": f"{MODEL}/parameters.tsv",
        "compare_models": f"{LIBRARY}/model_comparison.tsv",
        "describe_model": f"{MODEL}/page_model.json",
        "export_motifs": f"{MODEL}/motifs.meme",
        "plot_reads": f"{FIGURES}/read_fates.pdf",
        "plot_activity": f"{FIGURES}/information_footprint.pdf",
        "plot_footprint": f"{FIGURES}/putative_sites.pdf",
        "plot_model": f"{MODEL}/figures/parameters.pdf",
        **_PAGE,
        **_EXPORTS,
    },
}
"""Rules of each project in the order in which they can run, each with one of its files."""


def run_all(folder: Path, targets: list[str]) -> None:
    """Run the rules that make some files, one job at a time, each with the threads of the profile."""
    command = [sys.executable, "-m", "snakemake", "-s", str(REPOSITORY / "Snakefile"), "-d", str(folder)]
    command += ["--configfile", str(folder / "config.yaml"), "--workflow-profile", "none", "--cores", "4"]
    command += ["--rerun-triggers", "mtime", "--benchmark-extended", "--keep-going"]
    command += ["--resources", "machine=1", "--default-resources", "machine=1"]
    command += ["--set-threads", *(f"{rule}={n}" for rule, n in PROFILE["set-threads"].items())]
    paths = [str(Path(__file__).parent / "peaks"), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PEAKS": str(folder / "peaks.tsv")}
    with (folder / "snakemake.log").open("wb") as log:
        subprocess.run([*command, "--", *targets], env=environment, stdout=log, stderr=log, check=False)


def measured(folder: Path) -> dict[str, dict[str, Any]]:
    """What the steps that are done took, by step."""
    peaks = pd.read_csv(folder / "peaks.tsv", sep="\t", names=["name", "peak_mb"], dtype={"name": str})
    # The script of a job has a name like tmp1a2b3c.count_barcodes.py.
    of_step = peaks.dropna().groupby(peaks["name"].str.split(".").str[-2])["peak_mb"].max()
    found = {}
    for usage in (folder / "logs").rglob("*.usage.tsv"):
        told = pd.read_csv(usage, sep="\t", dtype=str).iloc[0]
        if told["rule_name"] not in of_step:
            continue
        log = usage.with_name(usage.name.replace(".usage.tsv", ".log")).read_text(encoding="utf-8")
        (cpu_s,) = re.findall(r"^done: .*, ([0-9.]+) CPU s", log, flags=re.MULTILINE)
        found[told["rule_name"]] = {
            "input_mb": round(sum(ast.literal_eval(told["input_size_mb"]).values()), 1),
            "cpu_s": float(cpu_s),
            "wall_s": round(float(told["s"]), 1),
            "peak_mb": int(of_step[told["rule_name"]]),
        }
    return found


def asked(step: str, input_mb: float) -> dict[str, int]:
    """What the profile asks for a step at its first attempt: MB, and minutes."""
    lines = {**PROFILE["default-resources"], **PROFILE["set-resources"].get(step, {})}
    names = {"max": max, "attempt": 1, "input": SimpleNamespace(size_mb=input_mb)}
    return {f"asked_{unit}": round(eval(lines[name], names)) for name, unit in (("mem_mb", "mb"), ("runtime", "min"))}


def main() -> None:
    """Measure the projects asked for, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where to work; 15 GB for the largest")
    parser.add_argument("--mapped", type=int, nargs="*", default=[], help="barcodes, such as 100000 1000000")
    parser.add_argument("--imported", type=int, nargs="*", default=[], help="barcodes, such as 1000000 10000000")
    parser.add_argument("--by_bin", type=int, nargs="*", default=[], help="variants, such as 100000 1000000")
    parser.add_argument("--output", type=Path, required=True, help="table to write, or to put rows into")
    options = parser.parse_args()
    for project, steps in STEPS.items():
        for size in getattr(options, project):
            folder = options.folder / f"{project}_{size}"
            if not folder.exists():
                folder.mkdir(parents=True)
                getattr(large_libraries, project)(folder, size)
            run_all(folder, [f"results/{target}" for target in steps.values()])
            found = measured(folder)
            rows = [{"project": project, "size": size, "step": step, **found[step]} for step in steps if step in found]
            put(rows, options.output)
    put([], options.output)


def put(rows: list[dict[str, Any]], path: Path) -> None:
    """Put rows in their places in the table, which holds what was measured so far, and tell anew what is asked."""
    there = pd.read_csv(path, sep="\t").to_dict("records") if path.exists() else []
    known = {(row["project"], row["size"], row["step"]): row for row in [*there, *rows]}
    places = [(project, step) for project, steps in STEPS.items() for step in steps]
    ordered = sorted(known.values(), key=lambda row: (places.index((row["project"], row["step"])), row["size"]))
    write_table(pd.DataFrame([{**row, **asked(row["step"], row["input_mb"])} for row in ordered]), path)


if __name__ == "__main__":
    main()
