"""What the page says of barcoded libraries: every number of the tables, sums that add up, and plain words."""

import dataclasses
import re
from typing import Any

import pandas as pd
import pytest

from kcalseq.report.activity import ActivityTables
from kcalseq.report.barcode_summary import BarcodeTables
from kcalseq.report.fates import fates_view
from kcalseq.tables import BARCODE_CALLS

from .reading import Page, running_scripts
from .tables import CALLS, KEPT, frame


def text_of(run: Any) -> str:
    """Text of the page."""
    return Page(run.page()).text


def with_tables(run: Any, **changed: pd.DataFrame) -> Any:
    """The same run with some tables of its barcoded library changed."""
    pairs = {name: changed.pop(name, table) for name, table in run.pairs.items()}
    return dataclasses.replace(run, pairs=pairs, barcodes=run.barcodes._replace(**changed))


def test_page_of_a_barcoded_library_alone_is_whole(barcoded: Any) -> None:
    page = Page(barcoded.page())
    identities = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    targets = {(attributes.get("href") or "#verdict")[1:] for _, attributes in page.tags}
    assert targets <= identities
    assert {"association", "counts", "activity"} <= identities
    assert not {"energies", "prediction", "footprint"} & identities
    assert "From reads to activities" in page.text
    assert "nan" not in page.text.lower().split()
    assert [attributes for tag, attributes in page.tags if tag == "th" and "scope" not in attributes] == []


def test_barcoded_and_sorted_libraries_share_a_page(run: Any, barcoded: Any) -> None:
    both = dataclasses.replace(
        run,
        libraries=run.libraries | barcoded.libraries,
        read_fates=pd.concat([run.read_fates, barcoded.read_fates]),
        variants=pd.concat([run.variants, barcoded.variants]),
        barcodes=barcoded.barcodes,
        pairs=barcoded.pairs,
    )
    text = text_of(both)
    assert "From reads to binding energies" in text
    assert "Library mpra was not sorted into bins, so it has no information footprint of its bins." in text
    assert "CRP and RNAP attract each other" in text
    assert "15 of the 20 barcodes of library mpra" in text


def test_calls_add_up_and_all_are_told(barcoded: Any) -> None:
    text = text_of(barcoded)
    for call, meaning in BARCODE_CALLS.items():
        n_barcodes, n_reads = CALLS.get(call, (0, 0))
        row = f"{call.replace('_', ' ')} {meaning} {n_barcodes} {n_barcodes / 20:.2%} {n_reads} {n_reads / 490:.2%}"
        assert row.replace("%", " %") in text
    assert sum(n for n, _ in CALLS.values()) == 20 and sum(n for _, n in CALLS.values()) == 490
    assert "All barcodes 20 490" in text
    assert "490 kept reads show a barcode together with a variant. They hold 33 different barcodes as read." in text
    assert "13 of these are misreadings of another barcode. Their 14 reads were moved to it, which leaves 20" in text


def test_every_quantity_of_the_association_is_on_the_page(barcoded: Any) -> None:
    text = text_of(barcoded)
    summary = barcoded.barcodes.association_summary
    for name in summary["quantity"]:
        assert name in text or re.match("n_(barcodes|reads)_", name), name
    assert "a number of tomorrow a_number_of_tomorrow 0.12500 furlongs" in text
    assert "least share of reads that must agree min_purity not set" in text
    assert "recommends 5 (association: min_reads)" in text
    assert "2.71 in 1,000 bases are read wrongly and 2.13 % of the reads are chimeras" in text
    assert "3 pairs of designed variants cannot be told apart" in text
    assert "v0 v6 the variant lies within the other variant" in text


def test_reads_of_counts_add_up_to_the_kept_reads(barcoded: Any) -> None:
    text = text_of(barcoded)
    counted = 4100 - 180
    assert f"{counted:,} counted + 180 not counted = 4,100 kept reads of the counted samples." in text
    assert "dna_1 DNA, M9, replicate 1 900 90.00 % 40 4.00 % 10 1.00 % 50 5.00 % 1,000" in text
    assert "All samples 3,800 92.68 % 120 2.93 % 30 0.73 % 150 3.66 % 4,100" in text
    fates = fates_view(barcoded.read_fates, barcoded.libraries["mpra"]["runs"])
    assert fates.kept == 4100 + 490 == sum(KEPT.values())
    assert fates.total == sum(row.total for row in fates.rows) == fates.kept + 40
    assert "4,590 kept + 40 dropped = 4,630 reads." in text
    assert "run_association barcode map 500 490" in text and "run_dna_1 counts 1,010 1,000" in text


