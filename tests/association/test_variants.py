"""Every variant has one part of the split, for reasons that new data cannot change."""

import numpy as np
import pandas as pd
import pytest

from kcalseq.association.variants import check_split, list_variants
from kcalseq.errors import KcalseqError
from kcalseq.tablefile import conform


def observations(sequences: list[str], library: str = "lac") -> pd.DataFrame:
    frame = pd.DataFrame({"library": library, "variant_sequence": sequences, "n_reads": 1})
    frame = frame.assign(sample="s", run="r", barcode=None, umi=None, variant_quality=None)
    return conform("observations", frame, "rows")


def random_sequences(n: int, seed: int = 95) -> list[str]:
    letters = np.random.default_rng(seed).choice(list("ACGT"), (n, 20))
    return sorted({"".join(row) for row in letters})


def test_a_variant_is_named_by_its_sequence() -> None:
    table = pd.concat([observations(["TT", "AC"]), observations(["AC", "GG"]), observations(["CC"], "other")])
    found = conform("variants", list_variants("lac", table, None, 1), "found")
    assert found["variant"].tolist() == found["variant_sequence"].tolist() == ["AC", "GG", "TT"]
    assert (found["library"] == "lac").all()


def test_unlisted_variants_train_and_never_test() -> None:
    sequences = random_sequences(2000)
    rng = np.random.default_rng(96)
    split = pd.DataFrame({"variant_sequence": sequences[:500], "set": rng.choice(["test", "validation"], 500)})
    found = list_variants("lac", observations(sequences), split, 1).set_index("variant")["set"]
    assert found[sequences[:500]].tolist() == split["set"].tolist()
    assert (found[sequences[500:]] == "training").all()


def test_a_listed_variant_that_was_not_seen_is_no_row() -> None:
    split = pd.DataFrame({"variant_sequence": ["AC", "GG"], "set": "test"})
    assert list_variants("lac", observations(["AC"]), split, 1)["variant"].tolist() == ["AC"]


def test_the_hash_gives_the_shares() -> None:
    sequences = random_sequences(20_000)
    shares = list_variants("lac", observations(sequences), None, 1)["set"].value_counts(normalize=True)
    # Three standard errors of a share of 20,000.
    assert shares.to_dict() == pytest.approx({"training": 0.6, "validation": 0.2, "test": 0.2}, abs=0.011)


def test_new_variants_move_no_old_one() -> None:
    sequences = random_sequences(3000)
    old = list_variants("lac", observations(sequences[::3]), None, 7).set_index("variant")["set"]
    new = list_variants("lac", observations(sequences), None, 7).set_index("variant")["set"]
    assert new[old.index].tolist() == old.tolist()
    other = list_variants("lac", observations(sequences[::3]), None, 8).set_index("variant")["set"]
    assert (other != old).mean() > 0.4


SPLIT = pd.DataFrame({"variant_sequence": ["AC", "GG"], "set": ["test", "training"]})


@pytest.mark.parametrize(
    ("split", "words"),
    [
        (
            SPLIT.rename(columns={"set": "part"}),
            ("column 'set' is missing", "variant_sequence and set", "add the column"),
        ),
        (SPLIT.drop(columns="variant_sequence"), ("column 'variant_sequence' is missing",)),
        (SPLIT.replace("training", "trainnig"), ("the set 'trainnig'", "training, validation or test", "'training'?")),
        (SPLIT.replace("GG", "AC"), ("variant AC is listed twice", "each variant once", "remove one of the rows")),
    ],
)
def test_words_about_a_bad_split(split: pd.DataFrame, words: tuple[str, ...]) -> None:
    with pytest.raises(KcalseqError) as raised:
        check_split(split, "split.tsv")
    for word in ("split.tsv: ", *words):
        assert word in str(raised.value)


def test_a_good_split_passes() -> None:
    assert check_split(SPLIT, "split.tsv") is None
