"""A table of values is read whole or refused with the line, what was found, and what to do."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kcalseq.association.valuefile import first_row
from kcalseq.association.values import Values, read_values
from kcalseq.errors import KcalseqError
from kcalseq.tablefile import conform

SMALL = """\
variant_sequence value value_se condition replicate
ACGU 1.0 0.3 hot 1
ACGT 3.0 0.4 hot 2
acgt -1 0.1 cold 1
TTTT 2e0 0.2 hot 1
"""


def read(folder: Path, text: str, split: pd.DataFrame | None = None) -> Values:
    path = folder / "values.tsv"
    path.write_text(text.replace(" ", "\t"), encoding="utf-8")
    return read_values("lib", str(path), split, 1)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(KcalseqError) as raised:
        read(folder, text)
    assert str(folder / "values.tsv") in str(raised.value)
    return str(raised.value)


def test_replicates_become_their_mean_and_u_is_read_as_t(tmp_path: Path) -> None:
    found = read(tmp_path, SMALL)
    table = conform("variant_values", found.variant_values, "values").set_index(["condition", "variant"])
    assert table["value"].to_dict() == {("cold", "ACGT"): -1.0, ("hot", "ACGT"): 2.0, ("hot", "TTTT"): 2.0}
    assert table["n_replicates"].to_dict() == {("cold", "ACGT"): 1, ("hot", "ACGT"): 2, ("hot", "TTTT"): 1}
    assert table.loc[("hot", "ACGT"), "value_se"] == pytest.approx(0.25)  # of 0.3 and 0.4: a half of 0.5
    variants = conform("variants", found.variants, "variants")
    assert variants["variant"].tolist() == variants["variant_sequence"].tolist() == ["ACGT", "TTTT"]


def test_without_the_other_columns_there_is_one_condition_and_no_error(tmp_path: Path) -> None:
    found = read(tmp_path, "sequence value\nAC 1\nAG 2\n\n\n")
    table = conform("variant_values", found.variant_values, "values")
    assert table["condition"].tolist() == ["all", "all"] and table["value_se"].isna().all()


def test_a_gzipped_table_is_the_same(tmp_path: Path) -> None:
    plain = read(tmp_path, SMALL)
    with gzip.open(tmp_path / "values.tsv.gz", "wt") as file:
        file.write(SMALL.replace(" ", "\t").replace("\n", "\r\n"))
    zipped = read_values("lib", str(tmp_path / "values.tsv.gz"), None, 1)
    assert plain.variant_values.equals(zipped.variant_values) and plain.variants.equals(zipped.variants)


def test_the_split_is_the_files_or_the_columns_or_a_hash(tmp_path: Path) -> None:
    own = read(tmp_path, "sequence value set\nAC 1 test\nAG 2 training\nAT 0 validation\n").variants
    assert own["set"].tolist() == ["test", "training", "validation"]
    split = pd.DataFrame({"variant_sequence": ["AG"], "set": ["test"]})
    assert read(tmp_path, "sequence value\nAC 1\nAG 2\n", split).variants["set"].tolist() == ["training", "test"]
    letters = np.array(list("ACGT"))
    rows = {"".join(letters[[i // 256 % 4, i // 64 % 4, i // 16 % 4, i // 4 % 4, i % 4]]) for i in range(1024)}
    text = "sequence value\n" + "".join(f"{row} 1\n" for row in sorted(rows))
    shares = read(tmp_path, text).variants["set"].value_counts(normalize=True)
    assert shares["training"] == pytest.approx(0.6, abs=0.05) and shares["test"] == pytest.approx(0.2, abs=0.05)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("TTTT 2e0", "TTNT 2e0", ("line 5, column 'variant_sequence'", "the letter 'N' in TTNT", "A, C, G, T or U")),
        ("TTTT 2e0", "TTT 2e0", ("line 5", "3 bases (TTT)", "4, as in the lines before")),
        ("TTTT 2e0", "TTTT nan", ("line 5, column 'value'", "'nan' is no finite number")),
        ("TTTT 2e0", "TTTT inf", ("'inf' is no finite number",)),
        ("TTTT 2e0", "TTTT 1,5", ("'1,5' is no finite number", "a number such as -1.25")),
        ("TTTT 2e0", "TTTT ", ("line 5, column 'value'", "an empty cell")),
        ("2e0 0.2", "2e0 -0.2", ("column 'value_se'", "the standard error -0.2", "0 or more")),
        ("2e0 0.2 hot 1", "2e0 0.2 hot", ("line 5", "4 cells", "5, one a column")),
        ("ACGT 3.0 0.4 hot 2", "ACGT 3.0 0.4 hot 1", ("line 3", "of this condition and replicate in line 2 already")),
        ("cold 1\n", "cold 1\n\n", ("line 6", "the empty line 5 before it")),
        ("value_se", "value_err", ("line 1", "unknown column 'value_err'", "did you mean 'value_se'?")),
        ("value_se", "value", ("line 1", "column 'value' twice")),
        ("variant_sequence value value_se", "variant_sequence set value_se", ("line 1", "column 'value' is missing")),
        ("replicate", "sequence", ("both variant_sequence and sequence",)),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, old: str, new: str, words: tuple[str, ...]) -> None:
    assert old in SMALL
    told = refusal(tmp_path, SMALL.replace(old, new, 1))
    for word in words:
        assert word in told


def test_a_variant_in_two_sets_is_refused(tmp_path: Path) -> None:
    text = "sequence value set replicate\nAC 1 test 1\nAC 2 training 2\n"
    assert "AC is in the training set here and in the test set in line 2" in refusal(tmp_path, text)
    assert "did you mean 'training'?" in refusal(tmp_path, "sequence value set\nAC 1 trainig\n")


def test_files_that_are_no_tables_are_refused(tmp_path: Path) -> None:
    assert "no row" in refusal(tmp_path, "sequence value\n")
    assert "no tabs" in refusal(tmp_path, "")
    assert "no tabs" in refusal(tmp_path, "sequence,value\nAC,1\n")
    (tmp_path / "values.tsv").write_bytes(b"\xff\xfe\x00s")
    with pytest.raises(KcalseqError, match="it cannot be read"):
        first_row(tmp_path / "values.tsv")
    with pytest.raises(KcalseqError, match="there is no such file"):
        first_row(tmp_path / "absent.tsv")
    whole = gzip.compress(("sequence\tvalue\n" + "ACGT\t1\n" * 50000).encode())
    (tmp_path / "cut.tsv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(KcalseqError, match="cut.tsv.gz"):
        read_values("lib", str(tmp_path / "cut.tsv.gz"), None, 1)


def test_the_plan_looks_at_header_and_first_row_only(tmp_path: Path) -> None:
    (tmp_path / "values.tsv").write_text("sequence\tvalue\nACGU\t1\nnonsense\n", encoding="utf-8")
    columns, row = first_row(tmp_path / "values.tsv")
    assert columns == {"variant_sequence", "value"} and row.sequence == "ACGT"
