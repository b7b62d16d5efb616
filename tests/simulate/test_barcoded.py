"""Simulated barcoded libraries: what is drawn is what the recipe says and what the truth tables tell."""

from collections import Counter

import numpy as np
import pytest

from kcalseq.simulate.barcoded import (
    Library,
    LibraryRecipe,
    Sample,
    SampleRecipe,
    barcode_activity,
    draw_association,
    draw_counts,
    draw_molecules,
    make_library,
)
from kcalseq.simulate.molecules import to_list
from kcalseq.simulate.truth import association_truth, barcode_names, count_truth


def designs(n: int = 40, length: int = 60) -> dict[str, str]:
    rng = np.random.default_rng(3)
    return {f"v{number}": "".join(rng.choice(list("ACGT"), length)) for number in range(n)}


def library(recipe: LibraryRecipe | None = None, seed: int = 1) -> Library:
    return make_library(designs(), recipe or LibraryRecipe(), np.random.default_rng(seed))


def near(observed: int, n: int, probability: float) -> bool:
    """Within five standard deviations of a binomial."""
    return abs(observed - n * probability) <= 5 * np.sqrt(n * probability * (1 - probability))


def test_every_variant_has_its_barcodes_and_all_differ() -> None:
    made = library(LibraryRecipe(barcodes_per_variant=7, mutated=0.0))
    assert np.bincount(made.variant).tolist() == [7] * 40
    names = barcode_names(made)
    assert len(set(names)) == 280 and {len(name) for name in names} == {15}


def test_too_many_barcodes_for_their_length_are_refused() -> None:
    with pytest.raises(ValueError, match="280 different barcodes of 4 nt are too many to draw"):
        library(LibraryRecipe(barcodes_per_variant=7, barcode_length=4))


def test_each_molecule_is_its_variant_but_for_the_error_that_is_told() -> None:
    made = library(LibraryRecipe(barcodes_per_variant=50, mutated=0.3))
    sequences, truth = list(designs().values()), to_list(made.molecules)
    for barcode, mutation in enumerate(made.mutations):
        designed = sequences[made.variant[barcode]]
        if not mutation:
            assert truth[barcode] == designed
        elif mutation.endswith("del"):
            place = int(mutation[:-3]) - 1
            assert truth[barcode] == designed[:place] + designed[place + 1 :]
            assert place == 0 or designed[place - 1] != designed[place]
        else:
            place, old, new = int(mutation[:-3]) - 1, mutation[-3], mutation[-1]
            assert designed[place] == old != new
            assert truth[barcode] == designed[:place] + new + designed[place + 1 :]
    n_deletions = sum(mutation.endswith("del") for mutation in made.mutations)
    n_mutated = sum(map(bool, made.mutations))
    assert near(n_mutated, 2000, 0.3) and near(n_deletions, n_mutated, 0.5)


def test_a_molecule_that_became_another_variant_is_that_variant() -> None:
    neighbours = {"a": "A" * 10 + "C", "b": "A" * 10 + "G", "c": "A" * 10 + "T"}
    made = make_library(neighbours, LibraryRecipe(400, 8, mutated=1.0), np.random.default_rng(5))
    sequences = list(neighbours.values())
    molecules = to_list(made.molecules)
    for barcode, mutation in enumerate(made.mutations):
        assert (molecules[barcode] in sequences) == (mutation == "")
        assert mutation or molecules[barcode] == sequences[made.variant[barcode]]
    assert made.mutations.count("") > 10


def test_second_molecules_are_of_another_variant() -> None:
    made = library(LibraryRecipe(barcodes_per_variant=50, two_variants=0.2))
    double = np.flatnonzero(made.second >= 0)
    assert near(len(double), 2000, 0.2)
    assert (made.second[double] != made.variant[double]).all()
    sequences, molecules = list(designs().values()), to_list(made.molecules)
    for barcode in double:
        assert molecules[made.second_molecule[barcode]] == sequences[made.second[barcode]]
    assert len(molecules) == 2000 + len(double)


