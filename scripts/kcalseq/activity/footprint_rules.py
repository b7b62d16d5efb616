"""What a user may choose about footprints and the sites called from them. Loads without numpy."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FootprintRules:
    """Rules of footprints.

    Attributes:
        min_variants: measured variants below which a library shows no footprint.
        min_mutated: variants mutated at a position that count it as measured; at least half of them must be.
        permutations: deals for each position.
        alpha: chance that a library whose sequence does not matter shows a window that counts, anywhere.
        window: positions in a window, odd, nt.
        min_share: share of the highest window that a window must reach: with enough cells every position is
            significant.
        max_gap: positions between runs of one sign that are one site; its halves are touched a turn of the helix apart.
        min_length: positions of the shortest site, nt.
        max_mismatches: bases of 12 that a called polymerase's elements may differ from TTGACA and TATAAT.
        min_likeness: correlation of the scores of its elements with that consensus.
    """

    min_variants: int = 200
    min_mutated: int = 20
    permutations: int = 40
    alpha: float = 0.05
    window: int = 5
    min_share: float = 0.2
    max_gap: int = 6
    min_length: int = 5
    max_mismatches: int = 6
    min_likeness: float = 0.5


DEFAULTS = FootprintRules()
