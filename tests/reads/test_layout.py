"""Layouts: what is read from a good one, and what each bad one is told."""

from pathlib import Path

import pytest

from kcalseq.errors import KcalseqError
from kcalseq.reads.layout import Layout, Merge, Part, ReadName, read_layout

ROOT = Path(__file__).parents[2]
GOOD = """\
description: a test
variant_source: read
reads:
  read_1:
    - {name: code, kind: sample_code, length: 4, max_mismatches: 1}
    - {name: left, kind: constant, sequence: TGCATCCA, max_mismatches: 1}
    - {name: variant, kind: variant, length: 8, min_quality: 20}
    - {name: right, kind: constant, sequence: GGTACTTC, max_mismatches: 1}
"""
CODE_LINE = "    - {name: code, kind: sample_code, length: 4, max_mismatches: 1}\n"
LEFT_LINE = "    - {name: left, kind: constant, sequence: TGCATCCA, max_mismatches: 1}\n"
VARIANT_LINE = "    - {name: variant, kind: variant, length: 8, min_quality: 20}\n"
RICH = """\
description: all that a layout can say
variant_source: barcode
strand: both
phred: 64
read_name: {pattern: '_(?P<cell>[ACGTN]+)$', parts: [{name: cell, kind: umi, min_length: 4, max_length: 6}]}
reads:
  index_1:
    - {name: molecule, kind: umi, length: 10, min_quality: 10}
  read_2: NNNCCCCXX
  read_1:
    - {name: spacer, kind: skip, length: 4}
    - {name: tag, kind: barcode, pattern: NNNNWNNNN, min_quality: 20, reverse_complement: true, whitelist: w.txt}
    - {name: flank, kind: constant, sequence: TGCATCCA, max_mismatches: 2, max_shift: 5}
    - {name: rest, kind: barcode, pattern: "[4-7]AA[2]", min_quality: 0, drop_constant: true}
"""
MERGING = """\
description: merged mates
merge: {min_overlap: 20, max_mismatch_fraction: 0.1}
reads:
  merged:
    - {name: variant, kind: variant, min_length: 90, max_length: 110, min_quality: 20}
"""


def layout_of(tmp_path: Path, text: str) -> Layout:
    path = tmp_path / "assay.yaml"
    path.write_text(text, encoding="utf-8")
    return read_layout(path)


def complaint(tmp_path: Path, text: str) -> str:
    with pytest.raises(KcalseqError) as caught:
        layout_of(tmp_path, text)
    return str(caught.value)


def test_good_layout_is_read_as_written(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, GOOD)
    assert layout.reads == {
        "read_1": (
            Part("code", "sample_code", 4, 4, max_mismatches=1),
            Part("left", "constant", 8, 8, sequence="TGCATCCA", max_mismatches=1),
            Part("variant", "variant", 8, 8, min_quality=20),
            Part("right", "constant", 8, 8, sequence="GGTACTTC", max_mismatches=1),
        )
    }
    assert (layout.variant_source, layout.both_strands, layout.phred, layout.slots) == ("read", False, 33, ("read_1",))
    assert layout.sample_code == layout.reads["read_1"][0]
    assert layout_of(tmp_path, GOOD.replace(CODE_LINE, "")).sample_code is None  # it is optional


def test_every_key_arrives(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, RICH)
    assert layout.slots == tuple(layout.reads) == ("read_1", "read_2", "index_1")
    assert layout.reads["read_1"] == (
        Part("spacer", "skip", 4, 4),
        Part("tag", "barcode", 9, 9, pattern="NNNNWNNNN", min_quality=20, reverse_complement=True, whitelist="w.txt"),
        Part("flank", "constant", 8, 8, sequence="TGCATCCA", max_mismatches=2, max_shift=5),
        Part("rest", "barcode", 8, 11, pattern="[4-7]AA[2]", drop_constant=True),
    )
    assert layout.read_name == ReadName("_(?P<cell>[ACGTN]+)$", (Part("cell", "umi", 4, 6),))
    assert (layout.variant_source, layout.both_strands, layout.phred) == ("barcode", True, 64)
    assert layout.whitelist == "w.txt"
    # Bases of the pattern that are the same in all reads are not counted.
    assert layout.length_of("barcode") == (9 + 6 + 4, 9 + 9 + 4)
    assert layout.length_of("umi") == (3 + 10 + 4, 3 + 10 + 6)
    assert [part.name for part in layout.parts("umi")] == ["umi", "molecule", "cell"]


def test_constant_part_may_have_indels(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, GOOD.replace("TGCATCCA, max", "TGCATCCA, indels: true, max"))
    assert [part.indels for part in layout.parts("constant")] == [True, False]


def test_merged_mates_need_both_reads(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, MERGING)
    assert layout.merge == Merge(20, 0.1)
    assert layout.slots == ("read_1", "read_2")


