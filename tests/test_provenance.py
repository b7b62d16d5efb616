"""The import closure of a script, and its digest, on a toy package."""

from pathlib import Path

import pytest

from kcalseq.provenance import digest, external_imports, import_closure

TOY = {
    "step.py": "import os\nfrom kcalseq.ground import helper\nfrom kcalseq.upper import module\n",
    "lazy.py": "def work():\n    from kcalseq.upper.module import value\n    return value\n",
    "alone.py": "import numpy as np\n",
    "kcalseq/__init__.py": "",
    "kcalseq/ground.py": "import yaml.nodes\n\ndef helper(): ...\n",
    "kcalseq/unreached.py": "import torch\n",
    "kcalseq/upper/__init__.py": "from kcalseq import base\n",
    "kcalseq/upper/module.py": "value = 1\n",
    "kcalseq/upper/beside.py": "import pandas\n",
    "kcalseq/upper/templates/page.html": "<p>\n",
    "kcalseq/base.py": "",
}


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    for name, content in TOY.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path


def closure(toy: Path, script: str) -> set[str]:
    return {path.relative_to(toy).as_posix() for path in import_closure(toy / script, toy)}


UPPER = {
    "kcalseq/__init__.py",
    "kcalseq/base.py",  # through the package's __init__
    "kcalseq/upper/__init__.py",
    "kcalseq/upper/module.py",
    "kcalseq/upper/templates/page.html",  # not Python, but beside what is reached
}


def test_imported_names_and_modules_are_told_apart(toy: Path) -> None:
    # `from kcalseq.ground import helper` takes a name, `from kcalseq.upper import module` a module.
    assert closure(toy, "step.py") == UPPER | {"kcalseq/ground.py"}


def test_imports_inside_functions_count(toy: Path) -> None:
    assert closure(toy, "lazy.py") == UPPER


def test_a_script_without_the_library_reaches_nothing(toy: Path) -> None:
    assert closure(toy, "alone.py") == set()


def test_circles_end(toy: Path) -> None:
    (toy / "kcalseq/base.py").write_text("import kcalseq.upper.module\n", encoding="utf-8")
    assert closure(toy, "lazy.py") == UPPER


def test_compiled_files_are_no_part_of_it(toy: Path) -> None:
    cache = toy / "kcalseq/upper/__pycache__"
    cache.mkdir()
    (cache / "module.cpython-311.pyc").write_bytes(b"\0")
    (cache / "kernels-0").mkdir()
    (cache / "kernels-0" / "module.loop-1.py311.nbi").write_bytes(b"\0")
    assert closure(toy, "lazy.py") == UPPER


def test_external_imports_are_top_level_names(toy: Path) -> None:
    script = toy / "step.py"
    assert external_imports([script, *import_closure(script, toy)]) == {"os", "yaml"}


@pytest.mark.parametrize("name", [name for name in TOY if name.startswith("kcalseq")])
def test_the_digest_changes_just_when_a_reached_file_does(name: str, toy: Path) -> None:
    before = digest(toy / "lazy.py", toy)
    assert digest(toy / "lazy.py", toy) == before
    path = toy / name
    path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert (digest(toy / "lazy.py", toy) != before) == (name in UPPER)


def test_the_digest_tells_names_from_contents(toy: Path) -> None:
    before = digest(toy / "lazy.py", toy)
    page = toy / "kcalseq/upper/templates/page.html"
    page.rename(page.with_name("other.html"))
    assert digest(toy / "lazy.py", toy) != before


def test_every_script_of_the_pipeline_reaches_its_library(project: Path) -> None:
    scripts = sorted((project / "scripts").glob("*.py"))
    assert len(scripts) > 20
    for script in scripts:
        assert project / "scripts/kcalseq/step.py" in import_closure(script), script.name
