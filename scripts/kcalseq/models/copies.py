"""Copies of a site: the same protein at another place, with the energies and the chemical potential of the original."""

from collections.abc import Iterator, Mapping
from typing import Any

from kcalseq.errors import KcalseqError, did_you_mean
from kcalseq.models.registers import is_scanned
from kcalseq.yamlfile import Document

# What a copy says itself; everything else it takes from its original.
_OWN_KEYS = ("copy_of", "start", "strand")


def originals(sites: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The sites of a model's YAML that are no copies."""
    return {name: site for name, site in sites.items() if "copy_of" not in site}


def written_out(sites: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The sites of a model's YAML, each copy with what it takes from its original.

    Published energies are a prior on the original's, so a copy has none.

    >>> written_out({"A": {"start": 2, "length": 4}, "B": {"copy_of": "A", "start": 9}})["B"]
    {'start': 9, 'length': 4, 'copy_of': 'A'}
    """
    taken = {name: {key: value for key, value in site.items() if key != "published"} for name, site in sites.items()}
    return {name: {**taken[site["copy_of"]], **site} if "copy_of" in site else site for name, site in sites.items()}


def copy_errors(document: Document, content: dict[str, Any]) -> Iterator[KcalseqError]:
    """Complaints about copies of sites, for a model that has passed its schema."""
    for name, site in content["sites"].items():
        if "copy_of" in site:
            yield from _errors(document, content, name, site)
        elif "strand" in site:
            found, remedy = f"site '{name}' has a strand and is no copy", "remove strand: only a copy may be turned"
            yield KcalseqError(document.where(("sites", name, "strand")), found, "copies with a strand", remedy)


def _errors(document: Document, content: dict[str, Any], name: str, site: dict[str, Any]) -> Iterator[KcalseqError]:
    def error(key: str, found: str, expected: str, remedy: str) -> KcalseqError:
        return KcalseqError(document.where(("sites", name, key)), found, expected, remedy)

    sites, length, of = content["sites"], content["sequence"]["length"], site["copy_of"]
    for key in (key for key in site if key not in _OWN_KEYS):
        expected, remedy = f"what its original '{of}' says", f"remove {key}, or remove copy_of"
        yield error(key, f"the copy '{name}' has {key} of its own", expected, remedy)
    if not isinstance(site["start"], int):
        yield error("start", f"the copy '{name}' may start anywhere in a range", "one start", "write its first base")
    if of not in sites:
        yield error("copy_of", f"'{of}' is no site", "a site of this model", did_you_mean(of, originals(sites)))
        return
    original = sites[of]
    if "copy_of" in original:
        yield error("copy_of", f"'{of}' is a copy itself", "a site with energies of its own", "name its original")
    elif is_scanned(original):
        found, remedy = f"'{name}' is a copy of '{of}', which is scanned", "scan one site over all places"
        yield error("copy_of", found, "a site at one fixed place", remedy)
    elif isinstance(site["start"], int) and site["start"] + original.get("length", 1) > length:
        stop = site["start"] + original.get("length", 1)
        found = f"site '{name}' covers positions {site['start']} to {stop - 1}"
        yield error("start", found, f"positions within 0 to {length - 1}", "correct its start")
