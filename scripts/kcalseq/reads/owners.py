"""Which sample a read belongs to, by its number in the keys."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from kcalseq.errors import KcalseqError
from kcalseq.reads.layout import Layout


class Sample(NamedTuple):
    """A sample and the library it belongs to."""

    name: str
    library: str


def samples_of(told: Any) -> dict[str, Sample] | Sample:
    """Samples as rules hand them to scripts: name and library of the one sample, or of the sample of each code."""
    return {code: Sample(*pair) for code, pair in told.items()} if hasattr(told, "items") else Sample(*told)


def codes_and_owners(
    run: str, layout: Layout, samples: Mapping[str, Sample] | Sample
) -> tuple[list[str], list[Sample]]:
    """Sample codes and their samples in one order, that of the key of the table ``observations``.

    Args:
        run: name of the run, for messages.
        layout: its layout.
        samples: sample of each code; or, where the layout has no sample code, the one sample.

    Raises:
        KcalseqError: codes where the layout has no place for them, or none where it has one.
    """
    if layout.sample_code is None and isinstance(samples, Sample):
        return [], [samples]
    if layout.sample_code is not None and not isinstance(samples, Sample):
        codes = sorted(samples, key=lambda code: (samples[code].library, samples[code].name))
        return codes, [samples[code] for code in codes]
    has, remedy = ("no", "remove the codes") if layout.sample_code is None else ("a", "give each sample its code")
    given = f"the one sample '{samples.name}'" if isinstance(samples, Sample) else "sample codes"
    raise KcalseqError(
        f"run '{run}'", f"it is given {given}, but {layout.name} has {has} sample_code part", "the two to agree", remedy
    )
