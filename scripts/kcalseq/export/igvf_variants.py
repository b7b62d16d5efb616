"""Effects of variants against their references in the formats of IGVF: reporter_variant, reporter_genomic_variant."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from kcalseq.export.coordinates import Place
from kcalseq.export.igvf import GENOMIC_ELEMENT, Export, by_place, minus_log10, scores
from kcalseq.export.posterior import posterior_of_effect
from kcalseq.export.spdi import change_between, on_genome

_LEVEL = 0.95  # the formats ask for this one, whatever the configuration's is


def variants(
    effects: pd.DataFrame,
    cpm: pd.DataFrame,
    sequences: Mapping[str, str],
    names: Mapping[str, str],
    places: Mapping[str, Place],
) -> Export:
    """reporter_variant: each variant against its reference, as a change of the chromosome or of the reference.

    Args:
        effects: table ``variant_effects`` of one condition.
        cpm: see ``igvf.mean_cpm``.
        sequences: sequence of each variant, of those for which it is known.
        names: name of each reference in identifiers.
        places: places of references on a genome, of those for which they are known: their variants are told as changes
            of the chromosome.

    Returns:
        rows of the format, and a column ``reference`` behind.
    """
    known = effects["variant"].isin(list(sequences)) & effects["reference"].isin(list(sequences))
    measured, certain = effects["effect"].notna(), effects["effect_se"] > 0
    told = effects[measured & certain & known].reset_index(drop=True)
    pairs = list(zip(told["variant"], told["reference"], strict=True))
    local = [change_between(sequences[reference], sequences[variant]) for variant, reference in pairs]
    changes = [
        on_genome(change, places[reference]) if reference in places else change
        for change, (_, reference) in zip(local, pairs, strict=True)
    ]
    where = [places[reference].chrom if reference in places else names[reference] for _, reference in pairs]
    effect, se = told["effect"].to_numpy(dtype=float), told["effect_se"].to_numpy(dtype=float)
    # Without degrees of freedom the effect was tested by the normal distribution.
    degrees = told["degrees"].fillna(np.inf).to_numpy(dtype=float)
    reach = stats.t.ppf(0.5 + _LEVEL / 2, degrees) * se
    reference, own = cpm.reindex(told["reference"]), cpm.reindex(told["variant"])
    rows = pd.DataFrame(
        {
            "variant_id": [change.identifier(name) for change, name in zip(changes, where, strict=True)],
            "log2FoldChange": effect,
            "inputCountRef": reference["dna"].to_numpy(),
            "outputCountRef": reference["rna"].to_numpy(),
            "inputCountAlt": own["dna"].to_numpy(),
            "outputCountAlt": own["rna"].to_numpy(),
            "minusLog10PValue": minus_log10(told["p"]),
            "minusLog10QValue": minus_log10(told["q"]),
            "postProbEffect": posterior_of_effect(effect, se),
            "CI_lower_95": effect - reach,
            "CI_upper_95": effect + reach,
            "variantPos": [change.position for change in local],
            "refAllele": [change.deleted or "0" for change in changes],
            "altAllele": [change.inserted or "0" for change in changes],
            "reference": told["reference"],
        }
    )
    left_out = {
        "not_measured": int((~measured).sum()),
        "no_error": int((measured & ~certain).sum()),
        "no_sequence": int((measured & certain & ~known).sum()),
    }
    return Export(rows, left_out)


def genomic_variants(found: Export, places: Mapping[str, Place]) -> Export:
    """reporter_genomic_variant: the variants whose references' places on the genome are known, sorted by place."""
    rows = found.rows[found.rows["reference"].isin(list(places))].reset_index(drop=True)
    own = [places[name] for name in rows["reference"]]
    start = rows["variant_id"].str.split(":").str[1].astype("int64")
    frame = rows.rename(columns={"variant_id": "name"}).assign(
        chrom=[place.chrom for place in own],
        chromStart=start,
        # Where nothing is deleted the allele is 0, one letter: an insertion is told at the base behind it.
        chromEnd=start + rows["refAllele"].str.len(),
        score=scores(rows["log2FoldChange"].to_numpy()),
        strand=[place.strand for place in own],
    )
    columns = [*GENOMIC_ELEMENT, *rows.columns.drop(["variant_id", "reference"])]
    return Export(by_place(frame[columns]), {**found.left_out, "not_in_genome": len(found.rows) - len(rows)})
