"""A small copy of the project in a folder of its own, and Snakemake run in it as a user runs it."""

import gzip
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

REPOSITORY = Path(__file__).resolve().parents[2]
PARTS = ("config", "profiles")
OWN_CODE = ("Snakefile", "pyproject.toml", "workflow", "scripts", "envs")
SNAKEMAKE = (sys.executable, "-m", "snakemake")
N_READS = 2000
# They hold measured times.
_MEASURED = {"fit_timing.tsv", "summary.tsv", "report.html"}
_CHANGED_CODE = re.compile(r"params have changed since last execution:\n +(.*)")


@dataclass(frozen=True)
class Outcome:
    """How a call of Snakemake ended."""

    code: int
    text: str

    def jobs(self) -> dict[str, int]:
        """Number of jobs of each rule, from the table of job counts."""
        table = self.text.split("Job stats:")[1].split("\n\n")[0] if "Job stats:" in self.text else ""
        rows = re.findall(r"^(\w+) +(\d+)$", table, flags=re.MULTILINE)
        return {rule: int(count) for rule, count in rows if rule != "total"}

    def lines(self) -> list[str]:
        """Messages of the jobs listed, each with its reason."""
        return [" ".join(pair) for pair in re.findall(r"^Job \d+: (.*)\nReason: (.*)$", self.text, flags=re.MULTILINE)]

    def rules_with_changed_code(self) -> set[str]:
        """Rules that a dry run would repeat because a parameter, such as the digest of their code, changed."""
        return {rule for names in _CHANGED_CODE.findall(self.text) for rule in names.split(", ")}


class Project:
    """A copy of the project."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def snakemake(self, *arguments: str, **environment: str) -> Outcome:
        """Run Snakemake in the copy, with these variables in its environment."""
        # A copy without code runs that of the repository, whose compiled loops are there already.
        own = (self.root / "Snakefile").exists() or "--snakefile" in arguments
        code = [] if own else ["--snakefile", str(REPOSITORY / "Snakefile")]
        command = [*SNAKEMAKE, *code, *arguments]
        done = subprocess.run(
            command,
            cwd=self.root,
            env={**offline(), **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=280,
        )
        return Outcome(done.returncode, done.stdout + done.stderr)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a piece of text that must stand in a file."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path}"
        (self.root / path).write_text(text.replace(old, new), encoding="utf-8")


def offline() -> dict[str, str]:
    """An environment in which every Python is refused the network: nothing may need it at run time."""
    paths = [str(Path(__file__).parent / "no_network"), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}


def copy_project(root: Path, n_reads: int = N_READS, own_code: bool = False) -> Project:
    """Copy the project with the first reads of each lac run and one start a fit; its code only to be changed there."""
    for part in PARTS + OWN_CODE * own_code:
        source = REPOSITORY / part
        if source.is_dir():
            shutil.copytree(source, root / part, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            root.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, root / part)
    shutil.copytree(REPOSITORY / "resources/mpra_simulated", root / "resources/mpra_simulated")
    target = root / "resources" / "lac"
    target.mkdir(parents=True)
    shutil.copy2(REPOSITORY / "resources/lac/split.tsv.gz", target)
    for run in ("run1", "run2"):
        with gzip.open(REPOSITORY / f"resources/lac/{run}.fastq.gz", "rt") as file:
            lines = [next(file) for _ in range(4 * n_reads)]
        # Without the time in the file: the record of a run holds its checksum.
        (target / f"{run}.fastq.gz").write_bytes(gzip.compress("".join(lines).encode(), 1, mtime=0))
    project = Project(root)
    project.edit("config/config.yaml", "starts: 4", "starts: 1")
    return project


def results(root: Path) -> dict[str, bytes]:
    """All results in a folder but those that hold measured times."""
    paths = [path for path in (root / "results").rglob("*") if path.is_file() and path.name not in _MEASURED]
    return {str(path.relative_to(root)): path.read_bytes() for path in paths}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A fresh small copy."""
    return copy_project(tmp_path / "project")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A small copy that has been run to its end once; tests must leave it as they found it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # made by whichever process needs it first
        folder = folder.parent
    root, ended = folder / "finished" / "project", folder / "finished" / "ended"
    with FileLock(folder / "finished.lock"):
        if not ended.exists():
            shutil.rmtree(root, ignore_errors=True)
            outcome = copy_project(root, own_code=True).snakemake("--cores", "2")
            assert outcome.code == 0, outcome.text[-3000:]
            ended.touch()
    return Project(root)


@pytest.fixture
def finished_copy(finished: Project, tmp_path: Path) -> Callable[[], Project]:
    """Makes copies of the finished project, times of files kept, to be changed at will."""

    def make() -> Project:
        shutil.copytree(finished.root, tmp_path / "copy", symlinks=True)
        return Project(tmp_path / "copy")

    return make
