"""Real mapping reads of a barcoded library, whose authors tell what they found: every read that we judge otherwise.

The layout is the authors' own: their constant parts, their limits on mismatches and lengths, their least quality. What
differs are three rules. A lost or extra base is one error with us and weighs as much as two mismatches with them; a
constant part is taken where it has the fewest errors, not where a climb ends; the mean error probability of a barcode
or variant is judged, not its worst base.
"""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from .authors_rules import (
    BARCODE,
    BARCODES,
    CP1,
    CP1_MISMATCHES,
    CP2,
    CP2_MISMATCHES,
    CP3,
    CP3_MISMATCHES,
    MIN_QUALITY,
    VARIANT,
    Decoded,
    decode,
    errors,
    score,
    weighed,
)
from .numbered import NUMBER_IN_NAME, Read, extract, number_of, read_fastq, write_numbered

pytestmark = pytest.mark.slow

LAYOUT = f"""
description: constant part, barcode, constant part, variant, constant part
reads:
  read_1:
    - {{name: cp1, kind: constant, sequence: {CP1}, max_mismatches: {CP1_MISMATCHES}, indels: true}}
    - {{name: barcode, kind: barcode, min_length: 16, max_length: 20, min_quality: {MIN_QUALITY}}}
    - {{name: cp2, kind: constant, sequence: {CP2}, max_mismatches: {CP2_MISMATCHES}, indels: true}}
    - {{name: variant, kind: variant, length: {VARIANT}, min_quality: {MIN_QUALITY}}}
    - {{name: cp3, kind: constant, sequence: {CP3}, max_mismatches: {CP3_MISMATCHES}, indels: true}}
"""
Pairs = dict[int, tuple[str, str]]


class Compared(NamedTuple):
    """The reads, what the authors' rules make of each, and (barcode, variant) of each read that is kept."""

    reads: list[Read]
    decoded: list[Decoded]
    theirs: Pairs
    ours: Pairs


class Ours(NamedTuple):
    """Where barcode and variant of a read stand with us: first base, and base behind."""

    barcode: tuple[int, int]
    variant: tuple[int, int]


@pytest.fixture(scope="module")
def path(shared_data: Path) -> Path:
    return shared_data / "mpradecoder" / "M1.fastq.gz"


@pytest.fixture(scope="module")
def compared(path: Path, tmp_path_factory: pytest.TempPathFactory) -> Compared:
    reads, folder = read_fastq(path), tmp_path_factory.mktemp("compared")
    decoded = [decode(read.bases, read.quality) for read in reads]
    theirs = {
        number: (read.bases[found.barcode], read.bases[found.variant])
        for number, (read, found) in enumerate(zip(reads, decoded, strict=True))
        if found.fate == "effective"
    }
    numbered = write_numbered(reads, range(len(reads)), folder / "reads.fastq")
    rows = extract(LAYOUT + NUMBER_IN_NAME, numbered, folder).rows
    ours = {number_of(str(row["umi"])): (str(row["barcode"]), str(row["variant_sequence"])) for row in rows}
    assert all(row["n_reads"] == 1 for row in rows)
    return Compared(reads, decoded, theirs, ours)


def only_ours(compared: Compared, *fates: str) -> list[int]:
    """Reads kept by us that the authors drop for these reasons."""
    only = sorted(set(compared.ours) - set(compared.theirs))
    return [number for number in only if compared.decoded[number].fate in fates]


def stands(compared: Compared, number: int) -> Ours:
    """Where the parts of one of our reads stand: the barcode behind CP1, the variant where CP3 follows it."""
    bases, (barcode, variant) = compared.reads[number].bases, compared.ours[number]
    at = bases.index(barcode, len(CP1) - CP1_MISMATCHES)
    end = at + len(barcode)
    begins = range(end + len(CP2) - CP2_MISMATCHES, end + len(CP2) + CP2_MISMATCHES + 1)
    (begin,) = (place for place in begins if bases[place : place + VARIANT] == variant)
    return Ours((at, end), (begin, begin + VARIANT))


def mean_error(letters: str) -> float:
    return sum(10 ** (-(ord(letter) - 33) / 10) for letter in letters) / len(letters)


def test_the_authors_rules_give_the_authors_numbers(compared: Compared) -> None:
    fates = Counter(found.fate for found in compared.decoded)
    assert fates == {
        "effective": 35_183,
        "low quality": 28,
        "no CP1": 931,
        "barcode length": 1735,
        "no CP2": 130,
        "variant length": 1100,
        "no CP3": 197,
    }
    assert fates.total() == len(compared.reads) == 39_304
    assert len({barcode for barcode, _ in compared.theirs.values()}) == 23_739


