"""Extraction on reads that can be checked by eye."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kcalseq.arrowfile import read_whole, write_pieces
from kcalseq.errors import KcalseqError
from kcalseq.reads.extract import Settings, extract_run
from kcalseq.reads.layout import Layout, Part, ReadName
from kcalseq.reads.owners import Sample
from kcalseq.tablefile import conform
from kcalseq.tables import READ_FATES

from .conftest import Fates, Rows, constant, extract, fastq, layout, part

Extracted = Callable[..., tuple[Rows, Fates]]
TINY = layout(
    part("sample_code", 4, name="code", max_mismatches=1),
    constant("left", "TGCATC", 1),
    part("variant", 8, min_quality=20),
    constant("right", "GGTACT", 1),
)
# AAAA and AACC are too close for a real sheet; here they make an ambiguous code possible.
SAMPLES = {"AAAA": Sample("one", "lib_a"), "AACC": Sample("two", "lib_a"), "CTTG": Sample("three", "lib_b")}

# code left flank variant right flank, and one base more where one is missing; the fate and the part at fault
GOLDEN = [
    ("AAAA TGCATC ACGTACGT GGTACT", ("kept", None)),
    ("AAAA TGCATC ACGTACGT GGTAC", ("too_short", "read_1")),
    ("GGGG TGCATC ACGTACGT GGTACT", ("unknown_sample_code", "code")),
    ("AAAC TGCATC ACGTACGT GGTACT", ("ambiguous_sample_code", "code")),
    ("AAAA TGAAAC ACGTACGT GGTACT", ("part_not_found", "left")),
    ("AAAA TGCATC ACGTACGT GAAACT", ("part_not_found", "right")),
    ("AAAA TGCATC ACGTACG GGTACT A", ("wrong_length", "variant")),
    ("AAAA TGCATC ACGTNCGT GGTACT", ("has_n", "variant")),
    ("AAAA TGCATC AcGTACGT GGTACT", ("low_quality", "variant")),
    ("CTAG TGNATC TTTTCCCC GGTACA", ("kept", None)),
]
# More places where a rule bites: sample and variant, or the fate
CORNERS = [
    ("AAA TGCATC ACGTACGT GGTACT A", "one ACGTACGT"),  # a base of the code is missing: AAAT is still AAAA
    ("AAAAG TGCATC ACGTACGT GGTACT", "one ACGTACGT"),  # an extra base between code and flank
    ("AAAAGGG TGCATC ACGTACGT GGTACT", "one ACGTACGT"),  # three extra bases: the farthest shift
    ("AAAAGGGG TGCATC ACGTACGT GGTACT", "part_not_found left"),  # four are too many
    ("AAAA TGCATC ACGTACGTA GGTACT", "wrong_length variant"),  # an extra base in the variant
    ("AAAA TGCATC GGTACT GGGGGGGG", "wrong_length variant"),  # an empty construct: no variant at all
    ("AAAA TGCATC GGTACTGG GGTACT", "one GGTACTGG"),  # the flank twice, equally good: the expected place wins
    ("AAAA TGCATC GGTACTGG GGTACA", "wrong_length variant"),  # the better match is not at the expected place
    ("AAAA TGCATC ACGTACGT GGTAC", "too_short read_1"),
    ("AAAA TGCATC ACGTACGTAA GGTAC", "part_not_found right"),  # long enough, but the flank runs over the end
    ("AACC TGCATC ACGTACGN GGTACT", "has_n variant"),
    ("AACC NGCATC ACGTACGA NGTACT", "two ACGTACGA"),  # an N in a flank is one mismatch
]


def words(rows: Rows, fates: Fates) -> str:
    """What became of a single read, as the corners above put it."""
    if rows:
        return f"{rows[0]['sample']} {rows[0]['variant_sequence']}"
    ((reason, at_fault),) = fates
    return f"{reason} {at_fault}"


def test_ten_reads_by_eye(extracted: Extracted) -> None:
    rows, fates = extracted(TINY, SAMPLES, read_1=[read for read, _ in GOLDEN])
    assert rows == [
        {"library": "lib_a", "sample": "one", "variant_sequence": "ACGTACGT", "n_reads": 1},
        {"library": "lib_b", "sample": "three", "variant_sequence": "TTTTCCCC", "n_reads": 1},
    ]
    assert fates == {fate: 2 if fate[0] == "kept" else 1 for _, fate in GOLDEN}


@pytest.mark.parametrize(("read", "fate"), GOLDEN)
def test_each_golden_read_alone_has_its_fate(extracted: Extracted, read: str, fate: tuple[str, str | None]) -> None:
    assert extracted(TINY, SAMPLES, read_1=[read])[1] == {fate: 1}


@pytest.mark.parametrize(("read", "outcome"), CORNERS)
def test_corner_cases(extracted: Extracted, read: str, outcome: str) -> None:
    assert words(*extracted(TINY, SAMPLES, read_1=[read])) == outcome


def test_first_reason_in_the_table_wins(extracted: Extracted) -> None:
    """A read with every fault gets the faults one after another as they are mended."""
    faults = ["GGGG TGAAAC aNGTACG GAAACT AA", "AAAA TGAAAC aNGTACG GAAACT AA", "AAAA TGCATC aNGTACG GAAACT AA"]
    faults += ["AAAA TGCATC aNGTACG GGTACT AA", "AAAA TGCATC aNGTACGT GGTACT AA", "AAAA TGCATC aCGTACGT GGTACT AA"]
    found = [reason for read in faults for reason, _ in extracted(TINY, SAMPLES, read_1=[read])[1]]
    expected = ["unknown_sample_code", "part_not_found", "part_not_found", "wrong_length", "has_n", "low_quality"]
    assert found == expected
    assert [list(READ_FATES).index(reason) for reason in found] == sorted(list(READ_FATES).index(r) for r in found)


def test_quality_is_that_of_the_mean_error_not_the_mean_score(tmp_path: Path) -> None:
    def fates_with(letters: str) -> Fates:
        (tmp_path / "q.fastq").write_text(fastq([("AAAATGCATCACGTACGTGGTACT", "I" * 10 + letters + "I" * 6)]))
        return extract({"read_1": str(tmp_path / "q.fastq")}, TINY, SAMPLES)[1]

    assert fates_with("5" * 8) == {("kept", None): 1}  # exactly 20
    assert fates_with("#" + "I" * 7) == {("low_quality", "variant"): 1}  # mean score 35, mean error 0.08


@pytest.mark.parametrize(("shift", "is_kept"), [(0, [0]), (2, [-2, -1, 0, 1, 2]), (3, [-3, -2, -1, 0, 1, 2, 3])])
def test_first_constant_part_may_move_by_max_shift(extracted: Extracted, shift: int, is_kept: list[int]) -> None:
    spaced = layout(part("skip", 4), constant("left", "TGCATC", 0, max_shift=shift), part("variant", 4))
    kept = [
        moved
        for moved in range(-4, 5)
        if extracted(spaced, read_1=["G" * (4 + moved) + "TGCATC" + "ACCA" + "GGGG"])[0]
        == [{"library": "lib", "sample": "s", "variant_sequence": "ACCA", "n_reads": 1}]
    ]
    assert kept == is_kept


def test_counted_part_before_the_first_constant_part_must_keep_its_length(extracted: Extracted) -> None:
    barcoded = layout(part("barcode", 4), constant("flank", "TGCATC"), source="barcode")
    rows, fates = extracted(barcoded, read_1=["ACCA TGCATC", "ACC TGCATC A", "ACCAA TGCATC", "ACCAAAAA TGCATC"])
    assert [row["barcode"] for row in rows] == ["ACCA"]
    assert fates == {("kept", None): 1, ("wrong_length", "barcode"): 2, ("part_not_found", "flank"): 1}


def test_part_of_varying_length_is_what_stands_between(extracted: Extracted) -> None:
    varying = layout(constant("left", "TGCATC"), part("variant", 3, 5), part("umi", 2), constant("right", "GGTACT"))
    reads = [f"TGCATC {variant} AA GGTACT CCCCC" for variant in ("CC", "CCC", "CCCC", "CCCCC", "CCCCCC")]
    rows, fates = extracted(varying, read_1=reads)
    assert [row["variant_sequence"] for row in rows] == ["CCC", "CCCC", "CCCCC"]
    assert fates == {("kept", None): 3, ("wrong_length", "variant"): 2}


def test_varying_part_at_the_end_takes_what_there_is(extracted: Extracted) -> None:
    tail = layout(constant("left", "TGCATC"), part("variant", 3, 5))
    rows, fates = extracted(tail, read_1=["TGCATC CCC", "TGCATC CCCC", "TGCATC CCCCCCC", "G TGCATC CC", "TGCATC CC"])
    assert [row["variant_sequence"] for row in rows] == ["CCC", "CCCC", "CCCCC"]
    assert fates == {("kept", None): 3, ("too_short", "variant"): 1, ("too_short", "read_1"): 1}


def test_constant_parts_that_touch_must_touch(extracted: Extracted) -> None:
    touching = layout(constant("one", "TGCATC"), constant("two", "GGTACT"), part("variant", 2))
    rows, fates = extracted(touching, read_1=["TGCATC GGTACT CC", "TGCATC A GGTACT CC"])
    assert [row["variant_sequence"] for row in rows] == ["CC"]
    assert fates == {("kept", None): 1, ("wrong_length", "two"): 1}


@pytest.mark.parametrize(
    ("read", "variant"),
    [
        ("TGCATCAG ACCA GGTACT", "ACCA"),
        ("TGCACAG ACCA GGTACTC", "ACCA"),  # the flank lost a base
        ("TGCATTCAG ACCA GGTACT", "ACCA"),  # it gained one
        ("TGGATCAG ACCA GGTACT", "ACCA"),  # a mismatch is one error too
        ("TGGATAG ACCA GGTACTCC", None),  # two errors
        ("TGCATCAG ACC GGTACTC", None),  # the variant lost a base: that is not the flank's
    ],
)
def test_constant_part_with_indels(extracted: Extracted, read: str, variant: str | None) -> None:
    loose = layout(constant("left", "TGCATCAG", 1, indels=True), part("variant", 4), constant("right", "GGTACT", 1))
    rows, fates = extracted(loose, read_1=[read])
    assert [row["variant_sequence"] for row in rows] == ([] if variant is None else [variant])
    assert sum(fates.values()) == 1


def test_equal_mismatches_are_placed_alike_with_and_without_indels(extracted: Extracted) -> None:
    """AAAG and AATT have each one mismatch; both stand within the range, so the left one is the place."""
    for indels in (False, True):
        chosen = layout(constant("a", "CCCC"), part("variant", 2, 12), constant("b", "AAAT", 1, indels=indels))
        rows, _ = extracted(chosen, read_1=["CCCC GG AAAG GGG AATT"])
        assert [row["variant_sequence"] for row in rows] == ["GG"]


def test_pattern_of_fixed_length(extracted: Extracted) -> None:
    patterned = layout(part("barcode", 5, pattern="NNWNN"), part("umi", 2), source="barcode")
    rows, fates = extracted(patterned, read_1=["CCACC GG", "CCTCC GG", "CCGCC GG", "CCNCC GG", "CGNCN GN"])
    assert [row["barcode"] for row in rows] == ["CCACC", "CCTCC"]
    assert fates == {("kept", None): 2, ("not_in_pattern", "barcode"): 1, ("has_n", "barcode"): 2}


def test_constant_letters_of_a_pattern_can_be_left_out(extracted: Extracted) -> None:
    for drop, barcodes in ((True, ["GGTGGG", "GGTTT"]), (False, ["GGTACTT", "GGTGACGG"])):
        chosen = layout(part("barcode", 7, 8, pattern="NN[1-2]AC[2]", drop_constant=drop), source="barcode")
        rows, fates = extracted(chosen, read_1=["GGTG AC GG", "GGT AC TTT", "GGTGTGTG"])
        assert sorted(str(row["barcode"]) for row in rows) == barcodes
        assert fates == {("kept", None): 2, ("part_not_found", "barcode"): 1}
    fixed = layout(part("barcode", 6, pattern="NNACNN", drop_constant=True), source="barcode")
    assert [row["barcode"] for row in extracted(fixed, read_1=["GGACTT"])[0]] == ["GGTT"]


def test_parts_of_one_kind_are_joined_and_turned_one_by_one(extracted: Extracted) -> None:
    keys = {"reverse_complement": True}
    chosen = Layout(
        "layout",
        "",
        "barcode",
        {
            "read_1": (part("barcode", 3, name="a", **keys), constant("flank", "TGCATC"), part("umi", 2, name="u")),
            "read_2": (part("barcode", 3, name="b"), part("umi", 2, name="v", **keys)),
        },
    )
    rows, _ = extracted(chosen, read_1=["AAC TGCATC GG"], read_2=["CCA AC"])
    assert rows == [{"library": "lib", "sample": "s", "barcode": "GTTCCA", "umi": "GGGT", "n_reads": 1}]


def test_a_read_can_be_only_passed_over(extracted: Extracted) -> None:
    reads = {"read_1": (part("barcode", 3),), "index_1": (part("skip", 2),)}
    rows, fates = extracted(Layout("layout", "", "barcode", reads), read_1=["ACC", "ACC"], index_1=["GG", "G"])
    assert [(row["barcode"], row["n_reads"]) for row in rows] == [("ACC", 1)]
    assert fates == {("kept", None): 1, ("too_short", "index_1"): 1}


def test_sample_code_can_stand_reversed(extracted: Extracted) -> None:
    code = part("sample_code", 4, name="code", max_mismatches=1, reverse_complement=True)
    rows, fates = extracted(
        layout(code, part("variant", 2)), {"AACC": Sample("s", "lib")}, read_1=["GGTT CA", "AACC TT"]
    )
    assert [row["variant_sequence"] for row in rows] == ["CA"]
    assert fates == {("kept", None): 1, ("unknown_sample_code", "code"): 1}


def test_both_strands_give_the_same_molecule(extracted: Extracted) -> None:
    both = layout(constant("left", "TGCATC"), part("variant", 4), constant("right", "GGTACT"), both_strands=True)
    rows, fates = extracted(both, read_1=["TGCATC ACCA GGTACT", "AGTACC TGGT GATGCA", "AGTACC TGG GATGCA A"])
    assert [(row["variant_sequence"], row["n_reads"]) for row in rows] == [("ACCA", 2)]
    assert fates == {("kept", None): 2, ("part_not_found", "left"): 1}


def test_both_strands_of_mates_swap_them(extracted: Extracted) -> None:
    reads = {
        "read_1": (constant("one", "TGCATC"), part("variant", 4)),
        "read_2": (part("barcode", 4), constant("two", "GGTACT")),
    }
    both = Layout("layout", "", "read", reads, both_strands=True)
    one, two = ["TGCATC ACCA", "CCAA GGTACT"], ["CCAA GGTACT", "TGCATC ACCA"]
    rows, _ = extracted(both, read_1=one, read_2=two)
    assert [(row["variant_sequence"], row["barcode"], row["n_reads"]) for row in rows] == [("ACCA", "CCAA", 2)]


def test_parts_in_the_name(tmp_path: Path) -> None:
    name = ReadName(r"_(?P<cell>[ACGTN]+) BC:(?P<tag>\w*)", (Part("cell", "umi", 2, 3), Part("tag", "barcode", 4, 4)))
    chosen = layout(part("barcode", 2), source="barcode", read_name=name)
    names = ["r_AC BC:GGTT", "r_ACT BC:GGTT", "r_ACTT BC:GGTT", "r", "r_AC BC:GGT", "r_AN BC:GGTT", "r_AC BC:GXTT"]
    text = "".join(f"@{name}\nCC\n+\nII\n" for name in names)
    (tmp_path / "n.fastq").write_text(text)
    rows, fates = extract({"read_1": str(tmp_path / "n.fastq")}, chosen)
    assert [(row["barcode"], row["umi"]) for row in rows] == [("CCGGTT", "AC"), ("CCGGTT", "ACT")]
    assert fates == {("kept", None): 2, ("not_in_name", "cell"): 2, ("not_in_name", "tag"): 2, ("has_n", "cell"): 1}


def test_best_quality_of_each_base_is_kept(tmp_path: Path) -> None:
    """The maximum over the reads that show exactly this variant, base by base, turned round with the variant."""
    for turned, expected in ((False, "I?I5"), (True, "5I?I")):
        bases = "CCGG"
        (tmp_path / "q.fastq").write_text(fastq([(bases, "I+I5"), (bases, "5?+5"), ("AAAA", "IIII")]))
        chosen = layout(part("variant", 4, reverse_complement=turned))
        rows, _ = extract({"read_1": str(tmp_path / "q.fastq")}, chosen, settings=Settings(keep_qualities=True))
        quality = {row["variant_sequence"]: row["variant_quality"] for row in rows}
        assert quality["CCGG"] == expected
        assert len(quality) == 2


def test_without_sample_code_all_reads_belong_to_one_sample(extracted: Extracted) -> None:
    chosen = layout(*TINY.reads["read_1"][1:])
    rows, _ = extracted(chosen, read_1=["TGCATC ACGTACGT GGTACT"] * 3)
    assert rows == [{"library": "lib", "sample": "s", "variant_sequence": "ACGTACGT", "n_reads": 3}]


def test_samples_must_suit_the_layout(extracted: Extracted) -> None:
    with pytest.raises(KcalseqError, match="the one sample 's', but layout has a sample_code part"):
        extracted(TINY, Sample("s", "lib"), read_1=[GOLDEN[0][0]])
    with pytest.raises(KcalseqError, match="sample codes, but layout has no sample_code part"):
        extracted(layout(*TINY.reads["read_1"][1:]), SAMPLES, read_1=[GOLDEN[0][0]])


def test_no_kept_read_gives_an_empty_table(tmp_path: Path) -> None:
    (tmp_path / "none.fastq").write_text(fastq(["", "GG"]))
    paths = {"read_1": str(tmp_path / "none.fastq")}
    found = extract_run("run", paths, TINY, SAMPLES, lambda n_reads: None)
    write_pieces("observations", found.observations, tmp_path / "observations.parquet")
    assert len(read_whole("observations", tmp_path / "observations.parquet")) == 0
    fates = conform("read_fates", found.read_fates.to_pandas(), "test")
    assert fates[fates["n_reads"] > 0][["reason", "part", "n_reads"]].to_numpy().tolist() == [
        ["too_short", "read_1", 2]
    ]


def test_a_layout_longer_than_all_reads_is_an_error(extracted: Extracted) -> None:
    short, long = "AAAA TGCATC ACGT", "AAAA TGCATC ACGTACGT GGTACT"
    with pytest.raises(
        KcalseqError, match=r"read_1.fastq record 1: all 150 reads are shorter than the 24 nt that layout"
    ):
        extracted(TINY, SAMPLES, read_1=[short] * 150)
    _, fates = extracted(TINY, SAMPLES, read_1=[*[short] * 150, long])
    assert fates == {("too_short", "read_1"): 150, ("kept", None): 1}
