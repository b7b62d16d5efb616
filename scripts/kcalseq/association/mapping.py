"""The step from reads that show barcode and variant to the barcode map, with all it has to say of itself.

Barcodes are counted and misread ones named; the error rates are measured on some barcodes; then, part by part, the
molecule of every barcode is found and looked up; at last, with what all barcodes have in common, each is called.
The outcome does not depend on the order of runs, how rows are split over files, or how many rows fit in memory.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from kcalseq.association.calls import CALLS, Calls, Errors, call_barcodes
from kcalseq.association.collecting import ROWS_PER_PART, Parts, Source, count_barcodes, deal_rows
from kcalseq.association.conflicts import design_conflicts, no_conflicts
from kcalseq.association.consensus import Molecules
from kcalseq.association.correction import candidate_heads
from kcalseq.association.design import Design
from kcalseq.association.evidence import Evidence, Lookup, Sequencing, first_look, no_evidence, read_part
from kcalseq.association.hashing import to_text
from kcalseq.association.products import calls_frame, map_frame, name_molecules, variants_listed
from kcalseq.association.purity import UNIQUE
from kcalseq.association.rates import edited_rate, error_rate, gap_rate, substitution_rate
from kcalseq.association.settings import Settings
from kcalseq.association.support import reads_per_barcode, recommended_min_reads
from kcalseq.association.variants import name_variants
from kcalseq.errors import KcalseqError


class Association(NamedTuple):
    """The tables of a library's association, by their names in ``tables``; and the molecules, for the BAM file.

    Attributes:
        molecules: sequence as read of each barcode whose molecule is not an oligo as designed.
        turned: barcodes whose molecule was read as the reverse complement of its oligo.
    """

    variants: pd.DataFrame
    barcode_map: pd.DataFrame
    barcode_calls: pd.DataFrame
    reads_per_barcode: pd.DataFrame
    association_summary: pd.DataFrame
    design_conflicts: pd.DataFrame
    molecules: dict[str, str]
    turned: frozenset[str]


def map_barcodes(
    library: str,
    paths: Sequence[str | Path],
    design: Design | None,
    settings: Settings = Settings(),  # noqa: B008  frozen
    *,
    samples: Sequence[str] | None = None,
    split: pd.DataFrame | None = None,
    seed: int = 0,
    rows_per_part: int = ROWS_PER_PART,
) -> Association:
    """Map the barcodes of a library.

    Args:
        library: its name.
        paths: files of table ``observations`` whose rows hold barcode and variant.
        design: the oligos, or None: then variants are the molecules found, named by their sequence.
        settings: the user's rules.
        samples: samples to take, None = all of the library in these files.
        split, seed: as for ``variants.list_variants``.
        rows_per_part: rows in memory at once; changes nothing but time.

    Raises:
        KcalseqError: no read of the library, or a read without barcode or variant.
    """
    source = Source(library, tuple(map(str, paths)), None if samples is None else tuple(samples))
    barcodes, n_reads = count_barcodes(source)
    if not len(barcodes):
        found = f"no read of library '{library}' in {len(source.paths)} files"
        raise KcalseqError("association", found, "reads with barcode and variant", "look at the fates of its reads")
    heads = candidate_heads(to_text(barcodes), n_reads) if settings.correct_barcodes else np.arange(len(barcodes))
    with deal_rows(source, barcodes, heads, rows_per_part) as parts:
        heads, evidence, errors = _read_all(parts, barcodes, n_reads, heads, design, settings)
    calls = call_barcodes(evidence, settings, Errors(substitution_rate(errors), gap_rate(errors), edited_rate(errors)))
    named = name_molecules(evidence, calls, design)
    frame = calls_frame(library, barcodes, evidence, calls, named)
    mapped = map_frame(frame, calls, named, settings)
    summary = {
        "n_barcodes_read": (len(barcodes), "barcodes"),
        "n_barcodes_moved": (np.count_nonzero(heads != np.arange(len(heads))), "barcodes"),
        "n_reads_moved": (n_reads[heads != np.arange(len(heads))].sum(), "reads"),
        **_rates(errors, calls, settings),
        **_sums(frame, mapped, settings),
        **({} if design is None else {"n_variants_designed": (len(design.names), "variants")}),
    }
    molecules, turned = _for_bam(barcodes, evidence, calls)
    return Association(
        name_variants(library, variants_listed(mapped, calls, named, design), split, seed),
        mapped,
        frame,
        reads_per_barcode(library, frame["n_reads"].to_numpy()),
        _summary(library, summary),
        no_conflicts(library) if design is None else design_conflicts(library, design),
        molecules,
        turned,
    )


def _read_all(
    parts: Parts,
    barcodes: pa.Array,
    n_reads: NDArray[np.int64],
    heads: NDArray[np.int64],
    design: Design | None,
    settings: Settings,
) -> tuple[NDArray[np.int64], Evidence, Molecules]:
    chosen = first_look(barcodes, n_reads)
    pieces = [part.filter(pa.array(chosen[part["own"].to_numpy()])) for part in parts]
    sequencing = Sequencing(pa.concat_tables(pieces))
    lookup = None if design is None else Lookup(design.sequences)
    evidence, final = no_evidence(len(barcodes)), heads.copy()
    for part in parts:
        checked = read_part(part, heads, sequencing, lookup, settings.min_reads, evidence)
        mine = part["own"].to_numpy()
        final[mine] = checked[mine]
    return final, evidence, sequencing.found


def _rates(errors: Molecules, calls: Calls, settings: Settings) -> dict[str, tuple[float, str]]:
    return {
        "error_rate": (error_rate(errors), "errors per base"),
        "substitution_rate": (substitution_rate(errors), "errors per base"),
        "gap_rate": (gap_rate(errors), "errors per base"),
        "chimera_rate": (calls.rates.all_chimeras, "share of reads"),
        "two_molecule_rate": (calls.rates.two_molecules, "share of barcodes"),
        "two_molecule_evenness": (calls.rates.evenness, "beta parameter"),
        "reverse_complement": (float(calls.turned), "1 = most molecules"),
        "min_reads": (settings.min_reads, "reads"),
        "max_second": (settings.max_second, "probability"),
        "min_purity": (np.nan if settings.min_purity is None else settings.min_purity, "share of reads"),
    }


def _sums(frame: pd.DataFrame, mapped: pd.DataFrame, settings: Settings) -> dict[str, tuple[float, str]]:
    return {
        "n_reads": (frame["n_reads"].sum(), "reads"),
        "n_barcodes": (len(frame), "barcodes"),
        "n_variants_mapped": (mapped["variant"].nunique(), "variants"),
        "recommended_min_reads": (recommended_min_reads(frame["n_reads"].to_numpy(), settings.min_reads), "reads"),
        "n_barcodes_unique": (_unique(frame).sum(), "barcodes"),
        **{f"n_barcodes_{call}": ((frame["call"] == call).sum(), "barcodes") for call in CALLS},
        **{f"n_reads_{call}": (frame.loc[frame["call"] == call, "n_reads"].sum(), "reads") for call in CALLS},
    }


def _unique(frame: pd.DataFrame) -> "pd.Series[bool]":
    """Assigned barcodes that were read often enough to exclude a second molecule."""
    return (frame["call"] == "assigned") & (frame["second_probability"] <= UNIQUE)


def _summary(library: str, numbers: dict[str, tuple[float, str]]) -> pd.DataFrame:
    rows = [(library, name, float(value), unit) for name, (value, unit) in numbers.items()]
    return pd.DataFrame(rows, columns=["library", "quantity", "value", "unit"])


def _for_bam(barcodes: pa.Array, evidence: Evidence, calls: Calls) -> tuple[dict[str, str], frozenset[str]]:
    numbers = list(evidence.molecules)
    names = barcodes.take(pa.array(numbers, pa.int64())).to_pylist()
    turned = calls.barcodes[evidence.reverse[calls.barcodes]]
    return (
        dict(zip(names, evidence.molecules.values(), strict=True)),
        frozenset(barcodes.take(pa.array(turned)).to_pylist()),
    )
