"""Import of seqspec files: what each read shows becomes parts; what a layout cannot say is told with its region."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from kcalseq.errors import KcalseqError
from kcalseq.reads.layout import read_layout
from kcalseq.reads.seqspec import is_seqspec, layout_of_seqspec

P5, READ1, READ2, P7 = "AATGATACGGCGACCACCGA", "ACACTCTTTCCCTACACGAC", "AGATCGGAAGAGCACACGTC", "ATCTCGTATGCCGTCTTCTG"


def region(name: str, kind: str, form: str, length: int | tuple[int, int] | str, **more: Any) -> dict[str, Any]:
    least, most = (
        (len(length),) * 2 if isinstance(length, str) else length if isinstance(length, tuple) else (length,) * 2
    )
    sequence = length if isinstance(length, str) else ("N" if form == "onlist" else "X") * least
    entry = {"region_id": name, "region_type": kind, "name": name, "sequence_type": form, "sequence": sequence}
    return {**entry, "min_len": least, "max_len": most, "onlist": None, "regions": [], **more}


def read(name: str, primer: str, length: int, strand: str = "pos", **more: Any) -> dict[str, Any]:
    entry = {"read_id": name, "name": name, "modality": "dna", "primer_id": primer, "strand": strand, "files": []}
    return {**entry, "min_len": 1, "max_len": length, **more}


def write(folder: Path, regions: list[dict[str, Any]], reads: list[dict[str, Any]]) -> Path:
    path = folder / "spec.yaml"
    library = [region("dna", "dna", "joined", 0, regions=regions)]
    content = {"name": "assay", "description": "for tests", "modalities": ["dna"]}
    path.write_text(yaml.safe_dump({**content, "sequence_spec": reads, "library_spec": library}))
    return path


READS = [read("R1", "truseq_read1", 60), read("R2", "truseq_read2", 15, "neg"), read("I1", "truseq_read2", 16)]


def mpra(variant: int = 50, barcode: int = 15) -> list[dict[str, Any]]:
    """An MPRA's molecule: variant, linker and barcode between the primers, then UMI and sample index."""
    return [
        region("p5", "illumina_p5", "fixed", P5),
        region("truseq_read1", "truseq_read1", "fixed", READ1),
        region("CRS", "dna", "random", variant),
        region("linker", "linker", "fixed", "TCTAGAGCGA"),
        region("bc", "barcode", "random", barcode),
        region("truseq_read2", "truseq_read2", "fixed", READ2),
        region("umi", "umi", "random", 16),
        region("index7", "index7", "onlist", 8),
        region("p7", "illumina_p7", "fixed", P7),
    ]


def test_an_mpra(tmp_path: Path) -> None:
    path = write(tmp_path, mpra(), READS)
    assert is_seqspec(path)
    assert layout_of_seqspec(path) == {
        "description": "assay for tests",
        "variant_source": "read",
        "reads": {
            "read_1": [
                {"name": "crs", "kind": "variant", "length": 50, "min_quality": 20},
                {"name": "linker", "kind": "constant", "sequence": "TCTAGAGCGA", "max_mismatches": 1},
            ],
            "read_2": [{"name": "bc", "kind": "barcode", "length": 15, "min_quality": 20, "reverse_complement": True}],
            "index_1": [{"name": "umi", "kind": "umi", "length": 16, "min_quality": 10}],
        },
    }


def test_what_only_both_mates_show_is_merged(tmp_path: Path) -> None:
    reads = [read("R1", "truseq_read1", 120), read("R2", "truseq_read2", 125, "neg")]
    layout = layout_of_seqspec(write(tmp_path, mpra(variant=200), reads))
    assert layout["merge"] == {"min_overlap": 20, "max_mismatch_fraction": 0.1}
    assert [(part["name"], part.get("length")) for part in layout["reads"]["merged"]] == [
        ("crs", 200),
        ("linker", None),
        ("bc", 15),
    ]
    assert not any("reverse_complement" in part for part in layout["reads"]["merged"])
    with pytest.raises(
        KcalseqError, match="region 'CRS': no read reaches its end, nor do read 1 and read 2 overlap by 20"
    ):
        layout_of_seqspec(write(tmp_path, mpra(variant=201), reads))


def test_what_is_imported_is_a_readable_layout(tmp_path: Path) -> None:
    layout = read_layout(write(tmp_path, mpra(), READS))
    assert layout.slots == ("read_1", "read_2", "index_1")
    assert (layout.length_of("variant"), layout.length_of("barcode"), layout.length_of("umi")) == (
        (50,) * 2,
        (15,) * 2,
        (16,) * 2,
    )
    mates = [read("R1", "truseq_read1", 120), read("R2", "truseq_read2", 125, "neg")]
    merged = read_layout(write(tmp_path, mpra(variant=200), mates))
    assert merged.merge is not None
    assert merged.merge.min_overlap == 20


