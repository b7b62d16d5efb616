"""Addresses of files in object storage: ``s3://bucket/key`` where a sheet could name a path."""

import re
from importlib.util import find_spec

from kcalseq.errors import KcalseqError

PLUGINS = {"s3": "snakemake-storage-plugin-s3==0.3.6"}
"""What fetches the files of each scheme, as pip installs it."""
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_BUCKET = re.compile(r"[A-Za-z0-9._-]+")


def scheme_of(path: str) -> str:
    """Scheme of an address; empty where it is a path.

    >>> scheme_of("s3://reads/run17/R1.fastq.gz"), scheme_of("run17/R1.fastq.gz")
    ('s3', '')
    """
    found = _SCHEME.match(path)
    return found.group(1) if found else ""


def address_error(where: str, address: str) -> KcalseqError | None:
    """What is wrong with an address itself, or lacks for fetching it; None where nothing is or does.

    Args:
        where: the row that names it.
        address: the address.
    """
    scheme = scheme_of(address)
    if scheme not in PLUGINS:
        found, remedy = f"'{address}' is of the scheme '{scheme}'", "copy the file here and name the copy"
        return KcalseqError(where, found, "a path, or an address s3://bucket/key", remedy)
    bucket, _, key = address.removeprefix(f"{scheme}://").partition("/")
    if not _BUCKET.fullmatch(bucket) or {"", ".", ".."} & set(key.split("/")):
        found, remedy = f"'{address}' names no object", "write bucket and key as your storage lists them"
        return KcalseqError(where, found, "s3://bucket/key, no part of the key empty, '.' or '..'", remedy)
    if {"?", "#"} & set(key):
        found = f"'{address}' has a ? or #, behind which a key is not read"
        return KcalseqError(where, found, "an address without them", "copy the object to another key")
    plugin = PLUGINS[scheme]
    if find_spec(plugin.partition("==")[0].replace("-", "_")) is None:
        found = f"'{address}' lies in object storage, and Snakemake's plugin for it is not installed"
        return KcalseqError(where, found, "the plugin beside snakemake", f"pip install {plugin}")
    return None
