"""What a library lacks is named; a library that lacks nothing gets no warning."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcalseq.models.spec import ModelSpec
from kcalseq.simulate.sorting import SortedLibrary
from kcalseq.training.library_warnings import library_warnings, tied_positions
from kcalseq.training.problem import Problem, build_problem


@pytest.fixture
def rich(spec: ModelSpec, simulate: Callable[[int, int], SortedLibrary]) -> Problem:
    made = simulate(3000, 5)
    return build_problem(spec, made.variants, made.counts, "raw")


def told(spec: ModelSpec, problem: Problem) -> str:
    return " ".join(library_warnings(spec, problem))


def test_a_rich_library_gets_none(spec: ModelSpec, rich: Problem) -> None:
    assert library_warnings(spec, rich) == []


def test_a_constant_position_and_an_unseen_base_are_named(spec: ModelSpec, rich: Problem) -> None:
    codes = rich.codes.copy()
    codes[:, 2] = 1
    codes[codes[:, 7] == 3, 7] = 0
    words = told(spec, rich._replace(codes=codes))
    assert "Position 2 of site CRP never varies" in words
    assert "At the other positions of site RNAP 1 base is never seen" in words


def test_positions_that_change_together_are_named(spec: ModelSpec, rich: Problem) -> None:
    codes = rich.codes.copy()
    codes[:, 9] = (codes[:, 8] + 1) % 4
    words = told(spec, rich._replace(codes=codes))
    assert "Positions 8 and 9 of site RNAP do not vary independently" in words and "CRP" not in words


def test_single_mutants_cannot_tell_a_nonlinear_response(spec: ModelSpec, rich: Problem) -> None:
    codes = np.tile(rich.codes[0], (len(rich.codes), 1))
    rows = np.arange(len(codes))
    codes[rows, rows % 12] = (codes[rows, rows % 12] + 1 + rows % 3) % 4
    assert "at most one base" in told(spec, rich._replace(codes=codes))
    site = dataclasses.replace(spec.sites[0], start=0, length=12)
    additive = dataclasses.replace(spec, kind="additive", sites=(site,), interactions=(), states=())
    assert "at most one base" not in told(additive, rich._replace(codes=codes))


def test_few_observations_are_counted(spec: ModelSpec, simulate: Callable[[int, int], SortedLibrary]) -> None:
    made = simulate(300, 5)
    words = told(spec, build_problem(spec, made.variants, made.counts, "raw"))
    assert "observations for 30 energies of bases, fewer than 10 for each" in words


@given(st.integers(0, 2**32 - 1), st.integers(2, 5))
def test_tied_positions_are_those_that_the_rank_lacks(seed: int, length: int) -> None:
    """The rank by numpy's own singular values, of the whole one-hot design and a constant."""
    codes = np.random.default_rng(seed).integers(0, 3, (6, length)).astype(np.uint8)
    x = np.eye(4)[codes].reshape(len(codes), -1)
    seen = sum(len(np.unique(column)) - 1 for column in codes.T)
    lacks = np.linalg.matrix_rank(np.hstack([np.ones((len(codes), 1)), x])) < 1 + seen
    assert bool(tied_positions(codes)) == lacks


def test_a_copy_of_a_position_is_found_whatever_else_varies() -> None:
    codes = np.random.default_rng(1).integers(0, 4, (500, 7)).astype(np.uint8)
    assert tied_positions(codes) == []
    codes[:, 6] = 3 - codes[:, 1]
    assert tied_positions(codes) == [(1, 6)]
