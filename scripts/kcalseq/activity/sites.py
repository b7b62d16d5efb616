"""Putative binding sites: the polymerase by its pattern, activators and repressors by what mutations do.

An activator, and the polymerase, raise expression, so mutations in its site lower it; a repressor's mutations raise it.
"""

from typing import NamedTuple

import numpy as np

from kcalseq.activity.footprint_rules import DEFAULTS
from kcalseq.activity.polymerase import Polymerase
from kcalseq.activity.runs import Run

POLYMERASE = "RNAP"


class PutativeSite(NamedTuple):
    """A called site.

    Attributes:
        start: first position.
        stop: first position behind it.
        kind: ``polymerase``, ``activator`` or ``repressor``.
        p: family-wise p of its strongest position; missing for a polymerase that no run touches.
    """

    start: int
    stop: int
    kind: str
    p: float


def call_sites(
    runs: list[Run], polymerase: Polymerase | None, length: int, min_length: int = DEFAULTS.min_length
) -> list[PutativeSite]:
    """Sites from runs, 5' to 3'.

    Of a run that lowers activity what the polymerase touches is the polymerase's, and the rest is a site if it is long
    enough. A run that raises it is the polymerase's where more than half of it lies between the two elements or in them
    (there mutations can bring them nearer to the consensus, or their distance to 17); else it is a repressor, which may
    overlap the polymerase.

    Args:
        runs: significant runs.
        polymerase: the polymerase, if there is one.
        length: positions in a variant.
        min_length: positions of the shortest site.
    """
    if polymerase is None:
        return [PutativeSite(run.start, run.stop, _KINDS[run.sign], run.p) for run in runs]
    touched, elements, found = polymerase.covered(length), polymerase.elements, []
    own = [run.p for run in runs if _shared(range(run.start, run.stop), touched)]
    found.append(PutativeSite(touched.start, touched.stop, "polymerase", min(own, default=float(np.nan))))
    for run in runs:
        if run.sign > 0:
            if 2 * _shared(range(run.start, run.stop), elements) <= run.stop - run.start:
                found.append(PutativeSite(run.start, run.stop, _KINDS[run.sign], run.p))
            continue
        for start, stop in ((run.start, min(run.stop, touched.start)), (max(run.start, touched.stop), run.stop)):
            if stop - start >= min_length:
                found.append(PutativeSite(start, stop, _KINDS[run.sign], run.p))
    return sorted(found)


_KINDS = {-1: "activator", 1: "repressor"}


def _shared(one: range, two: range) -> int:
    return max(0, min(one.stop, two.stop) - max(one.start, two.start))
