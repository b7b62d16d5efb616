"""Rescue and clusters against the slow definition: every pair compared, sets of strings."""

import itertools
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.counts.keys import Keys, common_shape, reshape, to_keys
from kcalseq.counts.molecules import molecule_heads
from kcalseq.counts.nearby import cluster, rescue
from kcalseq.counts.search import Reach

REACHES = [Reach(1, False), Reach(1, True), Reach(2, False), Reach(2, True)]
Counted = dict[str, int]


def keys(sequences: list[str]) -> Keys:
    return to_keys(pa.array(sequences, pa.string()), "test")


def neighbours(sequence: str, reach: Reach, window: bool) -> set[str]:
    """All sequences within reach by the definition, itself left out."""
    found = set()
    for changed in range(1, reach.distance + 1):
        for places in itertools.combinations(range(len(sequence)), changed):
            for bases in itertools.product("ACGT", repeat=changed):
                letters = list(sequence)
                for place, base in zip(places, bases, strict=True):
                    letters[place] = base
                found.add("".join(letters))
    if reach.indels:
        lost = {sequence[:place] + sequence[place + 1 :] for place in range(len(sequence))}
        added = {sequence[:place] + base + sequence[place:] for place in range(len(sequence) + 1) for base in "ACGT"}
        found |= {one + base for one in lost for base in "ACGT"} if window else lost
        found |= {one[:-1] for one in added} if window else added
    return found - {sequence}


def rescued(known: set[str], sequence: str, reach: Reach, window: bool) -> str:
    if sequence in known:
        return sequence
    near = known & neighbours(sequence, reach, window)
    return near.pop() if len(near) == 1 else ("several" if near else "none")


def directional(counts: Counted, reach: Reach, ratio: int, window: bool, fewest: int = 1) -> dict[str, str]:
    """The head of each sequence."""
    heads: dict[str, str] = {}
    for head in sorted(counts, key=lambda one: (-counts[one], one)):
        if head in heads:
            continue
        heads[head], queue = head, [head] if counts[head] >= fewest else []
        for taker in queue:
            near = neighbours(taker, reach, window) & counts.keys() - heads.keys()
            for one in near:
                if counts[taker] - 1 >= ratio * (counts[one] - 1):
                    heads[one] = head
                    queue.append(one)
    return heads


def clustered(counts: Counted, reach: Reach, ratio: int, fewest: int = 1) -> dict[str, str]:
    names = sorted(counts)
    found = cluster(keys(names), np.array([counts[name] for name in names]), reach, ratio, fewest)
    return {name: names[head] for name, head in zip(names, found, strict=True)}


def of_one_length(length: int) -> st.SearchStrategy[str]:
    # Two letters only, so that many sequences lie near each other.
    return st.text("AC", min_size=length, max_size=length)


ONE_LENGTH = st.integers(1, 7).flatmap(lambda length: st.sets(of_one_length(length), min_size=2, max_size=24))
ANY_LENGTH = st.sets(st.text("AC", min_size=1, max_size=6), min_size=2, max_size=24)


@pytest.mark.parametrize("reach", REACHES)
@settings(max_examples=60, deadline=None)
@given(sequences=ONE_LENGTH | ANY_LENGTH, seed=st.integers(0, 9))
def test_rescue_is_what_its_definition_says(reach: Reach, sequences: set[str], seed: int) -> None:
    names = sorted(sequences)
    chosen = np.random.default_rng(seed).random(len(names)) < 0.4
    known = [name for name, keep in zip(names, chosen, strict=True) if keep] or names[:1]
    one, two = keys(known), keys(names)
    shape = common_shape([one.shape, two.shape])
    found = rescue(reshape(one, shape), reshape(two, shape), reach)
    for name, target, n_near, exact in zip(names, *found, strict=True):
        expected = rescued(set(known), name, reach, shape.same_length)
        assert (known[target] if target >= 0 else ("several" if n_near else "none")) == expected
        assert exact == (name in known)


@pytest.mark.parametrize("reach", REACHES)
@settings(max_examples=60, deadline=None)
@given(
    sequences=ONE_LENGTH | ANY_LENGTH, seed=st.integers(0, 9), rule=st.sampled_from([(2, 1), (3, 1), (20, 2), (2, 3)])
)
def test_clusters_are_what_their_definition_says(
    reach: Reach, sequences: set[str], seed: int, rule: tuple[int, int]
) -> None:
    n_reads = np.random.default_rng(seed).geometric(0.15, len(sequences))
    counts = {name: int(n) for name, n in zip(sorted(sequences), n_reads, strict=True)}
    ratio, fewest = rule
    window = len({len(name) for name in counts}) == 1
    assert clustered(counts, reach, ratio, fewest) == directional(counts, reach, ratio, window, fewest)


@pytest.mark.parametrize("length", [1, 29, 30, 32, 33, 40])
@pytest.mark.parametrize("reach", REACHES)
def test_any_length_of_barcode(length: int, reach: Reach) -> None:
    """Around the ends of words and beyond, where prints are scattered numbers."""
    rng = np.random.default_rng(length)
    for window in (True, False):
        first = "".join(rng.choice(list("ACGT"), length))
        near = sorted(neighbours(first, Reach(1, True), window) | {first})
        chosen = sorted({first, *(near[i] for i in rng.integers(0, len(near), 40))})
        counts = {name: 50 if name == first else int(rng.integers(1, 30)) for name in chosen}
        same = len({len(name) for name in counts}) == 1
        assert clustered(counts, reach, 2) == directional(counts, reach, 2, same)


