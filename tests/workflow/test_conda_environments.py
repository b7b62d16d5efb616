"""Each step runs in its own conda environment, and that environment holds all that the step needs.

No conda channel is needed: one is built from wheels of the pinned versions and from the running Python. The host has
Snakemake and nothing else, because a package that an environment lacks would otherwise silently come from the host.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, NoReturn

import pytest

from ..conftest import Rule
from .conftest import Project, copy_project

PROJECT = Path(__file__).resolve().parents[2]
STAND_IN = Path(__file__).resolve().parent / "conda"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
# Packages whose versions a step's log tells where the step sees them, by import name.
LOGGED = (
    "numpy",
    "pandas",
    "pyarrow",
    "numba",
    "zstandard",
    "pysam",
    "cutadapt",
    "mappy",
    "scipy",
    "torch",
    "matplotlib",
    "logomaker",
    "h5py",
)

Command = Sequence[str | Path]
Environments = dict[Path, dict[str, str]]
Names = list[dict[str, str]]


class Conda(NamedTuple):
    """Channels of packages, where they are unpacked, and a Snakemake with nothing beside it."""

    channels: Path
    cache: Path
    snakemake: Path

    def environ(self) -> dict[str, str]:
        """Environment variables under which Snakemake finds the stand-in, and nothing of the tests' own Python."""
        own = {name: text for name, text in os.environ.items() if not name.startswith(("CONDA", "PYTHON", "VIRTUAL"))}
        return own | {
            "PATH": f"{STAND_IN / 'bin'}:{self.snakemake.parent}:{os.environ['PATH']}",
            "CONDA_STAND_IN_PYTHON": sys.executable,
            "CONDA_STAND_IN_CHANNELS": str(self.channels),
            "CONDA_STAND_IN_CACHE": str(self.cache),
        }