def test_association_truth_adds_up() -> None:
    made = library(LibraryRecipe(two_variants=0.1))
    draw = draw_association(made, 20_000, 0.7, 0.03, np.random.default_rng(2))
    truth = association_truth(made, draw)
    assert truth["n_reads"].sum() == 20_000
    assert truth["n_chimeras"].sum() == draw.is_chimera.sum() and near(int(draw.is_chimera.sum()), 20_000, 0.03)
    own = (draw.molecule == draw.barcode) & ~draw.is_chimera
    assert truth["n_second"].sum() + truth["n_chimeras"].sum() + own.sum() == 20_000
    assert (truth.loc[truth["second_variant"] == "", "n_second"] == 0).all()
    double = truth[truth["second_variant"] != ""]
    assert near(double["n_second"].sum(), (double["n_reads"] - double["n_chimeras"]).sum(), 0.5)


def two_samples(made: Library, n_reads: int = 30_000) -> list[Sample]:
    rng = np.random.default_rng(6)
    abundance, activity = rng.lognormal(0, 0.8, len(made.barcodes)), rng.normal(0, 1, len(made.names))
    recipes = [SampleRecipe(8000, n_reads, transcribed=False), SampleRecipe(6000, n_reads // 2, transcribed=True)]
    return [draw_molecules(made, abundance, activity, recipe, rng) for recipe in recipes]


def test_count_truth_adds_up_and_counts_molecules() -> None:
    made = library()
    samples = two_samples(made)
    draws = draw_counts(samples, 0.02, np.random.default_rng(7))
    names = barcode_names(made)
    for number, (sample, draw) in enumerate(zip(samples, draws, strict=True)):
        truth = count_truth(made, samples, draws, number).set_index("barcode")
        assert truth["n_reads"].sum() + truth["n_hopped"].sum() == sample.n_reads == len(draw.barcode)
        own = draw.molecule[draw.sample == number]
        seen = {(names[sample.barcode[molecule]], sample.umis[molecule].tobytes()) for molecule in own}
        n_molecules = Counter(barcode for barcode, _ in seen)
        assert truth["n_molecules"].to_dict() == {name: n_molecules[name] for name in names}


def test_the_share_of_hopped_reads_is_the_one_asked_for() -> None:
    samples = two_samples(library())
    for hopping in (0.0, 0.01, 0.2):
        for number, draw in enumerate(draw_counts(samples, hopping, np.random.default_rng(8))):
            assert near(int((draw.sample != number).sum()), len(draw.sample), hopping)
    alone = draw_counts(samples[:1], 0.2, np.random.default_rng(8))
    assert (alone[0].sample == 0).all()


def test_rna_molecules_follow_the_activity() -> None:
    made = library(LibraryRecipe(two_variants=0.3))
    activity = np.random.default_rng(9).normal(0, 1, len(made.names))
    abundance = np.ones(len(made.barcodes))
    recipe = SampleRecipe(400_000, 1, transcribed=True, noise_sd=0.0)
    sample = draw_molecules(made, abundance, activity, recipe, np.random.default_rng(10))
    expected = barcode_activity(made, activity)
    expected *= 400_000 / expected.sum()
    observed = np.bincount(sample.barcode, minlength=len(expected))
    assert (np.abs(observed - expected) < 6 * np.sqrt(expected)).all()
    double = np.flatnonzero(made.second >= 0)[0]
    mean = (2 ** activity[made.variant[double]] + 2 ** activity[made.second[double]]) / 2
    assert barcode_activity(made, activity)[double] == pytest.approx(mean)


def test_same_seed_gives_the_same_library() -> None:
    first, again, other = library(seed=1), library(seed=1), library(seed=2)
    assert np.array_equal(first.barcodes, again.barcodes) and first.mutations == again.mutations
    assert not np.array_equal(first.barcodes, other.barcodes)
