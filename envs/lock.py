"""Print the name and version of every package in a report of pip: ``python lock.py REPORT``.

Neither addresses nor checksums: those of torch differ between its builds for CPUs and for GPUs, and pip takes checksums
for all packages or for none.
"""

import json
import sys
from pathlib import Path


def locked(report: Path) -> list[str]:
    """Lines ``name==version`` in order of the names, which are written as package indexes write them."""
    installed = json.loads(report.read_text(encoding="utf-8"))["install"]
    told = [(item["metadata"]["name"], item["metadata"]["version"]) for item in installed]
    names = {name.lower().replace("_", "-").replace(".", "-"): version.split("+")[0] for name, version in told}
    return [f"{name}=={version}" for name, version in sorted(names.items())]


if __name__ == "__main__":
    print("# Every package that requirements.txt and requirements-test.txt bring along, by `make lock`", end=" ")
    print("(Python 3.11, Linux, CPU).", *locked(Path(sys.argv[1])), sep="\n")