def run(
    command: Command, folder: Path = PROJECT, environ: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def set_up(environments: Environments, package_names: Names, folder: Path) -> list[Command]:
    """Commands that fetch the pinned packages as wheels, and make a host that has Snakemake only."""
    pypi = {row["conda"]: row["pypi"] for row in package_names}
    pins = {
        f"{pypi[name]}=={version}"
        for packages in environments.values()
        for name, version in packages.items()
        if name != "python"
    }
    requirements = (PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    snakemake = next(line for line in requirements if line.startswith("snakemake=="))
    # Wheels as they are, and built where a package has none.
    fetch = ("-m", "pip", "wheel", "-qq", "-w", folder / "wheels")
    return [
        [sys.executable, *fetch, *sorted(pins)],
        [sys.executable, "-m", "venv", folder / "host"],
        [folder / "host/bin/python", "-m", "pip", "install", "-qq", snakemake],
    ]


@pytest.fixture(scope="module")
def conda(
    tmp_path_factory: pytest.TempPathFactory,
    environments: Environments,
    package_names: Names,
    missing_tool: Callable[[str], NoReturn],
) -> Conda:
    if sys.platform != "linux" or os.uname().machine != "x86_64":
        pytest.skip("the channel is built for Linux on x86-64")
    for module in ("rattler", "zstandard"):
        if find_spec(module) is None:
            missing_tool(f"no Python package {module}; requirements-test.txt has it")
    folder = tmp_path_factory.mktemp("conda")
    for command in set_up(environments, package_names, folder):
        done = run(command)
        if done.returncode:
            missing_tool(f"the pinned packages cannot be downloaded: {done.stderr.strip()[-500:]}")
    wheels = sorted((folder / "wheels").glob("*.whl"))
    built = run([sys.executable, STAND_IN / "build_channel.py", folder / "channels" / "conda-forge", *wheels])
    assert built.returncode == 0, built.stderr
    # All packages lie in one channel; the other one that environments name is there, and empty.
    for platform in ("linux-64", "noarch"):
        index = folder / "channels" / "bioconda" / platform / "repodata.json"
        index.parent.mkdir(parents=True)
        index.write_text(json.dumps({"info": {"subdir": platform}, "packages": {}, "packages.conda": {}}))
    shutil.rmtree(folder / "wheels")
    return Conda(folder / "channels", folder / "cache", folder / "host/bin/snakemake")


@pytest.fixture(scope="module")
def small_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small copy of the project whose environments ask for the running Python, the only one in the channel."""
    root = copy_project(tmp_path_factory.mktemp("small") / "project", own_code=True).root
    for copy in sorted((root / "envs").glob("*.yaml")):
        text, n_found = re.subn(r"python =3\.\d+", f"python ={PYTHON}", copy.read_text(encoding="utf-8"))
        assert n_found == 1, copy
        copy.write_text(text, encoding="utf-8")
    return root


class Logged(NamedTuple):
    """What a step's log says of itself: the rule, versions of Python and of packages, the interpreter."""

    rule: str
    versions: dict[str, str]
    interpreter: Path


def read_log(log: Path) -> Logged:
    lines = log.read_text(encoding="utf-8").splitlines()
    told = {
        begin: next(line for line in lines if line.startswith(begin))
        for begin in ("rule: ", "python ", "interpreter: ")
    }
    versions = dict(pair.split(" ") for pair in told["python "].split(", "))
    return Logged(
        told["rule: "].removeprefix("rule: ").split(",")[0],
        # torch tells its build too, as in 2.13.0+cpu.
        {name: text.split("+")[0] for name, text in versions.items()},
        Path(told["interpreter: "].removeprefix("interpreter: ")),
    )


def created_environments(project: Path) -> dict[Path, str]:
    """Folder of each environment that Snakemake made in a project, and the YAML that it made it from."""
    files = sorted((project / ".snakemake/conda").glob("*.yaml"))
    return {path.with_suffix(""): path.read_text(encoding="utf-8") for path in files}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_step_runs_in_its_own_environment(
    conda: Conda, small_project: Path, rules: list[Rule], environments: Environments, package_names: Names
) -> None:
    command = [conda.snakemake, "--sdm", "conda", "--cores", "2", "all", "check_layout", "status", "exports"]
    done = run(command, small_project, conda.environ())
    assert done.returncode == 0, done.stderr[-3000:]
    results = small_project / "results"
    assert "</html>" in (results / "report.html").read_text(encoding="utf-8")
    exports = results / "libraries" / "mpra_simulated" / "exports"
    written = {"igvf", "igvf.tsv", "tracks", "tracks.tsv", "csv", "mpra_simulated.h5ad"}
    assert written == {path.name for path in exports.iterdir()}
    assert (results / "summary.tsv").read_text(encoding="utf-8").startswith("library\tmodel\tmetric\tvalue")

    created = created_environments(small_project)
    # Steps whose environments are alike share one.
    assert len(set(created.values())) == len(created)
    assert set(created.values()) == {
        (small_project / path.relative_to(PROJECT)).read_text(encoding="utf-8") for path in environments
    }
    import_name = {row["conda"]: row["import"] for row in package_names}
    environment = {rule.name: environments[rule.path("conda")] for rule in rules}
    file_of = {rule.name: rule.path("conda").relative_to(PROJECT) for rule in rules}
    seen = set()
    for log in (small_project / "logs").rglob("*.log"):
        rule, versions, interpreter = read_log(log)
        own = (small_project / file_of[rule]).read_text(encoding="utf-8")
        assert created[interpreter.parent.parent] == own, f"{rule} ran in {interpreter}"
        assert versions.pop("python").startswith(f"{PYTHON}.")
        pinned = {import_name[name]: version for name, version in environment[rule].items() if name != "python"}
        # What came from the host or from another step's environment would be one too many here.
        assert {name: versions[name] for name in LOGGED if name in versions} == {
            name: version for name, version in pinned.items() if name in LOGGED
        }, f"{rule}: {versions}"
        seen.add(rule)
    # What the example does not ask for; other steps run in the same environments.
    unused = {"import_barcode_map", "read_values", "predict_sequences", "bootstrap_model", "plot_value_model"}
    unused |= {"plot_black_box", "plot_value_black_box", "cross_validate_model"}
    unused |= {"measure_fluorescence", "measure_fluorescence_effects", "plot_fluorescence"}
    unused |= {"split_reads", "extract_part", "join_parts"}
    assert seen == set(environment) - unused
    assert {rule.path("conda") for rule in rules if rule.name in seen} == set(environments)


@pytest.mark.slow
def test_the_host_could_not_run_the_steps(conda: Conda) -> None:
    have = "import importlib.util as u, sys; print([name for name in sys.argv[1:] if u.find_spec(name)])"
    done = run([conda.snakemake.parent / "python", "-c", have, *LOGGED, "yaml"], environ=conda.environ())
    assert done.stdout.strip() == "['yaml']"


@pytest.mark.slow
def test_a_package_taken_out_of_an_environment_stops_the_step_that_needs_it(
    conda: Conda, small_project: Path, tmp_path: Path
) -> None:
    project = Project(tmp_path / "project")
    ignored = shutil.ignore_patterns(".snakemake", "results", "logs")
    shutil.copytree(small_project, project.root, symlinks=True, ignore=ignored)
    numba = re.search(r" +- numba =.*\n", (project.root / "envs/reads.yaml").read_text(encoding="utf-8"))
    assert numba is not None
    project.edit("envs/reads.yaml", numba[0], "")
    done = run([conda.snakemake, "--sdm", "conda", "--cores", "1", "reads"], project.root, conda.environ())
    assert done.returncode != 0
    assert done.stderr.count("No module named 'numba'") == 1, done.stderr[-3000:]
    assert not list((project.root / "results").rglob("*.parquet"))


@pytest.mark.slow
def test_the_environment_for_gpus_is_made_where_the_configuration_asks_for_it(
    conda: Conda, small_project: Path
) -> None:
    asked = ("--config", "fit={environment: models-gpu}", "results=results_gpu")
    command = [conda.snakemake, "--sdm", "conda", "--conda-create-envs-only", "--cores", "1", *asked, "--", "models"]
    done = run(command, small_project, conda.environ())
    assert done.returncode == 0, done.stderr[-3000:]
    wanted = (small_project / "envs/models-gpu.yaml").read_text(encoding="utf-8")
    (folder,) = (folder for folder, text in created_environments(small_project).items() if text == wanted)
    assert (folder / "share/pytorch-gpu").is_file()
    assert run([folder / "bin/python", "-c", "import torch"]).returncode == 0
