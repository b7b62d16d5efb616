"""Labels that a likelihood cannot tell apart, put right after every fit.

Calling "bound" what is "free" at a site, with energies changed to match, leaves every occupancy pattern of the
promoter as it was: for the lac model (G_C, G_R, G_I) -> (-G_C, G_R + G_I, -G_I), and likewise for the polymerase
with phi -> -phi, which a flexible measurement process undoes. Published fits of the lac model sit in different
copies. The copy chosen here is the one in which each site's wild type binds better than random sequence does.
Exchanges of one site at a time are looked for; a table that is closed only under exchanges of several sites at once, or
of overlapping competitors, keeps the copy in which it was fitted.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET
from kcalseq.models.design import site_codes
from kcalseq.models.parameters import BOX, ParameterLayout
from kcalseq.models.spec import ModelSpec


class Canonical(NamedTuple):
    """A member in the chosen copy.

    Attributes:
        flat: shape (size,).
        swaps: names of the sites whose bound and free were exchanged; ``phi`` for an additive model or a black box
            turned over.
        phi_rises: whether phi rises with the mean bin; if not, what the model calls transcribing is the dim side.
        weak_sites: sites whose wild type still binds worse than random sequence does.
    """

    flat: NDArray[np.float64]
    swaps: tuple[str, ...]
    phi_rises: bool
    weak_sites: tuple[str, ...]


def swappable_sites(spec: ModelSpec) -> dict[str, bool]:
    """Sites whose bound and free can be exchanged, and whether that turns phi over.

    Exchanging must map the state table onto itself and the transcribing states either onto themselves or
    onto the others, if the measurement process can be turned over; where they have several rates, each onto one of its
    own rate.
    """
    states = {frozenset(state.bound): state.rate for state in spec.states}
    found = {}
    for site in spec.sites:
        # No energies of a scanned site are minus those of another; published ones say which copy is meant.
        if site.scan is not None or site.published is not None or not _has_own_numbers(spec, site.name):
            continue
        partners = {bound: bound ^ {site.name} for bound in states}
        if not all(partner in states for partner in partners.values()):
            continue
        same = {states[bound] == states[partner] for bound, partner in partners.items()}
        if same == {True} or (same == {False} and not spec.free_rates and spec.measurement.turnable):
            found[site.name] = same == {False}
    return found


def _has_own_numbers(spec: ModelSpec, name: str) -> bool:
    """Whether an exchange can give the site and all that it touches the numbers it needs.

    A place of several that share energies, or an energy by distance, would not get its own.
    """
    items = [item for item in spec.interactions if name in item.between]
    touched = {name}.union(*(item.between for item in items))
    shared = any(len(spec.places(site)) > 1 for site in spec.sites if site.name in touched)
    return not shared and not any(item.edges for item in items)


def swap_site(spec: ModelSpec, layout: ParameterLayout, flat: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    """Exchange bound and free at a site; the likelihood stays as it was. Shape (size,)."""
    new = flat.copy()
    _turn_site(layout, new, name)
    for item in spec.interactions:
        if name in item.between:
            (other,) = set(item.between) - {name}
            energy = layout.blocks[item.name].slice
            new[layout.blocks[f"{other}.mu"].slice] += flat[energy.start]
            new[energy] *= -1.0
    return _turn_phi(layout, new) if swappable_sites(spec)[name] else new


def canonicalise(
    spec: ModelSpec, layout: ParameterLayout, flat: NDArray[np.float64], wildtype: NDArray[np.uint8], phi_rises: bool
) -> Canonical:
    """Choose among the copies of a fitted member.

    Args:
        spec, layout: the model.
        flat: shape (size,).
        wildtype: codes of the wild type, or of the most common sequence where none is known, shape (length,).
        phi_rises: whether phi rises with the mean bin as fitted.
    """
    if spec.kind in ("additive", "black_box", "constant"):
        scanned = any(site.scan is not None for site in spec.sites)
        if phi_rises or not spec.measurement.turnable or scanned or spec.kind == "constant":
            return Canonical(flat, (), phi_rises, ())
        return Canonical(_turn_whole(spec, layout, flat), ("phi",), True, ())
    swappable, swaps = swappable_sites(spec), []
    for name, turns_phi in swappable.items():
        if name in _weak_sites(spec, layout, flat, wildtype):
            flat = swap_site(spec, layout, flat, name)
            swaps.append(name)
            phi_rises = phi_rises != turns_phi
    return Canonical(flat, tuple(swaps), phi_rises, _weak_sites(spec, layout, flat, wildtype))


def _weak_sites(
    spec: ModelSpec, layout: ParameterLayout, flat: NDArray[np.float64], wildtype: NDArray[np.uint8]
) -> tuple[str, ...]:
    """Sites at a fixed place whose wild-type energy lies above its mean over random sequence."""
    weak = []
    for site in (one for one in spec.sites if one.scan is None):
        theta = flat[layout.blocks[f"{site.owner}.theta"].slice].reshape(site.length, len(ALPHABET))
        theta = theta - theta.mean(1, keepdims=True)
        if theta[np.arange(site.length), site_codes(site, wildtype[None])[0]].sum() > 0:
            weak.append(site.name)
    return tuple(weak)


def _turn_whole(spec: ModelSpec, layout: ParameterLayout, flat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn over the phenotype of an additive model or a black box, and what reads it."""
    new = flat.copy()
    for site in spec.sites:
        _turn_site(layout, new, site.name)
    if spec.network is not None:
        for name, _ in spec.network.architecture.shapes()[-2:]:  # weights and bias of the phenotype
            new[layout.blocks[f"{BOX}.{name}"].slice] *= -1.0
    return _turn_phi(layout, new)


def _turn_site(layout: ParameterLayout, flat: NDArray[np.float64], name: str) -> None:
    for block in {f"{name}.theta", f"{name}.pairs", f"{name}.mu"} & layout.blocks.keys():
        flat[layout.blocks[block].slice] *= -1.0


def _turn_phi(layout: ParameterLayout, flat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Make every measurement process read -phi: tanh(c phi + d) with c -> -c."""
    new = flat.copy()
    for name in layout.turned:
        new[layout.blocks[name].slice] *= -1.0
    return new
