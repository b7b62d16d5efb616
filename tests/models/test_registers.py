"""Registers are all the ways to lay a site within a variant, no more and no fewer."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcalseq.dna import reverse_complement
from kcalseq.models.registers import Register, Scan, covered, is_scanned, registers, scan_of

BLOCKS = st.one_of(st.tuples(st.integers(1, 4)), st.tuples(st.integers(1, 4), st.integers(1, 4)))


@st.composite
def scans(draw: st.DrawFn) -> Scan:
    """Any small scan."""
    blocks = draw(BLOCKS)
    spacers = tuple(draw(st.lists(st.integers(0, 5), min_size=1, unique=True))) if len(blocks) == 2 else ()
    starts = tuple(sorted(draw(st.sets(st.integers(0, 12), min_size=1))))
    return Scan(blocks, starts, spacers, spacers[0] if spacers else None, draw(st.booleans()))


@given(scans(), st.integers(1, 16))
def test_registers_are_those_whose_positions_all_lie_within_the_variant(scan: Scan, length: int) -> None:
    expected = []
    for strand, start, spacer in product("+-" if scan.both_strands else "+", scan.starts, scan.spacers or (None,)):
        stop = start + sum(scan.blocks) + (spacer or 0)
        if all(position < length for position in range(start, stop)):
            expected.append((start, spacer, strand))
    found = registers(scan, length)
    assert [tuple(register) for register in found] == expected
    inside = [position for register in found for position in scan.positions(register)]
    # The first and the last base of a footprint belong to blocks, so blocks alone reach as far as the site.
    assert covered(scan, length) == (range(min(inside), max(inside) + 1) if inside else range(0))


@given(scans(), st.text("ACGT", min_size=16, max_size=16))
def test_positions_spell_the_site_as_it_is_read_on_its_strand(scan: Scan, variant: str) -> None:
    for register in registers(scan, len(variant)):
        window = variant[register.start : register.start + scan.footprint(register.spacer)]
        if register.strand == "-":
            window = reverse_complement(window)
        second = scan.blocks[0] + (register.spacer or 0)
        site = window[: scan.blocks[0]] + window[second : second + sum(scan.blocks[1:])]
        letters = "".join(variant[position] for position in scan.positions(register))
        assert (letters if register.strand == "+" else letters.translate(str.maketrans("ACGT", "TGCA"))) == site


def test_registers_of_a_promoter_with_two_blocks() -> None:
    scan = Scan((6, 6), (0, 1), (16, 17), 17)
    assert registers(scan, 29) == (Register(0, 16, "+"), Register(0, 17, "+"), Register(1, 16, "+"))
    assert scan.free_spacers == (16,)
    assert scan.positions(Register(1, 16, "+")) == (1, 2, 3, 4, 5, 6, 23, 24, 25, 26, 27, 28)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (((2, 2, 2), (0,)), "expected one or two blocks"),
        (((0,), (0,)), "blocks of at least 1 nt"),
        (((2,), ()), "expected at least one, rising"),
        (((2,), (3, 3)), "expected at least one, rising"),
        (((2,), (-1, 3)), "rising from 0 or later"),
        (((2,), (0,), (4,), 4), "spacers of a site of one block"),
        (((2, 2), (0,)), "expected at least one, each once"),
        (((2, 2), (0,), (4, 4), 4), "each once"),
        (((2, 2), (0,), (4, 5), 6), "reference spacer 6 is none of (4, 5)"),
        (((2, 2), (0,), (4, 5), None), "reference spacer None"),
    ],
)
def test_what_is_no_scan_is_refused(arguments: tuple[object, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("(", r"\(").replace(")", r"\)")):
        Scan(*arguments)  # type: ignore[arg-type]


def test_a_fixed_site_is_a_scan_of_one_register() -> None:
    site = {"start": 34, "length": 41}
    assert not is_scanned(site)
    assert registers(scan_of(site), 75) == (Register(34, None, "+"),)


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        ({"start": [20, 22], "length": 12}, Scan((12,), (20, 21, 22))),
        ({"start": 20, "length": 12, "strands": "both"}, Scan((12,), (20,), both_strands=True)),
        ({"start": 3, "blocks": [6, 5], "spacers": [17]}, Scan((6, 5), (3,), (17,), 17)),
        (
            {"start": [0, 1], "blocks": [6, 6], "spacers": [18, 17], "reference_spacer": 17, "strands": "both"},
            Scan((6, 6), (0, 1), (18, 17), 17, both_strands=True),
        ),
    ],
)
def test_a_site_of_the_yaml_as_a_scan(site: dict[str, object], expected: Scan) -> None:
    assert is_scanned(site)
    assert scan_of(site) == expected
