"""Effects of single bases as tables: what is told, what is not and why, and laws that hold whatever the names."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from kcalseq.activity import base_effect_tables as tables
from kcalseq.activity.base_effects import measure_library
from kcalseq.activity.units import gather_units
from kcalseq.errors import KcalseqError
from kcalseq.tablefile import conform

REFERENCE = "ACGTACGTACGTACGTACGT"
BASES = np.array([*"ACGT"])


class Invented(NamedTuple):
    """A library of error-prone PCR."""

    variants: pd.DataFrame
    barcodes: pd.DataFrame
    truth: dict[tuple[int, str], float]


def invent(seed: int, n_variants: int = 400, sd: float = 0.6, rate: float = 0.1) -> Invented:
    """Variants with two changes on average, three barcodes each, two replicates of one condition."""
    rng = np.random.default_rng(seed)
    codes = np.tile([*map("ACGT".index, REFERENCE)], (n_variants, 1))
    hit = rng.random(codes.shape) < rate
    hit[0] = False
    codes = np.where(hit, (codes + rng.integers(1, 4, codes.shape)) % 4, codes)
    names = sorted({"".join(BASES[row]) for row in codes})
    effects = rng.normal(0.0, sd, (len(REFERENCE), 4))
    truth = {(place, base): effects[place, code] for place in range(20) for code, base in enumerate("ACGT")}
    sums = [sum(truth[p, b] for p, b in enumerate(name) if b != REFERENCE[p]) for name in names]
    of = np.repeat(np.arange(len(names)), 3)
    peculiar = rng.normal(0.0, 0.25, len(of))
    frames = []
    for replicate in ("1", "2"):
        depth = 80.0 * rng.lognormal(0.0, 0.6, len(of))
        ratio = np.array(sums)[of] + peculiar + rng.normal(0.0, 0.15, len(of))
        counts = {"dna": rng.poisson(depth) + 1, "rna": rng.poisson(depth * np.exp2(ratio))}
        barcodes = [f"b{number:05d}" for number in range(len(of))]
        frames.append(pd.DataFrame({"barcode": barcodes, "variant": np.array(names)[of], **counts}))
        frames[-1] = frames[-1].assign(condition="cells", replicate=replicate, fate="used")
    variants = pd.DataFrame({"variant": names, "variant_sequence": names})
    return Invented(variants, pd.concat(frames, ignore_index=True), truth)


def found(made: Invented, least: int = 10, reference: str = REFERENCE) -> dict[str, pd.DataFrame]:
    units = gather_units(pa.Table.from_pandas(made.barcodes, preserve_index=False), made.variants["variant"].tolist())
    measured = measure_library("pcr", made.variants, reference, [], units, 0.5, least)
    identity = tables.Identity("pcr", "barcode" in made.barcodes)
    return {
        "base_effects": conform("base_effects", tables.combined_table(identity, measured, 0.95), "combined"),
        "replicate_base_effects": conform(
            "replicate_base_effects", tables.replicate_table(identity, measured), "replicates"
        ),
        "base_effect_agreement": conform(
            "base_effect_agreement", tables.agreement_table(identity, measured), "agreement"
        ),
        "base_effect_drops": conform("base_effect_drops", tables.drop_table(identity, measured), "drops"),
    }


@pytest.fixture(scope="module")
def made() -> Invented:
    return invent(1)


@pytest.fixture(scope="module")
def told(made: Invented) -> dict[str, pd.DataFrame]:
    return found(made)


def test_every_base_has_a_row_and_the_truth_lies_within_the_errors(
    made: Invented, told: dict[str, pd.DataFrame]
) -> None:
    effects = told["base_effects"]
    assert len(effects) == 60 and (effects["base"] != effects["reference_base"]).all()
    truth = np.array(
        [made.truth[place, base] for place, base in zip(effects["position"], effects["base"], strict=True)]
    )
    known = (effects["fate"] == "estimated").to_numpy()
    z = (effects["effect"].to_numpy() - truth)[known] / effects["effect_se"].to_numpy()[known]
    assert known.sum() > 50 and 0.75 < np.std(z) < 1.3
    inside = (effects["lower"] <= truth) & (truth <= effects["upper"])
    assert inside[known].mean() > 0.88
    agreement = told["base_effect_agreement"].iloc[0]
    assert agreement["pearson"] > 0.97 and 0.7 < agreement["deviation_sd"] < 1.35
    assert 0.4 < agreement["noise_correlation"] < 0.9


def test_numbers_are_those_of_the_molecules(made: Invented, told: dict[str, pd.DataFrame]) -> None:
    row = told["base_effects"].iloc[0]
    carriers = [name for name in made.variants["variant"] if name[row["position"]] == row["base"]]
    assert row["n_variants"] == len(carriers) and row["n_barcodes"] == 3 * len(carriers)
    drops = told["base_effect_drops"]
    assert drops.groupby("replicate")["n"].sum().tolist() == [3 * len(made.variants)] * 2


def test_what_has_no_effect_is_missing_and_told_why(made: Invented) -> None:
    """Base 3 is always exchanged with base 9, base 5 never, and few barcodes carry one exchange."""

    def bound(letters: str) -> str:
        third, ninth = ("A", "G") if letters[3] != REFERENCE[3] else (REFERENCE[3], REFERENCE[9])
        return letters[:3] + third + letters[4] + REFERENCE[5] + letters[6:9] + ninth + letters[10:]

    less = made._replace(variants=made.variants.assign(variant_sequence=made.variants["variant"].map(bound)))
    effects = found(less, least=35)["base_effects"].set_index(["position", "base"])
    assert effects.loc[(3, "A"), ["fate", "together_with"]].tolist() == ["confounded", "10C>G"]
    assert effects.loc[(9, "G"), "together_with"] == "4T>A"
    assert effects.loc[(5, "A"), "fate"] == "never_seen" and effects.loc[(5, "A"), "n_barcodes"] == 0
    assert (effects["fate"] == "few_barcodes").any()
    unknown = effects["fate"] != "estimated"
    assert effects.loc[unknown, ["effect", "effect_se", "lower", "upper", "p", "q"]].isna().all(axis=None)
    assert effects.loc[~unknown, ["effect", "effect_se", "p", "q"]].notna().all(axis=None)


def test_names_of_barcodes_and_the_order_of_rows_change_nothing(made: Invented, told: dict[str, pd.DataFrame]) -> None:
    rng = np.random.default_rng(0)
    names = made.barcodes["barcode"].unique()
    renamed = dict(zip(names, rng.permutation(names), strict=True))
    rows = made.barcodes.assign(barcode=made.barcodes["barcode"].map(renamed)).sample(frac=1.0, random_state=1)
    again = found(made._replace(barcodes=rows))
    for name, table in told.items():
        assert again[name].to_csv() == table.to_csv()


def test_names_tell_what_sequences_tell(made: Invented, told: dict[str, pd.DataFrame]) -> None:
    def name(sequence: str) -> str:
        places = [n for n, base in enumerate(sequence) if base != REFERENCE[n]]
        return " ".join(f"TERT:{n + 1}:{REFERENCE[n]}>{sequence[n]}" for n in places) or "TERT"

    called = {own: name(own) for own in made.variants["variant"]}
    variants = pd.DataFrame({"variant": sorted(called.values()), "variant_sequence": None})
    barcodes = made.barcodes.assign(variant=made.barcodes["variant"].map(called))
    effects = found(Invented(variants, barcodes, {}), reference="TERT")["base_effects"]
    expected = told["base_effects"].set_index(["position", "base"])
    same = effects.set_index(["position", "base"])
    assert same["effect"].reindex(expected.index).to_numpy() == pytest.approx(
        expected["effect"].to_numpy(), abs=1e-9, nan_ok=True
    )


def test_variants_without_barcodes_are_counted_themselves(made: Invented) -> None:
    summed = made.barcodes.groupby(["condition", "replicate", "variant"], as_index=False)[["dna", "rna"]].sum()
    result = found(made._replace(barcodes=summed.assign(fate="measured")), least=5)
    effects = result["base_effects"]
    assert effects["n_barcodes"].isna().all() and (effects["n_variants"] > 0).any()
    assert set(result["base_effect_drops"]["unit"]) == {"variant"}
    assert (effects["fate"] == "estimated").sum() > 50


def test_one_replicate_has_effects_and_no_agreement(made: Invented) -> None:
    result = found(made._replace(barcodes=made.barcodes[made.barcodes["replicate"] == "1"]))
    assert result["base_effect_agreement"].empty
    assert result["base_effects"]["between_replicates_sd"].isna().all()
    assert result["base_effects"]["effect"].notna().sum() > 50


def test_what_takes_no_part_is_counted_by_reason(made: Invented) -> None:
    longer = {made.variants["variant"].iloc[5]: REFERENCE + "A"}
    variants = made.variants.assign(variant_sequence=made.variants["variant"].replace(longer))
    barcodes = made.barcodes.assign(fate=np.where(made.barcodes["barcode"] == "b00000", "few_dna", "used"))
    drops = (
        found(Invented(variants, barcodes, {}))["base_effect_drops"].query("replicate == '1'").set_index("fate")["n"]
    )
    assert (drops["other_change"], drops["left_out"], drops["unlike"]) == (3, 1, 0)
    assert drops["used"] == 3 * len(variants) - 4


def test_a_library_that_tells_no_change_is_refused(made: Invented) -> None:
    variants = pd.DataFrame({"variant": ["one", "two"], "variant_sequence": None})
    barcodes = made.barcodes.head(4).assign(variant="two")
    with pytest.raises(KcalseqError, match="no variant tells a single change"):
        found(Invented(variants, barcodes, {}), reference="one")
    with pytest.raises(KcalseqError, match="'gone' is no variant"):
        found(made, reference="gone")