def test_every_read_has_one_fate_with_us(path: Path, compared: Compared, tmp_path: Path) -> None:
    found = extract(LAYOUT, path, tmp_path)
    assert found.fates == {
        ("kept", None): 35_331,
        ("too_short", "read_1"): 58,
        ("part_not_found", "cp1"): 812,
        ("wrong_length", "barcode"): 1688,
        ("part_not_found", "cp2"): 143,
        ("wrong_length", "variant"): 1185,
        ("part_not_found", "cp3"): 85,
        ("has_n", "barcode"): 2,
    }
    assert sum(found.fates.values()) == 39_304
    # Numbers in the names change nothing.
    as_read = {(row["barcode"], row["variant_sequence"]): row["n_reads"] for row in found.rows}
    assert as_read == Counter(compared.ours.values())
    assert len({barcode for barcode, _ in compared.ours.values()}) == 23_830


def test_fates_of_the_reads_of_each_of_their_fates(compared: Compared, tmp_path: Path) -> None:
    """A read that both drop may be told another reason, for one of two things that are wrong with it is found first."""
    table = {}
    for fate in sorted({found.fate for found in compared.decoded}):
        chosen = (number for number, found in enumerate(compared.decoded) if found.fate == fate)
        numbered = write_numbered(compared.reads, chosen, tmp_path / "reads.fastq")
        fates = extract(LAYOUT + NUMBER_IN_NAME, numbered, tmp_path).fates
        table[fate] = {f"{reason} {part}" if part else reason: n for (reason, part), n in fates.items()}
    length, missing = "wrong_length", "part_not_found"
    assert table == {
        "effective": {"kept": 35_179, f"{length} variant": 4},
        "low quality": {"kept": 25, "has_n barcode": 2, f"{length} variant": 1},
        "no CP1": {
            "kept": 56,
            "too_short read_1": 58,
            f"{missing} cp1": 812,
            f"{length} barcode": 2,
            f"{length} variant": 3,
        },
        "barcode length": {"kept": 2, f"{length} barcode": 1684, f"{missing} cp2": 26, f"{missing} cp3": 23},
        "no CP2": {
            "kept": 6,
            f"{missing} cp2": 117,
            f"{missing} cp3": 4,
            f"{length} barcode": 2,
            f"{length} variant": 1,
        },
        "variant length": {"kept": 8, f"{length} variant": 1082, f"{missing} cp3": 10},
        "no CP3": {"kept": 55, f"{missing} cp3": 48, f"{length} variant": 94},
    }


def test_kept_by_both_is_the_same_but_for_eleven(compared: Compared) -> None:
    both = compared.ours.keys() & compared.theirs.keys()
    assert len(both) == 35_179
    assert len(compared.ours.keys() - both) == 152
    assert len(compared.theirs.keys() - both) == 4
    assert sum(compared.ours[number] == compared.theirs[number] for number in both) == 35_168


def test_25_reads_are_only_ours_for_one_bad_base_among_good_ones(compared: Compared) -> None:
    numbers = only_ours(compared, "low quality")
    assert len(numbers) == 25
    for number in numbers:
        found, quality = compared.decoded[number], compared.reads[number].quality
        parts = [quality[found.places[0].end : found.places[1].begin]]
        if len(found.places) == 3:
            parts.append(quality[found.variant])
        assert any(min(part) < chr(33 + MIN_QUALITY) for part in parts)
        assert all(mean_error(part) <= 10 ** (-MIN_QUALITY / 10) for part in parts)


def stretches(bases: str, begin: int, part: str, allowed: int) -> list[str]:
    """All that a part beginning there can be, with so many bases lost or extra."""
    return [bases[begin : begin + len(part) + change] for change in range(-allowed, allowed + 1)]


def test_117_reads_are_only_ours_for_lost_and_extra_bases_of_a_constant_part(compared: Compared) -> None:
    """Few enough errors, but too many where each lost or extra base weighs as two, wherever the part stands."""
    n_reads = Counter[str]()
    climbs = []
    for number in only_ours(compared, "no CP1", "no CP2", "no CP3"):
        bases, fate, at = compared.reads[number].bases, compared.decoded[number].fate, stands(compared, number)
        n_reads[fate] += 1
        if fate == "no CP1":
            # With them it begins with the read's first base; with us up to three bases may stand before.
            part, allowed, ours = CP1, CP1_MISMATCHES, [bases[first : at.barcode[0]] for first in range(4)]
            theirs = stretches(bases, 0, part, allowed)
        elif fate == "no CP2":
            part, allowed, ours = CP2, CP2_MISMATCHES, [bases[at.barcode[1] : at.variant[0]]]
            theirs = [one for n in BARCODES for one in stretches(bases, at.barcode[0] + n, part, allowed)]
        else:
            part, allowed = CP3, CP3_MISMATCHES
            ours = theirs = stretches(bases, at.variant[1], part, allowed)
        assert min(errors(stretch, part) for stretch in ours) <= allowed
        if min(weighed(stretch, part) for stretch in theirs) <= allowed:
            climbs.append(number)
    assert n_reads == {"no CP1": 56, "no CP2": 6, "no CP3": 55}
    # In one of them CP1 has one lost base: within the limit, but the climb went the other way, to no better score.
    assert climbs == [6400]
    bases, place = compared.reads[6400].bases, compared.decoded[6400].places[0]
    assert (place.end, stands(compared, 6400).barcode[0]) == (18, 16)
    assert score(bases[:16], CP1) == score(bases[:18], CP1)
    assert (errors(bases[:16], CP1), errors(bases[:18], CP1)) == (1, 2)


