"""Unpack a wheel into a tree as it would lie in a conda environment, and read what it depends on."""

import configparser
import re
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_DATA = re.compile(r"[^/]+\.data/(\w+)/(.*)")
_LAUNCHER = "#!{placeholder}/bin/python\nimport sys\nfrom {module} import {first}\nsys.exit({function}())\n"


class Dependency(NamedTuple):
    """A package that a wheel needs on this machine, and the versions it takes, as ``>=2,<3``."""

    name: str
    versions: str


class WheelContent(NamedTuple):
    """What a wheel is, and which of its unpacked files hold the placeholder."""

    name: str
    version: str
    dependencies: list[Dependency]
    prefixed: set[str]


def unpack_wheel(wheel: Path, root: Path, site_packages: str, placeholder: str) -> WheelContent:
    """Unpack a wheel below ``root``.

    Args:
        wheel: a .whl file.
        root: an empty folder that stands for the environment.
        site_packages: where Python's packages lie in it.
        placeholder: text that stands for the environment's path in the first lines of its programs.
    """
    prefixed: set[str] = set()
    told: dict[str, str] = {}
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            place = None if member.is_dir() else _place(member.filename, site_packages)
            if place is None:
                continue
            data = archive.read(member)
            if place.startswith("bin/") and data.startswith(b"#!python"):
                data = b"#!" + placeholder.encode() + b"/bin/python" + data[data.index(b"\n") :]
                prefixed.add(place)
            target = root / place
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            if place.startswith("bin/") or (member.external_attr >> 16) & 0o111:
                target.chmod(0o755)
            folder, _, name = member.filename.rpartition("/")
            # One level deep only: a wheel may carry others, with their own metadata, inside.
            if folder.endswith(".dist-info") and "/" not in folder and name in ("METADATA", "entry_points.txt"):
                told[name] = data.decode()
    prefixed |= _write_launchers(told.get("entry_points.txt", ""), root, placeholder)
    metadata = Parser().parsestr(told["METADATA"])
    # A local version, as in 2.13.0+cpu, names a build, which conda keeps out of the version.
    version = metadata["Version"].split("+")[0]
    return WheelContent(canonicalize_name(metadata["Name"]), version, _dependencies(metadata), prefixed)


def _place(filename: str, site_packages: str) -> str | None:
    """Where a member of a wheel goes; None for C headers, which nobody compiles against here."""
    match = _DATA.fullmatch(filename)
    if match is None:
        return f"{site_packages}/{filename}"
    kind, rest = match.groups()
    return {
        "purelib": f"{site_packages}/{rest}",
        "platlib": f"{site_packages}/{rest}",
        "scripts": f"bin/{rest}",
        "data": rest,
    }.get(kind)


def _write_launchers(entry_points: str, root: Path, placeholder: str) -> set[str]:
    """Write the programs that a wheel announces, and return their paths."""
    parser = configparser.ConfigParser(delimiters="=")
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names of programs keep their case
    parser.read_string(entry_points)
    written = set()
    for name, target in parser["console_scripts"].items() if parser.has_section("console_scripts") else ():
        module, function = target.split("[")[0].strip().split(":")
        launcher = root / "bin" / name
        launcher.parent.mkdir(exist_ok=True)
        first = function.split(".")[0]
        launcher.write_text(
            _LAUNCHER.format(placeholder=placeholder, module=module, first=first, function=function), encoding="utf-8"
        )
        launcher.chmod(0o755)
        written.add(f"bin/{name}")
    return written


def _dependencies(metadata: Message) -> list[Dependency]:
    found = []
    for text in metadata.get_all("Requires-Dist", []):
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            versions = ",".join(f"{part.operator}{part.version}" for part in requirement.specifier)
            found.append(Dependency(canonicalize_name(requirement.name), versions))
    return found
