"""What a model is made of: sites, interactions, states, transitions and the measurement process, as data.

Loads without torch, numpy or pandas, as ``spec`` does.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from kcalseq.models.distances import step_name, steps
from kcalseq.models.measurementcheck import default_noise
from kcalseq.models.registers import Scan, covered, is_scanned, scan_of


@dataclass(frozen=True)
class Published:
    """Energies of a site known from elsewhere: rows of A, C, G, T that add up to 0, and how far off they may be (sd).

    Both in kcal/mol.
    """

    energies: tuple[tuple[float, ...], ...]
    sd: float


@dataclass(frozen=True)
class Site:
    """A binding site on variant positions [start, start + length), 0-based.

    ``energies`` tells what adds up to its energy: every base (``matrix``), and beside that every pair of adjacent
    bases (``neighbour``) or every pair of bases (``pairwise``). ``by_condition`` gives each condition of a library its
    own chemical potential. A site whose position is free has a ``scan``; then ``start`` is the first position that it
    may cover, and ``length`` the number of bases that have energies. A copy names its original in ``copy_of`` and has
    no parameters of its own; ``reverse`` if it is read on the reverse complement.
    """

    name: str
    start: int
    length: int
    energies: Literal["matrix", "neighbour", "pairwise"] = "matrix"
    by_condition: bool = False
    scan: Scan | None = None
    published: Published | None = None
    copy_of: str | None = None
    reverse: bool = False

    @property
    def owner(self) -> str:
        """Name of the site that has its energies and its chemical potential: its original's, or its own."""
        return self.copy_of or self.name

    @property
    def positions(self) -> tuple[int, ...]:
        """Where on the variant each base of a site that is not scanned lies, in the site's own order."""
        return tuple(range(self.start, self.stop))[:: -1 if self.reverse else 1]

    @property
    def stop(self) -> int:
        """First position behind a site that is not scanned."""
        return self.start + self.length

    def covered(self, length: int) -> range:
        """Positions of variants of that length that the site may cover."""
        return range(self.start, self.stop) if self.scan is None else covered(self.scan, length)

    @property
    def spacers(self) -> tuple[int, ...]:
        """Spacers whose energies are parameters."""
        return () if self.scan is None else self.scan.free_spacers

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Pairs of positions, counted from the start of the site, that have energies of their own."""
        if self.energies == "matrix":
            return ()
        if self.energies == "neighbour":
            return tuple((one, one + 1) for one in range(self.length - 1))
        return tuple(combinations(range(self.length), 2))


@dataclass(frozen=True)
class Interaction:
    """Energy (kcal/mol) that a state gains when both sites are bound; ``initial`` is where starts begin.

    With ``edges`` (nt) one energy for each step of the distance between a scanned site and one at a fixed place.
    """

    name: str
    between: tuple[str, str]
    initial: float
    edges: tuple[int, ...] = ()

    @property
    def steps(self) -> dict[str, range | None]:
        """Names of its energies, and the distances (nt) that each is for: None for one that is for all."""
        return {step_name(self.name, step): step for step in steps(self.edges)} if self.edges else {self.name: None}


@dataclass(frozen=True)
class State:
    """A state of the promoter: what is bound and the rate's name, None where nothing is transcribed."""

    bound: tuple[str, ...]
    rate: str | None


@dataclass(frozen=True)
class Transition:
    """A transition of a kinetic model: its states, how much of each site's energy it feels, whether it transcribes."""

    name: str
    source: str
    target: str
    energies: tuple[tuple[str, float], ...]
    makes_transcript: bool


@dataclass(frozen=True)
class Sorter:
    """A sorter: its gates (log fluorescence, rising; learned if None) and how cells of one genotype scatter."""

    gates: tuple[float, ...] | None
    cells: Literal["normal", "logistic", "student_t"]


@dataclass(frozen=True)
class Measurement:
    """Measurement process: its kind, and what there is to say of it.

    Of sort bins: the tanh units that they share and the prior sd of their weights, or the sorter in their place. Of
    barcode counts: how they scatter, whether each barcode has an effect of its own on its RNA, whether there is RNA
    that no promoter made, and the fewest DNA and RNA reads, together, of an observation that counts. Of continuous
    values: the curve with its tanh units, how they scatter about it, and the order of the polynomial by which that
    changes along the curve.
    """

    kind: Literal["bins", "barcode_counts", "continuous"]
    hidden_units: int = 10
    weight_sd: float = 1.0
    noise: Literal["beta_binomial", "binomial", "negative_binomial", "gaussian", "cauchy", "skew_t", "empirical"] = (
        "beta_binomial"
    )
    barcode_effect: bool = False
    background: bool = False
    minimum_reads: int = 10
    sorter: Sorter | None = None
    curve: Literal["linear", "monotone", "free"] = "monotone"
    noise_order: int = 0

    @property
    def standardised(self) -> bool:
        """Whether it reads phi in standard deviations, so that neither its zero nor its scale means anything."""
        return self.kind != "barcode_counts"

    @property
    def log_odds(self) -> bool:
        """Whether phi may be the log odds of transcription: any curve of it can be learned, and odds do not crowd.

        A sorter's fluorescence is proportional to activity.
        """
        return self.standardised and self.sorter is None

    @property
    def turnable(self) -> bool:
        """Whether it can read phi turned over as well as phi."""
        return (self.kind == "bins" and self.sorter is None) or (self.kind == "continuous" and self.curve != "monotone")


def site_of(name: str, content: dict[str, Any], length: int) -> Site:
    """A site from its checked block of a model's YAML; ``length`` of every variant, nt."""
    scan = scan_of(content)
    return Site(
        name,
        covered(scan, length).start,
        scan.length,
        content.get("energies", "matrix"),
        content.get("chemical_potential") == "by_condition",
        scan if is_scanned(content) else None,
        _published(content["published"]) if "published" in content else None,
        content.get("copy_of"),
        content.get("strand") == "reverse",
    )


def _published(content: dict[str, Any]) -> Published:
    rows = (tuple(float(energy) - sum(row) / len(row) for energy in row) for row in content["energies"])
    return Published(tuple(rows), float(content["sd_kcal_per_mol"]))


def measurement_of(content: dict[str, Any]) -> Measurement:
    """The measurement process from its checked block of a model's YAML."""
    kind = content.get("kind", "bins")
    own = {"kind": kind, "noise": default_noise(kind), **content}
    if "sorter" in own:
        gates = own["sorter"].get("gates", "learned")
        known = None if gates == "learned" else tuple(float(gate) for gate in gates)
        own["sorter"] = Sorter(known, own["sorter"].get("cells", "normal"))
    return Measurement(**own)