def test_depth_replicates_and_hopping_are_told(barcoded: Any) -> None:
    text = text_of(barcoded)
    assert "Twice the reads would show 25.00 % more molecules in a sample." in text
    assert "Twice the reads would show 5.00 % more barcodes in a sample." in text
    assert "dna_1 100 14 15 15 400 500 620 2.35" in text  # as read, counted, 2 x, 5 x, molecules, 2 x, 5 x, reads each
    assert "dna_1 and dna_2 replicates 14 13 12 80.00 %" in text
    assert "dna_1 and rna_1 same replicate 14 10 9 60.00 %" in text
    assert "1.30 % of a sample's reads came from the library's other samples." in text
    assert "rna_1, from dna_1 9 0.50 not determined" in text


def without_activities(barcoded: Any) -> Any:
    return with_tables(barcoded, **{name: frame(name, []) for name in ActivityTables._fields})


def test_activities_are_told_with_what_one_replicate_cannot_tell(barcoded: Any) -> None:
    text = text_of(barcoded)
    assert "From reads to activities" in text
    assert "The activity of 5 of the 7 variants of library mpra was measured (71.43 %)." in text
    assert "There is one replicate of library mpra: how far its activities would come back cannot be told." in text
    assert "With one replicate, standard errors hold the counts and the scatter between barcodes alone" in text
    assert "One replicate cannot tell how much of the error is counting" in text
    assert "No negative controls are named" in text and "Not used for want of DNA or of RNA: replicate 2." in text
    assert "standard error of an activity, median log2_ratio_se_median 0.250 log2" in text
    assert "scatter between replicates beyond that of barcodes between_replicates_sd not determined log2" in text
    assert "1 5 1.25 0.300 1.000" in text
    assert "barcode: few dna fewer DNA counts than min_dna, or none where its own log ratio is taken 1 0 4" in text


def test_dna_that_replicates_share_is_told(barcoded: Any) -> None:
    rows = [("mpra", "M9", "shared_dna_sd", 0.125, "log2")]
    summary = pd.concat([barcoded.pairs["activity_summary"], frame("activity_summary", rows)])
    text = text_of(with_tables(barcoded, activity_summary=summary))
    assert "Replicates share their DNA sample: its counting error is the same in all of them" in text
    assert "error of the DNA that all replicates share, standard deviation, median shared_dna_sd 0.125 log2" in text
    assert "Replicates share their DNA sample" not in text_of(barcoded)


def test_agreement_of_replicates_is_judged_by_the_worst_pair(barcoded: Any) -> None:
    summary = barcoded.pairs["activity_summary"]
    three = summary.assign(value=summary["value"].where(summary["quantity"] != "n_replicates", 3.0))
    pairs = [("mpra", "M9", *of, 5, r, r, 0.0, None) for of, r in ((("1", "2"), 0.9), (("1", "3"), 0.7))]
    told = with_tables(barcoded, activity_summary=three, replicate_agreement=frame("replicate_agreement", pairs))
    text = text_of(told)
    assert "Caution: Activities of replicates of library mpra correlate with Pearson r = 0.70 at least." in text
    assert "1 and 3 5 0.700 0.700 0.000" in text
    assert "No two replicates" in text_of(with_tables(barcoded, activity_summary=three))


def test_the_error_model_stands_with_its_errors(barcoded: Any) -> None:
    values = {"dna_multiplicative": 2.5, "rna_multiplicative": 1.0, "additive": 0.0225}
    values |= {"counting_share": 0.5, "multiplicative_share": 0.25, "additive_share": 0.25}
    rows = [
        ("mpra", "M9", replicate, name, value, 0.125, "-", "pooled" if name == "additive" else "fitted")
        for replicate in ("1", "2")
        for name, value in values.items()
    ]
    text = text_of(with_tables(barcoded, error_model=frame("error_model", rows)))
    assert "2 2.500 ± 0.125 1.000 ± 0.125 0.022 ± 0.125 50.00 % 25.00 % 25.00 %" in text
    assert "Two replicates show the sum of their additive terms alone" in text
    assert "One replicate cannot tell how much" not in text


def test_a_library_without_activities_says_so_once(barcoded: Any) -> None:
    told = "No activities were measured: no replicate has DNA and RNA counts of known variants."
    assert text_of(without_activities(barcoded)).count(told) == 1
    assert told not in text_of(barcoded)
    assert "From reads to counts" in text_of(without_activities(barcoded))


def test_much_hopping_is_a_caution(barcoded: Any) -> None:
    much = barcoded.pairs["index_hopping"].assign(hopped_fraction=0.04)
    told = "Caution: Up to 4.00 % of a sample's reads in library mpra came from another sample"
    assert told in text_of(with_tables(barcoded, index_hopping=much))
    assert told not in text_of(barcoded)


