"""What a library's block of the configuration says of footprints."""

from typing import Any

from kcalseq.activity.footprint_rules import FootprintRules
from kcalseq.errors import KcalseqError
from kcalseq.yamlfile import Document


def read_footprints(document: Document, name: str) -> dict[str, Any]:
    """Read and check a library's rules of footprints, defaults filled in: keys of ``FootprintRules``.

    Args:
        document: the configuration.
        name: name of the library.

    Raises:
        KcalseqError: a window has no middle.
    """
    rules = vars(FootprintRules(**document.content["libraries"][name].get("footprints", {}))).copy()
    if rules["window"] % 2 == 0:
        where = document.where(("libraries", name, "footprints", "window"))
        raise KcalseqError(where, f"a window of {rules['window']} positions", "an odd number", "add or take one")
    return rules
