"""Checks of a scanned site that a schema cannot express."""

from collections.abc import Iterator
from typing import Any

from kcalseq.errors import KcalseqError
from kcalseq.models.registers import is_scanned, registers, scan_of
from kcalseq.yamlfile import Document

# Each adds an energy of its own to every variant at every step of a fit.
MOST_REGISTERS = 2000


def scan_errors(document: Document, name: str, site: dict[str, Any], sequence_length: int) -> Iterator[KcalseqError]:
    """Complaints about the blocks, starts, spacers and strands of a site.

    Of a site with one fixed position it checks that no key is missing or too many; ``speccheck`` checks that it fits.

    Args:
        document: the model's YAML, for lines.
        name: of the site.
        site: its content, which has passed the schema.
        sequence_length: length of every variant, nt.
    """
    errors = [*_key_errors(document, name, site), *_value_errors(document, name, site)]
    yield from errors
    if not errors and is_scanned(site):
        yield from _fit_errors(document, name, site, sequence_length)


def _key_errors(document: Document, name: str, site: dict[str, Any]) -> Iterator[KcalseqError]:
    def error(key: str, found: str, expected: str, remedy: str) -> KcalseqError:
        place = ("sites", name, key) if key in site else ("sites", name)
        return KcalseqError(document.where(place), f"site '{name}' {found}", expected, remedy)

    if "length" in site and "blocks" in site:
        yield error("blocks", "has a length and blocks", "one of the two", "remove length: blocks say it already")
    if "length" not in site and "blocks" not in site:
        yield error("length", "has neither length nor blocks", "one of the two", "add 'length:'")
    if "blocks" in site and "spacers" not in site:
        yield error(
            "blocks", "has two blocks and no spacers", "the spacers between them", "add 'spacers: [16, 17, 18]'"
        )
    for key in ("spacers", "reference_spacer"):
        if key in site and "blocks" not in site:
            yield error(key, f"has {key} and no blocks", "two blocks", f"add 'blocks:' or remove {key}")
    if len(site.get("spacers", ())) > 1 and "reference_spacer" not in site:
        spacers = _listed(site["spacers"])
        yield error("spacers", "has no reference_spacer", f"one of its spacers, {spacers}", "add 'reference_spacer:'")
    energies = site.get("energies", "matrix")
    if energies != "matrix" and is_scanned(site):
        remedy = "remove energies, or fix the site's position"
        yield error("energies", f"is scanned and has energies: {energies}", "energies: matrix", remedy)


def _value_errors(document: Document, name: str, site: dict[str, Any]) -> Iterator[KcalseqError]:
    start, spacers, reference = site["start"], site.get("spacers", []), site.get("reference_spacer")
    if not isinstance(start, int) and start[0] > start[1]:
        found = f"site '{name}' may start from {start[0]} to {start[1]}"
        where = document.where(("sites", name, "start"))
        yield KcalseqError(where, found, "first start, last start", f"write [{start[1]}, {start[0]}]")
    repeated = sorted({spacer for spacer in spacers if spacers.count(spacer) > 1})
    if repeated:
        found = f"site '{name}' has the spacer {_listed(repeated)} more than once"
        where = document.where(("sites", name, "spacers"))
        yield KcalseqError(where, found, "each spacer once", "remove the repetition")
    if reference is not None and spacers and reference not in spacers:
        where = document.where(("sites", name, "reference_spacer"))
        found, remedy = f"the reference spacer {reference} is none of them", "correct reference_spacer or spacers"
        yield KcalseqError(where, found, f"one of the spacers of site '{name}', {_listed(spacers)}", remedy)


def _fit_errors(document: Document, name: str, site: dict[str, Any], sequence_length: int) -> Iterator[KcalseqError]:
    shortest = site["length"] if "length" in site else sum(site["blocks"]) + min(site["spacers"])
    last = site["start"] if isinstance(site["start"], int) else site["start"][1]
    if shortest > sequence_length:
        key, remedy = ("spacers" if "spacers" in site else "length"), "shorten the site or correct the variants' length"
        found = f"site '{name}' covers at least {shortest} positions"
        where = document.where(("sites", name, key))
        yield KcalseqError(where, found, f"at most {sequence_length}, the length of every variant", remedy)
        return
    if last + shortest > sequence_length:
        found = f"site '{name}' started at {last} would end at {last + shortest - 1}"
        expected = f"positions within 0 to {sequence_length - 1}, so a start of at most {sequence_length - shortest}"
        yield KcalseqError(document.where(("sites", name, "start")), found, expected, "correct start or length")
        return
    scan = scan_of(site)
    fitting = registers(scan, sequence_length)
    lost = [spacer for spacer in scan.spacers if spacer not in {register.spacer for register in fitting}]
    if lost:
        found = f"site '{name}' fits at no start with a spacer of {_listed(lost)}"
        expected = f"spacers that fit into {sequence_length} positions from start {scan.starts[0]}"
        yield KcalseqError(document.where(("sites", name, "spacers")), found, expected, "remove them or start earlier")
    if len(fitting) > MOST_REGISTERS:
        found = f"site '{name}' has {len(fitting)} registers (starts x spacers x strands)"
        where = document.where(("sites", name))
        yield KcalseqError(where, found, f"at most {MOST_REGISTERS}", "allow fewer starts or spacers")


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))
