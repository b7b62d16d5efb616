"""What a fitted model says along longer sequences: every window of the model's length, on one strand or on both.

A window that holds an unknown base (N) keeps its row, with missing predictions: nothing is left out in silence.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from kcalseq.dna import ALPHABET, reverse_complement
from kcalseq.errors import KcalseqError
from kcalseq.training.fitted import FittedPromoter

# Windows that are predicted at a time, on each strand.
_CHUNK = 4096
_STRANDS = ("+", "-")


class _Batch(NamedTuple):
    """Some windows, and a frame with a row for each that says where it stands."""

    places: pd.DataFrame
    windows: list[str]


def scan_region(
    model: FittedPromoter, sequence: str, both_strands: bool = True, condition: str | None = None
) -> pd.DataFrame:
    """Predict every window of a sequence; memory beyond the result does not grow with the sequence.

    Args:
        model: a fitted model.
        sequence: upper-case A, C, G, T, N, at least as long as the model's.
        both_strands: predict the reverse complement of each window too.
        condition: as for ``predict``.

    Returns:
        One row for each window and strand: start, first base of the window, from 0, counted along the given strand;
        strand, + as given or - the reverse complement; then as ``predict``; and, of a model with a wild type,
        energy_SITE for each of its sites, as ``energies``. Where the window holds N all predictions are missing.

    Raises:
        KcalseqError: the sequence is too short or holds another letter, or ``predict`` refuses the condition.
    """
    frames = []
    for places, windows in _scan(model, sequence, both_strands):
        columns = [places, _predictions(model, windows, condition)]
        if model.spec.wildtype is not None and model.spec.has_energies:
            columns.append(_energies(model, windows))
        frames.append(pd.concat(columns, axis=1))
    return pd.concat(frames, ignore_index=True)


def predict_records(model: FittedPromoter, records: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Predict named sequences: those of the model's length as they are, longer ones window by window on both strands.

    Args:
        model: a fitted model.
        records: name and sequence of each, as for ``scan_region``; at least one.

    Returns:
        condition, each of the fit's; sequence_name; start, strand and predictions as ``scan_region``. Sequences of the
        model's length have one row, with start 0 and strand +.

    Raises:
        KcalseqError: a sequence is too short or holds another letter.
    """
    frames = []
    for places, windows in _batches(model, records):
        for condition in model.conditions:
            predicted = pd.concat([places, _predictions(model, windows, condition)], axis=1)
            predicted.insert(0, "condition", condition)
            frames.append(predicted)
    return pd.concat(frames, ignore_index=True)


def _batches(model: FittedPromoter, records: Sequence[tuple[str, str]]) -> Iterator[_Batch]:
    # Short records side by side: one at a time would cost more in overhead than in arithmetic.
    whole = [record for record in records if len(record[1]) == model.spec.length]
    for first in range(0, len(whole), _CHUNK):
        names, sequences = zip(*whole[first : first + _CHUNK], strict=True)
        for sequence in sequences:
            _check(model, sequence)
        yield _Batch(pd.DataFrame({"sequence_name": names, "start": 0, "strand": _STRANDS[0]}), list(sequences))
    for name, sequence in records:
        if len(sequence) != model.spec.length:
            for places, windows in _scan(model, sequence, both_strands=True):
                places.insert(0, "sequence_name", name)
                yield _Batch(places, windows)


def _scan(model: FittedPromoter, sequence: str, both_strands: bool) -> Iterator[_Batch]:
    _check(model, sequence)
    length, strands = model.spec.length, _STRANDS if both_strands else _STRANDS[:1]
    for first in range(0, len(sequence) - length + 1, _CHUNK):
        starts = range(first, min(first + _CHUNK, len(sequence) - length + 1))
        windows = [sequence[start : start + length] for start in starts]
        if both_strands:
            windows = [window for given in windows for window in (given, reverse_complement(given))]
        places = {"start": np.repeat(starts, len(strands)), "strand": list(strands) * len(starts)}
        yield _Batch(pd.DataFrame(places), windows)


def _check(model: FittedPromoter, sequence: str) -> None:
    strange = set(sequence) - {*ALPHABET, "N"}
    if strange:
        found = f"the letter '{min(strange)}'"
        raise KcalseqError("sequence", found, "A, C, G, T, N in upper case", "correct it")
    if len(sequence) < model.spec.length:
        expected = f"at least {model.spec.length}, the length of the model's sequence"
        raise KcalseqError("sequence", f"{len(sequence)} bases", expected, "add the bases that surround it")


def _predictions(model: FittedPromoter, windows: list[str], condition: str | None) -> pd.DataFrame:
    return _blank(model.predict(_written_out(windows), condition).drop(columns="sequence"), windows)


def _energies(model: FittedPromoter, windows: list[str]) -> pd.DataFrame:
    columns = model.energies(_written_out(windows)).drop(columns="sequence")
    return _blank(columns.add_prefix("energy_"), windows)


def _written_out(windows: list[str]) -> list[str]:
    """Windows without N: any base does, since what is predicted with it is taken out again."""
    return [window.replace("N", ALPHABET[0]) for window in windows]


def _blank(columns: pd.DataFrame, windows: list[str]) -> pd.DataFrame:
    columns.loc[["N" in window for window in windows]] = np.nan
    return columns