def test_10_reads_are_only_ours_for_a_constant_part_that_they_end_elsewhere(compared: Compared) -> None:
    """Their barcode or variant then has a wrong length."""
    reasons = Counter[tuple[str, str]]()
    for number in only_ours(compared, "barcode length", "variant length"):
        read, found, at = compared.reads[number].bases, compared.decoded[number], stands(compared, number)
        if found.fate == "barcode length":
            part, place, ours = CP1, found.places[0], read[: at.barcode[0]]
        else:
            part, place, ours = CP2, found.places[1], read[at.barcode[1] : at.variant[0]]
            assert place.begin == at.barcode[1]
        theirs = read[place.begin : place.end]
        assert place.score == score(theirs, part)
        assert len(ours) < len(part)
        if score(ours, part) > place.score:
            # Bases more raised the score once, so fewer were never tried.
            assert place.end - place.begin > len(part)
            reasons[found.fate, "their climb stops at a worse place"] += 1
        elif errors(ours, part) < errors(theirs, part):
            reasons[found.fate, "fewer errors, but lost bases"] += 1
        else:
            assert (errors(ours, part), errors(theirs, part)) == (1, 1)
            assert (len(ours), len(theirs)) == (len(part) - 1, len(part) + 1)
            reasons[found.fate, "one base lost or one extra, as good"] += 1
    assert reasons == {
        ("variant length", "their climb stops at a worse place"): 6,
        ("variant length", "fewer errors, but lost bases"): 1,
        ("variant length", "one base lost or one extra, as good"): 1,
        ("barcode length", "one base lost or one extra, as good"): 2,
    }


def test_4_reads_are_only_theirs_for_a_garbled_end_of_a_constant_part(compared: Compared) -> None:
    """Fewer errors if CP2 is taken to end before its garbled last bases; then too many stand before CP3."""
    numbers = sorted(set(compared.theirs) - set(compared.ours))
    assert numbers == [10091, 12003, 24201, 27437]
    for number in numbers:
        bases, found = compared.reads[number].bases, compared.decoded[number]
        _, two, three = found.places
        sizes = range(len(CP2) - CP2_MISMATCHES, len(CP2) + CP2_MISMATCHES + 1)
        n_errors = {size: errors(bases[two.begin : two.begin + size], CP2) for size in sizes}
        fewest = min(n_errors.values())
        best = [size for size, n in n_errors.items() if n == fewest]
        assert n_errors[two.end - two.begin] > fewest
        assert all(three.begin - (two.begin + size) > VARIANT for size in best)


def test_11_reads_have_another_barcode_for_a_place_with_as_many_errors(compared: Compared) -> None:
    """CP2 begins elsewhere: a place without lost or extra bases comes first with us, then one near 18 nt of barcode."""
    both = compared.ours.keys() & compared.theirs.keys()
    sizes = Counter[tuple[int, int]]()
    for number in sorted(both):
        (ours, variant), (theirs, their_variant) = compared.ours[number], compared.theirs[number]
        if (ours, variant) == (theirs, their_variant):
            continue
        assert variant == their_variant
        bases, two = compared.reads[number].bases, compared.decoded[number].places[1]
        begin = two.begin + len(ours) - len(theirs)
        assert bases[begin - len(ours) : two.begin].startswith(ours[: len(theirs)])
        stretch, their_stretch = bases[begin : two.end], bases[two.begin : two.end]
        assert errors(stretch, CP2) == errors(their_stretch, CP2) <= CP2_MISMATCHES
        assert len(stretch) == len(CP2) or abs(len(ours) - BARCODE) < abs(len(theirs) - BARCODE)
        sizes[len(ours), len(theirs)] += 1
    # 9: the first base of CP2 is lost, or the barcode lost one and that base is read wrong.
    assert sizes == {(18, 17): 9, (19, 18): 1, (16, 18): 1}
