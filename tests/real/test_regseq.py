"""Reg-Seq of the ykgE promoter of Escherichia coli: sites called from the counts against those its authors tell.

Positions count from 0 in the 160-nt variant, whose last 45 nt begin at the presumed transcription start. The authors'
supplementary tables 2 and 3 (Ireland et al. 2020; assets/ of github.com/RPGroup-PBoC/RegSeq) give ykgE sigma 70
polymerases at locations 74 and 140, and in LB an activating region with part of one at 43 to 78 and a repressing region
at 70 to 93. These counts do not show the polymerase at 140.
"""

from pathlib import Path

import pandas as pd
import pytest

from kcalseq.activity.promoter_footprint import Footprints, promoter_footprints
from kcalseq.models.draft import DraftSite, chosen_sites, draft_model
from kcalseq.models.spec import read_model
from kcalseq.tablefile import conform

LENGTH = 160
ACTIVATING, REPRESSING, POLYMERASE = range(43, 79), range(70, 94), 74


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "regseq"


@pytest.fixture(scope="module")
def footprints(folder: Path) -> Footprints:
    read = pd.read_csv(folder / "ykgE_dataset_combined.csv.gz")
    summed = read.assign(variant=read["seq"].str[:LENGTH]).groupby("variant")[["ct_0", "ct_1"]].sum().astype("int64")
    long = summed.rename(columns={"ct_0": "dna", "ct_1": "rna"}).stack().rename_axis(["variant", "fraction"])
    counts = long.rename("n_reads").reset_index().query("n_reads > 0")
    missing = pd.array([pd.NA] * len(counts), dtype="Int64")
    named = counts.assign(library="ykgE", condition="told", replicate="1", bin=0)
    table = conform("variant_counts", named.assign(n_barcodes=missing, n_molecules=missing), "counts")
    variants = pd.DataFrame({"variant": summed.index, "variant_sequence": summed.index})
    found = promoter_footprints("ykgE", table, variants, "presence", seed=1)
    return Footprints(*(conform(name, own, name) for name, own in found._asdict().items()))


def test_the_most_common_bases_are_the_wild_type(footprints: Footprints, folder: Path) -> None:
    wildtype = pd.read_csv(folder / "wtsequences.csv").set_index("name").loc["ykgE", "geneseq"]
    assert "".join(footprints.promoter_footprint["common_base"]) == wildtype
    check = footprints.footprint_check.iloc[0]
    assert (check["call"], check["n_variants"], check["n_positions"]) == ("random", 1195, LENGTH)


def test_the_sites_are_those_of_the_authors(footprints: Footprints) -> None:
    sites = footprints.putative_sites.set_index("site")
    assert sites["kind"].to_dict() == {"RNAP": "polymerase", "site_1": "repressor"}
    rnap, repressor = sites.loc["RNAP"], sites.loc["site_1"]
    # GATTAT, 17 nt behind TTGCAT.
    assert (rnap["minus_35"], rnap["minus_10"], rnap["n_mismatches"]) == (50, 73, 5)
    assert POLYMERASE in range(rnap["minus_10"], rnap["minus_10"] + 6)
    assert set(range(50, 79)) <= set(ACTIVATING) & set(range(rnap["start"], rnap["start"] + rnap["length"]))
    assert set(range(repressor["start"], repressor["start"] + repressor["length"])) <= set(REPRESSING)


def test_the_peaks_of_the_footprint_lie_in_known_sites(footprints: Footprints) -> None:
    found = footprints.promoter_footprint.set_index("position")
    significant = found[found["q_value"] <= 0.05]
    assert len(significant) >= 10
    inside = [position in REPRESSING or position in ACTIVATING for position in significant.index]
    assert sum(inside) >= 0.8 * len(inside)
    assert found["score"].idxmin() == 74 and found["score"].idxmax() in REPRESSING


def test_the_draft_is_a_model_of_dna_and_rna_counts(footprints: Footprints, tmp_path: Path) -> None:
    sites = [
        DraftSite(row.site, row.start, row.start + row.length, row.kind, row.p_value)
        for row in footprints.putative_sites.itertuples()
    ]
    wildtype = "".join(footprints.promoter_footprint["common_base"])
    path = tmp_path / "ykgE.yaml"
    text = draft_model("ykgE", chosen_sites(sites, LENGTH), wildtype, -115, counted=True, several_conditions=False)
    path.write_text(text, encoding="utf-8")
    spec = read_model(path)
    assert {state.bound for state in spec.states} == {(), ("RNAP",), ("site_1",)}
    assert spec.measurement.kind == "barcode_counts"
