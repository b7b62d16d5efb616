"""What the code must not do, held against its syntax: run what a file says, reach a shell, speak to the network.

Names and paths that users write reach file names and pages only; no rule has a shell command at all.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..conftest import Rule

FORBIDDEN_MODULES = {
    # Files that run code when they are read.
    *("pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "jsonpickle"),
    # The network.
    *("socket", "ssl", "http", "urllib.request", "requests", "httpx", "aiohttp", "ftplib", "smtplib", "xmlrpc"),
}
FORBIDDEN_CALLS = {
    *("eval", "exec", "compile", "__import__"),
    *("os.system", "os.popen", "pty.spawn", "tempfile.mktemp", "os.chmod", "os.umask"),
    *("torch.load", "torch.save", "pd.read_pickle", "yaml.unsafe_load", "yaml.full_load"),
}
# The one question to another program: SLURM's list of jobs, in words of its own.
MAY_START_PROGRAMS = {"kcalseq/planning/submitted.py"}


def faults(code: str, file: str) -> Iterator[str]:
    """What a file does and must not, in words with its line."""
    for node in ast.walk(ast.parse(code)):
        where = f"{file} line {getattr(node, 'lineno', 0)}"
        for name in imported(node):
            if any(name == module or name.startswith(f"{module}.") for module in FORBIDDEN_MODULES):
                yield f"{where} imports {name}"
            if name.split(".")[0] == "subprocess" and file not in MAY_START_PROGRAMS:
                yield f"{where} starts programs"
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        named = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        if called in FORBIDDEN_CALLS:
            yield f"{where} calls {called}"
        if named.get("shell", "False") != "False":
            yield f"{where} calls a shell"
        if named.get("allow_pickle", "False") != "False":
            yield f"{where} reads pickles"
        if called == "yaml.load" and not named.get("Loader", "").endswith(("SafeLoader", "_Loader")):
            yield f"{where} reads YAML by a loader that may make any object"
        if called.endswith("Environment") and named.get("autoescape") != "True":
            yield f"{where} fills pages without escaping"


def imported(node: ast.AST) -> list[str]:
    """Full names that a node imports."""
    if isinstance(node, ast.Import):
        return [item.name for item in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{item.name}" for item in node.names]
    return []


def test_the_code_runs_nothing_that_a_file_says_and_speaks_to_nobody(project: Path) -> None:
    scripts = project / "scripts"
    files = sorted(scripts.rglob("*.py"))
    assert len(files) > 200
    found = [fault for path in files for fault in faults(path.read_text("utf-8"), str(path.relative_to(scripts)))]
    assert found == []


def test_loaders_of_yaml_are_safe_ones(project: Path) -> None:
    """A loader of one's own is a safe one with plain values for tags."""
    loaders = {
        node.name: [ast.unparse(base) for base in node.bases]
        for path in (project / "scripts").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and node.name.endswith("Loader")
    }
    assert loaders and {name: bases for name, bases in loaders.items() if bases != ["yaml.SafeLoader"]} == {}


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from urllib.request import urlopen",
        "import socket as s",
        "import subprocess",
        "x = eval(text)",
        "torch.load(path)",
        "np.load(path, allow_pickle=True)",
        "yaml.load(text, Loader=yaml.UnsafeLoader)",
        "yaml.load(text)",
        "run('ls', shell=True)",
        "jinja2.Environment(loader=x)",
    ],
)
def test_each_of_these_would_be_found(code: str) -> None:
    assert len(list(faults(code, "kcalseq/some.py"))) == 1


def test_no_rule_has_a_shell(rules: list[Rule], project: Path) -> None:
    """So no name that a user wrote can reach one."""
    assert [rule.name for rule in rules if {"shell", "run", "wrapper", "notebook"} & rule.directives.keys()] == []
    files = [project / "Snakefile", *(project / "workflow").rglob("*.smk")]
    assert {rule.file for rule in rules} < set(files)
    assert [path.name for path in files if "shell(" in path.read_text("utf-8")] == []


def test_weights_are_safetensors(project: Path) -> None:
    """The one format of the project for tensors; it holds numbers and nothing that runs."""
    text = "".join(path.read_text("utf-8") for path in (project / "scripts").rglob("*.py"))
    assert "from safetensors" in text and ".pth" not in text and ".ckpt" not in text
