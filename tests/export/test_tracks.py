"""Tracks of genome browsers: sorted, within their limits, each effect where its base lies."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kcalseq.export.coordinates import Place
from kcalseq.export.textfile import write_rows
from kcalseq.export.tracks import LOWERS, RAISES, UNSURE, named_changes, tracks

COLUMNS = ["variant", "reference", "position", "reference_base", "base", "effect", "q"]


def effects(*rows: tuple[object, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({"position": "Int64", "effect": float, "q": float})


EFFECTS = effects(
    ("up", "ref", 2, "A", "C", 1.0, 0.001),
    ("down", "ref", 2, "A", "G", -2.0, 0.05),
    ("unsure", "ref", 0, "A", "T", 0.5, 0.2),
    ("unmeasured", "ref", 3, "A", "T", None, None),
    ("several", "ref", None, None, None, 0.7, 0.01),
    ("elsewhere", "other one", 9, "C", "T", -0.1, 0.9),
)


def test_effects_lie_on_their_reference_where_no_genome_is_known() -> None:
    found = tracks(EFFECTS, None)
    assert found.bed.to_numpy().tolist() == [
        ["other_one", 9, 10, "elsewhere", 50, "+", 9, 10, UNSURE],
        ["ref", 0, 1, "unsure", 250, "+", 0, 1, UNSURE],
        ["ref", 2, 3, "down", 1000, "+", 2, 3, LOWERS],
        ["ref", 2, 3, "up", 500, "+", 2, 3, RAISES],
    ]
    assert found.bedgraph.to_numpy().tolist() == [["other_one", 9, 10, -0.1], ["ref", 0, 1, 0.5], ["ref", 2, 3, -0.5]]
    assert found.left_out == {"not_measured": 1, "several_bases": 1, "not_in_genome": 0}


def test_effects_lie_on_the_genome_where_it_is_known() -> None:
    found = tracks(EFFECTS, {"ref": Place("chr7", 100, 110, "-")})
    assert found.bed[["chrom", "start", "end", "strand"]].drop_duplicates().to_numpy().tolist() == [
        ["chr7", 107, 108, "-"],
        ["chr7", 109, 110, "-"],
    ]
    assert found.left_out["not_in_genome"] == 1
    assert len(found.bed) + sum(found.left_out.values()) == len(EFFECTS)


@pytest.mark.parametrize("seed", range(5))
def test_files_keep_the_rules_of_their_formats(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [
        (f"v{n}", f"ref{rng.integers(12)}", int(rng.integers(30)), "A", "C", float(rng.normal()), float(rng.random()))
        for n in range(200)
    ]
    places = {f"ref{n}": Place(f"chr{n % 3}", 20 * n, 20 * n + 30, "+-"[n % 2]) for n in range(12)}
    for where in (None, places):
        found = tracks(effects(*rows), where)
        write_rows(found.bed, tmp_path / "e.bed", header=False)
        write_rows(found.bedgraph, tmp_path / "e.bedgraph", header=False, digits=6)
        bed = [line.split("\t") for line in (tmp_path / "e.bed").read_text().splitlines()]
        graph = [line.split("\t") for line in (tmp_path / "e.bedgraph").read_text().splitlines()]
        for cells in bed:
            assert len(cells) == 9 and 0 <= int(cells[4]) <= 1000 and cells[1:3] == cells[6:8]
            assert all(0 <= int(colour) <= 255 for colour in cells[8].split(","))
        for table in (bed, graph):
            keys = [(cells[0], int(cells[1]), int(cells[2])) for cells in table]
            assert keys == sorted(keys) and all(start < end for _, start, end in keys)
        # Intervals of a bedGraph must not overlap: each position once.
        assert len({tuple(cells[:3]) for cells in graph}) == len(graph) and len(graph[0]) == 4
        assert all(re.fullmatch(r"-?\d+\.\d{6}", cells[3]) for cells in graph)


def test_effects_of_single_changes_are_named_by_base_and_place() -> None:
    changes = pd.DataFrame(
        [("r", 38, "A", "G", 0.5, 0.01), ("r", 3, None, "-", -0.5, 0.01), ("r", 4, "C", "T", None, None)],
        columns=["reference", "position", "reference_base", "base", "effect", "q"],
    )
    found = tracks(named_changes(changes), None)
    assert found.bed[["start", "name"]].to_numpy().tolist() == [[3, "N4-"], [38, "A39G"]]
    assert found.left_out["not_measured"] == 1


def test_without_an_effect_there_is_no_row() -> None:
    found = tracks(EFFECTS[EFFECTS["variant"] == "unmeasured"], None)
    assert (len(found.bed), len(found.bedgraph)) == (0, 0)
