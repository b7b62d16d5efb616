"""One DNA for several RNA samples: DNA that was sequenced once, from the pool of plasmids or one culture, serves all.

DNA samples that serve together are added up, barcode by barcode. Replicates then share the error of their DNA;
``replicates`` keeps it out of what averages.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kcalseq.activity.counted import Counted, Replicate
from kcalseq.activity.settings import DnaOf

_KEY = ["library", "condition", "replicate"]


def share_counted(counted: Counted, dna_of: DnaOf) -> Counted:
    """Give each RNA sample the DNA that serves it; replicates of DNA alone are no replicates then.

    Args:
        counted: as it was sequenced.
        dna_of: ``by_replicate`` leaves it; ``by_condition`` adds up the DNA of a condition, ``by_library`` all of it.
    """
    if dna_of == "by_replicate":
        return counted
    sums: dict[str, NDArray[np.int64]] = {}
    for (condition, _), (dna, _) in counted.replicates.items():
        if dna is not None:
            key = _group(condition, dna_of)
            sums[key] = sums[key] + dna if key in sums else dna
    replicates = {
        place: Replicate(sums.get(_group(place[0], dna_of)), rna)
        for place, (_, rna) in counted.replicates.items()
        if rna is not None
    }
    return counted._replace(replicates=replicates)


def share_counts(counts: pd.DataFrame, dna_of: DnaOf) -> pd.DataFrame:
    """The same of table ``variant_counts``: a copy of the DNA that serves it for each replicate with RNA.

    Args:
        counts: rows of one library.
        dna_of: as for ``share_counted``.
    """
    if dna_of == "by_replicate":
        return counts
    rna = counts[counts["fraction"] == "rna"]
    numbers = ["n_reads", "n_molecules"]
    dna = counts[counts["fraction"] == "dna"]
    by = [*(["condition"] if dna_of == "by_condition" else []), "library", "fraction", "bin", "variant"]
    # A sum of molecules that nobody counted is missing, not 0. The barcodes of several samples do not add up.
    sums = dna.groupby(by, as_index=False)[numbers].sum(min_count=1)
    places = rna[_KEY].drop_duplicates()
    served = places.merge(sums, on=[key for key in _KEY if key in by])
    others = counts[counts["fraction"] != "dna"]
    return pd.concat(
        [others, served.reindex(columns=counts.columns).astype(counts.dtypes.to_dict())], ignore_index=True
    )


def _group(condition: str, dna_of: DnaOf) -> str:
    return condition if dna_of == "by_condition" else ""
