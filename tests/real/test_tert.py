"""Saturation mutagenesis of the TERT promoter by error-prone PCR (Kircher et al. 2019, glioblastoma cells).

MPRAflow's tables give each barcode the changes of its molecule, from none to a dozen. Two changes are known from
tumours: C228T and C250T (chr5:1,295,228 and 1,295,250 of GRCh37), each of which makes a site of ETS factors and
activates the promoter. The element is chr5:1,295,104-1,295,362, on the minus strand; the tables count its first base
as 21, so the two are C to T at 155 and 133, and at 154 and 132 counted from 0.
"""

import gzip
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from kcalseq.activity import base_effect_tables as tables
from kcalseq.activity.base_effects import measure_library
from kcalseq.activity.units import gather_units
from kcalseq.association.imports import import_map
from kcalseq.tablefile import conform

FIRST, LAST = 20, 278
C228T, C250T = 1_295_362 - 1_295_228 + FIRST, 1_295_362 - 1_295_250 + FIRST


class Tert(NamedTuple):
    """Its tables, and its effects by position and base."""

    effects: pd.DataFrame
    replicates: pd.DataFrame
    agreement: pd.DataFrame
    drops: pd.DataFrame


@pytest.fixture(scope="module")
def tert(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Tert:
    """By a barcode map from elsewhere, as the pipeline imports it: the names tell the changes."""
    folder, scratch = shared_data / "kircher2019_tert", tmp_path_factory.mktemp("tert")
    with gzip.open(folder / "TERT.variants.txt.gz", "rt") as lines:
        rows = [line.split(" ", 1) for line in dict.fromkeys(line.strip() for line in lines)]
    # Lines that name several barcodes are of clusters; their counts stand nowhere in the tables.
    own = [row for row in rows if "," not in row[0]]
    text = "".join(f"{row[0]}\t{row[1] if len(row) > 1 else 'TERT'}\n" for row in own)
    (scratch / "map.tsv").write_text(text, encoding="utf-8")
    known = import_map("tert", scratch / "map.tsv").set_index("barcode")["variant"]
    names = sorted(known.unique())
    frames = []
    for replicate in ("1", "2", "3"):
        path = folder / f"TERT-GBM_{replicate}_counts.tsv.gz"
        counts = pd.read_csv(path, sep="\t", header=None, names=["barcode", "dna", "rna"])
        counts["variant"] = counts["barcode"].map(known)
        frames.append(counts.dropna().assign(condition="GBM", replicate=replicate, fate="used"))
    units = gather_units(pa.Table.from_pandas(pd.concat(frames), preserve_index=False), names)
    variants = pd.DataFrame({"variant": names, "variant_sequence": None})
    measured = measure_library("tert", variants, "TERT", [], units, 0.5, 10)
    identity = tables.Identity("tert", has_barcodes=True)
    return Tert(
        conform("base_effects", tables.combined_table(identity, measured, 0.95), "effects"),
        conform("replicate_base_effects", tables.replicate_table(identity, measured), "replicates"),
        conform("base_effect_agreement", tables.agreement_table(identity, measured), "agreement"),
        conform("base_effect_drops", tables.drop_table(identity, measured), "drops"),
    )


def test_nearly_all_bases_of_the_element_have_an_effect(tert: Tert) -> None:
    exchanged = tert.effects[tert.effects["base"] != "-"]
    inside = exchanged[exchanged["position"].between(FIRST, LAST)]
    assert len(inside) == 3 * 259
    told = inside["fate"] == "estimated"
    assert told.sum() == 727
    assert inside.loc[told, "position"].nunique() == 259
    # What is not told is what error-prone PCR rarely makes.
    assert set(inside.loc[~told, "fate"]) == {"few_barcodes"}


def test_replicates_agree(tert: Tert) -> None:
    """Pearson 0.973 to 0.977, Spearman 0.926 to 0.935 over about 810 changes."""
    assert (tert.agreement["n_shared"] > 800).all()
    assert tert.agreement["pearson"].between(0.97, 0.98).all()
    assert tert.agreement["spearman"].between(0.92, 0.94).all()
    # More than half of what barcodes and their variants add to an effect is the same in two replicates.
    assert tert.agreement["noise_correlation"].between(0.54, 0.62).all()
    assert tert.agreement["deviation_sd"].between(1.1, 1.5).all()


def test_the_two_changes_of_tumours_are_the_strongest(tert: Tert) -> None:
    ranked = tert.effects.sort_values("effect", ascending=False).head(2)
    assert list(zip(ranked["position"], ranked["reference_base"], ranked["base"], strict=True)) == [
        (C228T, "C", "T"),
        (C250T, "C", "T"),
    ]
    assert (C228T, C250T) == (154, 132)
    assert ranked["effect"].tolist() == pytest.approx([2.88, 2.51], abs=0.02)
    assert (ranked["effect_se"] < 0.06).all() and (ranked["n_barcodes"] > 100).all()
    by_replicate = tert.replicates.set_index(["position", "base"]).loc[[(C228T, "T"), (C250T, "T")], "effect"]
    assert by_replicate.groupby(level=0).std().max() < 0.1


def test_sites_are_seen_where_they_stand(tert: Tert) -> None:
    """Bases of CCTTCC (GGAAGG, an ETS site) and of GC boxes lower activity where changed, those of both ends do not."""
    bases = tert.effects.drop_duplicates("position").set_index("position")["reference_base"].loc[FIRST:LAST]
    means, element = tert.effects.groupby("position")["effect"].mean(), "".join(bases)
    ets, box = FIRST + element.index("CCTTCCTTT"), FIRST + element.index("CCCCGCCCC")
    assert means.loc[ets : ets + 5].mean() < -1.0
    assert means.loc[box + 2 : box + 7].mean() < -0.7
    assert abs(means.loc[21:66].mean()) < 0.05 and abs(means.loc[255:278].mean()) < 0.1


def test_barcodes_are_all_accounted_for(tert: Tert) -> None:
    sums = tert.drops.groupby("replicate")["n"].sum()
    assert sums.tolist() == [62_335, 60_652, 61_769]
    used = tert.drops[tert.drops["fate"] == "used"].set_index("replicate")["n"]
    assert (used / sums > 0.94).all()
    left = tert.drops[tert.drops["fate"] == "other_change"].set_index("replicate")["n"]
    assert ((used + left) / sums > 0.99).all()


def test_errors_hold_between_replicates(tert: Tert) -> None:
    """Differences of replicates over their errors, what barcodes share taken out and replicates' own scatter put in."""
    wide = tert.replicates.pivot(index=["position", "base"], columns="replicate", values=["effect", "effect_se"])
    combined = tert.effects.set_index(["position", "base"])
    between = combined["between_replicates_sd"].max()
    rho = tert.agreement["noise_correlation"].mean()
    deviations = []
    for one, two in (("1", "2"), ("1", "3"), ("2", "3")):
        s, t = wide["effect_se"][one], wide["effect_se"][two]
        variance = s**2 + t**2 - 2 * rho * s * t + 2 * between**2
        deviations.append((wide["effect"][one] - wide["effect"][two]) / np.sqrt(variance))
    assert 0.85 < np.nanstd(np.concatenate(deviations)) < 1.15
