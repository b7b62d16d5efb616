"""Tables come back as they went, in one order and the same bytes, or are refused and leave nothing behind."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kcalseq.errors import KcalseqError
from kcalseq.tablefile import conform, read_table, read_tables, write_table
from kcalseq.tables import TABLES
from kcalseq.wholefile import write_text

SUFFIXES = ["parquet", "tsv"]


def summary() -> pd.DataFrame:
    """Numbers that are hard to keep, missing values, and a missing name."""
    return pd.DataFrame(
        {
            "library": ["lac", "lac", "lac", "rel"],
            "model": ["thermo", None, "thermo", None],
            "metric": ["I_var_test", "reads_total", "energy", "reads_total"],
            "value": [1 / 3, 51853.0, np.nan, -0.1 + 1e-17],
            "lower": [0.1 + 0.2, np.nan, np.nan, np.nextafter(1, 2)],
            "upper": [1e-300, np.nan, 6.02214076e23, np.nan],
            "unit": ["bits/read", "reads", "kcal/mol", "reads"],
        }
    )


def variant_counts() -> pd.DataFrame:
    rows = [
        ("1", "bin", 2, "ACG", None, 3, None),
        ("1", "input", 0, "ACG", 7, 2**53 + 1, 1),
        ("01", "bin", 1, "NA", 1, 1, None),
    ]
    names = ["replicate", "fraction", "bin", "variant", "n_barcodes", "n_reads", "n_molecules"]
    return pd.DataFrame(rows, columns=names).assign(library="lac", condition="null")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(("name", "frame"), [("summary", summary()), ("variant_counts", variant_counts())])
def test_round_trip(name: str, frame: pd.DataFrame, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"table.{suffix}"
    write_table(name, frame, path)
    found, expected = read_table(name, path), conform(name, frame, "frame")
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    assert list(found.columns) == TABLES[name].column_names
    assert [found[column].isna().sum() for column in found] == [expected[column].isna().sum() for column in expected]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_order_of_rows_and_columns_leaves_no_trace(suffix: str, tmp_path: Path) -> None:
    write_table("summary", summary(), tmp_path / f"one.{suffix}")
    shuffled = summary().iloc[[2, 0, 3, 1]].set_index(np.array([9, 9, 1, 4]))
    write_table("summary", shuffled[summary().columns[::-1]], tmp_path / f"two.{suffix}")
    assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_string_is_a_missing_value(suffix: str, tmp_path: Path) -> None:
    write_table("summary", summary(), tmp_path / f"missing.{suffix}")
    write_table("summary", summary().fillna({"model": ""}), tmp_path / f"empty.{suffix}")
    assert (tmp_path / f"empty.{suffix}").read_bytes() == (tmp_path / f"missing.{suffix}").read_bytes()
    with pytest.raises(KcalseqError, match="column 'unit': a missing value"):
        write_table("summary", summary().replace({"unit": {"reads": ""}}), tmp_path / f"refused.{suffix}")


def test_rows_are_sorted_by_key(tmp_path: Path) -> None:
    found = conform("variant_counts", variant_counts(), "frame")
    assert found[["replicate", "bin"]].values.tolist() == [["01", 1], ["1", 2], ["1", 0]]
    assert str(found["n_reads"].dtype) == "int64" and str(found["n_barcodes"].dtype) == "Int64"
    assert found["n_reads"].max() == 2**53 + 1


def test_several_files_are_one_table(tmp_path: Path) -> None:
    parts = [variant_counts().iloc[[0]], variant_counts().iloc[1:]]
    for number, part in enumerate(parts):
        write_table("variant_counts", part, tmp_path / f"{number}.parquet")
    paths = [str(tmp_path / f"{number}.parquet") for number in (1, 0)]
    pd.testing.assert_frame_equal(
        read_tables("variant_counts", paths), conform("variant_counts", variant_counts(), "frame")
    )
    assert read_tables("variant_counts", []).empty
    with pytest.raises(KcalseqError, match="occurs more than once"):
        read_tables("variant_counts", [paths[0], paths[0]])


REFUSALS = [
    (
        summary().rename(columns={"value": "vlaue"}),
        ("unknown column 'vlaue'", "the columns of table summary", "did you mean 'value'?"),
    ),
    (summary().drop(columns="unit"), ("column 'unit' is missing", "add the column")),
    (
        pd.concat([summary(), summary().iloc[[3]]]),
        ("'metric': 'reads_total'} occurs more than once", "one row per library, model, metric"),
    ),
    (
        summary().assign(metric=["a", None, "c", "d"]),
        ("column 'metric'", "a missing value", "a value in every row", "fill it or drop the row"),
    ),
    (summary().assign(value=["1.0", "two", "3", "4"]), ("column 'value'", "'two'", "values of type float64")),
]


@pytest.mark.parametrize(("frame", "words"), REFUSALS)
def test_words_of_a_refusal(frame: pd.DataFrame, words: tuple[str, ...]) -> None:
    with pytest.raises(KcalseqError) as raised:
        conform("summary", frame, "results/summary.tsv")
    for word in ("results/summary.tsv", *words):
        assert word in str(raised.value)


def test_words_about_a_value_outside_its_enumeration() -> None:
    with pytest.raises(KcalseqError) as raised:
        conform("variant_counts", variant_counts().replace("input", "inptu"), "counts.parquet")
    for word in ("counts.parquet column 'fraction'", "the value 'inptu'", "an allowed value", "did you mean 'input'?"):
        assert word in str(raised.value)


def test_a_fraction_of_a_read_is_refused() -> None:
    with pytest.raises(KcalseqError, match="column 'n_reads'.*values of type int64"):
        conform("variant_counts", variant_counts().assign(n_reads=[1.0, 2.5, 3.0]), "counts")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_refused_table_leaves_the_old_one_and_nothing_else(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"summary.{suffix}"
    write_table("summary", summary(), path)
    before = path.read_bytes()
    with pytest.raises(KcalseqError):
        write_table("summary", summary().drop(columns="unit"), path)
    assert [item.name for item in tmp_path.iterdir()] == [path.name] and path.read_bytes() == before


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_failing_disk_leaves_nothing(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("kcalseq.wholefile.os.replace", fail)
    with pytest.raises(OSError, match="no space left"):
        write_table("summary", summary(), tmp_path / f"summary.{suffix}")
    with pytest.raises(OSError, match="no space left"):
        write_text("words", tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_text_is_written_whole_into_a_new_folder(tmp_path: Path) -> None:
    write_text("ΔG\n", tmp_path / "new" / "card.json")
    assert (tmp_path / "new" / "card.json").read_text(encoding="utf-8") == "ΔG\n"
    assert [item.name for item in (tmp_path / "new").iterdir()] == ["card.json"]


@pytest.mark.parametrize("table", TABLES)
def test_every_definition_is_sound(table: str) -> None:
    definition = TABLES[table]
    names = definition.column_names
    assert len(set(names)) == len(names)
    assert set(definition.key) <= set(names)
    for column in definition.columns:
        assert column.meaning and column.name == definition.column(column.name).name


def test_text_appears_whole_and_in_utf8(tmp_path: Path) -> None:
    write_text("<p>é</p>\n", tmp_path / "deep/report.html")
    assert (tmp_path / "deep/report.html").read_bytes() == "<p>é</p>\n".encode()
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["report.html"]
