"""What a fitted model says of mutants of one sequence: all pairs of mutations, and a table of all single ones."""

from collections.abc import Iterator
from itertools import combinations, islice

import pandas as pd

from kcalseq.dna import ALPHABET
from kcalseq.training.fitted import FittedPromoter

# Sequences that are predicted at a time.
_CHUNK = 4096


def double_mutants(model: FittedPromoter, sequence: str | None = None, condition: str | None = None) -> pd.DataFrame:
    """Predict every double mutant of a sequence: 9 for each pair of positions, 24,975 for 75 bases.

    Args:
        model: a fitted model.
        sequence: upper-case A, C, G, T, as long as the model's; by default its wild type.
        condition: as for ``predict``.

    Returns:
        position (from 0), reference, base, second_position, second_reference, second_base; then as ``predict``;
        delta_phi, phi less that of the sequence; and epistasis, phi_double - phi_first - phi_second + phi_sequence,
        in the unit of phi: 0 where the effects of the two mutations on phi add up.

    Raises:
        KcalseqError: as ``predict``, or there is neither a sequence nor a wild type.
    """
    singles = model.single_mutants(sequence, condition)
    parent = sequence or model.spec.wildtype or ""  # without either single_mutants has refused
    sites = list(zip(singles["position"], singles["reference"], singles["base"], strict=True))
    pairs = [(i, j) for i, j in combinations(range(len(sites)), 2) if sites[i][0] != sites[j][0]]
    mutants = (_mutate(parent, {at: base for at, _, base in (sites[i], sites[j])}) for i, j in pairs)
    first, second = (pd.Index([pair[side] for pair in pairs]) for side in (0, 1))
    columns = ["position", "reference", "base"]
    predicted = pd.concat(_predictions(model, mutants, condition), ignore_index=True)
    delta = predicted["phi"] - float(model.predict([parent], condition)["phi"].iloc[0])
    added = singles["delta_phi"].to_numpy()
    return pd.concat(
        [
            singles.loc[first, columns].reset_index(drop=True),
            singles.loc[second, columns].reset_index(drop=True).add_prefix("second_"),
            predicted.assign(delta_phi=delta, epistasis=delta - added[first] - added[second]),
        ],
        axis=1,
    )


def saturation(model: FittedPromoter, sequence: str | None = None, condition: str | None = None) -> pd.DataFrame:
    """Effect of every base at every position of a sequence, as heat maps and logos take it.

    Args:
        model: a fitted model.
        sequence, condition: as for ``double_mutants``.

    Returns:
        delta_phi in the unit of phi: rows by position (from 0), columns ACGT; 0 for the sequence's own base.

    Raises:
        KcalseqError: as ``double_mutants``.
    """
    singles = model.single_mutants(sequence, condition)
    table = singles.pivot(index="position", columns="base", values="delta_phi").reindex(columns=list(ALPHABET))
    return table.fillna(0.0).rename_axis(columns=None)


def _mutate(parent: str, changes: dict[int, str]) -> str:
    return "".join(changes.get(at, base) for at, base in enumerate(parent))


def _predictions(model: FittedPromoter, sequences: Iterator[str], condition: str | None) -> Iterator[pd.DataFrame]:
    while chunk := list(islice(sequences, _CHUNK)):
        yield model.predict(chunk, condition)
