"""Build a small conda channel from wheels and the running Python, so that conda environments can be tested offline.

Usage: ``python build_channel.py CHANNEL WHEEL...`` fills CHANNEL/linux-64 with one .conda package per wheel and one
for Python itself, and writes the index that a conda solver reads. It shows that names and pins in envs/ can be
solved and that each environment holds what its steps need; it does not show that conda-forge has the same builds.
"""

import csv
import hashlib
import io
import json
import os
import shutil
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zstandard
from wheel_content import Dependency, WheelContent, unpack_wheel

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
PYTHON_FULL = ".".join(map(str, sys.version_info[:3]))
SITE_PACKAGES = f"lib/python{PYTHON}/site-packages"
# Stands in scripts for the environment's own path; the installer puts that path in its place. It must be long,
# since an installer may refuse a path longer than the placeholder.
PLACEHOLDER = "/placeholder" + "_placeholder" * 20
NAMES = Path(__file__).resolve().parents[2] / "package_names.tsv"
_NOT_NEEDED = ("site-packages", "dist-packages", "__pycache__", "test", "tests", "idlelib", "turtledemo", "*.a")


def conda_names() -> dict[str, str]:
    """Name on conda-forge of each package on the Python package index whose two names are told in the table."""
    with NAMES.open(encoding="utf-8", newline="") as lines:
        return {row["pypi"]: row["conda"] for row in csv.DictReader(lines, delimiter="\t")}


def pack(root: Path, prefixed: set[str], index: dict[str, Any], folder: Path) -> None:
    """Write the tree below ``root`` as one .conda file: a zip that holds two zstd-packed tar files.

    Args:
        root: tree as it will lie in an environment.
        prefixed: files in it that hold the placeholder.
        index: name, version and dependencies.
        folder: where to write.
    """
    paths = [
        _path_entry(root, path, prefixed) for path in sorted(root.rglob("*")) if path.is_symlink() or path.is_file()
    ]
    described = {
        "info/index.json": index,
        "info/paths.json": {"paths": paths, "paths_version": 1},
        "info/about.json": {},
    }
    stem = f"{index['name']}-{index['version']}-{index['build']}"

    def add_content(tar: tarfile.TarFile) -> None:
        for entry in paths:
            tar.add(root / entry["_path"], arcname=entry["_path"], recursive=False)

    def add_description(tar: tarfile.TarFile) -> None:
        for name, content in described.items():
            data = json.dumps(content).encode()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))

    with zipfile.ZipFile(folder / f"{stem}.conda", "w", zipfile.ZIP_STORED) as package:
        package.writestr("metadata.json", json.dumps({"conda_pkg_format_version": 2}))
        package.writestr(f"pkg-{stem}.tar.zst", _packed_tar(add_content))
        package.writestr(f"info-{stem}.tar.zst", _packed_tar(add_description))


def _path_entry(root: Path, path: Path, prefixed: set[str]) -> dict[str, Any]:
    relative = path.relative_to(root).as_posix()
    if path.is_symlink():
        return {"_path": relative, "path_type": "softlink"}
    content = path.read_bytes()
    entry = {
        "_path": relative,
        "path_type": "hardlink",
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_in_bytes": len(content),
    }
    if relative in prefixed:
        entry |= {"file_mode": "text", "prefix_placeholder": PLACEHOLDER}
    return entry


