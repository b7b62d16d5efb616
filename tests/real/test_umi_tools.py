"""Real reads whose UMIs another program moved to their names: from either file we count the same."""

from collections import Counter
from pathlib import Path

import pytest

from .numbered import extract, read_fastq

# An observation is of a barcode or a variant: here of what is left of the read, which is between 13 and 67 nt long. The
# short string describes the read alone, so the rest is taken from the same file as if it were the mate.
FROM_READ = """
description: UMI-tools' own letters
reads:
  read_1: NNNXXXXNN
  read_2:
    - {name: pattern, kind: skip, length: 9}
    - {name: rest, kind: variant, min_length: 13, max_length: 67, min_quality: 0}
"""
FROM_NAME = r"""
description: the UMI behind the last underscore of the name; the skipped bases stand before the rest
reads:
  read_1:
    - {name: skipped, kind: skip, length: 4}
    - {name: rest, kind: variant, min_length: 13, max_length: 67, min_quality: 0}
read_name:
  pattern: _(?P<umi>[ACGTN]{5})(?:\s|$)
  parts:
    - {name: umi, kind: umi, length: 5}
"""


@pytest.fixture
def folder(shared_data: Path) -> Path:
    return shared_data / "umi_tools"


@pytest.mark.parametrize(
    ("layout", "names"),
    [(FROM_READ, {"read_1": "slim", "read_2": "slim"}), (FROM_NAME, {"read_1": "processed_single"})],
)
def test_umis_are_those_that_umi_tools_found(folder: Path, layout: str, names: dict[str, str], tmp_path: Path) -> None:
    moved = read_fastq(folder / "processed_single.fastq.gz")
    pairs = Counter((read.name.rpartition("_")[2], read.bases[4:]) for read in moved)
    umis = Counter(umi for umi, _ in pairs.elements())
    assert (umis.total(), len(umis)) == (10_000, 1017)
    found = extract(layout, {slot: folder / f"{name}.fastq.gz" for slot, name in names.items()}, tmp_path)
    counted = {(row["umi"], row["variant_sequence"]): row["n_reads"] for row in found.rows}
    assert counted == pairs
    assert found.fates == {("kept", None): 10_000}


def test_a_umi_that_is_not_in_the_name_is_told(folder: Path, tmp_path: Path) -> None:
    found = extract(FROM_NAME, {"read_1": folder / "slim.fastq.gz"}, tmp_path)
    assert found.rows == []
    assert found.fates == {("not_in_name", "umi"): 10_000}
