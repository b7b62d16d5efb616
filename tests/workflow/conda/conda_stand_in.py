"""Stands in for the program ``conda``: the calls that Snakemake makes of it, on py-rattler and local channels.

py-rattler is conda's own solver and installer as a library. Channels are looked up as folders below
CONDA_STAND_IN_CHANNELS, packages are unpacked once into CONDA_STAND_IN_CACHE. Options other than those below are
refused, so that a change of Snakemake's calls shows.
"""

import asyncio
import json
import os
import sys
from itertools import pairwise
from pathlib import Path

import rattler
import yaml

_BASE = Path(__file__).resolve().parent
_VERSION = "26.7.0"


async def create_environment(file: Path, prefix: str) -> None:
    """Solve an environment file against the local channels and install it."""
    wanted = yaml.safe_load(file.read_text(encoding="utf-8"))
    channels = [
        rattler.Channel((Path(os.environ["CONDA_STAND_IN_CHANNELS"]) / name).as_uri()) for name in wanted["channels"]
    ]
    virtual = rattler.VirtualPackage.detect()
    records = await rattler.solve(
        channels, wanted["dependencies"], platforms=["linux-64", "noarch"], virtual_packages=virtual
    )
    await rattler.install(
        records, target_prefix=prefix, show_progress=False, cache_dir=Path(os.environ["CONDA_STAND_IN_CACHE"])
    )


def main(arguments: list[str]) -> None:
    """Answer one call."""
    if arguments == ["--version"]:
        print("conda", _VERSION)
    elif arguments[:2] == ["info", "--json"]:
        print(json.dumps({"conda_prefix": str(_BASE), "platform": "linux-64"}))
    elif arguments[:2] == ["config", "--get"]:
        print(json.dumps({"get": {"channel_priority": "strict"}}))
    elif arguments[:2] == ["env", "create"]:
        options = dict(pairwise(arguments))
        asyncio.run(create_environment(Path(options["--file"]), options["--prefix"]))
        # The library's threads outlive the call, and one in ten normal exits dies of a segmentation fault in them.
        os._exit(0)
    elif arguments[:1] != ["clean"]:
        sys.exit(f"conda stand-in: no answer to {' '.join(arguments)}")


if __name__ == "__main__":
    main(sys.argv[1:])
