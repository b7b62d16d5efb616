"""Counted keys as rows of the table ``observations``."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from kcalseq.arrowcolumns import integers, repeated
from kcalseq.reads.counted import Counted
from kcalseq.reads.judging import KeyForm
from kcalseq.reads.tally import Tally
from kcalseq.sequences import to_strings, unpack

_COLUMN = {"barcode": "barcode", "umi": "umi", "variant": "variant_sequence"}


def observation_pieces(run: str, tally: Tally, form: KeyForm, owners: Sequence[tuple[str, str]]) -> Iterator[pa.Table]:
    """Rows of the table in the order of its key; the tally is closed behind the last.

    Args:
        run: name of the run.
        tally: what was counted.
        form: how its keys are made.
        owners: library and sample by their numbers, sorted.
    """
    try:
        for piece in tally.pieces():
            yield _rows(run, piece, form, owners)
    finally:
        tally.close()


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
