"""Who may know whom: floors know the ground floor and not each other, and heavy packages stay on their floors."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from kcalseq.provenance import import_closure

FLOORS = {"reads", "association", "counts", "activity", "models", "training", "export", "figures", "report", "simulate"}
# Packages of the ground floor: what tables are, and the plan, which looks into several floors.
GROUND = {"definitions", "planning"}
# Importer -> floors, or single modules of floors, that it may import besides its own.
ALLOWED = {
    "training": {"models"},
    # A plan is whole only when sheets, layouts and models agree, so it reads the YAML of two floors.
    "planning": {
        "activity.controlnames",
        "activity.footprint_rules",
        "activity.settings",
        "association.design",
        "association.valuefile",
        "export.coordinates",
        "models.spec",
        "reads.bgzf",
        "reads.layout",
        "reads.samplecodes",
        "reads.whitelist",
    },
    "simulate": FLOORS,
}
HOME = {
    "torch": {"models", "training"},
    "safetensors": {"models", "training"},
    "PIL": {"figures"},
    "matplotlib": {"figures"},
    "logomaker": {"figures"},
    "isal": {"reads"},
    "pysam": {"reads", "association"},
    "dnaio": {"reads", "association"},
    "cutadapt": {"reads", "association"},
    "h5py": {"export"},
    "jinja2": {"report"},
}
# What a model's YAML is read and checked by.
OF_SPECS = (
    "models.architecture",
    "models.automatic",
    "models.boxspec",
    "models.kineticcheck",
    "models.measurementcheck",
    "models.rate_graph",
    "models.registers",
    "models.scancheck",
    "models.spec",
    "models.specparts",
    "models.speccheck",
)
# Loaded in Snakemake's own process, so they must do with what Snakemake itself brings.
BEFORE_ANY_JOB = (
    "activity.controlnames",
    "activity.footprint_rules",
    "activity.settings",
    "association.design",
    "association.valuefile",
    "errors",
    "export.coordinates",
    "fasta",
    *OF_SPECS,
    "plan",
    "provenance",
    "queries",
    "reads.layout",
    "reads.pattern",
    "reads.samplecodes",
    "reads.seqspec",
    "reads.whitelist",
    "sheets",
    "tables",
    "units",
    "yamlfile",
)
WITHOUT_TORCH = (*OF_SPECS, "models.gauge", "models.states")
_IMPORT_WITHOUT = """
import importlib, sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ImportError("this module must load without " + name)
sys.meta_path.insert(0, Refuse())
for module in {modules!r}:
    importlib.import_module("kcalseq." + module)
"""


def floor_of(module: str) -> str:
    return module.split(".")[0]


def may_import(importer: str, imported: str) -> bool:
    """Whether one module of the library may import another (names without ``kcalseq.``)."""
    target = floor_of(imported)
    if target not in FLOORS or target == floor_of(importer):
        return True
    allowed = ALLOWED.get(floor_of(importer), set())
    return target in allowed or any(f"{imported}.".startswith(f"{name}.") for name in allowed)


def test_floors_know_only_the_ground_floor(imports: dict[str, set[str]]) -> None:
    wrong = [
        f"{importer} imports {name}"
        for importer, names in imports.items()
        for name in sorted(names)
        if name.startswith("kcalseq.") and not may_import(importer, name.removeprefix("kcalseq."))
    ]
    assert not wrong


def test_the_rule_refuses_what_it_should() -> None:
    assert not may_import("counts.variants", "reads.layout")
    assert not may_import("report.page", "simulate.reads")
    assert not may_import("planning.library", "models.network")
    assert not may_import("errors", "models.spec")
    assert may_import("planning.library", "models.spec.read_model")
    assert may_import("training.fit", "models.network.Network")


def test_packages_stay_on_their_floors(imports: dict[str, set[str]]) -> None:
    wrong = [
        f"{importer} imports {name}"
        for importer, names in imports.items()
        for name in sorted(names)
        if floor_of(importer) not in HOME.get(name.split(".")[0], {floor_of(importer)})
    ]
    assert not wrong


def test_no_step_reaches_the_simulations(project: Path) -> None:
    simulate = project / "scripts" / "kcalseq" / "simulate"
    scripts = sorted((project / "scripts").glob("*.py"))
    assert len(scripts) > 20 and simulate.is_dir()
    for script in scripts:
        assert not [path for path in import_closure(script) if path.is_relative_to(simulate)], script.name


def test_every_package_of_the_library_is_a_floor(project: Path) -> None:
    library = project / "scripts" / "kcalseq"
    assert {path.parent.name for path in library.glob("*/__init__.py")} == FLOORS | GROUND


def test_packages_run_no_code_of_their_own(project: Path) -> None:
    # A step imports the library from beside the scripts, and importing one module must not drag in others.
    assert [path for path in (project / "scripts").rglob("__init__.py") if path.read_text(encoding="utf-8")] == []


def test_only_scripts_and_step_know_snakemake(project: Path) -> None:
    library = project / "scripts" / "kcalseq"
    knowing = {path.relative_to(library).as_posix() for path in library.rglob("*.py") if names_snakemake(path)}
    assert knowing == {"step.py"}


def names_snakemake(path: Path) -> bool:
    """Whether a file's code (not its words) holds the name ``snakemake``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = {getattr(node, field, None) for field in ("id", "arg", "attr", "module")}
        names |= {item.name for item in getattr(node, "names", []) if isinstance(item, ast.alias)}
        if any(str(name).split(".")[0] == "snakemake" for name in names):
            return True
    return False


def import_without(project: Path, blocked: set[str], modules: tuple[str, ...]) -> str:
    """What Python says when it loads modules of the library with some packages out of reach."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_WITHOUT.format(blocked=blocked, modules=modules)],
        env={"PYTHONPATH": str(project / "scripts")},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr


def test_the_plan_needs_only_what_snakemake_brings(project: Path, package_names: list[dict[str, str]]) -> None:
    heavy = {row["import"] for row in package_names} - {"yaml", "jsonschema"}
    assert "numpy" in heavy
    assert import_without(project, heavy, BEFORE_ANY_JOB) == ""


@pytest.mark.parametrize("module", WITHOUT_TORCH)
def test_specs_and_gauges_load_without_torch(module: str, project: Path) -> None:
    assert import_without(project, {"torch"}, (module,)) == ""


def test_the_block_blocks(project: Path) -> None:
    assert "must load without torch" in import_without(project, {"torch"}, ("models.network",))
