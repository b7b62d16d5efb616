"""Maps that others made."""

import gzip
from pathlib import Path

import pytest

from kcalseq.association.design import read_design
from kcalseq.association.imports import import_map
from kcalseq.errors import KcalseqError
from kcalseq.tablefile import conform


def file(folder: Path, text: str, name: str = "map.tsv") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ACG\ta\nAAA\tb\n", "igvf.tsv.gz"),
        ("ACG\ta\t5/5\r\nAAA\tb\t3/4\r\n", "assignment_barcodes.tsv"),
        ("barcode\tvariant\nacg\ta\n\nAAA\tb\nAAA\tb\n", "own.tsv"),
        ("oligo\tn\tBarcode\na\t1\tACG\nb\t1\tAAA\n", "named.tsv.gz"),
    ],
)
def test_all_forms_give_the_same_map(tmp_path: Path, text: str, name: str) -> None:
    found = conform("barcode_map", import_map("lib", file(tmp_path, text, name), {"a": "a", "b": "b"}), "found")
    assert found["barcode"].tolist() == ["AAA", "ACG"]
    assert found["variant"].tolist() == ["b", "a"]
    assert found["n_reads"].isna().all() and found["purity"].isna().all()
    assert found["second_probability"].isna().all()


def test_barcodes_can_be_turned(tmp_path: Path) -> None:
    found = import_map("lib", file(tmp_path, "ACG\ta\nAAA\tb\n"), reverse_complemented=True)
    assert found["barcode"].tolist() == ["CGT", "TTT"]


def test_variants_that_the_design_renames_keep_their_barcodes_under_either_name(tmp_path: Path) -> None:
    design = file(tmp_path, ">5'UTR\nAC\n>b\nGG\n", "design.fa")
    spellings = read_design(design, rename=True).spellings()
    found = import_map("lib", file(tmp_path, "AAA\t5'UTR\nCCC\t5_UTR\nGGG\tb\nAAA\t5_UTR\n"), spellings)
    assert found["variant"].tolist() == ["5_UTR", "5_UTR", "b"]
    # Another name that would look alike once its letters were replaced is no variant of the design.
    with pytest.raises(KcalseqError, match="line 1: variant '5\"UTR' is not in the design"):
        import_map("lib", file(tmp_path, 'AAA\t5"UTR\n'), spellings)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("AAA\ta\nACG\tb\nAAA\tb\n", "line 3: barcode AAA is b, but a in line 1"),
        ("AAA\ta\nANA\tb\n", "line 2: the letter 'N' in barcode 'ANA'"),
        ("AAA\tc\n", "line 1: variant 'c' is not in the design"),
        ("AAA\t\n", "line 1: barcode AAA has no variant"),
        ("AAA,a\n", "line 1: 1 columns"),
        ("barcode\tname\nAAA\ta\n", "line 1: the columns barcode, name"),
        ("", "no row"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(KcalseqError, match=message):
        import_map("lib", file(tmp_path, text), {"a": "a", "b": "b"})


def test_a_cut_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "map.tsv.gz"
    path.write_bytes(gzip.compress(b"AAA\ta\n" * 1000)[:-10])
    with pytest.raises(KcalseqError, match="cannot be read"):
        import_map("lib", path)


def test_a_real_igvf_map_is_read(shared_data: Path) -> None:
    path = shared_data / "mpralib" / "reporter_barcode_to_element_mapping.example.tsv.gz"
    with gzip.open(path, "rt") as lines:
        n = len({line for line in lines if line.strip()})
    assert len(conform("barcode_map", import_map("hepg2", path), "found")) == n
