"""Every way in which a copy of a site can make no sense, and the words that say so."""

from collections.abc import Callable

import pytest

from kcalseq.errors import KcalseqError
from kcalseq.models.spec import ModelSpec

COPY = "  A_far: {copy_of: A, start: 10, strand: reverse}\n"
SCANNED = "  A: {start: [0, 1], length: 4}\n"

# Name: what is replaced in the model with copies, by what, and the words of the one message.
FAULTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "an original that is not there": (
        "copy_of: A,",
        "copy_of: B,",
        ("line 7, key 'sites.A_far.copy_of'", "'B' is no site", "a site of this model"),
    ),
    "a copy of a copy": (
        COPY,
        COPY + "  A_third: {copy_of: A_far, start: 14}\n",
        ("line 8, key 'sites.A_third.copy_of'", "'A_far' is a copy itself", "name its original"),
    ),
    "a copy of itself": (
        "copy_of: A,",
        "copy_of: A_far,",
        ("line 7, key 'sites.A_far.copy_of'", "'A_far' is a copy itself", "a site with energies of its own"),
    ),
    "a copy of a scanned site": (
        "  A: {start: 0, length: 4, energies: neighbour}\n",
        SCANNED,
        ("line 7, key 'sites.A_far.copy_of'", "'A_far' is a copy of 'A', which is scanned", "over all places"),
    ),
    "a copy that is scanned": (
        "start: 10,",
        "start: [10, 12],",
        ("line 7, key 'sites.A_far.start'", "'A_far' may start anywhere in a range", "one start"),
    ),
    **{
        f"{key} of its own": (
            "start: 10,",
            f"start: 10, {key}: {value},",
            (
                f"line 7, key 'sites.A_far.{key}'",
                f"the copy 'A_far' has {key} of its own; expected what its original 'A' says",
                f"remove {key}, or remove copy_of",
            ),
        )
        for key, value in {
            "length": "4",
            "energies": "matrix",
            "chemical_potential": "by_condition",
            "published": "{energies: [[0, 1, 1, 1]], sd_kcal_per_mol: 1}",
            "blocks": "[2, 2]",
            "spacers": "[3]",
            "reference_spacer": "3",
            "strands": "both",
        }.items()
    },
    "a copy that sticks out": (
        "start: 10,",
        "start: 13,",
        ("line 7, key 'sites.A_far.start'", "site 'A_far' covers positions 13 to 16", "positions within 0 to 15"),
    ),
    "a strand of a site that is no copy": (
        "energies: neighbour}",
        "energies: neighbour, strand: reverse}",
        ("line 5, key 'sites.A.strand'", "site 'A' has a strand and is no copy", "remove strand"),
    ),
    "an original without a length": (
        "length: 4, energies: neighbour}",
        "energies: neighbour}",
        ("line 5, key 'sites.A'", "has neither length nor blocks"),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_words_of_a_fault(fault: str, texts: dict[str, str], read_text: Callable[[str], ModelSpec]) -> None:
    old, new, words = FAULTS[fault]
    assert old in texts["copies"]
    with pytest.raises(KcalseqError) as raised:
        read_text(texts["copies"].replace(old, new))
    assert len(str(raised.value).splitlines()) == 1
    for word in words:
        assert word in str(raised.value)


def test_a_copy_that_overlaps_a_site_bound_with_it_is_told(
    texts: dict[str, str], read_text: Callable[[str], ModelSpec]
) -> None:
    text = texts["copies"].replace("start: 10,", "start: 3,")
    listed = "states: [{bound: [], rate: 0}, {bound: [A, P], rate: r}, {bound: [P, A_far, A], rate: r}]\n"
    with pytest.raises(KcalseqError) as raised:
        read_text(text.replace("states: auto\ntranscribing: {P: t_sat}\n", listed))
    assert "'A_far' and 'A' are bound together but share positions 3 to 3" in str(raised.value)
    assert "'P' and 'A_far' are bound together but share positions 5 to 6" in str(raised.value)
