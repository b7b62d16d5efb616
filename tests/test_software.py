"""Versions for the record: those of the environments where steps have their own, else those of the running Python."""

import platform
import shutil
from importlib.metadata import version
from pathlib import Path

from kcalseq.provenance import program_digest
from kcalseq.software import versions

PROJECT = Path(__file__).resolve().parents[1]


def test_without_environments_versions_are_those_that_are_installed() -> None:
    found = versions(PROJECT, False, "models")
    assert found["python"] == platform.python_version()
    for name in ("snakemake", "numpy", "torch", "pyarrow"):
        assert found[name] == version(name)
    assert found["kcalseq"] in (PROJECT / "CITATION.cff").read_text(encoding="utf-8")


def test_with_environments_versions_are_their_pins(environments: dict[Path, dict[str, str]]) -> None:
    found = versions(PROJECT, True, "models")
    for packages in environments.values():
        for name, pin in packages.items():
            assert found[name] == pin
    assert "pytorch-gpu" not in found
    of_gpus = versions(PROJECT, True, "models-gpu")
    assert of_gpus["pytorch-gpu"] == found["pytorch"]
    assert "pytorch" not in of_gpus


def test_the_digest_of_the_program_is_that_of_its_files_wherever_they_lie(tmp_path: Path) -> None:
    for place in ("one", "two"):
        folder = tmp_path / place
        for name in ("workflow/rules/a.smk", "scripts/a.py", "envs/a.yaml", "Snakefile"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(name, encoding="utf-8")
    one, two = tmp_path / "one", tmp_path / "two"
    (two / "scripts/__pycache__").mkdir()
    (two / "scripts/__pycache__/a.pyc").touch()
    (two / "results").mkdir()
    (two / "results/report.html").touch()
    assert program_digest(one) == program_digest(two)
    (two / "envs/a.yaml").write_text("changed", encoding="utf-8")
    assert program_digest(one) != program_digest(two)
    shutil.copy(one / "envs/a.yaml", two / "envs/a.yaml")
    assert program_digest(one) == program_digest(two)
    (two / "envs/a.yaml").rename(two / "envs/b.yaml")
    assert program_digest(one) != program_digest(two)
