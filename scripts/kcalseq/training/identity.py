"""Names for computations: a digest of all that their result depends on."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

import numpy as np
import torch

from kcalseq.models.process import Process
from kcalseq.training.objective import LogPosterior


def digest_of(*parts: object) -> str:
    """Digest of objectives, settings, tensors, arrays and plain values: another one if any number of them differs.

    Raises:
        TypeError: a part is of a kind of which it is not known what says all of it.
    """
    total = hashlib.blake2b(digest_size=16)
    for piece in _pieces(parts):
        total.update(piece)
    return total.hexdigest()


def _pieces(part: object) -> Iterator[bytes | memoryview]:
    """What says all of a value, each piece with its kind and its length, so that none runs into the next."""
    if isinstance(part, torch.Tensor):
        part = part.detach().cpu().numpy()
    if isinstance(part, np.ndarray):
        yield f"array {part.dtype.str} {part.shape};".encode()
        yield np.ascontiguousarray(part).view(np.uint8).data
    elif isinstance(part, LogPosterior):
        # A design follows from the codes and the model.
        training = [(observations.codes, observations.data) for observations in part.training]
        yield from _pieces(("posterior", part.network.spec, part.network.processes, training, part.held))
    elif isinstance(part, Process):
        yield from _pieces((type(part).__name__, part.description, part.blocks))
    elif is_dataclass(part) and not isinstance(part, type):
        yield from _pieces((type(part).__name__, {field.name: getattr(part, field.name) for field in fields(part)}))
    elif isinstance(part, Mapping):
        yield from _pieces(sorted(part.items()))
    elif isinstance(part, tuple | list):
        yield f"{len(part)} parts;".encode()
        for item in part:
            yield from _pieces(item)
    elif part is None or isinstance(part, str | int | float):
        text = repr(part).encode()
        yield f"{type(part).__name__} {len(text)} ".encode() + text
    else:
        raise TypeError(f"no digest is known for {type(part).__name__}")
