"""Every way in which a scanned site can make no sense, and the words that say so."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kcalseq.errors import KcalseqError
from kcalseq.models.registers import registers, scan_of
from kcalseq.models.scancheck import MOST_REGISTERS, scan_errors
from kcalseq.yamlfile import read_document

LENGTH = 60
ONE_BLOCK = "{start: [20, 40], length: 12, strands: both}"
TWO_BLOCKS = """{
    start: [10, 25],
    blocks: [6, 6],
    spacers: [15, 16, 17, 18, 19],
    reference_spacer: 17}"""

# Name: the site, what is replaced in it, by what, and the one message.
FAULTS: dict[str, tuple[str, str, str, str]] = {
    "length beside blocks": (
        TWO_BLOCKS,
        "blocks: [6, 6]",
        "blocks: [6, 6], length: 12",
        "line 4, key 'sites.P.blocks': site 'P' has a length and blocks; expected one of the two. "
        "Remedy: remove length: blocks say it already.",
    ),
    "no length": (
        ONE_BLOCK,
        "length: 12, ",
        "",
        "line 2, key 'sites.P': site 'P' has neither length nor blocks; expected one of the two. "
        "Remedy: add 'length:'.",
    ),
    "no length of a fixed site": (
        "{start: 5}",
        "",
        "",
        "line 2, key 'sites.P': site 'P' has neither length nor blocks; expected one of the two. "
        "Remedy: add 'length:'.",
    ),
    "blocks without spacers": (
        "{start: 5, blocks: [6, 6]}",
        "",
        "",
        "line 2, key 'sites.P.blocks': site 'P' has two blocks and no spacers; expected the spacers between them. "
        "Remedy: add 'spacers: [16, 17, 18]'.",
    ),
    "spacers without blocks": (
        ONE_BLOCK,
        "length: 12",
        "length: 12, spacers: [17]",
        "line 2, key 'sites.P.spacers': site 'P' has spacers and no blocks; expected two blocks. "
        "Remedy: add 'blocks:' or remove spacers.",
    ),
    "reference spacer without blocks": (
        ONE_BLOCK,
        "length: 12",
        "length: 12, reference_spacer: 17",
        "line 2, key 'sites.P.reference_spacer': site 'P' has reference_spacer and no blocks; expected two blocks. "
        "Remedy: add 'blocks:' or remove reference_spacer.",
    ),
    "no reference among several spacers": (
        TWO_BLOCKS,
        ",\n    reference_spacer: 17",
        "",
        "line 5, key 'sites.P.spacers': site 'P' has no reference_spacer; expected one of its spacers, "
        "15, 16, 17, 18, 19. Remedy: add 'reference_spacer:'.",
    ),
    "reference that is no spacer": (
        TWO_BLOCKS,
        "reference_spacer: 17",
        "reference_spacer: 20",
        "line 6, key 'sites.P.reference_spacer': the reference spacer 20 is none of them; expected one of the spacers "
        "of site 'P', 15, 16, 17, 18, 19. Remedy: correct reference_spacer or spacers.",
    ),
    "a spacer twice": (
        TWO_BLOCKS,
        "18, 19",
        "17, 15",
        "line 5, key 'sites.P.spacers': site 'P' has the spacer 15, 17 more than once; expected each spacer once. "
        "Remedy: remove the repetition.",
    ),
    "starts the wrong way round": (
        ONE_BLOCK,
        "[20, 40]",
        "[40, 20]",
        "line 2, key 'sites.P.start': site 'P' may start from 40 to 20; expected first start, last start. "
        "Remedy: write [20, 40].",
    ),
    "pairs of bases": (
        ONE_BLOCK,
        "length: 12",
        "length: 12, energies: neighbour",
        "line 2, key 'sites.P.energies': site 'P' is scanned and has energies: neighbour; expected energies: matrix. "
        "Remedy: remove energies, or fix the site's position.",
    ),
    "last start outside the variant": (
        ONE_BLOCK,
        "[20, 40]",
        "[20, 49]",
        "line 2, key 'sites.P.start': site 'P' started at 49 would end at 60; expected positions within 0 to 59, so a "
        "start of at most 48. Remedy: correct start or length.",
    ),
    "last start far outside the variant": (
        ONE_BLOCK,
        "[20, 40]",
        "[20, 1000000000000]",
        "line 2, key 'sites.P.start': site 'P' started at 1000000000000 would end at 1000000000011; expected positions "
        "within 0 to 59, so a start of at most 48. Remedy: correct start or length.",
    ),
    "a spacer longer than the variant": (
        TWO_BLOCKS,
        "spacers: [15, 16, 17, 18, 19]",
        "spacers: [49, 17]",
        "line 5, key 'sites.P.spacers': site 'P' fits at no start with a spacer of 49; expected spacers that fit into "
        "60 positions from start 10. Remedy: remove them or start earlier.",
    ),
    "site longer than the variant": (
        TWO_BLOCKS,
        "blocks: [6, 6]",
        "blocks: [6, 40]",
        "line 5, key 'sites.P.spacers': site 'P' covers at least 61 positions; expected at most 60, the length of "
        "every variant. Remedy: shorten the site or correct the variants' length.",
    ),
}

Told = Callable[[str, int], list[str]]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """What is said of a site P of a model, its file's name left out."""

    def tell(site: str, length: int = LENGTH) -> list[str]:
        path = tmp_path / "model.yaml"
        path.write_text(f"sites:\n  P: {site}\n", encoding="utf-8")
        document = read_document(path)
        errors: list[KcalseqError] = list(scan_errors(document, "P", document.content["sites"]["P"], length))
        return [str(error).replace(f"{path} ", "") for error in errors]

    return tell


@pytest.mark.parametrize("fault", FAULTS)
def test_words_of_a_fault(fault: str, told: Told) -> None:
    site, old, new, words = FAULTS[fault]
    assert old in site
    assert told(site.replace(old, new), LENGTH) == [words]


@pytest.mark.parametrize(
    "site", [ONE_BLOCK, TWO_BLOCKS, "{start: 5, length: 4}", "{start: 5, length: 4, strands: both}"]
)
def test_nothing_is_said_of_a_sound_site(site: str, told: Told) -> None:
    assert told(site, LENGTH) == []


def test_all_faults_of_keys_and_values_are_told_at_once(told: Told) -> None:
    assert len(told("{start: [9, 3], blocks: [6, 6], spacers: [15, 15], length: 3, energies: pairwise}", LENGTH)) == 5


def test_a_start_may_lack_the_longer_spacers(told: Told) -> None:
    site = "{start: [0, 3], blocks: [2, 2], spacers: [1, 4], reference_spacer: 1}"
    assert told(site, 8) == []
    content = {"start": [0, 3], "blocks": [2, 2], "spacers": [1, 4], "reference_spacer": 1}
    assert [(one.start, one.spacer) for one in registers(scan_of(content), 8)] == [
        (0, 1),
        (0, 4),
        (1, 1),
        (2, 1),
        (3, 1),
    ]
    assert "started at 4 would end at 8; expected positions within 0 to 7" in told(site.replace("3]", "4]"), 8)[0]


def test_more_registers_than_can_be_scanned_are_counted(told: Told) -> None:
    spacers = ", ".join(map(str, range(50)))
    site = f"{{start: [0, 20], blocks: [6, 6], spacers: [{spacers}], reference_spacer: 17, strands: both}}"
    assert told(site, 200) == [
        "line 2, key 'sites.P': site 'P' has 2100 registers (starts x spacers x strands); "
        f"expected at most {MOST_REGISTERS}. Remedy: allow fewer starts or spacers."
    ]
