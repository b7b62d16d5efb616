"""Models small enough to write out by hand, and the lac model of the example."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kcalseq.models.spec import ModelSpec, read_model

CONFIG = Path(__file__).parents[2] / "config" / "models"

TWO_SITES = """\
description: Recruitment on a promoter of twelve bases
kind: thermodynamic
sequence: {length: 12, wildtype: ACGTACGTACGT}
sites:
  CRP: {start: 0, length: 4}
  RNAP: {start: 5, length: 6}
interactions:
  stack: {between: [CRP, RNAP]}
states:
  - {bound: [], rate: 0}
  - {bound: [CRP], rate: 0}
  - {bound: [RNAP], rate: t_sat}
  - {bound: [CRP, RNAP], rate: t_sat}
measurement: {hidden_units: 3}
"""

REPRESSOR = """\
description: A repressor that excludes the polymerase from its site
kind: thermodynamic
temperature_celsius: 25
sequence: {length: 10}
sites:
  P: {start: 1, length: 5}
  R: {start: 4, length: 5}
states:
  - {bound: [], rate: 0}
  - {bound: [P], rate: t_sat}
  - {bound: [R], rate: 0}
measurement: {hidden_units: 2}
"""

THREE_SITES = """\
description: Two activators that also touch each other
kind: thermodynamic
temperature_celsius: 30
sequence: {length: 11, wildtype: AACCGGTTACG}
sites:
  A: {start: 0, length: 3}
  B: {start: 3, length: 3}
  P: {start: 7, length: 4}
interactions:
  a_p: {between: [A, P], initial: -1.0}
  b_p: {between: [B, P], initial: -1.5}
  a_b: {between: [A, B]}
states:
  - {bound: [], rate: 0}
  - {bound: [A], rate: 0}
  - {bound: [B], rate: 0}
  - {bound: [A, B], rate: 0}
  - {bound: [P], rate: r}
  - {bound: [A, P], rate: r}
  - {bound: [B, P], rate: r}
  - {bound: [A, B, P], rate: r}
measurement: {hidden_units: 4}
"""

ADDITIVE = """\
description: Every base adds
kind: additive
sequence: {length: 8, wildtype: ACGTACGT}
sites:
  promoter: {start: 2, length: 5}
measurement: {hidden_units: 3}
"""

NEIGHBOURS = TWO_SITES.replace("length: 4}", "length: 4, energies: neighbour}").replace(
    "length: 6}", "length: 6, energies: pairwise}"
)

PAIRWISE = ADDITIVE.replace("length: 5}", "length: 5, energies: pairwise}")

AUTOMATIC = """\
description: An activator, a polymerase, and a repressor that excludes it
kind: thermodynamic
sequence: {length: 12}
sites:
  A: {start: 0, length: 3}
  P: {start: 4, length: 5}
  R: {start: 7, length: 4}
interactions:
  a_p: {between: [A, P]}
  a_r: {between: [A, R]}
states: auto
transcribing: {P: t_sat}
measurement: {hidden_units: 2}
"""

TWO_RATES = """\
description: A polymerase that an activator makes bind and makes faster
kind: thermodynamic
sequence: {length: 12}
sites:
  A: {start: 0, length: 3}
  P: {start: 4, length: 5}
interactions:
  a_p: {between: [A, P]}
states:
  - {bound: [], rate: 0}
  - {bound: [A], rate: leak}
  - {bound: [P], rate: slow}
  - {bound: [A, P], rate: fast}
measurement: {hidden_units: 2}
"""

CYCLE = """\
description: The cycle of three states of Tareen and Kinney (2019), Fig. 3
kind: kinetic
sequence: {length: 10}
sites:
  A: {start: 0, length: 4}
  P: {start: 5, length: 4}
transitions:
  binding: {from: unbound, to: closed, energies: {A: 0.25}}
  leaving: {from: closed, to: unbound, energies: {P: -1, A: -0.75}}
  opening: {from: closed, to: open}
  closing: {from: open, to: closed}
  escape: {from: open, to: unbound, makes_transcript: true}
measurement: {hidden_units: 2}
"""

SCANNED = """\
description: A polymerase of two blocks that may sit anywhere, and an activator on either strand before it
kind: thermodynamic
sequence: {length: 16}
sites:
  A: {start: [0, 2], length: 3, strands: both}
  P: {start: [5, 7], blocks: [3, 2], spacers: [2, 3, 4], reference_spacer: 3}
interactions:
  a_p: {between: [A, P]}
states: auto
transcribing: {P: t_sat}
measurement: {hidden_units: 2}
"""

COPIES = """\
description: An activator with a second place on the other strand, behind the polymerase
kind: thermodynamic
sequence: {length: 16, wildtype: ACGTACGTACGTACGT}
sites:
  A: {start: 0, length: 4, energies: neighbour}
  P: {start: 5, length: 4}
  A_far: {copy_of: A, start: 10, strand: reverse}
interactions:
  a_p: {between: [A, P]}
  far_p: {between: [A_far, P]}
  loop: {between: [A, A_far]}
states: auto
transcribing: {P: t_sat}
measurement: {hidden_units: 2}
"""

BY_DISTANCE = """\
description: An activator that may sit anywhere, also where the polymerase is, and touches it from nearby
kind: thermodynamic
sequence: {length: 18}
sites:
  A: {start: [0, 14], length: 3, strands: both}
  P: {start: 8, length: 4}
interactions:
  a_p: {between: [A, P], by_distance: [0, 2, 4]}
states: auto
transcribing: {P: t_sat}
measurement: {hidden_units: 2}
"""

TEXTS = {
    "two_sites": TWO_SITES,
    "repressor": REPRESSOR,
    "three_sites": THREE_SITES,
    "additive": ADDITIVE,
    "neighbours": NEIGHBOURS,
    "pairwise": PAIRWISE,
    "automatic": AUTOMATIC,
    "two_rates": TWO_RATES,
    "cycle": CYCLE,
    "scanned": SCANNED,
    "copies": COPIES,
    "by_distance": BY_DISTANCE,
}


@pytest.fixture
def texts() -> dict[str, str]:
    """The small models as YAML, by name."""
    return dict(TEXTS)


@pytest.fixture
def read_text(tmp_path: Path) -> Callable[[str], ModelSpec]:
    """Reads a model from its YAML text, as from a file model.yaml."""

    def read(text: str) -> ModelSpec:
        path = tmp_path / "model.yaml"
        path.write_text(text, encoding="utf-8")
        return read_model(path)

    return read


@pytest.fixture
def small(read_text: Callable[[str], ModelSpec]) -> Callable[[str], ModelSpec]:
    """The small model of a name."""
    return lambda name: read_text(TEXTS[name])


@pytest.fixture
def lac() -> ModelSpec:
    """The lac model of the example."""
    return read_model(CONFIG / "lac_thermodynamic.yaml")
