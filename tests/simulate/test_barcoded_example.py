"""The simulated library in resources/: its maker makes it again, and its truth tables agree with its reads."""

import gzip
import importlib.util
from pathlib import Path

import pandas as pd
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "mpra_simulated"


def content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / name, sep="\t", keep_default_na=False)


def sequences(name: str) -> list[str]:
    return content(FOLDER / name).decode("ascii").splitlines()[1::4]


def test_the_maker_makes_the_same_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    specification = importlib.util.spec_from_file_location("make_reads", FOLDER / "make_reads.py")
    assert specification is not None and specification.loader is not None
    maker = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(maker)
    monkeypatch.setattr(maker, "FOLDER", tmp_path)
    maker.main()
    made = {path.name: content(path) for path in tmp_path.iterdir()}
    kept = {path.name: content(path) for path in FOLDER.iterdir() if path.suffix in (".gz", ".fa")}
    assert made == kept


def test_the_design_holds_neighbours_and_no_sequence_twice() -> None:
    lines = (FOLDER / "design.fa").read_text(encoding="ascii").splitlines()
    designs = dict(zip((line[1:] for line in lines[::2]), lines[1::2], strict=True))
    assert len(designs) == len(set(designs.values())) == 80
    for name, sequence in designs.items():
        promoter, change = name.split("_")
        reference = designs[f"{promoter}_ref"]
        if change.endswith("del"):
            place = int(change[:-3]) - 1
            assert sequence == reference[:place] + reference[place + 1 :]
        elif change != "ref":
            place, old, new = int(change[:-4]) - 1, change[-4], change[-1]
            assert reference[place] == old and sequence == reference[:place] + new + reference[place + 1 :]
    assert list(designs) == table("truth_variants.tsv.gz")["variant"].tolist()


def test_truth_adds_up_to_the_reads() -> None:
    for run, rows in table("truth_association.tsv.gz").groupby("run"):
        reads = sequences(f"{run}_index_1.fastq.gz")
        assert len(reads) == rows["n_reads"].sum() == 17_500
        # 1.5 to 4 % of the barcodes are misread: 15 bases at 0.2 % a base.
        assert 0.96 < pd.Series(reads).isin(set(rows["barcode"])).mean() < 0.985
    for sample, rows in table("truth_counts.tsv.gz").groupby("sample"):
        assert len(sequences(f"{sample}_read_1.fastq.gz")) == rows[["n_reads", "n_hopped"]].to_numpy().sum() == 24_000
        assert (rows["n_molecules"] <= rows["n_reads"]).all()
        assert 0.005 < rows["n_hopped"].sum() / 24_000 < 0.015


def test_truth_shows_in_the_counts() -> None:
    counts, variants = table("truth_counts.tsv.gz"), table("truth_variants.tsv.gz").set_index("variant")
    variant_of = table("truth_association.tsv.gz").drop_duplicates("barcode").set_index("barcode")["variant"]
    counts["variant"] = counts["barcode"].map(variant_of)
    sums = counts.pivot_table(index="variant", columns="sample", values="n_molecules", aggfunc="sum")
    for replicate in (1, 2):
        observed = sums[f"rna_{replicate}"] / sums[f"dna_{replicate}"]
        true = 2 ** variants["log2_activity"].reindex(observed.index)
        assert observed.corr(true) > 0.95