def test_what_two_reads_show_is_taken_once(tmp_path: Path) -> None:
    reads = [read("R1", "truseq_read1", 60), read("R2", "truseq_read2", 75, "neg")]
    assert layout_of_seqspec(write(tmp_path, mpra(), reads))["reads"] == {
        "read_1": [
            {"name": "crs", "kind": "variant", "length": 50, "min_quality": 20},
            {"name": "linker", "kind": "constant", "sequence": "TCTAGAGCGA", "max_mismatches": 1},
        ],
        "read_2": [
            {"name": "bc", "kind": "barcode", "length": 15, "min_quality": 20, "reverse_complement": True},
            {"name": "linker_2", "kind": "constant", "sequence": "TCGCTCTAGA", "max_mismatches": 1},
        ],
    }


def test_single_cell_form_with_tags_and_a_whitelist(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(
        """!Assay
name: cells
description: null
modalities: [rna]
sequence_spec:
- !Read {read_id: rna-R1.fastq.gz, modality: rna, primer_id: primer, strand: pos, max_len: 28, files: []}
- !Read {read_id: two, modality: rna, primer_id: back, strand: neg, max_len: 90, files: [{filename: x_R2_001.fastq.gz}]}
- !Read {read_id: rna-I1.fastq.gz, modality: rna, primer_id: back, strand: pos, max_len: 8, files: []}
library_spec:
- !Region
  region_id: rna
  sequence_type: joined
  regions:
  - !Region {region_id: primer, region_type: truseq_read1, sequence_type: fixed, sequence: CTACACGACG}
  - !Region
    region_id: head
    region_type: named
    sequence_type: joined
    regions:
    - !Region
      {region_id: 10x cells, region_type: barcode, sequence_type: onlist, sequence: NNNNNNNNNNNNNNNN, min_len: 16,
       max_len: 16, onlist: !Onlist {filename: cells.txt.gz}}
    - !Region {region_id: umi, region_type: umi, sequence_type: random, sequence: X, min_len: 12, max_len: 12}
  - !Region {region_id: cdna, region_type: cdna, sequence_type: random, sequence: X, min_len: 1, max_len: 90}
  - !Region {region_id: back, region_type: truseq_read2, sequence_type: fixed, sequence: AGATCGGAAG}
  - !Region {region_id: i7, region_type: index7, sequence_type: onlist, sequence: NNNNNNNN, min_len: 8, max_len: 8}
"""
    )
    assert is_seqspec(path)
    assert layout_of_seqspec(path)["reads"] == {
        "read_1": [
            {
                "name": "barcode_10x_cells",
                "kind": "barcode",
                "length": 16,
                "min_quality": 20,
                "whitelist": "cells.txt.gz",
            },
            {"name": "umi", "kind": "umi", "length": 12, "min_quality": 10},
        ],
        "read_2": [
            {
                "name": "cdna",
                "kind": "variant",
                "min_length": 1,
                "max_length": 90,
                "min_quality": 20,
                "reverse_complement": True,
            }
        ],
    }


def test_split_pool_form_with_several_barcodes_between_linkers(tmp_path: Path) -> None:
    regions = [
        region("primer", "custom_primer", "fixed", READ1),
        region("round-1", "barcode", "onlist", 8),
        region("linker", "linker", "fixed", "GTGGCC"),
        region("round-2", "barcode", "onlist", 8),
        region("stagger", "linker", "random", (0, 3)),
        region("round-3", "barcode", "random", "NNWSNN"),
        region("tail", "linker", "fixed", "CATC"),
        region("guide", "sgrna_target", "random", (19, 21)),
        region("s7", "s7", "fixed", READ2),
        region("p7", "illumina_p7", "fixed", P7),
    ]
    layout = layout_of_seqspec(write(tmp_path, regions, [read("Read 1", "primer", 200)]))
    assert layout["reads"]["read_1"] == [
        {"name": "round_1", "kind": "barcode", "length": 8, "min_quality": 20},
        {"name": "linker", "kind": "constant", "sequence": "GTGGCC", "max_mismatches": 1},
        {"name": "round_2", "kind": "barcode", "length": 8, "min_quality": 20},
        {"name": "stagger", "kind": "skip", "min_length": 0, "max_length": 3},
        {"name": "round_3", "kind": "barcode", "pattern": "NNWSNN", "min_quality": 20},
        {"name": "tail", "kind": "constant", "sequence": "CATC", "max_mismatches": 1},
        {"name": "guide", "kind": "variant", "min_length": 19, "max_length": 21, "min_quality": 20},
        {"name": "s7", "kind": "constant", "sequence": READ2, "max_mismatches": 2},
    ]


def test_kinds_and_columns_may_be_told(tmp_path: Path) -> None:
    regions = [
        region("primer", "custom_primer", "fixed", READ1),
        region("plate", "named", "onlist", 6),
        region("target", "named", "joined", (1, 40), regions=[region("a", "linker", "fixed", "ACG")]),
    ]
    path = write(tmp_path, regions, [read("forward", "primer", 50)])
    with pytest.raises(KcalseqError, match="read 'forward': neither its id, its name nor its files tell"):
        layout_of_seqspec(path)
    with pytest.raises(KcalseqError, match="region 'plate': its type does not tell what its onlist is for"):
        layout_of_seqspec(path, columns={"forward": "read_1"})
    kinds = {"plate": "sample_code", "target": "variant"}
    assert layout_of_seqspec(path, columns={"forward": "read_1"}, kinds=kinds)["reads"]["read_1"] == [
        {"name": "plate", "kind": "sample_code", "length": 6, "max_mismatches": 0},
        {"name": "target", "kind": "variant", "min_length": 1, "max_length": 40, "min_quality": 20},
    ]


def changed(number: int, **keys: Any) -> list[dict[str, Any]]:
    regions = mpra()
    regions[number] = {**regions[number], **keys}
    return regions


@pytest.mark.parametrize(
    ("regions", "reads", "message"),
    [
        (mpra(), [read("R1", "primer", 60)], "read 'R1': its primer 'primer' is no region of the modality"),
        (mpra(), [read("R1", "p5", 60, "up")], "read 'R1': its strand is 'up' and its max_len 60"),
        (mpra(), [read("R3", "truseq_read1", 60)], "read 'R3': neither its id, its name nor its files tell"),
        (mpra(), [*READS, read("x_R1_2", "p5", 60)], "2 reads are read_1, among them 'R1'"),
        (mpra(), [READS[1], read("R1", "truseq_read1", 40)], "region 'CRS': no read reaches its end"),
        (mpra(barcode=20), READS, "region 'bc': no read reaches its end"),
        (mpra(), [read("R1", "p5", 60, modality="rna")], "of the modality 'dna'; they are of rna"),
        (mpra(), [read("I1", "umi", 8)], "no read shows a barcode, a UMI or a variant"),
        (changed(2, min_len=None), READS, "region 'CRS': its lengths are None and 50"),
        (changed(2, sequence_type="joined"), READS, "region 'CRS': a joined region without regions"),
        (changed(3, sequence="TCTNAGAGCG"), READS, "region 'linker': the constant sequence"),
        (changed(4, sequence="ACGZ"), READS, "region 'bc': its sequence has the letters Z"),
        (changed(4, region_type="gdna"), READS, "the variants crs, bc"),
        (changed(4, region_id=None), READS, "a region in 'dna' has no region_id"),
    ],
)  # fmt: skip
def test_what_a_layout_cannot_say_is_told(
    tmp_path: Path, regions: list[dict[str, Any]], reads: list[dict[str, Any]], message: str
) -> None:
    with pytest.raises(KcalseqError) as caught:
        layout_of_seqspec(write(tmp_path, regions, reads))
    assert message in str(caught.value)


def test_modalities_and_arguments_are_checked(tmp_path: Path) -> None:
    path = write(tmp_path, mpra(), READS)
    with pytest.raises(KcalseqError, match="no modality 'rna'"):
        layout_of_seqspec(path, modality="rna")
    with pytest.raises(KcalseqError, match="no region 'barcode'"):
        layout_of_seqspec(path, kinds={"barcode": "barcode"})
    with pytest.raises(KcalseqError, match="region 'bc' as 'barcod'.*did you mean 'barcode'"):
        layout_of_seqspec(path, kinds={"bc": "barcod"})
    with pytest.raises(KcalseqError, match="it is to be 'read1'.*did you mean 'read_1'"):
        layout_of_seqspec(path, columns={"R1": "read1"})
    content = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump({**content, "modalities": ["dna", "rna"]}))
    with pytest.raises(KcalseqError, match="it has the modalities dna, rna; expected one"):
        layout_of_seqspec(path)
    path.write_text(yaml.safe_dump({**content, "modalities": ["rna"]}))
    with pytest.raises(KcalseqError, match="0 regions of library_spec have the region_id 'rna'"):
        layout_of_seqspec(path)


@pytest.mark.parametrize("text", ["", "a: [", "modalities: []", "!Assay\n- 1", "library_spec: 3\nmodalities: [dna]"])
def test_what_is_no_seqspec_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "spec.yaml").write_text(text)
    for name in ("spec.yaml", "absent.yaml"):
        with pytest.raises(KcalseqError, match="a seqspec YAML file with modalities"):
            layout_of_seqspec(tmp_path / name)


def test_layouts_are_no_seqspec_files(project: Path, tmp_path: Path) -> None:
    assert not any(is_seqspec(path) for path in (project / "config" / "assays").glob("*.yaml"))
    assert not is_seqspec(tmp_path / "absent.yaml")
