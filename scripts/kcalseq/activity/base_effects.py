"""Effects of single changes in every condition and replicate; see ``additive`` for one replicate.

A background is a reference with the variants that are compared with it. Each replicate of each condition is fitted by
itself; ``base_replicates`` puts those of a condition together.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from kcalseq.activity.additive import fit_additive
from kcalseq.activity.base_replicates import CHANGE_FATES, UNIT_FATES, Found, Replicate, n_carriers, put_together
from kcalseq.activity.changes import Change, Changes, change_name, list_changes
from kcalseq.activity.counted import Place
from kcalseq.activity.groups import Integers
from kcalseq.activity.units import Units
from kcalseq.dna import ALPHABET
from kcalseq.errors import KcalseqError

_MOST_NAMED = 5


class Background(NamedTuple):
    """A reference and what is compared with it.

    Attributes:
        reference: its name.
        variants: numbers of the variants compared, the reference among them.
        changes: theirs, in that order.
    """

    reference: str
    variants: Integers
    changes: Changes


def measure_library(
    library: str,
    variants: pd.DataFrame,
    reference: str,
    pairs: Sequence[tuple[str, str]],
    units: Mapping[Place, Units],
    pseudocount: float,
    min_barcodes: int,
) -> list[tuple[Background, dict[str, Found]]]:
    """Effects of a library, by reference and condition.

    Args:
        library: its name, for messages.
        variants: table ``variants``.
        reference: name of the variant that all are compared with, or empty.
        pairs: variant and reference, where there are several references.
        units: barcodes by condition and replicate; variants are numbered as in the table.
        pseudocount: added to counts before the logarithm.
        min_barcodes: least barcodes that must carry a change for its effect to be told.

    Raises:
        KcalseqError: a name is no variant, or no variant tells a single change.
    """
    names = variants["variant"].tolist()
    sequences = [own if isinstance(own, str) else None for own in variants["variant_sequence"]]
    number = {name: row for row, name in enumerate(names)}
    where = f"library '{library}': effects of its single bases"
    unknown = [name for name in [reference, *(one for pair in pairs for one in pair)] if name and name not in number]
    if unknown:
        raise KcalseqError(where, f"'{unknown[0]}' is no variant of the library", "a variant", "correct the name")
    members: dict[str, set[int]] = {reference: set(number.values())} if reference else {}
    for variant, other in pairs:
        members.setdefault(other, {number[other]}).add(number[variant])
    backgrounds = []
    for name, numbers in sorted(members.items()):
        own = sorted(numbers)
        changes = list_changes([names[row] for row in own], [sequences[row] for row in own], name)
        backgrounds.append(Background(name, np.array(own), changes))
    if not any(own for background in backgrounds for own in background.changes.of_variant):
        expected = f"their sequences, or names such as '{backgrounds[0].reference}:12A>G'"
        raise KcalseqError(where, "no variant tells a single change", expected, "correct the reference or the map")
    return [(own, measure_background(own, units, pseudocount, min_barcodes)) for own in backgrounds]


def measure_background(
    background: Background, units: Mapping[Place, Units], pseudocount: float, min_barcodes: int
) -> dict[str, Found]:
    """Effects in each condition.

    Args:
        background: reference, variants and their changes.
        units: barcodes by condition and replicate.
        pseudocount: added to counts before the logarithm.
        min_barcodes: least barcodes that must carry a change for its effect to be told.
    """
    columns = all_changes(background.changes)
    carries = _carries(background.changes, columns)
    found = {}
    for condition in sorted({place[0] for place in units}):
        own = {place[1]: rows for place, rows in units.items() if place[0] == condition}
        measured = {
            name: _replicate(background, rows, carries, columns, pseudocount, min_barcodes)
            for name, rows in own.items()
        }
        found[condition] = put_together(columns, measured, background.variants, carries)
    return found


def all_changes(changes: Changes) -> list[Change]:
    """Every substitution of the reference where it is known, and every single change of a variant; in order."""
    possible = {Change(place, base) for place, own in changes.reference.items() for base in ALPHABET if base != own}
    return sorted(possible.union(*changes.of_variant))


def _carries(changes: Changes, columns: list[Change]) -> sparse.csr_array:
    place = {change: number for number, change in enumerate(columns)}
    ends = np.cumsum([0, *map(len, changes.of_variant)])
    numbers = np.array([place[change] for own in changes.of_variant for change in own], dtype=np.int64)
    return sparse.csr_array((np.ones(len(numbers)), numbers, ends), shape=(len(changes.of_variant), len(columns)))


def _replicate(
    background: Background,
    units: Units,
    carries: sparse.csr_array,
    columns: list[Change],
    pseudocount: float,
    min_barcodes: int,
) -> Replicate:
    row = np.searchsorted(background.variants, units.variant)
    inside = np.isin(units.variant, background.variants)
    fate = np.asarray(background.changes.fate)[np.where(inside, row, 0)]
    taken = inside & (fate == 0)
    fate[taken & ((units.dna + pseudocount <= 0) | (units.rna + pseudocount <= 0))] = UNIT_FATES.index("no_ratio")
    fate[taken & ~units.used] = UNIT_FATES.index("left_out")
    kept = inside & (fate == 0)
    own = Units(*(values[kept] for values in units))
    design = sparse.csr_array(carries[row[kept]])
    fitted = fit_additive(design, own.dna, own.rna, own.variant, pseudocount)
    calls = np.zeros(len(columns), dtype=np.int64)
    calls[fitted.together >= 0] = CHANGE_FATES.index("confounded")
    calls[fitted.n_units < min_barcodes] = CHANGE_FATES.index("few_barcodes")
    calls[fitted.n_units == 0] = CHANGE_FATES.index("never_seen")
    effect, se = (np.where(calls == 0, values, np.nan) for values in (fitted.effect, fitted.se))
    return Replicate(
        np.bincount(fate[inside], minlength=len(UNIT_FATES)),
        fitted._replace(effect=effect, se=se),
        calls,
        n_carriers(carries[np.unique(row[kept])]),
        _named(fitted.together, columns, background.changes.reference),
        own,
    )


def _named(together: Integers, columns: list[Change], reference: dict[int, str]) -> list[str]:
    names = [change_name(change.position, reference.get(change.position), change.base) for change in columns]
    found = [""] * len(names)
    for group in np.unique(together[together >= 0]):
        members = np.flatnonzero(together == group)
        for member in members:
            others = (["reference"] if group == 0 else []) + [names[other] for other in members if other != member]
            more = [f"and {len(others) - _MOST_NAMED} more"] if len(others) > _MOST_NAMED else []
            found[member] = ";".join(others[:_MOST_NAMED] + more)
    return found
