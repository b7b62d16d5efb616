"""The one error a user should ever see: where, what was found, what was expected, what to do."""

import difflib
from collections.abc import Iterable

_MOST_LETTERS = 800  # of one clause: what is read by mistake can be one line of a megabyte
_MOST_ERRORS = 25
_MOST_CHOICES = 30


class KcalseqError(Exception):
    """Bad input, told so that a user can mend it without reading code.

    Args:
        where: file, row or line, column or key, for example ``config/runs.tsv row 7``.
        found: what is there, as a clause: ``sample 'lac_rna_2' is not in samples.tsv``.
        expected: what should be there instead, as a noun phrase.
        remedy: the next step for the user, as a sentence without a full stop.

    >>> print(KcalseqError("runs.tsv row 7", "no FASTQ named", "a path", "name the file"))
    runs.tsv row 7: no FASTQ named; expected a path. Remedy: name the file.
    """

    def __init__(self, where: str, found: str, expected: str, remedy: str) -> None:
        self.where, self.found, self.expected, self.remedy = map(_shortened, (where, found, expected, remedy))
        super().__init__(f"{self.where}: {self.found}; expected {self.expected}. Remedy: {self.remedy.rstrip('.')}.")


class KcalseqErrors(KcalseqError):
    """Several independent complaints about one set of inputs, told together.

    Args:
        errors: at least one error, in the order in which the user should read them; of very many the first are told.
    """

    def __init__(self, errors: list[KcalseqError]) -> None:
        self.errors = errors
        first = errors[0]
        super().__init__(first.where, first.found, first.expected, first.remedy)
        more = [f"... and {len(errors) - _MOST_ERRORS} more like these"] if len(errors) > _MOST_ERRORS else []
        self.args = ("\n".join([*(str(error) for error in errors[:_MOST_ERRORS]), *more]),)


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Suggest the nearest allowed word, else list what is allowed.

    >>> did_you_mean("lenght", ["length", "name"])
    "did you mean 'length'?"
    >>> did_you_mean("zzz", ["b", "a"])
    'allowed: a, b'
    """
    options = sorted(str(choice) for choice in choices)
    near = difflib.get_close_matches(word[:_MOST_LETTERS], options, n=1, cutoff=0.6)
    others = f", ... ({len(options)} in all)" if len(options) > _MOST_CHOICES else ""
    return f"did you mean '{near[0]}'?" if near else f"allowed: {', '.join(options[:_MOST_CHOICES])}{others}"


def _shortened(clause: str) -> str:
    return clause if len(clause) <= _MOST_LETTERS else f"{clause[: _MOST_LETTERS - 100]} ... {clause[-100:]}"
