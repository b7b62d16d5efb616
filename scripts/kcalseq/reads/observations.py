"""Counted keys as rows of the table ``observations``, and back."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kcalseq.arrowcolumns import integers, repeated, texts
from kcalseq.reads.counted import Counted
from kcalseq.reads.judging import KeyForm
from kcalseq.sequences import pack, to_letters, to_strings, unpack

_COLUMN = {"barcode": "barcode", "umi": "umi", "variant": "variant_sequence"}


def observation_pieces(
    run: str, pieces: Iterable[Counted], form: KeyForm, owners: Sequence[tuple[str, str]]
) -> Iterator[pa.Table]:
    """Rows of the table in the order of its key.

    Args:
        run: name of the run.
        pieces: what was counted, keys ascending.
        form: how the keys are made.
        owners: library and sample by their numbers, sorted.
    """
    for piece in pieces:
        yield _rows(run, piece, form, owners)


def counted_pieces(pieces: Iterable[pa.Table], form: KeyForm, owners: Sequence[tuple[str, str]]) -> Iterator[Counted]:
    """The reverse of ``observation_pieces``; pieces without rows are left out."""
    samples = texts([sample for _, sample in owners])
    for rows in pieces:
        if len(rows):
            yield _counted(rows, form, samples)


def _counted(rows: pa.Table, form: KeyForm, samples: pa.Array) -> Counted:
    keys = np.zeros((len(rows), form.n_words), dtype=np.uint64)
    qualities = np.zeros((len(rows), form.n_qualities), dtype=np.uint8)
    if form.has_sample:
        keys[:, 0] = pc.index_in(rows.column("sample"), samples).to_numpy()
    for field in form.fields:
        found = to_letters(rows.column(_COLUMN[field.kind]))
        letters = np.zeros((len(rows), field.longest), dtype=np.uint8)
        letters[:, : found.letters.shape[1]] = found.letters
        words = pack(letters, None if field.same_length else found.lengths)
        keys[:, field.first_word : field.first_word + field.n_words] = words
        if field.kind == "variant" and form.n_qualities:
            best = to_letters(rows.column("variant_quality")).letters
            qualities[:, : best.shape[1]] = best
    return Counted(keys, rows.column("n_reads").to_numpy(), qualities)


def _rows(run: str, piece: Counted, form: KeyForm, owners: Sequence[tuple[str, str]]) -> pa.Table:
    n_rows = len(piece.keys)
    numbers = piece.keys[:, 0].astype(np.int64) if form.has_sample else np.zeros(n_rows, dtype=np.int64)
    n_of_owner = np.bincount(numbers, minlength=len(owners))
    libraries, samples = (repeated(names, n_of_owner) for names in zip(*owners, strict=True))
    columns = {"library": libraries, "sample": samples, "run": repeated([run], np.array([n_rows]))}
    for field in form.fields:
        keys = np.ascontiguousarray(piece.keys[:, field.first_word : field.first_word + field.n_words])
        letters, lengths = unpack(keys, field.longest, field.same_length)
        ends = None if field.same_length else lengths
        columns[_COLUMN[field.kind]] = to_strings(letters, ends)
        if field.kind == "variant" and form.n_qualities:
            columns["variant_quality"] = to_strings(piece.qualities, ends)
    return pa.table({**columns, "n_reads": integers(piece.counts)})
