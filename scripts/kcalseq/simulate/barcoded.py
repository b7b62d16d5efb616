"""A barcoded library whose truth is known: which molecule each barcode stands for, and what is read of it.

1. ``make_library`` gives every variant its barcodes. Some molecules carry a synthesis error, and some barcodes stand
   for two molecules, as cloning makes them.
2. ``draw_association`` draws which molecule each read of an association run comes from, chimeras included.
3. ``draw_molecules`` and ``draw_counts`` do the same for DNA and RNA samples: molecules with UMIs, amplified unequally,
   read in one pool, so that a known share of each sample's reads belongs to the other samples (index hopping).

Only draws are made here: ``simulate.readfiles`` turns them into reads, ``simulate.truth`` into tables. Every number
comes from the generator that the caller brings, so one seed gives one library.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET
from kcalseq.simulate.molecules import Molecules, concatenate, draw_barcodes, from_strings, mutate, take, to_list

_LETTERS = np.frombuffer(ALPHABET.encode("ascii"), dtype=np.uint8)


@dataclass(frozen=True)
class LibraryRecipe:
    """How a library is cloned.

    Attributes:
        barcodes_per_variant: barcodes of each variant.
        barcode_length: in nt.
        mutated: share of the barcodes whose molecule carries one synthesis error, a substitution or a deletion.
        two_variants: share of the barcodes that also stand on a molecule of another variant.
    """

    barcodes_per_variant: int = 20
    barcode_length: int = 15
    mutated: float = 0.10
    two_variants: float = 0.01


@dataclass(frozen=True)
class SampleRecipe:
    """How a DNA or RNA sample is made and sequenced.

    Attributes:
        n_molecules: molecules with a UMI before amplification.
        n_reads: reads of the sample.
        transcribed: whether the copies of a barcode follow its activity (RNA) or not (DNA).
        noise_sd: how much copies of a barcode scatter between samples, standard deviation in nats.
        amplification_sd: how unequally molecules are amplified, standard deviation in nats.
        umi_length: in nt.
    """

    n_molecules: int
    n_reads: int
    transcribed: bool
    noise_sd: float = 0.1
    amplification_sd: float = 0.5
    umi_length: int = 10


class Library(NamedTuple):
    """What was cloned.

    Attributes:
        names: names of the variants.
        barcodes: ASCII letters, shape (n_barcodes, barcode_length).
        variant: number of the variant that each barcode stands for, shape (n_barcodes,).
        second: number of the other variant, -1 = there is none, shape (n_barcodes,).
        mutations: synthesis error of each barcode's molecule, as in table ``barcode_calls``; empty = none.
        molecules: sequence of each barcode's molecule, then those of the second molecules.
        second_molecule: row of the second molecule in ``molecules``, -1 = there is none, shape (n_barcodes,).
    """

    names: list[str]
    barcodes: NDArray[np.uint8]
    variant: NDArray[np.int64]
    second: NDArray[np.int64]
    mutations: list[str]
    molecules: Molecules
    second_molecule: NDArray[np.int64]


class AssociationDraw(NamedTuple):
    """What each read of an association run comes from, all of shape (n_reads,).

    Attributes:
        barcode: number of the barcode.
        molecule: row in the library's ``molecules``.
        is_chimera: whether barcode and variant come from different molecules, joined in PCR.
    """

    barcode: NDArray[np.int64]
    molecule: NDArray[np.int64]
    is_chimera: NDArray[np.bool_]


class Sample(NamedTuple):
    """The molecules of one sample before they are read.

    Attributes:
        barcode: number of each molecule's barcode, shape (n_molecules,).
        umis: ASCII letters, shape (n_molecules, umi_length).
        weights: share of each molecule after amplification, shape (n_molecules,).
        n_reads: reads that the sample gets.
    """

    barcode: NDArray[np.int64]
    umis: NDArray[np.uint8]
    weights: NDArray[np.float64]
    n_reads: int


class CountDraw(NamedTuple):
    """What each read of one sample's file comes from, all of shape (n_reads,).

    Attributes:
        sample: number of the sample the molecule belongs to; another one than the file's = the index hopped.
        molecule: number of the molecule within that sample.
        barcode: number of its barcode.
    """

    sample: NDArray[np.int64]
    molecule: NDArray[np.int64]
    barcode: NDArray[np.int64]


def make_library(designs: Mapping[str, str], recipe: LibraryRecipe, rng: np.random.Generator) -> Library:
    """Clone a library.

    A synthesis error that turns a molecule into another designed variant is no error: the barcode stands for that one.

    Args:
        designs: sequence of each variant.
        recipe: how it is cloned.
        rng: draws the rest.
    """
    names = list(designs)
    variant = np.repeat(np.arange(len(names)), recipe.barcodes_per_variant)
    barcodes = draw_barcodes(len(variant), recipe.barcode_length, rng)
    designed = from_strings(list(designs.values()))
    chosen = np.flatnonzero(rng.random(len(variant)) < recipe.mutated)
    molecules, notes = mutate(take(designed, variant), chosen, rng)
    mutations = [""] * len(variant)
    number_of = {sequence: number for number, sequence in reversed(list(enumerate(designs.values())))}
    for barcode, note, sequence in zip(chosen, notes, to_list(take(molecules, chosen)), strict=True):
        if sequence in number_of:
            variant[barcode] = number_of[sequence]
        else:
            mutations[barcode] = note
    is_double = (rng.random(len(variant)) < recipe.two_variants) & (len(names) > 1)
    second = np.where(is_double, (variant + rng.integers(1, max(2, len(names)), len(variant))) % len(names), -1)
    second_molecule = np.where(is_double, len(variant) + np.cumsum(is_double) - 1, -1)
    molecules = concatenate(molecules, take(designed, second[is_double]))
    return Library(names, barcodes, variant, second, mutations, molecules, second_molecule)


def draw_association(
    library: Library, n_reads: int, abundance_sd: float, chimeras: float, rng: np.random.Generator
) -> AssociationDraw:
    """Draw the reads of an association run.

    Args:
        library: what was cloned.
        n_reads: how many.
        abundance_sd: how unequally barcodes are present, standard deviation in nats.
        chimeras: share of the reads whose variant comes from the molecule of a random other barcode.
        rng: where the draws come from.
    """
    n_barcodes = len(library.barcodes)
    barcode = _draw_rows(rng.lognormal(0, abundance_sd, n_barcodes), n_reads, rng)
    is_second = (library.second_molecule[barcode] >= 0) & (rng.random(n_reads) < 0.5)
    molecule = np.where(is_second, library.second_molecule[barcode], barcode)
    is_chimera = (rng.random(n_reads) < chimeras) & (n_barcodes > 1)
    other = (barcode + rng.integers(1, max(2, n_barcodes), n_reads)) % n_barcodes
    return AssociationDraw(barcode, np.where(is_chimera, other, molecule), is_chimera)


def draw_molecules(
    library: Library,
    abundance: NDArray[np.float64],
    log2_activity: NDArray[np.float64],
    recipe: SampleRecipe,
    rng: np.random.Generator,
) -> Sample:
    """Draw the molecules of one sample.

    A barcode on two variants is transcribed like the mean of both; a synthesis error does not change the activity.

    Args:
        library: what was cloned.
        abundance: DNA copies of each barcode up to a factor, the same for all samples, shape (n_barcodes,).
        log2_activity: log2 RNA per DNA of each variant, shape (n_variants,).
        recipe: what kind of sample.
        rng: where the draws come from.
    """
    copies = abundance * rng.lognormal(0, recipe.noise_sd, len(abundance))
    if recipe.transcribed:
        copies = copies * barcode_activity(library, log2_activity)
    barcode = _draw_rows(copies, recipe.n_molecules, rng)
    umis = _LETTERS[rng.integers(4, size=(recipe.n_molecules, recipe.umi_length))]
    weights = rng.lognormal(0, recipe.amplification_sd, recipe.n_molecules)
    return Sample(barcode, umis, weights / weights.sum(), recipe.n_reads)


def barcode_activity(library: Library, log2_activity: NDArray[np.float64]) -> NDArray[np.float64]:
    """RNA per DNA of each barcode, shape (n_barcodes,), from that of the variants, shape (n_variants,)."""
    own, second = np.exp2(log2_activity[library.variant]), np.exp2(log2_activity[library.second])
    return np.asarray(np.where(library.second >= 0, (own + second) / 2, own))


def draw_counts(samples: Sequence[Sample], hopping: float, rng: np.random.Generator) -> list[CountDraw]:
    """Draw the reads of samples that are sequenced together.

    Args:
        samples: their molecules.
        hopping: share of each sample's reads that come from the other samples, in proportion to their reads.
        rng: where the draws come from.

    Returns:
        the reads of each sample's file.
    """
    n_reads = np.array([sample.n_reads for sample in samples])
    draws = []
    for number, here in enumerate(samples):
        others = np.where(np.arange(len(samples)) == number, 0, n_reads)
        hops = (rng.random(here.n_reads) < hopping) & bool(others.any())
        origin = np.full(here.n_reads, number, dtype=np.int64)
        if hops.any():
            origin[hops] = rng.choice(len(samples), int(hops.sum()), p=others / others.sum())
        molecule, barcode = np.zeros_like(origin), np.zeros_like(origin)
        for source in np.unique(origin):
            reads = np.flatnonzero(origin == source)
            molecule[reads] = _draw_rows(samples[source].weights, len(reads), rng)
            barcode[reads] = samples[source].barcode[molecule[reads]]
        draws.append(CountDraw(origin, molecule, barcode))
    return draws


def _draw_rows(weights: NDArray[np.float64], n_draws: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows drawn in proportion to their weights, shape (n_draws,)."""
    bounds = np.cumsum(weights)
    drawn: NDArray[np.int64] = np.searchsorted(bounds, rng.random(n_draws) * bounds[-1], side="right")
    return np.minimum(drawn, len(weights) - 1)
