"""Files of motifs: texts that can be checked by eye, and what is read back from them."""

import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.training.motifs import Motif, jaspar, meme, probability_matrix, site_motif, transfac

from .test_motifs import example_motif, matrices, table, with_unknown


def test_meme_text_of_two_sites() -> None:
    assert meme([example_motif("CRP"), example_motif("RNAP")]) == (
        "MEME version 4\n"
        "\n"
        "ALPHABET= ACGT\n"
        "\n"
        "strands: + -\n"
        "\n"
        "Background letter frequencies\n"
        "A 0.25 C 0.25 G 0.25 T 0.25\n"
        "\n"
        "MOTIF CRP\n"
        "letter-probability matrix: alength= 4 w= 3 nsites= 1000 E= 0\n"
        " 0.700000  0.100000  0.100000  0.100000\n"
        " 0.100000  0.400000  0.400000  0.100000\n"
        " 0.250000  0.250000  0.250000  0.250000\n"
        "\n"
        "MOTIF RNAP\n"
        "letter-probability matrix: alength= 4 w= 3 nsites= 1000 E= 0\n"
        " 0.700000  0.100000  0.100000  0.100000\n"
        " 0.100000  0.400000  0.400000  0.100000\n"
        " 0.250000  0.250000  0.250000  0.250000\n"
    )


def test_jaspar_text_of_two_sites() -> None:
    rows = "A  [  700  100  250 ]\nC  [  100  400  250 ]\nG  [  100  400  250 ]\nT  [  100  100  250 ]\n"
    assert jaspar([example_motif("CRP"), example_motif("RNAP")]) == f">CRP\tCRP\n{rows}>RNAP\tRNAP\n{rows}"


def test_transfac_text_of_two_sites() -> None:
    def record(name: str) -> str:
        return (
            f"AC  {name}\n"
            "XX\n"
            f"ID  {name}\n"
            "XX\n"
            "P0       A     C     G     T\n"
            "01     700   100   100   100      A\n"
            "02     100   400   400   100      S\n"
            "03     250   250   250   250      N\n"
            "XX\n"
            "//\n"
        )

    assert transfac([example_motif("CRP"), example_motif("RNAP")]) == record("CRP") + record("RNAP")


def test_files_with_room_for_a_remark_tell_what_is_unknown() -> None:
    motif = site_motif(table({"CRP": with_unknown()}), "CRP", 37.0)
    remark = (
        "not determined by the data, so set to the mean energy of the position: T at 1, A at 2, C at 2, G at 2, T at 2"
    )
    assert f"MOTIF CRP\n# {remark}\nletter-probability" in meme([motif])
    assert f"ID  CRP\nXX\nCC  {remark}\nXX\nP0" in transfac([motif])
    assert jaspar([motif]).startswith(">CRP\tCRP\nA  [")
    assert example_motif().remarks == ()
    assert "#" not in meme([example_motif()])
    assert "CC" not in transfac([example_motif()])


def read_meme(text: str) -> dict[str, pd.DataFrame]:
    found = {}
    for block in text.split("MOTIF ")[1:]:
        lines = [line for line in block.splitlines() if line and line[0] != "#"]
        width = int(re.search(r"w= (\d+)", lines[1])[1])
        rows = [[float(word) for word in line.split()] for line in lines[2:]]
        assert len(rows) == width
        found[lines[0]] = pd.DataFrame(rows, columns=list("ACGT"))
    return found


def read_jaspar(text: str) -> dict[str, pd.DataFrame]:
    found = {}
    for block in text.split(">")[1:]:
        header, *rows = block.splitlines()
        words = [re.fullmatch(r"([ACGT])  \[ (.*) \]", row).groups() for row in rows]
        found[header.split("\t")[0]] = pd.DataFrame({base: [int(n) for n in own.split()] for base, own in words})
    return found


def read_transfac(text: str) -> dict[str, pd.DataFrame]:
    found = {}
    for block in text.split("//\n")[:-1]:
        fields = [line.split() for line in block.splitlines()]
        (name,) = [words[1] for words in fields if words[0] == "ID"]
        (bases,) = [words[1:] for words in fields if words[0] == "P0"]
        rows = [[int(n) for n in words[1:5]] for words in fields if words[0].isdigit()]
        found[name] = pd.DataFrame(rows, columns=bases)
    return found


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_read_back(data: st.DataObject) -> None:
    motifs = [Motif(name, probability_matrix(data.draw(matrices) / 10, 37.0)) for name in ("CRP", "RNAP_2")]
    back = read_meme(meme(motifs))
    counts = read_jaspar(jaspar(motifs)), read_transfac(transfac(motifs))
    assert list(back) == list(counts[0]) == list(counts[1]) == ["CRP", "RNAP_2"]
    for name, probabilities, _ in motifs:
        pd.testing.assert_frame_equal(back[name], probabilities, atol=5.1e-7, rtol=0)
        pd.testing.assert_frame_equal(counts[0][name], counts[1][name])
        assert (counts[0][name].sum(axis="columns") == 1000).all()
        # Largest remainders: no count is off by a whole one.
        assert (counts[0][name] - 1000 * probabilities).abs().max(axis=None) < 1


@pytest.mark.parametrize(
    ("probabilities", "letter"),
    [
        ([0.5, 0.25, 0.25, 0.0], "A"),
        ([0.1, 0.1, 0.1, 0.7], "T"),
        ([0.52, 0.3, 0.18, 0.0], "M"),
        ([0.1, 0.4, 0.15, 0.35], "Y"),
        ([0.4, 0.3, 0.3, 0.0], "V"),
        ([0.0, 0.3, 0.3, 0.4], "B"),
        ([0.4, 0.3, 0.2, 0.1], "N"),
        ([0.0, 0.5, 0.5, 0.0], "S"),
    ],
)
def test_consensus_letters_follow_transfac_s_rules(probabilities: list[float], letter: str) -> None:
    motif = Motif("x", pd.DataFrame([probabilities], columns=list("ACGT")))
    assert transfac([motif]).splitlines()[-3].split()[-1] == letter


@pytest.mark.parametrize("write", [meme, jaspar, transfac])
def test_names_that_a_motif_file_cannot_hold_are_refused(write: object) -> None:
    assert callable(write)
    with pytest.raises(ValueError, match="two motifs are named 'CRP'"):
        write([example_motif(), example_motif()])
    with pytest.raises(ValueError, match="motif name 'my site': expected letters without white space and without '='"):
        write([example_motif()._replace(name="my site")])
    with pytest.raises(ValueError, match="no motifs to write"):
        write([])
