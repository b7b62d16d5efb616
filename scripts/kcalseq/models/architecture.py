"""Architectures of black boxes: which layers there are and what each holds. Loads without torch and numpy."""

from dataclasses import dataclass
from math import prod
from typing import Literal

# As many as in ``dna.ALPHABET``, which would bring numpy.
_BASES = 4


@dataclass(frozen=True)
class Architecture:
    """Architecture of one network.

    Attributes:
        kind: ``mlp`` or ``cnn``.
        length: bases of a variant.
        hidden: units of each dense layer between the input, or what was pooled, and the phenotype.
        filters: patterns that a ``cnn`` looks for.
        filter_width: bases of a pattern.
        pool: places of which only the strongest match is kept.

    Raises:
        ValueError: an unknown kind, a layer without units, or patterns longer than the variants.
    """

    kind: Literal["mlp", "cnn"]
    length: int
    hidden: tuple[int, ...] = (100, 30, 10)
    filters: int = 64
    filter_width: int = 11
    pool: int = 5

    def __post_init__(self) -> None:
        """Check that there is such a network."""
        if self.kind not in ("mlp", "cnn"):
            raise ValueError(f"a network of kind '{self.kind}': 'mlp' or 'cnn'")
        if min(self.length, self.filters, self.filter_width, self.pool, *self.hidden) < 1:
            raise ValueError(f"{self}: every size is at least 1")
        if self.kind == "cnn" and self.filter_width > self.length:
            raise ValueError(f"patterns of {self.filter_width} bases in variants of {self.length}")

    def shapes(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Name and shape of each array of weights, in the order of the flat vector."""
        shapes: list[tuple[str, tuple[int, ...]]] = []
        n_inputs = self.length * _BASES
        if self.kind == "cnn":
            shapes.append(("conv.weight", (self.filters, _BASES, self.filter_width)))
            shapes.append(("conv.bias", (self.filters,)))
            n_inputs = self.filters * -(-(self.length - self.filter_width + 1) // self.pool)
        for number, n_units in enumerate((*self.hidden, 1)):
            shapes.append((f"dense{number}.weight", (n_units, n_inputs)))
            shapes.append((f"dense{number}.bias", (n_units,)))
            n_inputs = n_units
        return tuple(shapes)

    @property
    def size(self) -> int:
        """How many weights there are."""
        return sum(prod(shape) for _, shape in self.shapes())