@settings(max_examples=80, deadline=None)
@given(st.lists(ONE_LENGTH, min_size=1, max_size=4), st.integers(0, 9), st.sampled_from(REACHES))
def test_molecules_are_clusters_within_each_group(groups: list[set[str]], seed: int, reach: Reach) -> None:
    rng, length = np.random.default_rng(seed), 7
    wide = [sorted({name.ljust(length, "A") for name in group}) for group in groups]
    check_molecules(wide, rng, reach)


@pytest.mark.parametrize("reach", REACHES[:2])
@pytest.mark.parametrize("length", [4, 10, 32])
def test_molecules_of_a_barcode_with_many(reach: Reach, length: int) -> None:
    """Up to 64 UMIs are compared in pairs, more are looked up: one answer."""
    rng = np.random.default_rng(1)
    groups = []
    for size in (60, 64, 65, 90):
        stems = rng.integers(0, 2, (size, length))
        stems[:, : max(0, length - 8)] = 0
        groups.append(sorted({"".join("AC"[base] for base in row) for row in stems}))
    check_molecules(groups, rng, reach)


def test_molecules_whose_umis_differ_in_length() -> None:
    check_molecules([["A", "AC", "ACC"], ["CC", "CCC"]], np.random.default_rng(2), Reach(1, True))


def check_molecules(groups: list[list[str]], rng: np.random.Generator, reach: Reach) -> None:
    names = [name for group in groups for name in group]
    n_reads = rng.geometric(0.2, len(names))
    first = np.cumsum([0, *(len(group) for group in groups)])
    found = molecule_heads(keys(names), first[:-1], n_reads, reach, 2)
    window = len({len(name) for name in names}) == 1
    for start, group in zip(first, groups, strict=False):
        counts = {name: int(n) for name, n in zip(group, n_reads[start : start + len(group)], strict=True)}
        heads = directional(counts, reach, 2, window)
        assert [names[head] for head in found[start : start + len(group)]] == [heads[name] for name in group]


def test_the_published_example_of_the_directional_method() -> None:
    """Six UMIs: the largest takes what is at most half of it, and through that the rest; one stays by itself."""
    counts = {"ACGT": 456, "TCGT": 2, "CCGT": 2, "ACAT": 72, "ACAG": 1, "AAAT": 90}
    heads = clustered(counts, Reach(1, False), 2)
    assert heads == dict.fromkeys(["ACGT", "TCGT", "CCGT", "ACAT", "ACAG"], "ACGT") | {"AAAT": "AAAT"}


@pytest.mark.parametrize(
    ("large", "small", "joined"), [(1, 1, True), (2, 2, False), (3, 2, True), (18, 10, False), (19, 10, True)]
)
def test_who_may_take_whom(large: int, small: int, joined: bool) -> None:
    """n >= 2 m - 1; of equals the one that sorts first is the head."""
    assert (len(set(clustered({"AAAA": large, "AAAC": small}, Reach(1, False), 2).values())) == 1) == joined


@pytest.mark.parametrize(("reads", "joined"), [((1, 1), False), ((2, 1), True), ((2, 2), False), ((30, 2), True)])
def test_what_was_read_once_founds_no_cluster_of_barcodes(reads: tuple[int, int], joined: bool) -> None:
    heads = clustered(dict(zip(("AAAA", "AAAC"), reads, strict=True)), Reach(1, False), 20, fewest=2)
    assert (len(set(heads.values())) == 1) == joined


def test_ties_go_to_the_key_that_sorts_first() -> None:
    heads = clustered({"AAAA": 9, "AACC": 9, "AAAC": 3}, Reach(1, False), 2)
    assert heads == {"AAAA": "AAAA", "AACC": "AACC", "AAAC": "AAAA"}


def test_known_neighbours_stay_apart() -> None:
    known = keys(["AAAA", "AAAC", "GGGG"])
    found = rescue(known, keys(["AAAA", "AAAC", "AAAG", "GGGC", "GGGG", "TTTT"]), Reach(1, False))
    assert found.target.tolist() == [0, 1, -1, 2, 2, -1]
    assert found.n_near.tolist() == [1, 1, 2, 1, 1, 0]


def test_a_lost_or_added_base_within_the_window() -> None:
    """Behind the lost C of AACGTT the next base, here G, moves in; before an added T the last T moves out."""
    known = keys(["AACGTT", "GGGGGG"])
    misread = keys(["AAGTTG", "AATCGT"])
    assert rescue(known, misread, Reach(1, True)).target.tolist() == [0, 0]
    assert rescue(known, misread, Reach(1, False)).target.tolist() == [-1, -1]


def test_rows_in_any_number(benchmark_words: Callable[[int], Keys]) -> None:
    """From none to many, so that tables of all sizes are filled."""
    for n in (0, 1, 2, 1000, 70000):
        words = benchmark_words(n)
        assert rescue(words, words, Reach(1, True)).target.tolist() == list(range(len(words.words)))


@pytest.fixture
def benchmark_words() -> Callable[[int], Keys]:
    def make(n: int) -> Keys:
        numbers = np.unique(np.random.default_rng(n).integers(0, 4**20, n).astype(np.uint64))
        return Keys((numbers << np.uint64(24))[:, None], keys(["A" * 20]).shape)

    return make
