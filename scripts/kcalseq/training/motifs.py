"""Energy matrices of a fitted model as other tools take them: frames for logos, and motif files for scanners.

Energies become probabilities by Boltzmann's law, p(base) = exp(-E / kT) / sum over the bases exp(-E / kT): how often
each base would stand at a position of bound sequences if all sequences were offered equally often. A motif's log-odds
against a uniform background times -kT are then its energies again, up to a constant at each position; no other
background may be put beside these probabilities.

Motif files have no place for an unknown number: a base whose energy the data do not determine is written with the
mean energy of the known bases at its position, and a position without any with equal probabilities; MEME and TRANSFAC
files say so in a comment, JASPAR files cannot.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax

from kcalseq.dna import ALPHABET
from kcalseq.units import thermal_energy

# Counts at each position of a motif file. No sites were counted: so many that a scanner's pseudocounts change little.
N_SITES = 1000
# A motif's name: without white space, which ends it, and without "=", which MEME does not allow.
_NAME = re.compile(r"[^\s=]+")
_IUPAC = {
    **{"AC": "M", "AG": "R", "AT": "W", "CG": "S", "CT": "Y", "GT": "K"},
    **{"CGT": "B", "AGT": "D", "ACT": "H", "ACG": "V"},
}


class Motif(NamedTuple):
    """A site as a motif.

    Attributes:
        name: of the site.
        probabilities: rows by position, columns ACGT, each row adding up to 1.
        remarks: what a reader of the motif must know, a line each.
    """

    name: str
    probabilities: pd.DataFrame
    remarks: tuple[str, ...] = ()


def energy_matrix(parameters: pd.DataFrame, site: str) -> pd.DataFrame:
    """Energies of a site, as logomaker takes them.

    Args:
        parameters: table ``parameters`` of one library and model.
        site: name of the site.

    Returns:
        kcal/mol, rows by 0-based position in the variant without gaps, columns ACGT; missing where the data do not
        determine an energy (``unknown_energies``, or logomaker's ``allow_nan``).

    Raises:
        ValueError: the site has no energy matrix, two energies for a base, or energies in another unit.
    """
    matrices = parameters[parameters["kind"] == "energy_matrix"]
    entries = matrices[matrices["site"] == site]
    if entries.empty:
        raise ValueError(f"no energy matrix of site '{site}'; there are: {', '.join(matrices['site'].unique()) or '-'}")
    other_units = set(entries["unit"]) - {"kcal/mol"}
    if other_units:
        raise ValueError(f"energies of site '{site}' are in {other_units.pop()}; expected kcal/mol")
    energies = entries.pivot(index="position", columns="base", values="value")
    energies.index = energies.index.astype("int64")
    positions = pd.RangeIndex(energies.index.min(), energies.index.max() + 1, name="position")
    return energies.reindex(index=positions, columns=list(ALPHABET)).astype("float64").rename_axis(columns=None)


def unknown_energies(energies: pd.DataFrame) -> tuple[tuple[int, str], ...]:
    """Position (index of its row) and base of each missing energy, in order."""
    rows, columns = np.nonzero(energies.isna().to_numpy())
    positions, bases = energies.index.tolist(), energies.columns.tolist()
    return tuple((positions[row], bases[column]) for row, column in zip(rows, columns, strict=True))


def probability_matrix(energies: pd.DataFrame, temperature_celsius: float) -> pd.DataFrame:
    """Probability of each base at each position of bound sequences.

    Args:
        energies: kcal/mol, rows by position, columns ACGT. A missing one is taken as the mean of the others at its
            position; where all are missing every base gets 1/4.
        temperature_celsius: of the model the energies belong to.

    Returns:
        rows and columns as in ``energies``, each row adding up to 1.
    """
    known = energies.sub(energies.mean(axis="columns"), axis="index").fillna(0.0)
    probabilities = softmax(-known.to_numpy() / thermal_energy(temperature_celsius), axis=1)
    return pd.DataFrame(probabilities, index=energies.index, columns=energies.columns)


def site_motif(parameters: pd.DataFrame, site: str, temperature_celsius: float) -> Motif:
    """A site of a fitted model as a motif, with remarks on what the motif cannot tell of it.

    A motif has no place for energies of pairs: in the zero-mean gauge what is left is the mean over the bases at all
    other positions.

    Args:
        parameters: table ``parameters`` of one library and model.
        site: name of the site.
        temperature_celsius: of the model.

    Raises:
        ValueError: as ``energy_matrix``.
    """
    energies = energy_matrix(parameters, site)
    remarks = []
    unknown = unknown_energies(energies)
    if unknown:
        places = ", ".join(f"{base} at {position - energies.index[0] + 1}" for position, base in unknown)
        remarks.append(f"not determined by the data, so set to the mean energy of the position: {places}")
    if ((parameters["kind"] == "pair_energy") & (parameters["site"] == site)).any():
        remarks.append("energies of pairs of bases are left out")
    return Motif(site, probability_matrix(energies, temperature_celsius), tuple(remarks))


def meme(motifs: Sequence[Motif]) -> str:
    """Write motifs in minimal MEME format, version 4 (https://meme-suite.org/meme/doc/meme-format.html).

    Raises:
        ValueError: no motifs, or names that are not unique or hold white space or "=".
    """
    _check_names(motifs)
    background = " ".join(f"{base} {1 / len(ALPHABET)}" for base in ALPHABET)
    lines = ["MEME version 4", "", f"ALPHABET= {ALPHABET}", "", "strands: + -", ""]
    lines += ["Background letter frequencies", background, ""]
    for motif in motifs:
        width = f"alength= {len(ALPHABET)} w= {len(motif.probabilities)} nsites= {N_SITES} E= 0"
        lines += [f"MOTIF {motif.name}", *(f"# {remark}" for remark in motif.remarks)]
        lines += [f"letter-probability matrix: {width}"]
        lines += [" ".join(f" {p:.6f}" for p in row) for row in motif.probabilities[list(ALPHABET)].to_numpy()]
        lines += [""]
    return "\n".join(lines)


def jaspar(motifs: Sequence[Motif]) -> str:
    """Write motifs in JASPAR's format: a header with identifier and name, a row of counts for each base.

    The layout is that of JASPAR's downloads since 2016, with rows in brackets (https://jaspar.elixir.no/docs). The
    counts add up to 1000 at every position. Probabilities below 0.0005 become 0: where that matters take MEME's format.

    Raises:
        ValueError: as ``meme``.
    """
    _check_names(motifs)
    lines = []
    for motif in motifs:
        lines.append(f">{motif.name}\t{motif.name}")
        counts = _counts(motif)
        lines += [f"{base}  [ {' '.join(f'{n:4d}' for n in counts[:, at])} ]" for at, base in enumerate(ALPHABET)]
    return "".join(f"{line}\n" for line in lines)


def transfac(motifs: Sequence[Motif]) -> str:
    """Write motifs in TRANSFAC's format: a row of counts and a consensus letter for each position.

    Field codes as in TRANSFAC's table MATRIX (Wingender et al. 1996) and as MEME's converter reads them
    (https://meme-suite.org/meme/doc/transfac-format.html). Counts as in ``jaspar``.

    Raises:
        ValueError: as ``meme``.
    """
    _check_names(motifs)
    lines = []
    for motif in motifs:
        lines += [f"AC  {motif.name}", "XX", f"ID  {motif.name}", "XX"]
        for remark in motif.remarks:
            lines += [f"CC  {remark}", "XX"]
        lines += ["P0  " + "".join(f"{base:>6}" for base in ALPHABET)]
        for number, row in enumerate(_counts(motif), start=1):
            lines.append(f"{number:02d}  {''.join(f'{n:6d}' for n in row)}      {_consensus(row.tolist())}")
        lines += ["XX", "//"]
    return "".join(f"{line}\n" for line in lines)


def _check_names(motifs: Sequence[Motif]) -> None:
    names = [motif.name for motif in motifs]
    if not names:
        raise ValueError("no motifs to write")
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(f"motif name '{name}': expected letters without white space and without '='")
        if names.count(name) > 1:
            raise ValueError(f"two motifs are named '{name}'")


def _counts(motif: Motif) -> NDArray[np.int64]:
    """Probabilities as whole numbers that add up to N_SITES at each position, by largest remainders, shape (n, 4)."""
    shares = N_SITES * motif.probabilities[list(ALPHABET)].to_numpy()
    counts: NDArray[np.int64] = np.floor(shares).astype(np.int64)
    rank = np.argsort(np.argsort(counts - shares, axis=1, kind="stable"), axis=1)
    counts += rank < N_SITES - counts.sum(axis=1, keepdims=True)
    return counts


def _consensus(counts: list[int]) -> str:
    """IUPAC letter by TRANSFAC's rules, adapted from Cavener (1987), Nucleic Acids Res. 15:1353.

    One base if it has at least half of the counts and twice as many as the next; else two if they have at least three
    quarters; else three if the fourth has none; else N.
    """
    order = sorted(range(len(counts)), key=lambda at: -counts[at])
    first, second, third, fourth = (counts[at] for at in order)
    if 2 * first >= N_SITES and first >= 2 * second:
        n_letters = 1
    elif 4 * (first + second) >= 3 * N_SITES:
        n_letters = 2
    else:
        n_letters = 3 if fourth == 0 < third else 4
    letters = "".join(sorted(ALPHABET[at] for at in order[:n_letters]))
    return letters if n_letters == 1 else _IUPAC.get(letters, "N")
