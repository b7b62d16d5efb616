"""Merged mates, by eye."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kcalseq.reads.extract import Settings
from kcalseq.reads.layout import Layout, Merge

from .conftest import Fates, Rows, extract, fastq, part

Extracted = Callable[..., tuple[Rows, Fates]]
MERGED = Layout("layout", "", "read", {"merged": (part("variant", 8, 12, min_quality=20),)}, Merge(5, 0.2))


@pytest.mark.parametrize(
    ("one", "two", "outcome"),
    [
        ("AACC GTGTG", "TCT CACAC", "AACCGTGTGAGA"),  # five bases overlap
        ("AACCGTGTCA", "TGACACGGTT", "AACCGTGTCA"),  # one on top of the other
        # A whole molecule of another length than the layout foresees.
        ("AACCGTGTCATTACGGA", "TCCGTAATGACACGGTT", "wrong_length variant"),
        ("AACCGTGTCATTTT", "TGACACGGTTTTTT", "AACCGTGTCA"),  # both run into adapter behind the molecule
        ("AACCGTGTCA", "TGACAcGGTT", "AACCGTGTCA"),  # they agree: qualities add up
        ("AACCaTGTCA", "TGACACGGTT", "AACCGTGTCA"),  # they differ: the better base
        ("AACCGTGTCA", "TGACACaGTT", "AACCGTGTCA"),
        ("AACCGTGTCA", "GGGGGGGGGG", "mates_disagree merged"),
        ("AACCGTGTCA", "TGAC", "mates_disagree merged"),  # an overlap of four is too short
        ("AACCGT", "ACGGTT", "too_short merged"),
        ("AACCaTGTCA", "TGACAaGGTT", "low_quality variant"),  # both bad, and of two minds: nobody knows
    ],
)
def test_merged_mates(extracted: Extracted, one: str, two: str, outcome: str) -> None:
    rows, fates = extracted(MERGED, read_1=[one], read_2=[two])
    assert (str(rows[0]["variant_sequence"]) if rows else " ".join(map(str, *fates))) == outcome


def test_merged_qualities_follow_the_evidence(extracted: Extracted, tmp_path: Path) -> None:
    """Phred 20 and 20 that agree make 40; 30 against 10 leaves 20; beyond the overlap each stands alone; 60 is most."""
    files = {
        "read_1": [("AACCGTGTC", "5555?5I55")],
        "read_2": [("TGACATGGTT", "++5I5+5555")],  # read back AACCATGTCA; A at place 5 against G
    }
    paths = {slot: str(tmp_path / slot) for slot in files}
    for slot, rows in files.items():
        Path(paths[slot]).write_text(fastq(rows))
    any_quality = Layout("layout", "", "read", {"merged": (part("variant", 8, 12),)}, Merge(5, 0.2))
    rows, _ = extract(paths, any_quality, settings=Settings(keep_qualities=True))
    assert rows[0]["variant_sequence"] == "AACCGTGTCA"
    # place:            A40 A40 C40 C40 G20 T40 G60 T40 C30 A10
    assert rows[0]["variant_quality"] == "".join(chr(33 + score) for score in (40, 40, 40, 40, 20, 40, 60, 40, 30, 10))
