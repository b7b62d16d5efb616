"""What a library's block of the configuration says of places on a genome."""

from typing import Any

from kcalseq.association.design import Design
from kcalseq.errors import KcalseqError
from kcalseq.export.coordinates import check_coordinates, read_coordinates
from kcalseq.yamlfile import Document


def read_genome(document: Document, name: str, design: Design | None) -> str:
    """Read and check the BED file of a library's variants; empty where there is none.

    Raises:
        KcalseqError: the file is faulty, its names or intervals are not those of the design, or nothing would use it.
    """
    item: dict[str, Any] = document.content["libraries"][name]
    if "genome" not in item:
        return ""
    path: str = item["genome"]["elements"]
    places = read_coordinates(path)
    # Molecules with mutations of their own have names that no design holds.
    if design is not None and item.get("association", {}).get("mutated") != "own_variant":
        check_coordinates(path, places, dict(zip(design.names, design.sequences, strict=True)))
    controls = {"controls_file", "controls_pattern"} & item.get("activity", {}).keys()
    if "effects" not in item and not controls:
        where = document.where(("libraries", name, "genome"))
        found = "places on a genome, but neither effects nor negative controls, so no file would hold them"
        raise KcalseqError(where, found, "'effects:' or 'activity: {controls_pattern: ...}' beside it", "add one")
    return path
