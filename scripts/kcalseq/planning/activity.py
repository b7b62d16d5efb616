"""What a library's block of the configuration says of activities from DNA and RNA counts."""

from pathlib import Path
from typing import Any

from kcalseq.activity.controlnames import compiled, find_controls, read_control_names
from kcalseq.activity.settings import Settings
from kcalseq.association.design import Design
from kcalseq.errors import KcalseqError
from kcalseq.yamlfile import Document


def read_activity(document: Document, name: str, design: Design | None) -> dict[str, Any]:
    """Read and check a library's rules of activity, defaults filled in: keys of ``activity.settings.Settings``.

    Args:
        document: the configuration.
        name: name of the library.
        design: its designed variants, if they are known.

    Raises:
        KcalseqError: the list of negative controls cannot be read, the pattern is none, or no variant is a control.
    """
    block = document.content["libraries"][name].get("activity", {})
    rules = vars(Settings(**block)).copy()
    where = document.where(("libraries", name, "activity")) if block else name
    file, pattern = rules["controls_file"], rules["controls_pattern"]
    if file and not Path(file).is_file():
        found = f"the list of negative controls '{file}' is no file"
        raise KcalseqError(where, found, "a text file with one name of a variant a line", "correct the path")
    if file:
        read_control_names(file)
    if pattern:
        compiled(pattern, where)
    # Molecules with mutations of their own have names that no design holds.
    mutants = document.content["libraries"][name].get("association", {}).get("mutated") == "own_variant"
    if design is not None and not mutants:
        find_controls(design.names, file, pattern, where)
    return rules