def _packed_tar(add: Callable[[tarfile.TarFile], None]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        add(tar)
    return zstandard.ZstdCompressor(level=1, threads=-1).compress(buffer.getvalue())


def index_entry(name: str, version: str, depends: list[str]) -> dict[str, Any]:
    """What the solver must know of a package."""
    return {
        "name": name,
        "version": version,
        "build": "0",
        "build_number": 0,
        "subdir": "linux-64",
        "arch": "x86_64",
        "platform": "linux",
        "depends": depends,
    }


def pack_python(folder: Path) -> None:
    """Package the running Python with its standard library."""
    prefix = Path(sys.base_prefix)
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        (root / "bin").mkdir()
        shutil.copy2(prefix / "bin" / f"python{PYTHON}", root / "bin" / f"python{PYTHON}")
        for name in ("python", "python3"):
            os.symlink(f"python{PYTHON}", root / "bin" / name)
        library = root / "lib" / f"python{PYTHON}"
        ignored = shutil.ignore_patterns(*_NOT_NEEDED)
        shutil.copytree(prefix / "lib" / f"python{PYTHON}", library, symlinks=True, ignore=ignored)
        (root / SITE_PACKAGES).mkdir(exist_ok=True)
        (root / SITE_PACKAGES / "README.txt").write_text("A channel for tests.\n", encoding="utf-8")
        # Debian's Python looks in dist-packages unless it stands in a virtual environment.
        os.symlink("site-packages", library / "dist-packages")
        pack(root, set(), index_entry("python", PYTHON_FULL, []), folder)


def pack_wheel(wheel: Path, names: dict[str, str], folder: Path) -> None:
    """Package one wheel under its conda-forge name, its dependencies likewise."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        content = unpack_wheel(wheel, root, SITE_PACKAGES, PLACEHOLDER)
        pack(root, content.prefixed, _wheel_entry(content, names), folder)


def _wheel_entry(content: WheelContent, names: dict[str, str]) -> dict[str, Any]:
    def depend(dependency: Dependency) -> str:
        return f"{names.get(dependency.name, dependency.name)} {dependency.versions}".strip()

    python = f"python >={PYTHON},<{sys.version_info.major}.{sys.version_info.minor + 1}.0a0"
    depends = [python, *map(depend, content.dependencies)]
    return index_entry(names.get(content.name, content.name), content.version, depends)


def pack_meta(name: str, other: str, folder: Path) -> None:
    """Package nothing but a wish for the same version of another package, as conda-forge's pytorch-gpu does."""
    for path in sorted(folder.glob(f"{other}-*.conda")):
        version = path.name.removeprefix(f"{other}-").split("-")[0]
        with tempfile.TemporaryDirectory() as scratch:
            root = Path(scratch)
            (root / "share").mkdir()
            (root / "share" / name).write_text(f"{other} {version}\n", encoding="utf-8")
            pack(root, set(), index_entry(name, version, [f"{other} =={version}"]), folder)


def write_index(channel: Path) -> None:
    """Write repodata.json, the list of packages that a solver reads, for both of the channel's folders."""
    for subdir in ("linux-64", "noarch"):
        folder = channel / subdir
        folder.mkdir(exist_ok=True)
        packages = {path.name: _repodata_entry(path) for path in sorted(folder.glob("*.conda"))}
        repodata = {"info": {"subdir": subdir}, "packages": {}, "packages.conda": packages, "repodata_version": 1}
        (folder / "repodata.json").write_text(json.dumps(repodata), encoding="utf-8")


def _repodata_entry(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    with zipfile.ZipFile(path) as package:
        name = next(name for name in package.namelist() if name.startswith("info-"))
        unpacked = zstandard.ZstdDecompressor().decompress(package.read(name), max_output_size=1 << 28)
    with tarfile.open(fileobj=io.BytesIO(unpacked)) as tar:
        member = tar.extractfile("info/index.json")
        assert member is not None
        entry: dict[str, Any] = json.load(member)
    digests = {"sha256": hashlib.sha256(content).hexdigest(), "md5": hashlib.md5(content).hexdigest()}
    return entry | digests | {"size": len(content)}


def main(channel: Path, wheels: list[Path]) -> None:
    """Fill the channel."""
    folder = channel / "linux-64"
    folder.mkdir(parents=True, exist_ok=True)
    names = conda_names()
    pack_python(folder)
    for wheel in wheels:
        pack_wheel(wheel, names, folder)
    pack_meta("pytorch-gpu", "pytorch", folder)
    write_index(channel)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(argument) for argument in sys.argv[2:]])
