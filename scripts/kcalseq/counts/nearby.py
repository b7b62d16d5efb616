"""Put misread sequences right: onto the known one they come from, or onto the head of their cluster."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.counts.keys import Keys
from kcalseq.counts.search import Reach, cluster_rows, index_keys, rescue_rows, room_for


class Found(NamedTuple):
    """What rescue found for each key, shape (n,).

    Attributes:
        target: row among the known keys; -1 = none or several.
        n_near: known keys within reach: 1 where the key is known itself; 2 stands for several.
        exact: whether the key is known itself.
    """

    target: NDArray[np.int64]
    n_near: NDArray[np.int8]
    exact: NDArray[np.bool_]


def rescue(known: Keys, keys: Keys, reach: Reach) -> Found:
    """Find each key among known keys, or else the only known key within reach.

    Args:
        known: known keys, each once.
        keys: keys as read, in the same shape.
        reach: how far to look.
    """
    n = len(keys.words)
    found = Found(np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=np.int8), np.zeros(n, dtype=np.bool_))
    rescue_rows(keys.words, index_keys(known), reach, room_for(known, reach), *found)
    return found


def cluster(keys: Keys, n_reads: NDArray[np.int64], reach: Reach, ratio: int, fewest: int = 1) -> NDArray[np.int64]:
    """Directional clusters of keys: UMI-tools' (Smith, Heger and Sudbery 2017) where ``ratio`` is 2, ``fewest`` 1.

    A key with n reads takes a near key with m reads if n - 1 >= ratio (m - 1), and through it that key's near keys
    likewise. Keys with more reads choose first; where reads are equal, the key that sorts first.

    Args:
        keys: keys in order, each once.
        n_reads: reads of each, shape (n,).
        reach: how far to look.
        ratio: how many times the reads of a misreading its source must have, leaving aside one read of each.
        fewest: reads that a key must have to found a cluster. With 2, near keys that were read once each stay apart:
            which of them is the misreading cannot be told.

    Returns:
        row of the head of each key's cluster, shape (n,); heads name themselves.
    """
    order = np.argsort(-n_reads, kind="stable")
    order = order[n_reads[order] >= fewest]
    heads = np.full(len(n_reads), -1, dtype=np.int64)
    cluster_rows(keys.words, index_keys(keys), reach, room_for(keys, reach), n_reads, order, ratio, heads)
    return np.where(heads < 0, np.arange(len(heads)), heads)
