"""The recipes of the image are what Snakemake makes of envs/, and hold every environment unchanged."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from typing import NoReturn

import pytest

from .conftest import OWN_CODE, REPOSITORY, Project

pytestmark = pytest.mark.slow
CONTAINERS = REPOSITORY / "containers"
SECTIONS = {"labels", "files", "post"}


@pytest.fixture
def containerized(project: Project, missing_tool: Callable[[str], NoReturn]) -> Callable[[str], str]:
    """What `snakemake --containerize` prints in a copy of the project; it asks a conda only what it is."""
    if find_spec("rattler") is None:
        missing_tool("no Python package rattler; requirements-test.txt has it")
    for part in OWN_CODE:
        source = REPOSITORY / part
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, project.root / part)
    stand_in = REPOSITORY / "tests/workflow/conda/bin"
    environ = os.environ | {"PATH": f"{stand_in}:{os.environ['PATH']}", "CONDA_STAND_IN_PYTHON": sys.executable}

    def ask(kind: str) -> str:
        command = [sys.executable, "-m", "snakemake", "--containerize", kind]
        done = subprocess.run(command, cwd=project.root, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    return ask


def test_the_recipes_are_those_of_the_environments(containerized: Callable[[str], str]) -> None:
    for kind, name in (("dockerfile", "Dockerfile"), ("apptainer", "kcalseq.def")):
        held = (CONTAINERS / name).read_text(encoding="utf-8")
        assert held == containerized(kind), f"containers/{name} is behind envs/: run `make containers`"


def test_the_dockerfile_copies_each_environment_and_makes_it_where_it_lies() -> None:
    text = (CONTAINERS / "Dockerfile").read_text(encoding="utf-8")
    assert {line.split()[0] for line in instructions(text)} == {"FROM", "LABEL", "RUN", "COPY"}
    copied = dict(re.findall(r"^COPY (\S+) (\S+)/environment.yaml$", text, flags=re.MULTILINE))
    assert contents(copied) == environments()
    for prefix in copied.values():
        assert text.count(f"conda env create --prefix {prefix} --file {prefix}/environment.yaml") == 1


def test_the_definition_has_known_sections_and_makes_each_environment() -> None:
    text = (CONTAINERS / "kcalseq.def").read_text(encoding="utf-8")
    head, *sections = re.split(r"^%(\w+)$", text, flags=re.MULTILINE)
    kept = [line for line in head.splitlines() if line and not line.startswith("#")]
    assert [line.split(": ")[0] for line in kept] == ["Bootstrap", "From"]
    named = dict(zip(sections[::2], sections[1::2], strict=True))
    assert set(named) == SECTIONS
    files = dict(line.split() for line in named["files"].split("\n") if line.strip())
    assert contents(files) == environments()
    for target in files.values():
        prefix = target.removesuffix("/environment.yaml")
        assert f"mkdir -p {prefix}\n" in named["post"]
        assert f"conda env create --prefix {prefix} --file {target}\n" in named["post"]


def environments() -> set[str]:
    """What the environments of the default configuration hold; steps whose environments are alike share one."""
    files = (path for path in (REPOSITORY / "envs").glob("*.yaml") if not path.stem.endswith("-gpu"))
    return {path.read_text(encoding="utf-8") for path in files}


def contents(named: Iterable[str]) -> set[str]:
    """What the files hold that a recipe names by their paths from the top of the project."""
    return {(REPOSITORY / name).read_text(encoding="utf-8") for name in named}


def instructions(dockerfile: str) -> list[str]:
    """The instructions of a Dockerfile, continued lines joined."""
    joined = re.sub(r"\\\n", " ", dockerfile)
    return [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]


def test_a_project_that_names_an_image_is_planned_with_it(project: Project) -> None:
    project.edit("config/config.yaml", "seed: 1\n", "seed: 1\ncontainer: docker://example.org/kcalseq:1\n")
    plan = project.snakemake("-n", "counts")
    assert plan.code == 0, plan.text
    assert plan.jobs()["extract_reads"] == 8
