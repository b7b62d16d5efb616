"""Whether reads that lie in object storage can be had, asked before any job starts."""

from collections.abc import Mapping
from typing import Protocol

from kcalseq.errors import KcalseqError, KcalseqErrors
from kcalseq.planning.contents import Plan


class StorageObject(Protocol):
    """What a plugin of Snakemake for a storage gives for an address."""

    def exists(self) -> bool:
        """Whether anything lies there."""

    def is_dir(self) -> bool:
        """Whether files lie below."""


def check_storage(plan: Plan, objects: Mapping[str, StorageObject]) -> None:
    """Ask the storage for every file that the plan names there.

    Args:
        plan: the plan.
        objects: what asks, by the addresses of the plan.

    Raises:
        KcalseqError: the storage gives no answer; only the first is told, since all are asked in one way.
        KcalseqErrors: files that are not there.
    """
    errors = []
    for address, where in plan.addresses().items():
        found = _fault(where, address, objects[address])
        if found:
            remedy = "correct the address, or copy the file there"
            errors.append(KcalseqError(where, found, "an object that is a file of reads", remedy))
    if errors:
        raise KcalseqErrors(errors)


def _fault(where: str, address: str, asked: StorageObject) -> str:
    try:
        if not asked.exists():
            return f"there is no object '{address}'"
        return f"'{address}' is a folder of objects" if asked.is_dir() else ""
    except Exception as error:  # each storage fails in ways of its own
        found = f"the storage gave no answer about '{address}' ({type(error).__name__}: {error})"
        remedy = "see in docs/cluster.md how to name credentials, region and endpoint, and whether the storage is up"
        raise KcalseqError(where, found, "leave to read and to list", remedy) from None
