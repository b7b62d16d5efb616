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
    "gates that do not rise": (
        "measurement: {hidden_units: 3}",
        "measurement: {sorter: {gates: [1.0, 0.5]}}",
        ("key 'measurement.sorter.gates'", "gates 1.0, 0.5", "gates that rise"),
    ),
    "tanh units beside a sorter": (
        "measurement: {hidden_units: 3}",
        "measurement: {hidden_units: 3, sorter: {cells: logistic}}",
        ("key 'measurement.hidden_units'", "hidden_units beside a sorter", "remove hidden_units"),
    ),
    "too few published energies": (
        "CRP: {start: 0, length: 4}",
        "CRP: {start: 0, length: 4, published: {energies: [[0, 1, 1, 0]], sd_kcal_per_mol: 0.5}}",
        ("line 5, key 'sites.CRP.published'", "site 'CRP' has 4 bases and 1 rows", "one row a base"),
    ),
    "published energies of no four letters": (
        "CRP: {start: 0, length: 4}",
        "CRP: {start: 0, length: 4, published: {energies: [[0, 1, 1]], sd_kcal_per_mol: 0.5}}",
        ("line 5, key 'sites.CRP.published.energies.0'",),
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
    "tanh units of barcode counts": (
        "measurement: {hidden_units: 3}",
        "measurement:\n  kind: barcode_counts\n  hidden_units: 3",
        ("line 16, key 'measurement.hidden_units'", "of kind barcode_counts with hidden_units", "kind: bins"),
    ),
    "minimum of reads of sort bins": (
        "measurement: {hidden_units: 3}",
        "measurement: {minimum_reads: 3}",
        ("line 14", "of kind bins with minimum_reads", "set kind: barcode_counts"),
    ),
    "effect of barcodes whose abundance is not modelled": (
        "measurement: {hidden_units: 3}",
        "measurement: {kind: barcode_counts, barcode_effect: true}",
        ("line 14", "barcode_effect with beta_binomial noise", "set noise: negative_binomial"),
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
        ("line 9", "every state transcribes at one rate", "states that transcribe and states that do not"),
    ),
    "a rate named as a site": (
        BOTH_STATE,
        "  - {bound: [CRP, RNAP], rate: CRP}\n",
        ("line 9, key 'states'", "'CRP' names both a rate and something else", "rename one"),
    ),
    "transcribing sites beside listed states": (
        "states:\n",
        "transcribing: {RNAP: t_sat}\nstates:\n",
        ("line 9, key 'transcribing'", "transcribing sites beside listed states", "remove one of the two"),
    ),
    "transitions in an ensemble": (
        "states:\n",
        "transitions: {a: {from: x, to: y}, b: {from: y, to: x}}\nstates:\n",
        ("line 9, key 'transitions'", "a thermodynamic model with transitions", "set kind: kinetic"),
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


# Name: model, what is replaced in it, by what, and the words of the message.
OTHER_FAULTS: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "nothing transcribes": (
        "automatic",
        "transcribing: {P: t_sat}\n",
        "",
        ("line 11, key 'states'", "states: auto without transcribing sites", "add 'transcribing: {SITE: RATE}'"),
    ),
    "unknown transcribing site": (
        "automatic",
        "{P: t_sat}",
        "{Q: t_sat}",
        ("line 12, key 'transcribing'", "'Q' is no site"),
    ),
    "two rates at once": (
        "automatic",
        "{P: t_sat}",
        "{P: slow, A: fast}",
        ("line 12, key 'transcribing'", "A and P bound together would transcribe at fast and slow", "list the states"),
    ),
    "a word for states": ("automatic", "states: auto", "states: all", ("line 11", "text that matches ^auto$")),
    "unknown site in a transition": (
        "cycle",
        "{P: -1, A: -0.75}",
        "{Pol: -1, P: -1, A: -0.75}",
        ("line 9, key 'transitions.leaving'", "'Pol' is no site"),
    ),
    "a site that changes nothing": (
        "cycle",
        "{P: -1, A: -0.75}",
        "{A: -0.75}",
        ("line 6, key 'sites.P'", "the energy of site 'P' changes no transition"),
    ),
    "no transcript": (
        "cycle",
        ", makes_transcript: true",
        "",
        ("line 7, key 'transitions'", "no transition makes a transcript", "add 'makes_transcript: true'"),
    ),
    "a transition to where it came from": (
        "cycle",
        "{from: closed, to: open}",
        "{from: closed, to: closed}",
        ("line 10, key 'transitions.opening'", "'opening' leads from state 'closed' to itself"),
    ),
    "a misspelt state": (
        "cycle",
        "opening: {from: closed, to: open}",
        "opening: {from: closed, to: opem}",
        ("line 7", "no path leads from state 'opem' back to state 'unbound'"),
    ),
    "a state that nothing enters": (
        "cycle",
        "opening: {from: closed, to: open}",
        "opening: {from: open, to: closed}",
        ("line 7", "no path leads from state 'unbound' to state 'open'"),
    ),
    "one name for a site and a transition": (
        "cycle",
        "  binding: {",
        "  A: {",
        ("line 8, key 'transitions.A'", "'A' names both a site and a transition"),
    ),
    "states in a kinetic model": (
        "cycle",
        "transitions:",
        "states: auto\ntransitions:",
        ("line 7, key 'states'", "a kinetic model with states", "set kind: thermodynamic"),
    ),
}


@pytest.mark.parametrize("fault", OTHER_FAULTS)
def test_words_of_faults_of_other_models(
    fault: str, texts: dict[str, str], read_text: Callable[[str], ModelSpec]
) -> None:
    model, old, new, words = OTHER_FAULTS[fault]
    assert old in texts[model]
    with pytest.raises(KcalseqError) as raised:
        read_text(texts[model].replace(old, new))
    for word in words:
        assert word in str(raised.value)


def test_a_kinetic_model_needs_transitions(texts: dict[str, str], read_text: Callable[[str], ModelSpec]) -> None:
    text = texts["additive"].replace("kind: additive", "kind: kinetic")
    with pytest.raises(KcalseqError, match="a kinetic model without transitions"):
        read_text(text)


def test_too_many_automatic_states_are_told(texts: dict[str, str], read_text: Callable[[str], ModelSpec]) -> None:
    sites = "".join(f"  S{number}: {{start: {number}, length: 1}}\n" for number in range(13))
    text = f"description: many\nkind: thermodynamic\nsequence: {{length: 13}}\nsites:\n{sites}states: auto\n"
    with pytest.raises(KcalseqError, match="more states than fit; expected at most 4096"):
        read_text(text + "transcribing: {S0: r}\n")
    fewer = text.replace("  S12: {start: 12, length: 1}\n", "") + "transcribing: {S0: r}\n"
    assert len(read_text(fewer).states) == 4096
