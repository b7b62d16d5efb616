"""What the page draws of a model and lets its readers play with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kcalseq.report.promoterview import LEFT, UNIT, PromoterView, promoter_view
from kcalseq.report.statesview import WIDTH, StateView, state_views
from kcalseq.wording import words_list

PREDICTED = {"mean_bin": "mean bin", "log2_activity": "log2 of RNA per DNA", "value": "value"}
"""What the columns of ``predictions`` that a page can compute are called there."""


@dataclass(frozen=True)
class PlayView:
    """A model's drawings and, where the page can compute it, ``model``: what its scripts take."""

    promoter: PromoterView
    states: list[StateView]
    model: Mapping[str, Any] | None
    obstacle: str | None
    undetermined: str | None
    unit = UNIT
    left = LEFT
    states_width = WIDTH

    @property
    def conditions(self) -> list[str]:
        """Conditions of the fit."""
        return [str(one["condition"]) for one in self.model["numbers"]["experiments"]] if self.model else []

    @property
    def factors(self) -> list[str]:
        """Factors whose concentration can be changed: those of a model with states."""
        return [str(name) for name in self.model["numbers"]["factors"]] if self.model and self.states else []

    @property
    def sites(self) -> list[str]:
        """Names of the sites that have energies."""
        return [str(site["name"]) for site in self.model["numbers"]["sites"]] if self.model else []

    @property
    def length(self) -> int:
        """Bases of a sequence that the model takes."""
        return int(self.model["numbers"]["length"]) if self.model else 0

    @property
    def has_wildtype(self) -> bool:
        """Whether the model names a wild type."""
        return bool(self.model and self.model["numbers"]["wildtype"])

    @property
    def predicted(self) -> str:
        """What it predicts, in words."""
        return PREDICTED[self.model["numbers"]["experiments"][0]["curve"]["predicts"]] if self.model else ""


def play_view(fit: Mapping[str, Any], page_model: Mapping[str, Any] | None) -> PlayView:
    """Work out what there is to draw and to play with.

    Args:
        fit: the fit's record.
        page_model: content of page_model.json; None if there is none.
    """
    described = page_model or {
        "mutants": {},
        "wildtype_states": [],
        "obstacle": "it was not described",
        "numbers": None,
    }
    unknown = [str(one["parameter"]) for one in fit["not_identifiable"] if str(one["parameter"]).endswith(".mu")]
    return PlayView(
        promoter_view(fit, described["mutants"]),
        state_views(fit, described["wildtype_states"]),
        {"kt": described["kt"], "numbers": described["numbers"]} if described["numbers"] else None,
        described["obstacle"],
        words_list(unknown) if unknown and fit["states"] else None,
    )


def page_model_of(fit: Mapping[str, Any], page_models: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The description that belongs to a fit."""
    own = (one for one in page_models if (one["library"], one["model"]) == (fit["library"], fit["model"]))
    return next(own, None)
