"""What mpralib's schemas say of each file of IGVF: its columns in order, each with a pattern of its cells.

Stated here in full, because the released package of mpralib comes without its schema files.
"""

import gzip
import re
from pathlib import Path

TEXT, BASES, WHOLE, NUMBER, ALLELE = r".+", "[ACGT]+", r"\d+", r"-?\d+(\.\d+)?", "([ACGT]+|0)"
SCORE, STRAND, MAYBE = r"\d{1,3}|1000", "[-+.]", r"\d*"
SPDI = "[A-Za-z0-9_.]+:[0-9]+:[A-Za-z]*:[A-Za-z]*"
_NUMBERS = ("log2FoldChange", "inputCount", "outputCount", "minusLog10PValue", "minusLog10QValue")
_OF_ALLELES = (
    "log2FoldChange",
    "inputCountRef",
    "outputCountRef",
    "inputCountAlt",
    "outputCountAlt",
    "minusLog10PValue",
    "minusLog10QValue",
    "postProbEffect",
    "CI_lower_95",
    "CI_upper_95",
)
_BED = {"chrom": TEXT, "chromStart": WHOLE, "chromEnd": WHOLE, "name": TEXT, "score": SCORE, "strand": STRAND}
_ALLELES = {"variantPos": WHOLE, "refAllele": ALLELE, "altAllele": ALLELE}
FORMATS = {
    "reporter_barcode_to_element_mapping": {"barcode": BASES, "oligoName": TEXT},
    "reporter_experiment": {
        "replicate": TEXT,
        "oligo_name": TEXT,
        "dna_counts": WHOLE,
        "rna_counts": WHOLE,
        "dna_normalized": NUMBER,
        "rna_normalized": NUMBER,
        "log2FoldChange": NUMBER,
        "n_bc": WHOLE,
    },
    "reporter_element": {"oligo_name": TEXT, **dict.fromkeys(_NUMBERS, NUMBER)},
    "reporter_variant": {"variant_id": SPDI, **dict.fromkeys(_OF_ALLELES, NUMBER), **_ALLELES},
    "reporter_genomic_element": {**_BED, **dict.fromkeys(_NUMBERS, NUMBER)},
    "reporter_genomic_variant": {**_BED, **dict.fromkeys(_OF_ALLELES, NUMBER), **_ALLELES},
}
WITHOUT_HEADER = ("reporter_barcode_to_element_mapping", "reporter_genomic_element", "reporter_genomic_variant")


def faults(path: Path) -> list[str]:
    """What breaks the format that a file is named after; none if it is valid. A file without rows is not."""
    name = path.name.split(".")[0]
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")
    assert lines.pop() == "", "the last line ends"
    if name == "reporter_experiment_barcode":
        header = lines[0].split("\t")
        columns = {"barcode": BASES, "oligo_name": TEXT, **dict.fromkeys(header[2:], MAYBE)}
        paired = [re.fullmatch(r"(dna|rna)_count_([^_]+)", column) for column in header[2:]]
        if not all(paired) or [found[1] for found in paired if found] != ["dna", "rna"] * (len(paired) // 2):
            return [f"header {header}"]
    else:
        columns = FORMATS[name]
    told = [] if name in WITHOUT_HEADER or lines.pop(0).split("\t") == list(columns) else ["header"]
    if not lines:
        told.append("no row")
    for number, line in enumerate(lines, start=1):
        cells = line.split("\t")
        if len(cells) != len(columns):
            told.append(f"row {number}: {len(cells)} cells")
        for cell, (column, pattern) in zip(cells, columns.items(), strict=False):
            if not re.fullmatch(pattern, cell):
                told.append(f"row {number}, {column}: {cell!r}")
    return told
