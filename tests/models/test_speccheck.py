"""Every way in which a model can make no sense, and the words that say so."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kcalseq.errors import KcalseqError
from kcalseq.models.spec import ModelSpec, read_model

CRP_STATE = "  - {bound: [CRP], rate: 0}\n"
BOTH_STATE = "  - {bound: [CRP, RNAP], rate: t_sat}\n"

# Name: what is replaced in the two-site model, by what, and the words of the message.
FAULTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "unknown site in a state": (
        CRP_STATE,
        "  - {bound: [CPR], rate: 0}\n",
        ("model.yaml line 11, key 'states.1'", "'CPR' is no site", "did you mean 'CRP'?"),
    ),
    "unknown site in an interaction": (
        "between: [CRP, RNAP]",
        "between: [CRP, RNA]",
        ("line 8, key 'interactions.stack'", "'RNA' is no site", "did you mean 'RNAP'?"),
    ),
    "overlapping sites bound together": (
        "RNAP: {start: 5, length: 6}",
        "RNAP: {start: 2, length: 6}",
        ("line 13, key 'states.3'", "'CRP' and 'RNAP' are bound together but share positions 2 to 3"),
    ),
    "site outside the variant": (
        "RNAP: {start: 5, length: 6}",
        "RNAP: {start: 5, length: 8}",
        ("line 6, key 'sites.RNAP'", "site 'RNAP' covers positions 5 to 12", "positions within 0 to 11"),
    ),
    "no reference state": (
        "  - {bound: [], rate: 0}\n",
        "",
        ("line 9, key 'states'", "no state with nothing bound", "one reference state of energy 0"),
    ),
    "two reference states": (
        CRP_STATE,
        CRP_STATE + "  - {bound: [], rate: 0}\n",
        ("line 12, key 'states.2'", "the same sites are bound as in state 1", "remove one of the two"),
    ),
    "unused site": (
        "interactions:",
        "  LacI: {start: 4, length: 1}\ninteractions:",
        ("line 7, key 'sites.LacI'", "site 'LacI' is bound in no state"),
    ),
    "interaction that no state has": (
        BOTH_STATE,
        "",
        ("line 8, key 'interactions.stack'", "no state binds CRP and RNAP together", "add the state"),
    ),
    "interaction with itself": (
        "between: [CRP, RNAP]",
        "between: [CRP, CRP]",
        ("line 8", "'CRP' interacts with itself", "name the second site"),
    ),
    "one name for two things": (
        "stack: {between",
        "CRP: {between",
        ("line 8, key 'interactions.CRP'", "'CRP' names both a site and an interaction", "rename one"),
    ),
    "site bound twice": (
        CRP_STATE,
        "  - {bound: [CRP, CRP], rate: 0}\n",
        ("line 11", "a site is bound twice", "remove the repetition"),
    ),
    "no transcribing state": ("t_sat", "0", ("line 9, key 'states'", "no state transcribes", "correct the rates")),
    "only transcribing states": (
        "rate: 0",
        "rate: t_sat",
        ("line 9", "every state transcribes", "states that transcribe and states that do not"),
    ),
    "two rates": (
        BOTH_STATE,
        "  - {bound: [CRP, RNAP], rate: fast}\n",
        ("line 9", "the rates fast, t_sat", "one rate shared by all transcribing states"),
    ),
    "wild type of another length": (
        "ACGTACGTACGT",
        "ACGTACGTACG",
        ("line 3, key 'sequence.wildtype'", "the wild type has 11 bases", "12, the length of every variant"),
    ),
    "wild type in small letters": ("ACGTACGTACGT", "acgtacgtacgt", ("line 3", "text that matches ^[ACGT]+$")),
    "key written twice": (
        "kind: thermodynamic\n",
        "kind: thermodynamic\nkind: additive\n",
        ("model.yaml line 3", "the key 'kind' stands here a second time", "each key once"),
    ),
    "site written twice": (
        "interactions:",
        "  CRP: {start: 4, length: 1}\ninteractions:",
        ("model.yaml line 7", "the key 'CRP' stands here a second time"),
    ),
    "unknown key": (
        "start: 5, length: 6",
        "start: 5, lenght: 6",
        ("line 6, key 'sites.RNAP.lenght'", "unknown key 'lenght'", "did you mean 'length'?"),
    ),
    "missing key": ("kind: thermodynamic\n", "", ("the key 'kind' is missing", "add 'kind:'")),
    "unknown kind": (
        "kind: thermodynamic",
        "kind: thermodinamic",
        ("line 2, key 'kind'", "found 'thermodinamic'", "did you mean 'thermodynamic'?"),
    ),
    "rate that is a number": (
        "rate: t_sat",
        "rate: 3",
        ("line 12, key 'states.2.rate'", "found 3", "at most 0"),
    ),
    "not YAML": ("kind: thermodynamic", "kind: [", ("model.yaml", "not valid YAML")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_words_of_a_fault(fault: str, texts: dict[str, str], read_text: Callable[[str], ModelSpec]) -> None:
    old, new, words = FAULTS[fault]
    assert old in texts["two_sites"]
    with pytest.raises(KcalseqError) as raised:
        read_text(texts["two_sites"].replace(old, new))
    for word in words:
        assert word in str(raised.value)


def test_a_thermodynamic_model_needs_states(texts: dict[str, str], read_text: Callable[[str], ModelSpec]) -> None:
    with pytest.raises(KcalseqError, match="a thermodynamic model without states"):
        read_text(texts["additive"].replace("kind: additive", "kind: thermodynamic"))


def test_an_additive_model_has_no_states(texts: dict[str, str], read_text: Callable[[str], ModelSpec]) -> None:
    with pytest.raises(KcalseqError) as raised:
        read_text(texts["two_sites"].replace("kind: thermodynamic", "kind: additive"))
    for word in (
        "line 9, key 'states': an additive model with states",
        "line 7, key 'interactions': an additive model with interactions",
        "2 sites; expected one site in an additive model. Remedy: join them into one",
    ):
        assert word in str(raised.value)


def test_all_faults_are_told_at_once(texts: dict[str, str], read_text: Callable[[str], ModelSpec]) -> None:
    text = texts["two_sites"].replace("ACGTACGTACGT", "ACGT").replace("start: 5, length: 6", "start: 5, length: 60")
    with pytest.raises(KcalseqError) as raised:
        read_text(text)
    assert len(str(raised.value).splitlines()) == 2


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KcalseqError, match="there is no such file"):
        read_model(tmp_path / "absent.yaml")
