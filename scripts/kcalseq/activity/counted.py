"""DNA and RNA counts of a library's barcodes side by side, as arrays that all replicates share.

Barcodes are numbered once for the library, ordered by variant, so that sums over a variant are sums over a stretch,
and a barcode has one place in every replicate. Counts come in pieces; no piece is kept as text but for its barcodes.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from kcalseq.errors import KcalseqError

Place = tuple[str, str]
"""Condition and replicate."""
_FRACTIONS = ("dna", "rna")


class Replicate(NamedTuple):
    """Counts of one replicate of one condition, all of shape (n_barcodes,); None = the sample was not sequenced."""

    dna: NDArray[np.int64] | None
    rna: NDArray[np.int64] | None


class Counted(NamedTuple):
    """Counts of a library.

    Attributes:
        names: names of its variants in order, each once.
        barcodes: barcodes, ordered by variant; None where variants are read directly, one row each.
        variant: number of each barcode's variant, rising, shape (n_barcodes,).
        replicates: counts by condition and replicate, in order.
    """

    names: list[str]
    barcodes: pa.Array | None
    variant: NDArray[np.int64]
    replicates: dict[Place, Replicate]


class _Sample(NamedTuple):
    row: NDArray[np.int64]
    n: NDArray[np.int64]


def gather(
    library: str, pieces: Iterable[pa.Table], names: Iterable[str], places: Iterable[tuple[str, str, str]]
) -> Counted:
    """Put the counts of a library side by side.

    Molecules are counted where reads carry UMIs, else reads. What is missing in a fraction that was sequenced has a
    count of 0 there.

    Args:
        library: which library.
        pieces: table ``barcode_counts``, or ``variant_counts`` of variants that are read directly, in any order.
        names: names of all variants of the library.
        places: condition, replicate and fraction of each of its DNA and RNA samples.

    Raises:
        KcalseqError: a sample has no counts of barcodes that have a variant.
    """
    ordered = sorted(names)
    known = pa.array(ordered, pa.string())
    key = "barcode"
    texts: list[pa.Array] = []
    rows: dict[tuple[str, str, str], list[tuple[int, int]]] = {place: [] for place in sorted(places)}
    variants: list[NDArray[np.int64]] = []
    counts: list[NDArray[np.int64]] = []
    start = 0
    for piece in pieces:
        key = "barcode" if "barcode" in piece.column_names else "variant"
        for place in rows:
            part = _of_place(piece, library, place)
            if len(part):
                texts += part.column(key).chunks
                variants.append(_known(library, part.column("variant"), known))
                counts.append(_numbers(pc.coalesce(part.column("n_molecules"), part.column("n_reads"))))
                rows[place].append((start, start + len(part)))
                start += len(part)
    _check(library, rows, counts)
    variant, n = np.concatenate(variants), np.concatenate(counts)
    barcodes, row, of_row = _numbered(pa.chunked_array(texts), variant, len(ordered), key == "variant")
    samples = {
        place: _Sample(*(np.concatenate([values[first:last] for first, last in spans]) for values in (row, n)))
        for place, spans in rows.items()
    }
    replicates = {
        place: Replicate(*(_spread(samples.get((*place, fraction)), len(of_row)) for fraction in _FRACTIONS))
        for place in sorted({(condition, replicate) for condition, replicate, _ in rows})
    }
    return Counted(ordered, barcodes, of_row, replicates)


def _of_place(piece: pa.Table, library: str, place: tuple[str, str, str]) -> pa.Table:
    mask = pc.equal(piece.column("library"), library)
    for column, value in zip(("condition", "replicate", "fraction"), place, strict=True):
        mask = pc.and_(mask, pc.equal(piece.column(column), value))
    return piece.filter(pc.and_(mask, pc.is_valid(piece.column("variant"))))


def _known(library: str, column: pa.ChunkedArray, known: pa.Array) -> NDArray[np.int64]:
    numbers = pc.index_in(column, value_set=known)
    if numbers.null_count:
        name = column.filter(pc.is_null(numbers))[0].as_py()
        found, remedy = f"counts of '{name}', which is not in table variants", "make both tables again"
        raise KcalseqError(f"library '{library}'", found, "counts of its variants", remedy)
    return _numbers(numbers)


def _numbers(column: pa.ChunkedArray) -> NDArray[np.int64]:
    return np.asarray(column.to_numpy(), dtype=np.int64)


def _check(
    library: str, rows: dict[tuple[str, str, str], list[tuple[int, int]]], counts: list[NDArray[np.int64]]
) -> None:
    flat = np.concatenate([*counts, np.zeros(0, dtype=np.int64)])
    for (condition, replicate, fraction), spans in rows.items():
        if not sum(int(flat[first:last].sum()) for first, last in spans):
            where = f"library '{library}', condition '{condition}', replicate '{replicate}'"
            found = f"no {fraction.upper()} counts of barcodes that have a variant"
            remedy = "look at the fates of the sample's counts, or drop its row from samples.tsv"
            raise KcalseqError(where, found, "counts of every sample", remedy)


def _numbered(
    texts: pa.ChunkedArray, variant: NDArray[np.int64], n_variants: int, direct: bool
) -> tuple[pa.Array | None, NDArray[np.int64], NDArray[np.int64]]:
    """Barcodes ordered by variant, the place of each row among them, and the variant of each of them."""
    if direct:
        return None, variant, np.arange(n_variants)
    encoded = texts.dictionary_encode().combine_chunks()
    found = pa.concat_arrays([encoded]).dictionary
    code = _numbers(pa.chunked_array([encoded.indices]))
    of_code = np.zeros(len(found), dtype=np.int64)
    of_code[code] = variant
    by_name = np.empty(len(found), dtype=np.int64)
    by_name[_numbers(pa.chunked_array([pc.sort_indices(found)]))] = np.arange(len(found))
    order = np.lexsort((by_name, of_code))
    place = np.empty(len(found), dtype=np.int64)
    place[order] = np.arange(len(found))
    return found.take(pa.array(order)), place[code], of_code[order]


def _spread(sample: _Sample | None, n: int) -> NDArray[np.int64] | None:
    if sample is None:
        return None
    counts = np.zeros(n, dtype=np.int64)
    np.add.at(counts, sample.row, sample.n)
    return counts
