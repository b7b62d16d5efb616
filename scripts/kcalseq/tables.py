"""Every table that crosses a floor: its columns, types, units, key and meaning. The one place that names them.

``definitions`` holds them floor by floor; ``tablefile`` reads, checks and writes them; ``docs/data-model.md`` is
generated from here. Keys are explicit columns: no data in column headers, nothing passed by position.
"""

from collections.abc import Mapping
from types import MappingProxyType

from kcalseq.columns import Table
from kcalseq.definitions import (
    activity,
    association,
    base_effects,
    counts,
    effects,
    export,
    figures,
    fluorescence,
    models,
    ratios,
    reads,
    report,
    uncertainty,
)
from kcalseq.definitions.activity import FOOTPRINT_CALLS
from kcalseq.definitions.common import BARCODE_CALLS, COUNT_FATES, FRACTIONS, READ_FATES, SETS
from kcalseq.definitions.fluorescence import FLUORESCENCE_FATES
from kcalseq.definitions.ratios import ACTIVITY_FATES

__all__ = [
    "ACTIVITY_FATES",
    "BARCODE_CALLS",
    "COUNT_FATES",
    "FLUORESCENCE_FATES",
    "FOOTPRINT_CALLS",
    "FRACTIONS",
    "READ_FATES",
    "SETS",
    "TABLES",
]

_FLOORS = (
    reads,
    association,
    counts,
    activity,
    ratios,
    effects,
    base_effects,
    fluorescence,
    models,
    uncertainty,
    export,
    figures,
    report,
)

TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for floor in _FLOORS for table in floor.TABLES})
