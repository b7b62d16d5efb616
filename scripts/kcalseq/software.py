"""Versions of what a run runs on, for its record. Needs only what Snakemake itself brings."""

import platform
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import yaml


def versions(top: Path, own_environments: bool, models_environment: str) -> dict[str, str]:
    """Versions by name: kcalseq, Snakemake, Python, and the packages that the steps import.

    Args:
        top: folder of the Snakefile.
        own_environments: whether each step runs in an environment of its own, whose file then tells the versions; else
            they are those of the running Python.
        models_environment: that of the steps that fit, ``models`` or its variant for GPUs; the other is left out.
    """
    project = tomllib.loads((top / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = {"kcalseq": project["version"], "snakemake": version("snakemake")}
    if own_environments:
        used = [path for path in (top / "envs").glob("*.yaml") if not path.stem.startswith("models")]
        for path in sorted([*used, top / "envs" / f"{models_environment}.yaml"]):
            lines = yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]
            found |= {name.strip(): pin.strip() for name, pin in (line.split("=") for line in lines)}
        return found
    names = [line.split(">")[0] for line in project["dependencies"]]
    return found | {"python": platform.python_version()} | {name: text for name in names if (text := _installed(name))}


def _installed(name: str) -> str:
    # A build, as in 2.13.0+cpu, belongs to the version here: another build may compute another last digit.
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
