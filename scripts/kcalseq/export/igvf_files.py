"""Which files of IGVF's formats a library has, condition by condition."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from kcalseq.export import igvf, igvf_variants
from kcalseq.export.coordinates import Place
from kcalseq.export.names import distinct


class Measured(NamedTuple):
    """What was measured of a library with DNA and RNA counts.

    Attributes:
        log_ratio: table ``variant_log_ratio``.
        combined: table ``combined_activity``.
        effects: table ``variant_effects``, where pairs are named.
        sequences: sequence of each variant for which it is known.
        places: places on a genome, where they are known.
        pseudocount: of the library's activities.
    """

    log_ratio: pd.DataFrame
    combined: pd.DataFrame
    effects: pd.DataFrame | None
    sequences: Mapping[str, str]
    places: Mapping[str, Place]
    pseudocount: float

    def of(self, condition: str) -> "Measured":
        """What was measured in one condition."""
        log_ratio, combined = (
            frame[frame["condition"] == condition].reset_index(drop=True) for frame in (self.log_ratio, self.combined)
        )
        effects = self.effects
        if effects is not None:
            effects = effects[effects["condition"] == condition].reset_index(drop=True)
        return self._replace(log_ratio=log_ratio, combined=combined, effects=effects)


def replicate_names(samples: Sequence[Mapping[str, str]], condition: str, dna: str) -> dict[str, str]:
    """Replicates of a condition with DNA or RNA, or, where DNA is shared, with RNA, each with its name in the files.

    mpralib reads a replicate's name off the header of reporter_experiment_barcode up to the next _, so none is left.
    """
    fractions = ("dna", "rna") if dna == "by_replicate" else ("rna",)
    own = {
        sample["replicate"]
        for sample in samples
        if sample["condition"] == condition and sample["fraction"] in fractions
    }
    return distinct(sorted(own), "A-Za-z0-9.+-", "-")


def activity_files(own: Measured, replicates: Mapping[str, str]) -> Iterator[tuple[str, igvf.Export]]:
    """Name and content of each file of one condition, also of those that have no row; BED files have no header.

    Args:
        own: what was measured in the condition.
        replicates: see ``replicate_names``.
    """
    if own.log_ratio["n_barcodes"].notna().any():
        yield "reporter_experiment.tsv.gz", igvf.experiment(own.log_ratio, replicates, own.pseudocount)
    cpm = igvf.mean_cpm(own.log_ratio, own.pseudocount)
    elements = igvf.elements(own.combined, cpm)
    yield "reporter_element.tsv.gz", elements
    if own.places:
        yield "reporter_genomic_element.bed.gz", igvf.genomic_elements(elements, own.places)
    if own.effects is not None:
        names = distinct(sorted(own.effects["reference"].unique()), "A-Za-z0-9_.", "_")
        variants = igvf_variants.variants(own.effects, cpm, own.sequences, names, own.places)
        yield "reporter_variant.tsv.gz", variants._replace(rows=variants.rows.drop(columns="reference"))
        if own.places:
            yield "reporter_genomic_variant.bed.gz", igvf_variants.genomic_variants(variants, own.places)
