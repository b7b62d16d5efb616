"""Experiments in which something is missing or strange: tables are made, and what cannot be told is said in words."""

import re
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from kcalseq.activity import effectmethods, logtables
from kcalseq.activity.barcode_thresholds import replicate_correlations
from kcalseq.activity.barcodesums import COLUMNS
from kcalseq.activity.composition import composition_table, gc_table
from kcalseq.activity.counted import gather
from kcalseq.activity.effects import effects_table
from kcalseq.activity.errortables import error_tables
from kcalseq.activity.logratios import activities
from kcalseq.activity.pairs import pairs_table
from kcalseq.activity.quality import Measured, quality_table
from kcalseq.activity.settings import Settings
from kcalseq.activity.shared_dna import share_counted
from kcalseq.errors import KcalseqError
from kcalseq.figures import ranked_activity, replicate_activity, saturation_map
from kcalseq.figures import replicate_correlations as correlations_figure
from kcalseq.report.activity import ActivityTables, ActivityView, activity_view
from kcalseq.report.effectsview import effects_view
from kcalseq.report.multiqc import multiqc_content
from kcalseq.report.qualityview import quality_view
from kcalseq.tablefile import conform, read_tables

from ..figures.test_barcode_figures import words

LIBRARY, CONDITION = "l", "cells"
BASES = "ACGT"


class Worked(NamedTuple):
    """What is made of an experiment: its tables, what the page says of them, and the words of the figures."""

    tables: dict[str, pd.DataFrame]
    view: ActivityView
    said: str
    drawn: str


def barcode_counts(samples: dict[tuple[str, str], dict[str, int]], variant_of: dict[str, str]) -> pd.DataFrame:
    """Table barcode_counts from the reads of each barcode, by replicate and fraction."""
    rows = [
        (LIBRARY, CONDITION, replicate, fraction, 0, barcode, variant_of.get(barcode), n, None)
        for (replicate, fraction), reads in samples.items()
        for barcode, n in reads.items()
    ]
    names = ["library", "condition", "replicate", "fraction", "bin", "barcode", "variant", "n_reads", "n_molecules"]
    return conform("barcode_counts", pd.DataFrame(rows, columns=names), "test")


