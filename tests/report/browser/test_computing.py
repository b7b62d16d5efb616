"""The page computes what Python computes."""

import pytest

from ..modelled import WILDTYPE, Modelled, random_sequences
from .opening import Opened


def test_the_sequence_box_predicts_what_python_predicts(opened: Opened, models: dict[str, Modelled]) -> None:
    for name, (fitted, _, _) in models.items():
        for number, condition in enumerate(fitted.conditions):
            if len(fitted.conditions) > 1:
                opened.part(name, "condition").select_option(str(number))
            sequences = random_sequences(10, number)
            predicted = fitted.predict(sequences, condition)
            energies = fitted.energies(sequences)
            for row, sequence in enumerate(sequences):
                opened.part(name, "sequence").fill(f" {sequence[:7].lower()}\n{sequence[7:]} ")
                assert opened.value(name, "phi") == pytest.approx(predicted["phi"][row], abs=1e-6)
                assert opened.value(name, "expected") == pytest.approx(predicted.iloc[row, 2], abs=1e-6)
                for place, site in enumerate(fitted.spec.sites):
                    assert opened.value(name, f"shift-{place}") == pytest.approx(energies[site.name][row], abs=1e-6)


def test_states_start_as_the_table_told_them(opened: Opened, models: dict[str, Modelled]) -> None:
    states = {name: page["wildtype_states"][0] for name, (_, _, page) in models.items() if page["wildtype_states"]}
    assert set(models) - set(states) == {"linear", "additive"}
    for name, told in states.items():
        numbers = range(len(told["energies"]))
        assert [opened.value(name, f"state-energy-{n}") for n in numbers] == pytest.approx(told["energies"])
        assert [opened.value(name, f"occupancy-{n}") for n in numbers] == pytest.approx(told["occupancies"])


def test_what_cannot_be_read_is_told_and_leaves_no_number(opened: Opened) -> None:
    box, told = opened.part("one_rate", "sequence"), opened.part("one_rate", "told")
    for typed, words in (
        (WILDTYPE[:-1], "19 of 20 bases."),
        (WILDTYPE[:-1] + "N", "The letter “N” is none of A, C, G, T."),
    ):
        box.fill(typed)
        assert told.inner_text() == words
        assert box.get_attribute("aria-invalid") == "true"
        assert opened.part("one_rate", "expected").inner_text() == "–"
        assert opened.part("one_rate", "expected").get_attribute("data-value") is None
    box.fill("A" + WILDTYPE[1:-1] + "A")
    assert told.inner_text() == "1 of 20 bases differ from the wild type."
    opened.part("one_rate", "wildtype").click()
    assert (told.inner_text(), box.get_attribute("aria-invalid")) == ("This is the wild type.", "false")


def test_more_activator_means_more_expression_and_once_means_the_wild_type(
    opened: Opened, models: dict[str, Modelled]
) -> None:
    name = "counts"
    fitted = models[name].fitted
    wildtype = fitted.predict([WILDTYPE])["log2_activity"][0]
    assert opened.value(name, "expected") == pytest.approx(wildtype, abs=1e-9)
    seen = []
    for log10 in (-3, -1, 0, 1, 3):
        opened.slide(name, "RNAP", log10)
        seen.append(opened.value(name, "expected"))
    assert seen == sorted(seen) and seen[0] < seen[2] - 1e-3 < seen[-1]
    assert seen[2] == pytest.approx(wildtype, abs=1e-9)
    opened.slide(name, "CRP", 1)
    opened.part(name, "reset").click()
    assert opened.value(name, "expected") == pytest.approx(wildtype, abs=1e-9)
    assert opened.part(name, "factor-0").inner_text() == "1\u00a0×"


def test_a_factor_at_ten_times_its_concentration_gains_kt_ln_ten(opened: Opened, models: dict[str, Modelled]) -> None:
    before = [opened.value("one_rate", f"energy-{place}") for place in range(3)]
    opened.slide("one_rate", "CRP", 1)
    after = [opened.value("one_rate", f"energy-{place}") for place in range(3)]
    gained = models["one_rate"].page["kt"] * 2.302585092994046
    # The copy at the second place is the same protein.
    assert [a - b for a, b in zip(after, before, strict=True)] == pytest.approx([-gained, -gained, 0.0], abs=1e-9)
