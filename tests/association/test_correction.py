"""Which barcodes may be misread ones."""

import numpy as np
import pyarrow as pa

from kcalseq.association.correction import candidate_heads
from kcalseq.association.hashing import to_text


def heads(reads: dict[str, int]) -> dict[str, str]:
    barcodes = sorted(reads)
    found = candidate_heads(to_text(pa.array(barcodes, pa.string())), np.array([reads[name] for name in barcodes]))
    return {barcode: barcodes[head] for barcode, head in zip(barcodes, found, strict=True) if barcodes[head] != barcode}


def test_a_rare_neighbour_has_the_abundant_one_as_its_head() -> None:
    assert heads({"AAAA": 10, "AAAT": 1, "TTTT": 1}) == {"AAAT": "AAAA"}


def test_two_abundant_neighbours_stay_apart() -> None:
    assert heads({"AAAA": 10, "AAAT": 6}) == {}
    assert heads({"AAAA": 11, "AAAT": 6}) == {"AAAT": "AAAA"}  # 11 >= 2 x 6 - 1
    assert heads({"AAAA": 1, "AAAT": 1}) == {}


def test_a_base_too_few_lets_in_the_next_one() -> None:
    assert heads({"ACGTAC": 9, "AGTACC": 1, "AACGTA": 1}) == {"AGTACC": "ACGTAC", "AACGTA": "ACGTAC"}
    assert heads({"ACGTAC": 9, "AGTAC": 1, "ACGTTAC": 1}) == {"AGTAC": "ACGTAC", "ACGTTAC": "ACGTAC"}


def test_the_most_abundant_of_several_is_named_and_no_chain_is_followed() -> None:
    assert heads({"AAAA": 10, "AATT": 20, "AAAT": 2}) == {"AAAT": "AATT"}
    # AATT may be misread from AAAT, which is itself a misreading: it has no head of its own.
    assert heads({"AAAA": 20, "AAAT": 5, "AATT": 1}) == {"AAAT": "AAAA"}


def test_no_barcode_no_head() -> None:
    assert heads({}) == {}
