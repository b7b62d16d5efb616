"""From counts to footprints and putative sites of a library, condition by condition."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kcalseq.activity.expression_shift import Shift, expression_shift
from kcalseq.activity.footprint_rules import DEFAULTS, FootprintRules
from kcalseq.activity.mutations import Mutations, list_mutations
from kcalseq.activity.outcomes import Outcomes, counted_outcomes, sorted_outcomes
from kcalseq.activity.permutation import Significance, base_scores, p_values, permutation_test, q_values
from kcalseq.activity.polymerase import Polymerase, find_polymerase
from kcalseq.activity.runs import find_runs
from kcalseq.activity.sites import POLYMERASE, PutativeSite, call_sites
from kcalseq.activity.suitability import Check, check_library
from kcalseq.dna import ALPHABET, encode_sequences


class Footprints(NamedTuple):
    """The four tables of a library, named as in ``tables``; all but the last empty where it shows no footprint."""

    promoter_footprint: pd.DataFrame
    base_shift: pd.DataFrame
    putative_sites: pd.DataFrame
    footprint_check: pd.DataFrame


def promoter_footprints(
    library: str,
    counts: pd.DataFrame,
    variants: pd.DataFrame,
    observations: str,
    seed: int,
    rules: FootprintRules = DEFAULTS,
) -> Footprints:
    """Footprints with their significance, and the sites called from them.

    Args:
        library: its name.
        counts: table ``variant_counts``.
        variants: table ``variants``.
        observations: ``presence`` or ``raw``, of sorted cells.
        seed: of the permutations.
        rules: of footprints and sites.
    """
    measured = counts[counts["fraction"].isin(["bin", "dna", "rna"])]
    sequence_of = variants.set_index("variant")["variant_sequence"]
    check = check_library(sequence_of.loc[measured["variant"].drop_duplicates()], rules)
    pieces: list[tuple[pd.DataFrame, ...]] = []
    for condition, group in measured.groupby("condition") if check.call == "random" else ():
        outcomes, unit = sorted_outcomes(group, observations), "bin"
        if outcomes is None:
            outcomes, unit = counted_outcomes(group), "log2"
        if outcomes is not None and len(outcomes.variant) > 1:
            tables = _of_condition(outcomes, unit, sequence_of, seed, rules)
            pieces.append(tuple(table.assign(library=library, condition=str(condition)) for table in tables))
    found = [pd.concat(tables, ignore_index=True) for tables in zip(*pieces, strict=True)] if pieces else _nothing()
    return Footprints(found[0], found[1], found[2], _check_row(library, check))


def _nothing() -> list[pd.DataFrame]:
    return [pd.DataFrame(columns=["library", "condition", *columns]) for columns in (_POSITION, _BASE, _SITE)]


_POSITION = [
    "position", "common_base", "n_mutated", "shift", "shift_se", "score", "p_value", "q_value", "information",
    "information_bias", "information_p_value", "information_q_value", "unit",
]  # fmt: skip
_BASE = ["position", "base", "n_variants", "shift", "shift_se", "unit"]
_SITE = [
    "site", "start", "length", "kind", "peak", "peak_shift", "peak_q_value", "p_value", "minus_35", "minus_10",
    "n_mismatches", "likeness",
]  # fmt: skip


def _of_condition(
    outcomes: Outcomes, unit: str, sequence_of: pd.Series, seed: int, rules: FootprintRules
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    sequences = sequence_of.loc[outcomes.variant.tolist()].tolist()
    mutations = list_mutations(encode_sequences(sequences, len(sequences[0])))
    tested = permutation_test(mutations, outcomes, seed, rules.permutations)
    shift = expression_shift(mutations, outcomes)
    positions = _positions(mutations, tested, shift).assign(unit=unit)
    polymerase = find_polymerase(base_scores(mutations, outcomes), mutations.common, rules)
    called = call_sites(find_runs(tested.score, tested.scores, rules), polymerase, mutations.length, rules.min_length)
    return positions, _bases(mutations.common, shift).assign(unit=unit), _sites(called, polymerase, positions)


def _positions(mutations: Mutations, tested: Significance, shift: Shift) -> pd.DataFrame:
    p = p_values(np.abs(tested.score), np.abs(tested.scores))
    bias = tested.informations.mean(0)
    mutated = shift.n.sum(1) - shift.n[np.arange(mutations.length), mutations.common]
    p_information = np.where(mutated > 0, p_values(tested.information, tested.informations), np.nan)
    columns = (
        np.arange(mutations.length),
        [ALPHABET[code] for code in mutations.common],
        mutated,
        shift.shift,
        shift.shift_se,
        tested.score,
        p,
        q_values(p),
        np.where(mutated > 0, tested.information - bias, np.nan),
        bias,
        p_information,
        q_values(p_information),
    )
    return pd.DataFrame(dict(zip(_POSITION, columns, strict=False)))


def _bases(common: NDArray[np.uint8], shift: Shift) -> pd.DataFrame:
    position, base = np.nonzero(np.arange(len(ALPHABET)) != common[:, None])
    columns = (
        position,
        np.array(list(ALPHABET))[base],
        *(each[position, base] for each in (shift.n, shift.base_shift, shift.base_shift_se)),
    )
    return pd.DataFrame(dict(zip(_BASE, columns, strict=False)))


def _sites(called: list[PutativeSite], polymerase: Polymerase | None, positions: pd.DataFrame) -> pd.DataFrame:
    rows, number = [], 0
    for site in called:
        number += site.kind != "polymerase"
        effect = positions["score"].fillna(0.0).to_numpy() * (1.0 if site.kind == "repressor" else -1.0)
        peak = positions.iloc[site.start + int(effect[site.start : site.stop].argmax())]
        elements: tuple[Any, ...] = (pd.NA, pd.NA, pd.NA, np.nan)
        if site.kind == "polymerase" and polymerase is not None:
            elements = polymerase.minus_35, polymerase.minus_10, polymerase.mismatches, polymerase.likeness
        name = POLYMERASE if site.kind == "polymerase" else f"site_{number}"
        place = site.start, site.stop - site.start, site.kind
        rows.append((name, *place, peak["position"], peak["shift"], peak["q_value"], site.p, *elements))
    return pd.DataFrame(rows, columns=_SITE)


def _check_row(library: str, check: Check) -> pd.DataFrame:
    return pd.DataFrame([{"library": library, **check._asdict()}])