def test_short_strings_are_spelled_out(tmp_path: Path) -> None:
    text = 'description: short\nvariant_source: barcode\nreads: {read_1: "ACGTACGTACGT[20]TTGC", index_1: NNNNNN}\n'
    layout = layout_of(tmp_path, text)
    kinds = [(part.kind, part.min_length, part.max_length) for part in layout.reads["read_1"]]
    assert kinds == [("skip", 0, 1000), ("constant", 12, 12), ("barcode", 20, 20), ("constant", 4, 4)]
    assert [(part.kind, part.length) for part in layout.reads["index_1"]] == [("umi", 6)]


def test_short_strings_of_two_reads_have_names_of_their_own(tmp_path: Path) -> None:
    text = "description: short\nvariant_source: barcode\nreads: {read_1: CCCNN, read_2: NNN, index_1: CCXX}\n"
    layout = layout_of(tmp_path, text)
    assert [part.name for part in layout.parts("umi")] == ["umi_read_1", "umi_read_2"]
    assert [part.name for part in layout.parts("barcode")] == ["barcode_read_1", "barcode_index_1"]


def test_lac_layout_reads_the_lac_promoter() -> None:
    parts = read_layout(ROOT / "config/assays/lac.yaml").reads["read_1"]
    assert parts[1].sequence.endswith("AGCGCAACGC")
    assert parts[3].sequence.startswith("AATTGTGAGC")
    assert (parts[2].length, sum(part.min_length for part in parts)) == (75, 122)


