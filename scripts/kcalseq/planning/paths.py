"""Paths that Snakemake would take for something else, or hand to a shell.

It looks for wildcards between braces, and writes the inputs of a job into the command that it submits to a cluster, in
double quotes: what a shell reads there, a file's name must not hold.
"""

import re
from collections.abc import Iterator
from typing import Any

from kcalseq.addresses import scheme_of
from kcalseq.errors import KcalseqError
from kcalseq.planning.contents import Plan
from kcalseq.reads.layout import SLOTS
from kcalseq.yamlfile import Document, KeyPath

# What is no path.
_TEXTS = ("description", "controls_pattern", "reference")
# An image that Snakemake fetches, and a licence that may be named by its address.
_NOT_OPENED = ("container", "record")
_REFUSED = re.compile(r'[{}$`"\\\x00-\x1f\x7f]')


def path_errors(plan: Plan, document: Document) -> Iterator[KcalseqError]:
    """Paths of the configuration, of layouts and of the sheet of runs with braces or with what a shell reads."""
    for where, path in [*_of_config(document, (), document.content), *_of_layouts(plan), *_of_runs(plan)]:
        letter = _REFUSED.search(path)
        if letter is not None:
            found = f"the letter {letter.group()!r} in the path '{path}'"
            expected = "a path without braces, $, backticks, double quotes, backslashes and control characters"
            yield KcalseqError(where, found, expected, "rename the file")


def address_errors(document: Document) -> Iterator[KcalseqError]:
    """Addresses where the configuration names files, which are read before Snakemake could fetch them."""
    content = {key: value for key, value in document.content.items() if key not in _NOT_OPENED}
    for where, path in _of_config(document, (), content):
        if scheme_of(path):
            expected = "a file on this machine; of reads alone, in runs.tsv, the address may be named"
            yield KcalseqError(where, f"'{path}' is an address", expected, "copy the file here and name the copy")


def _of_config(document: Document, key: KeyPath, content: Any) -> Iterator[tuple[str, str]]:
    if isinstance(content, dict):
        for name, value in content.items():
            if name not in _TEXTS:
                yield from _of_config(document, (*key, name), value)
    elif isinstance(content, list):
        for number, value in enumerate(content):
            yield from _of_config(document, (*key, number), value)
    elif isinstance(content, str):
        yield document.where(key), content


def _of_layouts(plan: Plan) -> Iterator[tuple[str, str]]:
    for library in plan.libraries.values():
        if library.layout is not None:
            yield f"{library.assay}: its whitelist", library.layout.whitelist or ""


def _of_runs(plan: Plan) -> Iterator[tuple[str, str]]:
    for number, row in enumerate(plan.runs.values(), start=1):
        for slot in SLOTS:
            yield f"{plan.runs_sheet} row {number}", row.get(slot, "")
