"""Where RNA polymerase with sigma 70 binds: the pattern that its two elements leave in the expression shift.

Known sites favour TTGACA around -35 and TATAAT around -10, 15 to 19 nt apart, 17 at best (Hawley & McClure 1983;
Harley & Reynolds 1987). If the polymerase binds there, having these bases raises expression, whatever the wild type
has: so the sum of their scores is tested, T = sum of 12 scores / sqrt(12), about normal with sd 1 by chance, at all
places and spacers.
"""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.activity.footprint_rules import DEFAULTS, FootprintRules
from kcalseq.dna import ALPHABET

MINUS_35, MINUS_10 = "TTGACA", "TATAAT"
SPACERS = range(15, 20)
# What each element alone must show, in standard deviations.
LEAST_ELEMENT = 2.0
# The polymerase touches more than its two elements: nt added upstream and downstream, about to the transcription start.
UPSTREAM, DOWNSTREAM = 5, 6
_BASES = np.array([ALPHABET.index(letter) for letter in MINUS_35 + MINUS_10])
_ELEMENT = len(MINUS_35)


class Polymerase(NamedTuple):
    """A site of the polymerase.

    Attributes:
        minus_35: first position of the -35 element.
        minus_10: first position of the -10 element.
        mismatches: bases of the wild type that differ from TTGACA and TATAAT.
        score: T, in standard deviations.
        likeness: correlation of the 12 x 4 scores with the consensus, rows centred.
    """

    minus_35: int
    minus_10: int
    mismatches: int
    score: float
    likeness: float

    @property
    def elements(self) -> range:
        """Positions from the -35 to the -10 element, both included."""
        return range(self.minus_35, self.minus_10 + _ELEMENT)

    def covered(self, length: int) -> range:
        """Positions that the polymerase touches within variants of that length."""
        return range(max(0, self.elements.start - UPSTREAM), min(length, self.elements.stop + DOWNSTREAM))


def find_polymerase(
    scores: NDArray[np.float64], wildtype: NDArray[np.uint8], rules: FootprintRules = DEFAULTS
) -> Polymerase | None:
    """The place that looks most like a sigma 70 promoter, if any looks enough like one.

    Args:
        scores: of having each base at each position, see ``permutation.base_scores``, shape (length, 4).
        wildtype: most common bases, codes 0..3, shape (length,).
        rules: of footprints; ``alpha`` is the chance that T passes at any place or spacer where the sequence does not
            matter (Bonferroni).
    """
    known = np.nan_to_num(scores)
    places = [
        (start, start + _ELEMENT + spacer)
        for start in range(len(known))
        for spacer in SPACERS
        if start + 2 * _ELEMENT + spacer <= len(known)
    ]
    if not places:
        return None
    limit = NormalDist().inv_cdf(1 - rules.alpha / len(places))
    tried = [_look(known, wildtype, *place) for place in places]
    fitting = [found for found, elements in tried if found.score >= limit and _looks_like_one(found, elements, rules)]
    return max(fitting, key=lambda found: found.score, default=None)


def _look(
    scores: NDArray[np.float64], wildtype: NDArray[np.uint8], minus_35: int, minus_10: int
) -> tuple[Polymerase, NDArray[np.float64]]:
    positions = np.concatenate([np.arange(minus_35, minus_35 + _ELEMENT), np.arange(minus_10, minus_10 + _ELEMENT)])
    own, consensus = scores[positions], np.eye(len(ALPHABET))[_BASES] - 1 / len(ALPHABET)
    favoured = own[np.arange(len(_BASES)), _BASES]
    centred = own - own.mean(1, keepdims=True)
    size = np.sqrt((centred**2).sum() * (consensus**2).sum())
    likeness = float((centred * consensus).sum() / size) if size > 0 else 0.0
    mismatches = int((wildtype[positions] != _BASES).sum())
    score = float(favoured.sum() / np.sqrt(len(_BASES)))
    return Polymerase(minus_35, minus_10, mismatches, score, likeness), favoured.reshape(2, -1).sum(1) / _ELEMENT**0.5


def _looks_like_one(found: Polymerase, elements: NDArray[np.float64], rules: FootprintRules) -> bool:
    alike = found.mismatches <= rules.max_mismatches and found.likeness >= rules.min_likeness
    return alike and bool((elements >= LEAST_ELEMENT).all())
