"""Lists of pairs of positions for the lac promoter: by window, by distance, at random, by runs of one base.

A pair is told by its two positions counted from the start of its site; position i of the variants is i - 75 from the
start of transcription.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from kcalseq.models.spec import ModelSpec
from kcalseq.models.specparts import Site

Pairs = tuple[tuple[int, int], ...]

# Windows by the promoter positions of the first base of their pairs, first and last. The -35 box TTTACA is -36 to -31,
# the extended -10 element (TGn) -15 to -13, the -10 box TATGTT -12 to -7; CRP's half sites TGTGA and TCACT are -69 to
# -65 and -58 to -54. A pair belongs to an element if both of its bases do; the extended -10 has the pair that joins it
# to the box too.
WINDOWS = {
    "CRP: upstream of the half sites": ("CRP", -74, -70),
    "CRP: left half site TGTGA": ("CRP", -69, -66),
    "CRP: between the half sites": ("CRP", -65, -59),
    "CRP: right half site TCACT": ("CRP", -58, -55),
    "CRP: downstream of the half sites": ("CRP", -54, -50),
    "RNAP: upstream of the -35 box": ("RNAP", -41, -37),
    "RNAP: -35 box": ("RNAP", -36, -32),
    "RNAP: spacer": ("RNAP", -31, -16),
    "RNAP: extended -10": ("RNAP", -15, -13),
    "RNAP: -10 box": ("RNAP", -12, -8),
    "RNAP: downstream of the -10 box": ("RNAP", -7, -2),
}


@dataclass(frozen=True)
class PairedSite(Site):
    """A site whose pairs are listed one by one."""

    listed: Pairs = ()

    @property
    def pairs(self) -> Pairs:
        """Pairs of positions, counted from the start of the site, that have energies of their own."""
        return self.listed


def with_pairs(spec: ModelSpec, pairs: Mapping[str, Iterable[tuple[int, int]]]) -> ModelSpec:
    """The model with energies of the listed pairs of each site named, and of bases only at the others."""
    sites = tuple(
        PairedSite(site.name, site.start, site.length, listed=tuple(pairs.get(site.name, ()))) for site in spec.sites
    )
    return dataclasses.replace(spec, sites=sites)


def at_distance(site: Site, *distances: int) -> Pairs:
    """All pairs of the site whose positions differ by one of the distances."""
    return tuple((one, one + d) for d in distances for one in range(site.length - d))


def window(spec: ModelSpec, name: str) -> dict[str, Pairs]:
    """Adjacent pairs of a window of ``WINDOWS``."""
    site_name, first, last = WINDOWS[name]
    (site,) = (site for site in spec.sites if site.name == site_name)
    return {site_name: tuple(pair for pair in at_distance(site, 1) if first <= promoter(spec, site, pair[0]) <= last)}


def promoter(spec: ModelSpec, site: Site, position: int) -> int:
    """Position relative to the start of transcription of a position counted from the start of the site."""
    return site.start + position + (spec.first_position or 0)


def random_pairs(site: Site, seed: int) -> Pairs:
    """As many pairs as there are adjacent ones: neighbours in a random order of the positions, none adjacent."""
    rng = np.random.default_rng([seed, site.start])
    while True:
        order = rng.permutation(site.length)
        if (np.abs(np.diff(order)) > 1).all():
            return tuple((int(min(pair)), int(max(pair))) for pair in pairwise(order))


def by_runs(spec: ModelSpec, shortest: int) -> dict[str, dict[str, Pairs]]:
    """Adjacent pairs ``within``, ``beside`` (one base in it) and ``away from`` the wild type's runs of one base.

    Args:
        spec: the model, with a wild type.
        shortest: number of bases from which equal bases are a run.
    """
    runs = _runs(str(spec.wildtype), shortest)
    classes: dict[str, dict[str, Pairs]] = {"within": {}, "beside": {}, "away from": {}}
    for site in spec.sites:
        for pair in at_distance(site, 1):
            one, two = (runs[site.start + position] for position in pair)
            name = "away from" if not one and not two else "within" if one == two else "beside"
            classes[name][site.name] = (*classes[name].get(site.name, ()), pair)
    return classes


def _runs(sequence: str, shortest: int) -> list[int]:
    """Number of the run that each base is in, counted from 1; 0 where equal neighbours are too few."""
    starts = [i for i in range(len(sequence)) if i == 0 or sequence[i] != sequence[i - 1]]
    numbers = [0] * len(sequence)
    for number, (start, stop) in enumerate(zip(starts, [*starts[1:], len(sequence)], strict=True), start=1):
        if stop - start >= shortest:
            numbers[start:stop] = [number] * (stop - start)
    return numbers
