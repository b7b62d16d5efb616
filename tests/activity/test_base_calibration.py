"""Errors of combined effects of single bases: deviations from the truth are as large as they say."""

from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from kcalseq.activity.base_effects import Background, measure_background
from kcalseq.activity.base_replicates import Found
from kcalseq.activity.changes import Change, Changes
from kcalseq.activity.units import Units

LENGTH, N_VARIANTS = 20, 300


class Recipe(NamedTuple):
    """How a library is made; scatter in log2.

    Attributes:
        shared, own: of barcodes, the same in all replicates, and new in each.
        between: of effects between replicates.
        together: of whole variants, as where effects do not add up; the same in all replicates.
        depth: mean DNA counts of a barcode.
        effects: true effects.
        n_replicates: how many.
    """

    shared: float = 0.3
    own: float = 0.2
    between: float = 0.0
    together: float = 0.0
    depth: float = 40.0
    effects: float = 0.0
    n_replicates: int = 3


RECIPES = {
    "barcodes that scatter anew": Recipe(shared=0.0, own=0.4),
    "barcodes that are peculiar": Recipe(shared=0.5, own=0.1),
    "few counts": Recipe(depth=4.0),
    "replicates that differ": Recipe(between=0.15),
    "effects that do not add up": Recipe(together=0.4),
    "true effects": Recipe(effects=0.6),
    "one replicate": Recipe(n_replicates=1),
}


def invent(recipe: Recipe, seed: int) -> tuple[Found, NDArray[np.float64]]:
    """Effects of a library of three changes a variant and four barcodes on average, and the true ones."""
    rng = np.random.default_rng(seed)
    columns = [Change(place, base) for place in range(LENGTH) for base in "CGT"]
    carries = np.zeros((N_VARIANTS, len(columns)))
    for row in range(N_VARIANTS):
        places = rng.choice(LENGTH, min(LENGTH, rng.poisson(3.0)), replace=False)
        carries[row, 3 * places + rng.integers(0, 3, len(places))] = 1.0
    changes = [tuple(columns[number] for number in np.flatnonzero(row)) for row in carries]
    truth = rng.normal(0.0, recipe.effects, len(columns))
    variant = np.repeat(np.arange(N_VARIANTS), 1 + rng.poisson(3.0, N_VARIANTS))
    peculiar = rng.normal(0.0, recipe.shared, len(variant)) + rng.normal(0.0, recipe.together, N_VARIANTS)[variant]
    abundance = recipe.depth * rng.lognormal(0.0, 0.7, len(variant))
    units = {}
    for number in range(recipe.n_replicates):
        here = truth + rng.normal(0.0, recipe.between, len(columns))
        ratio = (carries @ here)[variant] + peculiar + rng.normal(0.0, recipe.own, len(variant))
        dna, rna = rng.poisson(abundance).astype(float), rng.poisson(abundance * np.exp2(ratio)).astype(float)
        units["cells", str(number)] = Units(np.arange(len(variant)), variant, dna, rna, dna > 0)
    background = Background(
        "A" * LENGTH,
        np.arange(N_VARIANTS),
        Changes(changes, [0] * N_VARIANTS, dict.fromkeys(range(LENGTH), "A")),
    )
    found = measure_background(background, units, 0.5, 5)["cells"]
    assert found.columns == columns
    return found, truth


@pytest.mark.parametrize("name", RECIPES)
def test_deviations_are_as_large_as_their_errors(name: str) -> None:
    recipe = RECIPES[name]
    deviations, false = list[float](), 0
    for seed in range(4):
        found, truth = invent(recipe, seed)
        known = found.fate == 0
        deviations += ((found.combined.log2_ratio - truth) / found.combined.se)[known].tolist()
        false += int((found.q < 0.05).sum()) if not recipe.effects else 0
    # 240 effects: the standard error of the sd is 0.05, that of the share beyond 1.96 errors 0.014.
    assert len(deviations) > 230
    assert 0.85 < np.std(deviations) < 1.17
    assert 0.01 < (np.abs(deviations) > 1.96).mean() < 0.095
    assert false <= 5


def test_replicates_that_differ_in_nothing_else_deviate_by_their_errors() -> None:
    spread = [pair.deviation_sd for seed in range(3) for pair in invent(Recipe(), seed)[0].agreement]
    assert 0.85 < np.mean(spread) < 1.15
