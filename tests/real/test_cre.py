"""A synthetic enhancer of four CREB sites (Melnikov et al. 2012), about 10 % of its 87 bases changed, uninduced cells.

By its sequence it has two full sites, TGACGTCA at 11 and 69, and two half sites, CGTCA at 37 and TGACG at 47 (counted
from 0). Nearly every variant has one tag, and eight to nine changes.
"""

from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pytest

from kcalseq.activity import base_effect_tables as tables
from kcalseq.activity.base_effects import measure_library
from kcalseq.activity.units import gather_units
from kcalseq.tablefile import conform

SITES = ((11, "TGACGTCA"), (37, "CGTCA"), (47, "TGACG"), (69, "TGACGTCA"))


class Cre(NamedTuple):
    """The enhancer and its tables."""

    reference: str
    effects: pd.DataFrame
    agreement: pd.DataFrame


@pytest.fixture(scope="module")
def cre(shared_data: Path) -> Cre:
    folder, frames = shared_data / "melnikov2012_cre", []
    for replicate in ("1", "2"):
        rna, dna = (
            pd.read_csv(next(folder.glob(f"*Rep{replicate}_{kind}.counts.txt.gz")), sep="\t")
            for kind in ("mRNA", "Plasmid")
        )
        assert rna["Tags"].equals(dna["Tags"])
        named = rna.rename(columns={"Tags": "barcode", "Sequence": "variant", "Counts": "rna"})
        frames.append(named.assign(dna=dna["Counts"], condition="uninduced", replicate=replicate))
    counts = pd.concat(frames)
    counts = counts[counts["dna"] > 0].assign(fate="used")
    names = sorted(counts["variant"].unique())
    reference = str(counts["variant"].mode().iloc[0])
    units = gather_units(pa.Table.from_pandas(counts, preserve_index=False), names)
    variants = pd.DataFrame({"variant": names, "variant_sequence": names})
    measured = measure_library("cre", variants, reference, [], units, 0.5, 10)
    identity = tables.Identity("cre", has_barcodes=True)
    return Cre(
        reference,
        conform("base_effects", tables.combined_table(identity, measured, 0.95), "effects"),
        conform("base_effect_agreement", tables.agreement_table(identity, measured), "agreement"),
    )


def test_every_base_of_the_enhancer_has_an_effect(cre: Cre) -> None:
    assert len(cre.reference) == 87 and all(cre.reference[at:].startswith(site) for at, site in SITES)
    assert len(cre.effects) == 261 and (cre.effects["fate"] == "estimated").all()
    assert (cre.effects["n_barcodes"] > 300).all()


def test_replicates_agree(cre: Cre) -> None:
    """Pearson 0.86, Spearman 0.77 over 261 changes; the rest is more than the scatter of tags."""
    (pair,) = cre.agreement.to_dict("records")
    assert pair["n_shared"] == 261
    assert 0.84 < pair["pearson"] < 0.88 and 0.74 < pair["spearman"] < 0.80
    assert pair["deviation_sd"] > 2.0


def test_all_four_sites_are_seen(cre: Cre) -> None:
    means = cre.effects.groupby("position")["effect"].mean()
    inside = {at: means.loc[at : at + len(site) - 1] for at, site in SITES}
    outside = means.drop([place for own in inside.values() for place in own.index])
    for at, own in inside.items():
        assert own.mean() < outside.mean() - 0.02, at
    # The first full site is the strongest; all its bases lower activity.
    assert inside[11].mean() < -0.2 and inside[11].max() < -0.1
    strongest = cre.effects.sort_values("effect").head(12)
    within = [any(at <= place < at + len(site) for at, site in SITES) for place in strongest["position"]]
    assert sum(within) >= 10


def test_errors_know_that_replicates_differ(cre: Cre) -> None:
    assert cre.effects["between_replicates_sd"].iloc[0] == pytest.approx(0.06, abs=0.03)
    assert (cre.effects["effect_se"] > 0.03).all()