def test_without_umis_nothing_is_said_of_molecules(barcoded: Any) -> None:
    saturation = barcoded.barcodes.saturation.assign(n_molecules=float("nan"))
    bare = with_tables(barcoded, saturation=saturation, index_hopping=frame("index_hopping", []))
    text = text_of(bare)
    assert "index hopping) cannot be told without UMIs" in text
    assert "molecules are not known" in text and "more molecules" not in text
    assert "n_molecules" not in text and "nan" not in text.lower().split()


def test_one_sample_alone(barcoded: Any) -> None:
    fates, depths = (table[table["sample"] == "dna_1"] for table in barcoded.barcodes[2:])
    nothing = {name: frame(name, []) for name in ("barcode_overlap", "index_hopping", "design_conflicts")}
    text = text_of(with_tables(barcoded, count_fates=fates, saturation=depths, **nothing))
    assert "cannot be told: the library has one sample" in text
    assert "one sample only, so there is nothing to compare" in text
    assert "No two designed variants were found that reads could not tell apart." in text


def test_no_read_left_to_count(barcoded: Any) -> None:
    nothing = barcoded.barcodes.count_fates.assign(n_reads=0, n_barcodes=0)
    text = text_of(with_tables(barcoded, count_fates=nothing, saturation=frame("saturation", [])))
    assert "Problem: No read of library mpra was left to count." in text
    assert "0 counted + 0 not counted = 0 kept reads" in text


def test_imported_map(barcoded: Any) -> None:
    text = text_of(with_tables(barcoded, association_summary=frame("association_summary", [])))
    assert "The barcode map was imported: 15 barcodes of 5 variants." in text
    assert "5 of the 7 variants of library mpra have a barcode; nothing can be measured of the other 2." in text
    assert "What was made of each barcode" not in text


def test_no_barcode_was_assigned(barcoded: Any) -> None:
    nothing = with_tables(barcoded, barcode_map=frame("barcode_map", []))
    assert "Problem: 0 of the 7 variants of library mpra have a barcode" in text_of(nothing)
    without_design = dataclasses.replace(nothing, variants=frame("variants", []))
    assert "Problem: No variant of library mpra was found." in text_of(without_design)


def test_barcodes_without_a_map(barcoded: Any) -> None:
    none = BarcodeTables(frame("association_summary", []), frame("barcode_map", []), *barcoded.barcodes[2:])
    bare = dataclasses.replace(without_activities(barcoded), barcodes=none, variants=frame("variants", []))
    text = text_of(bare)
    assert "There is no barcode map, so counts are by barcode and not by variant." in text
    assert "Which barcode stands for which variant" not in text
    assert "n_variants" not in text


def test_map_made_from_the_counted_reads(barcoded: Any) -> None:
    card = {**barcoded.libraries["mpra"], "association_runs": []}
    whole = dataclasses.replace(barcoded, libraries={"mpra": card})
    assert "run_dna_1 counts and barcode map" in text_of(whole)


def test_long_lists_are_cut_and_say_so(barcoded: Any) -> None:
    names = [f"s{number:02}" for number in range(12)]
    pairs = [(one, two) for one in names for two in names if one < two]
    overlap = frame("barcode_overlap", [("mpra", *pair, 5, 5, 4) for pair in pairs])
    hopping = frame("index_hopping", [("mpra", *pair, 1, 0.1, 0.001) for pair in pairs])
    conflicts = frame("design_conflicts", [("mpra", f"v{n:03}", "v", "identical") for n in range(50)])
    text = text_of(with_tables(barcoded, barcode_overlap=overlap, index_hopping=hopping, design_conflicts=conflicts))
    assert "the first 40 of 66 pairs (all in table barcode_overlap)" in text
    assert "the 40 highest of 66 (all in table index_hopping)" in text
    assert "The other 30 pairs are in table design_conflicts." in text


@pytest.mark.parametrize("name", ["association_summary", "barcode_map", "count_fates", "saturation"])
def test_order_of_rows_does_not_matter(barcoded: Any, name: str) -> None:
    turned = with_tables(barcoded, **{name: getattr(barcoded.barcodes, name)[::-1]})
    assert turned.page() == barcoded.page()


def test_hostile_names_of_samples_and_parts(barcoded: Any) -> None:
    hostile = "<script>x_y</script>"
    renamed = barcoded.barcodes.count_fates.assign(sample=lambda t: t["sample"].replace("dna_1", hostile))
    fates = barcoded.read_fates.assign(part=barcoded.read_fates["part"].mask(lambda part: part.notna(), hostile))
    page = Page(dataclasses.replace(with_tables(barcoded, count_fates=renamed), read_fates=fates).page())
    assert running_scripts(page) == 1
    assert f"part not found: {hostile}" in page.text
