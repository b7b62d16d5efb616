"""Sample codes of a sheet, held against the layout that reads them; runs before any job, without numpy."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Protocol

from kcalseq.errors import KcalseqError, KcalseqErrors


class CodePart(Protocol):
    """What is asked of the layout's sample code part."""

    @property
    def name(self) -> str:
        """Its name in messages."""
        ...

    @property
    def min_length(self) -> int:
        """Bases of a code, in nt."""
        ...

    @property
    def max_mismatches(self) -> int:
        """Bases of it that may be misread."""
        ...


def check_sample_codes(codes: Mapping[str, str], part: CodePart | None, layout: str, where: str) -> None:
    """Check that the codes fit the layout and that no misread code can be taken for another.

    Args:
        codes: sample of each code.
        part: the layout's sample code; without one no codes are allowed.
        layout: the layout's name.
        where: what to call the codes in a message, for example ``config/samples.tsv``.

    Raises:
        KcalseqError: codes where the layout has no place for them or none where it has one, a code of the wrong
            length or with other letters than ACGT, or two codes within twice the allowed mismatches.
    """
    if part is None:
        if codes:
            found = f"there are sample codes ({', '.join(sorted(codes))})"
            raise KcalseqError(
                where, found, f"none, since {layout} has no sample_code part", "empty the column or add the part"
            )
        return
    if not codes:
        raise KcalseqError(
            where,
            "there are no sample codes",
            f"one a sample, for the part '{part.name}' of {layout}",
            "fill the column",
        )
    errors = [error for code, sample in codes.items() for error in _code_errors(code, sample, part, layout, where)]
    if not errors:
        errors = list(_pair_errors(codes, part, where))
    if errors:
        raise KcalseqErrors(errors)


def n_differences(first: str, second: str) -> int:
    """Number of places at which two sequences of one length differ.

    >>> n_differences("ACGT", "ACCA")
    2
    """
    return sum(a != b for a, b in zip(first, second, strict=True))


def _code_errors(code: str, sample: str, part: CodePart, layout: str, where: str) -> Iterator[KcalseqError]:
    place = f"{where} sample '{sample}', column 'sample_code'"
    if len(code) != part.min_length:
        found, expected = (
            f"the code '{code}' has {len(code)} letters",
            f"{part.min_length}, the length of '{part.name}' in {layout}",
        )
        yield KcalseqError(place, found, expected, "correct the code or the layout")
    if set(code) - set("ACGT"):
        yield KcalseqError(
            place, f"the code '{code}' has letters other than A, C, G, T", "upper-case DNA", "correct the code"
        )


def _pair_errors(codes: Mapping[str, str], part: CodePart, where: str) -> Iterator[KcalseqError]:
    needed = 2 * part.max_mismatches + 1
    for first, second in combinations(codes, 2):
        differences = n_differences(first, second)
        if differences < needed:
            yield KcalseqError(
                f"{where} samples '{codes[first]}' and '{codes[second]}', column 'sample_code'",
                f"their codes {first} and {second} differ at {differences} places",
                f"at least {needed}, so that a code with {part.max_mismatches} misread bases has one owner",
                "choose other codes or lower max_mismatches of the sample code",
            )