SECOND_VARIANT = "    - {name: more, kind: variant, length: 8, min_quality: 20}\n"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "max_mismatches: 1}\n    - {name: variant",
            "max_mismatch: 1}\n    - {name: variant",
            ["line 6", "unknown key 'max_mismatch'", "did you mean 'max_mismatches'?"],
        ),
        ("variant_source", "variant_sauce", ["unknown key 'variant_sauce'", "did you mean 'variant_source'?"]),
        ("  read_1", "  read_one", ["unknown key 'read_one'", "did you mean 'read_"]),
        ("kind: sample_code", "kind: tag", ["line 5", "'tag'", "allowed: barcode, constant, sample_code"]),
        ("source: read", "source: barcode_map", ["line 2", "'barcode_map'", "did you mean 'barcode'?"]),
        ("TGCATCCA", "TGCANCCA", ["line 6", "'TGCANCCA'", "^[ACGT]+$"]),
        ("length: 8", "length: 0", ["line 7", "found 0", "at least 1", "in nt"]),
        ("min_quality: 20", "min_quality: high", ["line 7", "'high'", "type integer"]),
        (", min_quality: 20", "", ["line 7", "the part 'variant' lacks the key 'min_quality'", "add 'min_quality:'"]),
        ("length: 8, ", "min_length: 8, ", ["line 7", "the part 'variant' lacks the key 'length'"]),
        ("length: 8, ", "length: 8, min_length: 6, ", ["line 7", "'min_length' has no meaning", "remove 'min_length'"]),
        (
            "length: 8, ",
            "min_length: 8, max_length: 7, ",
            ["line 7", "min_length 8 above max_length 7", "correct one of the two"],
        ),
        (
            "sequence: GGTACTTC",
            "sequence: GGTACTTC, length: 8",
            ["line 8", "'length' has no meaning in a constant part", "remove 'length'"],
        ),
        ("name: right", "name: left", ["line 8", "the name 'left' is taken", "rename one"]),
        ("name: right", "name: read_1", ["line 8", "the name 'read_1' is taken", "rename one"]),
        (
            "TGCATCCA, max_mismatches: 1",
            "TGCATCCA, max_mismatches: 3",
            ["line 6", "3 mismatches allowed in 8 nt", "at most a third of the part, 2"],
        ),
        (VARIANT_LINE, "", ["line 3", "variant_source is 'read', but no part is a variant", "add it or change"]),
        ("source: read", "source: barcode", ["variant_source is 'barcode', but no part is a barcode"]),
        (VARIANT_LINE, VARIANT_LINE + SECOND_VARIANT, ["2 parts of kind variant", "at most one", "merge the mates"]),
        (LEFT_LINE, LEFT_LINE + CODE_LINE.replace("name: code", "name: more"), ["2 parts of kind sample_code"]),
        (
            "TGCATCCA",
            "AAAAAAAA",
            ["line 6", "'AAAAAAAA' moved by 1 nt differs from itself at only 0 places", "less repetitive"],
        ),
        (
            "kind: variant, length: 8, ",
            "kind: variant, pattern: NNNN, ",
            ["line 7", "'pattern' has no meaning in a variant part"],
        ),
        (
            VARIANT_LINE,
            "    - {name: variant, kind: variant, min_length: 4, max_length: 8, min_quality: 20}\n"
            "    - {name: umi, kind: umi, min_length: 4, max_length: 6, min_quality: 20}\n",
            [
                "line 8",
                "'variant' and 'umi' both vary in length with no constant part between",
                "give one a fixed length",
            ],
        ),
        (
            CODE_LINE + LEFT_LINE,
            LEFT_LINE + CODE_LINE,
            ["line 6", "'left' stands before the sample code 'code' and is constant", "put the sample code first"],
        ),
        (
            CODE_LINE,
            "    - {name: room, kind: skip, min_length: 0, max_length: 3}\n" + CODE_LINE,
            ["line 6", "'room' stands before the sample code 'code' and varies in length", "of fixed length"],
        ),
        (
            VARIANT_LINE,
            VARIANT_LINE + '    - {name: tail, kind: barcode, pattern: "NN[2-4]", min_quality: 3}\n'
            "    - {name: end, kind: constant, sequence: ACGTAC, max_mismatches: 1, indels: true}\n",
            ["line 9", "'end' may have indels beside 'tail'", "mismatches only", "remove 'indels'"],
        ),
        (
            VARIANT_LINE,
            VARIANT_LINE + '    - {name: tail, kind: barcode, pattern: "NN[4-2]", min_quality: 3}\n',
            ["line 8", "the stretch [4-2]", "correct the two lengths"],
        ),
        (
            VARIANT_LINE,
            VARIANT_LINE + "    - {name: tail, kind: barcode, pattern: ACGT, min_quality: 3, drop_constant: true}\n",
            ["line 8", "nothing is left of 'ACGT' without its constant letters", "name the bases that vary"],
        ),
        ("  read_1:\n", "  read_1: NNNQ\n  read_2:\n", ["line 4", "'NNNQ' has the letters Q", "N (UMI)"]),
        ("variant_source: read", "strand: backward", ["line 2", "'backward'", "allowed: both, forward"]),
        ("variant_source: read", "phred: 66", ["line 2", "66", "33"]),
    ],
)
def test_bad_layout_is_refused_in_words(tmp_path: Path, old: str, new: str, words: list[str]) -> None:
    assert old in GOOD
    message = complaint(tmp_path, GOOD.replace(old, new, 1))
    assert "assay.yaml" in message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("(?P<cell>", "(?P<sell>", ["line 5", "no group (?P<cell>...) for the part 'cell'", "add the group"]),
        ("_(?P<cell>", "((?P<cell>", ["line 5", "not a regular expression", "mend it there"]),
        ("{name: cell, kind: umi", "{name: cell, kind: skip", ["line 5", "a part of kind skip in the read's name"]),
        (
            "min_length: 4, max_length: 6}",
            "length: 4, min_quality: 10}",
            ["line 5", "'min_quality' has no meaning in a umi part"],
        ),
        (
            "min_length: 4, max_length: 6}",
            'pattern: "N[2-3]A"}',
            ["line 5", "the pattern of 'cell' has no fixed length", "give min_length and max_length"],
        ),
        (
            "    - {name: flank, kind: constant, sequence: TGCATCCA, max_mismatches: 2, max_shift: 5}\n",
            "",
            ["line 3", "strand is 'both', but no part is constant", "to tell the strands apart"],
        ),
    ],
)
def test_bad_rich_layout_is_refused_in_words(tmp_path: Path, old: str, new: str, words: list[str]) -> None:
    text = RICH.replace("    - {name: rest", "    # {name: rest")
    assert old in text
    message = complaint(tmp_path, text.replace(old, new, 1))
    for word in ["assay.yaml", *words]:
        assert word in message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "merge: {min_overlap: 20, max_mismatch_fraction: 0.1}\n",
            "",
            ["'merge' and the read 'merged'", "both or neither"],
        ),
        ("  merged:", "  read_1:", ["'merge' and the read 'merged'"]),
        ("reads:\n", "reads:\n  read_2: NNNN\n", ["line 4", "parts of both 'read_2' and 'merged'", "into merged"]),
        ("fraction: 0.1", "fraction: 0.5", ["line 2", "0.5", "at most 0.3"]),
        ("description: merged", "strand: both\ndescription: merged", ["line 1", "no part is constant"]),
    ],
)
def test_bad_merging_is_refused_in_words(tmp_path: Path, old: str, new: str, words: list[str]) -> None:
    assert old in MERGING
    message = complaint(tmp_path, MERGING.replace(old, new, 1))
    for word in ["assay.yaml", *words]:
        assert word in message


def test_several_complaints_are_told_together(tmp_path: Path) -> None:
    text = GOOD.replace(", min_quality: 20", "").replace("GGTACTTC, max_mismatches: 1", "GGTACTTC")
    message = complaint(tmp_path, text)
    assert message.count("Remedy") == 2
    assert "line 7" in message and "line 8" in message


def test_missing_file_is_told() -> None:
    with pytest.raises(KcalseqError, match=r"no_such_assay.yaml: there is no such file"):
        read_layout("config/assays/no_such_assay.yaml")


@pytest.mark.parametrize("name", ["layout", "layoutcheck", "samplecodes"])
def test_layout_needs_no_numpy(name: str) -> None:
    """It is loaded in Snakemake's own process, which may have none."""
    source = (ROOT / f"scripts/kcalseq/reads/{name}.py").read_text(encoding="utf-8")
    imported = {line.split()[1] for line in source.splitlines() if line.startswith(("import ", "from "))}
    own = {"kcalseq.errors", "kcalseq.yamlfile"} | {
        f"kcalseq.reads.{module}" for module in ("layoutcheck", "pattern", "samplecodes", "seqspec")
    }
    assert imported - own <= {"collections.abc", "dataclasses", "itertools", "pathlib", "re", "typing"}
