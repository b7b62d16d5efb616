"""Results of what the configuration no longer names: told at the start of each run, never part of the report."""

from collections.abc import Collection, Iterator
from pathlib import Path

from kcalseq.planning.contents import Plan
from kcalseq.planning.library import Library

_OF_GATES = ("sorted_fluorescence", "combined_fluorescence", "fluorescence_*")
_REMEDY = "The report leaves it out; remove it, or put back what it was made from."


def stale_results(plan: Plan) -> list[str]:
    """One sentence for each run, library, model or optional table in the results that the plan does not make.

    Earlier results are never removed here, since they may have taken days.
    """
    results = Path(plan.results)
    found = [*_folders(results / "runs", plan.runs, "run"), *_folders(results / "libraries", plan.libraries, "library")]
    for name, library in plan.libraries.items():
        folder = results / "libraries" / name
        found += _folders(folder / "models", library.models, f"model of library '{name}'")
        if not plan.gates(name):
            paths = sorted(path.as_posix() for part in _OF_GATES for path in folder.glob(f"{part}.*"))
            found += [
                f"{path} is stale: the sheet of samples no longer has gates of '{name}'. {_REMEDY}" for path in paths
            ]
        for file, key in _not_asked_for(plan, library):
            paths = sorted(path.as_posix() for path in folder.glob(file))
            found += [f"{path} is stale: the configuration no longer has '{key}'. {_REMEDY}" for path in paths]
    return found


def _folders(parent: Path, named: Collection[str], what: str) -> Iterator[str]:
    for path in sorted(parent.iterdir()) if parent.is_dir() else ():
        if path.is_dir() and path.name not in named:
            yield f"{path.as_posix()} is stale: no {what} has the name '{path.name}' any more. {_REMEDY}"


def _not_asked_for(plan: Plan, library: Library) -> Iterator[tuple[str, str]]:
    """Tables that a key of the configuration asks for and that it does not ask for now."""
    if not plan.bootstraps:
        yield "models/*/bootstraps.tsv", "fit: {bootstraps}"
    if not plan.folds:
        yield "models/*/cross_validation.tsv", "fit: {folds}"
    if library.predict is None:
        yield "models/*/predicted_sequences.tsv", f"libraries: {{{library.name}: {{predict}}}}"
    if library.effects is None:
        yield "variant_effects.tsv", f"libraries: {{{library.name}: {{effects}}}}"
    if library.effects is None or not library.effects.single_bases:
        for name in ("base_effects", "replicate_base_effects", "base_effect_agreement", "base_effect_drops"):
            yield f"{name}.tsv", f"libraries: {{{library.name}: {{effects: {{single_bases}}}}}}"
