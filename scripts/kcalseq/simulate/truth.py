"""What is true of a simulated barcoded library, as tables: the pipeline's results are held against them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kcalseq.dna import encode
from kcalseq.simulate.barcoded import AssociationDraw, CountDraw, Library, Sample
from kcalseq.simulate.molecules import Molecules, to_list


def barcode_names(library: Library) -> list[str]:
    """The library's barcodes as strings, in its order."""
    return to_list(Molecules(library.barcodes, np.full(len(library.barcodes), library.barcodes.shape[1])))


def association_truth(library: Library, draw: AssociationDraw) -> pd.DataFrame:
    """What is true of each barcode of an association run.

    Returns:
        barcode, variant, second_variant and mutations (empty = none), n_reads (all of the barcode), n_chimeras (those
        with the variant of another barcode), n_second (those of the second molecule).
    """
    n_barcodes = len(library.barcodes)
    names = np.array([*library.names, ""], dtype=object)
    is_second = (draw.molecule == library.second_molecule[draw.barcode]) & ~draw.is_chimera
    return pd.DataFrame(
        {
            "barcode": barcode_names(library),
            "variant": names[library.variant],
            "second_variant": names[library.second],
            "mutations": library.mutations,
            "n_reads": np.bincount(draw.barcode, minlength=n_barcodes),
            "n_chimeras": np.bincount(draw.barcode[draw.is_chimera], minlength=n_barcodes),
            "n_second": np.bincount(draw.barcode[is_second], minlength=n_barcodes),
        }
    )


def count_truth(library: Library, samples: Sequence[Sample], draws: Sequence[CountDraw], number: int) -> pd.DataFrame:
    """What is true of each barcode in the file of one sample.

    Args:
        library: what was cloned.
        samples: the molecules of all samples sequenced together.
        draws: their reads.
        number: which of them.

    Returns:
        barcode, n_reads (of the sample's own molecules), n_molecules (distinct pairs of barcode and UMI among them)
        and n_hopped (reads of other samples' molecules): n_reads and n_hopped add up to the file's reads.
    """
    sample, draw, n_barcodes = samples[number], draws[number], len(library.barcodes)
    is_own = draw.sample == number
    read = np.unique(draw.molecule[is_own])
    pairs = np.unique(sample.barcode[read] * 4 ** sample.umis.shape[1] + _umi_codes(sample.umis[read]))
    return pd.DataFrame(
        {
            "barcode": barcode_names(library),
            "n_reads": np.bincount(draw.barcode[is_own], minlength=n_barcodes),
            "n_molecules": np.bincount(pairs // 4 ** sample.umis.shape[1], minlength=n_barcodes),
            "n_hopped": np.bincount(draw.barcode[~is_own], minlength=n_barcodes),
        }
    )


def _umi_codes(umis: NDArray[np.uint8]) -> NDArray[np.int64]:
    codes: NDArray[np.int64] = encode(umis).astype(np.int64) @ 4 ** np.arange(umis.shape[1], dtype=np.int64)
    return codes
