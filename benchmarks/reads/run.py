"""Extraction beside decompression: 16 million reads of 75 nt, gzipped, to counted barcodes.

Side by side, interleaved, medians of the repeats:

- kcalseq, whole process, from the compressed file to the table of distinct barcodes and their counts
- igzip -dc, which only decompresses
- cutadapt, which only extracts: the same parts, one mismatch, the same quality limit; it does not count
- MPRAsnakeflow's default route for counts without UMIs (its own scripts, from a checkout that --mpra names), on fewer
  reads of the same kind, as pairs that read the barcode from both ends; it counts too

Needs igzip (Debian: isal), cutadapt, and for the last samtools and pysam; what is missing is left out, and said.

    PYTHONPATH=scripts:benchmarks/harness python benchmarks/reads/run.py --folder /tmp/reads
"""

import argparse
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from generate_reads import BARCODE_LENGTH, CONSTANT, QUALITIES, generate
from timing import medians, side_by_side, write_table

from kcalseq.simulate.misreading import ErrorRates
from kcalseq.simulate.molecules import Molecules, draw_barcodes, reverse_complement
from kcalseq.simulate.readfiles import ReadFile, write_reads

HERE = Path(__file__).resolve().parent
ANCHORED = f"-g '^{'N' * BARCODE_LENGTH}{CONSTANT};e=1' --no-indels --action=none -l {BARCODE_LENGTH}"
MEAN_ERROR = 0.01  # Phred 20, as layout.yaml asks for


def commands(reads: Path, folder: Path, python: str) -> dict[str, str]:
    """The command lines that read the same file."""
    made = {"kcalseq": f"{python} {HERE}/extract.py {HERE}/layout.yaml {folder} reads reads read_1={reads}"}
    if shutil.which("igzip"):
        made["igzip"] = f"igzip -dc {reads} > /dev/null"
    if shutil.which("cutadapt"):
        keep = f"--discard-untrimmed -m {BARCODE_LENGTH} --max-n 0 --max-average-error-rate {MEAN_ERROR}"
        made["cutadapt"] = f"cutadapt -j 1 {ANCHORED} {keep} -o {folder}/cutadapt.fastq.gz {reads}"
    for name in sorted({"igzip", "cutadapt"} - set(made)):
        print(f"{name} is not installed: left out")
    return made


def mpra_command(scripts: Path, folder: Path, n_reads: int, python: str) -> str:
    """Write pairs that read barcodes from both ends, and return MPRAsnakeflow's commands for them."""
    rng = np.random.default_rng(1)
    barcodes = draw_barcodes(20_000, BARCODE_LENGTH, rng)
    rows = rng.integers(len(barcodes), size=n_reads)
    behind = np.broadcast_to(np.frombuffer(CONSTANT.encode("ascii"), dtype=np.uint8), (len(barcodes), len(CONSTANT)))
    turned = reverse_complement(Molecules(barcodes, np.full(len(barcodes), BARCODE_LENGTH))).letters
    for name, letters in (("FWD", barcodes), ("REV", turned)):
        mate = ReadFile(np.concatenate([letters, behind], axis=1), rows, BARCODE_LENGTH)
        write_reads(folder / f"{name}.fastq.gz", mate, ErrorRates(), 1, "SIM:7:FLOWCELL:1:1101:")
    count = scripts / "count"
    return (
        f"export PYTHONPATH={scripts}; paste <(zcat {folder}/FWD.fastq.gz) <(zcat {folder}/REV.fastq.gz)"
        " | awk '{if (NR % 4 == 2 || NR % 4 == 0) {print $1$2} else {print $1}}'"
        f" | {python} {count}/FastQ2doubleIndexBAM_python3.py -p -s {BARCODE_LENGTH + 1} -l 0 -m 0 --RG sample"
        f" | {python} {count}/MergeTrimReadsBAM_python3.py --FirstReadChimeraFilter '' --adapterFirstRead ''"
        f" --adapterSecondRead '' -p --mergeoverlap --minoverlap 11 > {folder}/merged.bam"
        f" && samtools view -F 1 -r sample {folder}/merged.bam | awk '{{print $10}}' | sort | uniq -c"
        f" | gzip -c > {folder}/mpra_counts.gz && test -s {folder}/mpra_counts.gz"
    )


def compare(table: pd.DataFrame) -> pd.DataFrame:
    """Reads per CPU second, and how often kcalseq's CPU and wall seconds hold each command's, read for read."""
    own = table.loc["kcalseq"]
    per_cpu = table["n_reads"] / table["cpu_s"]
    ratios = {
        "reads_per_cpu_s": per_cpu,
        "cpu_of_kcalseq": own["cpu_s"] / own["n_reads"] * per_cpu,
        "wall_of_kcalseq": own["wall_s"] / own["n_reads"] * (table["n_reads"] / table["wall_s"]),
    }
    return table.assign(**ratios).round(3).reset_index()


def main() -> None:
    """Generate the reads where they are not there, run everything, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="for the reads and what is made of them")
    parser.add_argument("--reads", type=int, default=16_000_000, help="how many (default %(default)s)")
    parser.add_argument("--qualities", choices=QUALITIES, default="many", help="(default %(default)s)")
    parser.add_argument("--repeats", type=int, default=5, help="(default %(default)s)")
    parser.add_argument("--mpra", type=Path, help="checkout of MPRAsnakeflow (default: left out)")
    parser.add_argument("--mpra-reads", type=int, default=50_000, help="(default %(default)s)")
    parser.add_argument("--python", default=sys.executable, help="the Python to run programs with")
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    reads = options.folder / f"reads_{options.reads}_{options.qualities}.fastq.gz"
    if not reads.exists():
        generate(reads, options.reads, 50_000, qualities=options.qualities)
    lines = commands(reads, options.folder, options.python)
    n_reads = dict.fromkeys(lines, options.reads)
    if options.mpra:
        scripts = options.mpra.resolve() / "workflow" / "scripts"
        lines["mprasnakeflow"] = mpra_command(scripts, options.folder, options.mpra_reads, options.python)
        n_reads["mprasnakeflow"] = options.mpra_reads
    table = medians(side_by_side(lines, options.repeats, options.folder, warm_up=["kcalseq"]))
    table.insert(0, "n_reads", pd.Series(n_reads))
    table.insert(1, "gz_mb", round(reads.stat().st_size / 1e6, 1))
    table.loc[table["n_reads"] != options.reads, "gz_mb"] = np.nan
    write_table(compare(table), options.output)


if __name__ == "__main__":
    main()