def work(samples: dict[tuple[str, str], dict[str, int]], variant_of: dict[str, str], settings: Settings) -> Worked:
    """All that the workflow makes of barcode counts; warnings are errors."""
    names = sorted(set(variant_of.values()))
    barcodes = barcode_counts(samples, variant_of)
    places = [(CONDITION, *place) for place in samples]
    counted = gather(LIBRARY, [pa.Table.from_pandas(barcodes, preserve_index=False)], names, places)
    counted = share_counted(counted, settings.dna)
    found = activities(counted, settings, np.zeros(len(names), dtype=bool), 1)
    key = ["library", "condition", "replicate", "fraction", "bin", "variant"]
    counts = barcodes.groupby(key, as_index=False).agg(n_barcodes=("barcode", "size"), n_reads=("n_reads", "sum"))
    sequences = ["".join(BASES[number // 4**place % 4] for place in range(4)) for number in range(len(names))]
    variants = pd.DataFrame({"library": LIBRARY, "variant": names, "variant_sequence": sequences, "set": "training"})
    made = {
        "variant_log_ratio": logtables.variant_table(LIBRARY, counted, found),
        "combined_activity": logtables.combined_table(LIBRARY, counted, found),
        "condition_differences": logtables.difference_table(LIBRARY, counted, found),
        "replicate_agreement": logtables.agreement_table(LIBRARY, found),
        "activity_replicates": logtables.replicate_table(LIBRARY, found),
        "activity_drops": logtables.drop_table(LIBRARY, counted, found),
        "activity_summary": logtables.summary_table(LIBRARY, counted, found),
        "variant_counts": counts.assign(n_molecules=pd.array([pd.NA] * len(counts), dtype="Int64")),
        "variants": variants,
    }
    tables = {name: conform(name, frame, name) for name, frame in made.items()}
    own_dna = settings.dna == "by_replicate"
    model, _ = error_tables(tables["variant_log_ratio"], 1, own_dna)
    tables["error_model"] = conform("error_model", model.assign(library=LIBRARY), "error_model")
    pairs, combined = pairs_table(variants, (), names[0]), tables["combined_activity"]
    pieces = pa.concat_tables(logtables.barcode_pieces(LIBRARY, counted, found)).select(COLUMNS)
    by_barcodes = effectmethods.beta_binomial_effects(pieces, combined, pairs, own_dna)
    ratios, agreement = tables["variant_log_ratio"], tables["replicate_agreement"]
    by_method = {
        "combined": effectmethods.combined_effects(combined, pairs),
        "moderated": effectmethods.moderated_effects(ratios, tables["error_model"], agreement, pairs, own_dna),
        "beta_binomial": by_barcodes,
    }
    for method, estimates in by_method.items():
        effects = effects_table(pairs, estimates, method, 0.95).assign(library=LIBRARY)
        tables[f"variant_effects {method}"] = conform("variant_effects", effects, method)
    tables["variant_effects"] = tables["variant_effects combined"]
    measured = Measured(
        **{name: tables.get(name, read_tables(name, [])) for name in Measured._fields[:-1]}, n_designed=len(names)
    )
    counts, ratios, by_name = tables["variant_counts"], tables["variant_log_ratio"], variants.set_index("variant")
    told = {
        "quality": quality_table(LIBRARY, measured, [], "raw", {}),
        "replicate_correlations": replicate_correlations(LIBRARY, counts, ratios),
        "gc_bias": gc_table(LIBRARY, counts, ratios, by_name["variant_sequence"]),
        "base_composition": composition_table(LIBRARY, counts, by_name["variant_sequence"]),
    }
    tables |= {name: conform(name, frame, name) for name, frame in told.items()}
    view = activity_view(LIBRARY, ActivityTables(*(tables[name] for name in ActivityTables._fields)))
    quality = quality_view(tables["quality"])
    assert view is not None and quality is not None
    shown = effects_view(tables["variant_effects"])
    said = [str(view.verdicts), str([one.sentences for one in view.conditions]), str(shown), str(quality)]
    said += [str([one.quantities for one in view.conditions]), str(multiqc_content(tables["quality"]))]
    drawn = [
        replicate_activity.draw(ratios, tables["replicate_agreement"]),
        correlations_figure.draw(tables["replicate_correlations"]),
        ranked_activity.draw(tables["combined_activity"], 0.95),
        saturation_map.draw(tables["variant_effects"], None),
    ]
    return Worked(tables, view, "\n".join(said), "\n".join(str(words(figure)) for figure in drawn))


def assert_honest(worked: Worked) -> None:
    """No number of the page or of a figure is a NaN or an infinity, nor is there one in a table."""
    assert not re.search(r"\bnan\b|\binf\b|NaN", worked.said + worked.drawn)
    for name, frame in worked.tables.items():
        assert not np.isinf(frame.select_dtypes("float").to_numpy(float)).any(), name


def four_each(n_variants: int, n_barcodes: int = 4) -> dict[str, str]:
    """Variants of four barcodes each."""
    return {f"b{v}_{number}": f"v{v:02d}" for v in range(n_variants) for number in range(n_barcodes)}


def reads_of(variant_of: dict[str, str], seed: int, rate: float = 50.0) -> dict[str, int]:
    rng = np.random.default_rng(seed)
    return {barcode: int(n) for barcode, n in zip(variant_of, 1 + rng.poisson(rate, len(variant_of)), strict=True)}


def two_replicates(variant_of: dict[str, str]) -> dict[tuple[str, str], dict[str, int]]:
    places = [(replicate, fraction) for replicate in "12" for fraction in ("dna", "rna")]
    return {place: reads_of(variant_of, seed) for seed, place in enumerate(places)}


def test_replicates_without_a_variant_in_common_are_told() -> None:
    variant_of = four_each(20)
    samples = two_replicates(variant_of)
    for (replicate, _), reads in samples.items():
        for barcode in [name for name, variant in variant_of.items() if (variant < "v10") == (replicate == "2")]:
            del reads[barcode]
    worked = work(samples, variant_of, Settings(bootstraps=5))
    assert_honest(worked)
    assert "No two replicates of library l share enough variants to be compared." in worked.said
    assert (
        "No variant was measured in two replicates, so what differs between experiments cannot be told." in worked.said
    )
    assert "Pairs of replicates that share no measured variant: 1. Their levels were not compared" in worked.said
    assert "no variant was measured in both" in worked.drawn and "share three variants" in worked.drawn
    assert worked.tables["combined_activity"]["n_replicates"].tolist() == [1] * 20


def test_a_sample_of_which_no_read_has_a_variant_is_refused() -> None:
    variant_of = four_each(5)
    samples = two_replicates(variant_of)
    samples["2", "rna"] = {"unknown": 100}
    with pytest.raises(KcalseqError) as raised:
        work(samples, variant_of, Settings())
    told = str(raised.value)
    assert "condition 'cells', replicate '2'" in told and "no RNA counts of barcodes that have a variant" in told
    assert "drop its row from samples.tsv" in told


def test_rna_without_dna_is_left_out_and_told() -> None:
    variant_of = four_each(20)
    samples = two_replicates(variant_of)
    del samples["2", "dna"]
    worked = work(samples, variant_of, Settings(bootstraps=0))
    assert_honest(worked)
    assert "There is one replicate of library l" in worked.said
    assert "Not used for want of DNA or of RNA: replicate 2." in worked.said
    unpaired = worked.tables["activity_drops"].query("fate == 'unpaired' and unit == 'barcode'")
    assert unpaired["rna"].tolist() == [sum(samples["2", "rna"].values())]
    shared = work(samples, variant_of, Settings(dna="by_condition", bootstraps=0))
    assert_honest(shared)
    assert "Not used" not in shared.said and "Replicates share their DNA sample" in shared.said


@pytest.mark.parametrize("n_replicates", [1, 2])
def test_one_barcode_a_variant(n_replicates: int) -> None:
    variant_of = four_each(20, 1)
    samples = {place: reads for place, reads in two_replicates(variant_of).items() if int(place[0]) <= n_replicates}
    worked = work(samples, variant_of, Settings(bootstraps=5, outliers="leave_one_out"))
    assert_honest(worked)
    assert ("No activity has a standard error" in worked.said) == (n_replicates == 1)
    assert ("Most variants have a single barcode or none" in worked.said) == (n_replicates == 2)
    assert worked.tables["variant_log_ratio"]["log2_ratio_se"].isna().all()
    assert worked.tables["combined_activity"]["log2_ratio_se"].notna().all() == (n_replicates == 2)


@pytest.mark.parametrize("estimator", ["ratio_of_sums", "mean_of_logs"])
@pytest.mark.parametrize("normalisation", ["cpm", "median_of_ratios"])
def test_all_counts_alike(estimator: str, normalisation: str) -> None:
    variant_of = four_each(20)
    samples = {place: dict.fromkeys(variant_of, 7) for place in two_replicates(variant_of)}
    settings = Settings(estimator=estimator, normalisation=normalisation, outliers="leave_one_out")  # type: ignore[arg-type]
    worked = work(samples, variant_of, settings)
    assert_honest(worked)
    assert worked.tables["combined_activity"]["log2_ratio"].to_numpy() == pytest.approx(0.0, abs=1e-9)
    assert worked.tables["replicate_agreement"]["pearson"].isna().all()
    assert "No two replicates of library l share enough variants to be compared." not in worked.said
    assert "All activities of a replicate of library l are alike, so how well replicates agree cannot be" in worked.said


def test_a_variant_with_no_rna_at_all_and_one_with_no_dna() -> None:
    variant_of = four_each(20)
    samples = two_replicates(variant_of)
    for replicate in "12":
        for barcode, variant in variant_of.items():
            if variant in ("v00", "v01"):
                del samples[replicate, "rna" if variant == "v00" else "dna"][barcode]
    for pseudocount in (0.0, 0.5):
        worked = work(samples, variant_of, Settings(pseudocount=pseudocount, min_dna=0, bootstraps=5))
        assert_honest(worked)
        found = worked.tables["combined_activity"].set_index("variant")["log2_ratio"]
        assert np.isnan(found["v01"]) and np.isfinite(found["v00"]) == (pseudocount > 0)


def test_one_variant_alone() -> None:
    variant_of = four_each(1)
    worked = work(two_replicates(variant_of), variant_of, Settings(bootstraps=5))
    assert_honest(worked)
    assert "No two replicates of library l share enough variants to be compared." in worked.said


def test_strange_names_are_carried_as_they_are() -> None:
    strange = ["<b>x</b>", "a b", "NA", "nan", "$x$ & 'y'", "\u00e4\u57f9", "=1+1"]
    variant_of = {f"b{number}_{of}": name for number, name in enumerate(strange) for of in range(4)}
    worked = work(two_replicates(variant_of), variant_of, Settings(bootstraps=0))
    assert worked.tables["combined_activity"]["variant"].tolist() == sorted(strange)
