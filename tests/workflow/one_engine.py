"""A real Grid Engine of one node on this machine, for tests: Debian's packages, its own folder and ports.

Needs root, as its daemons do. The node counts as one of 8 CPUs and 64 GB, whatever it has; memory is a consumable.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .one_node import called, free_ports

PROGRAMS = ("sge_qmaster", "sge_execd", "qsub", "qstat", "qacct", "qdel", "qconf")
_LIBRARIES = Path("/usr/lib/gridengine")
_SHARE = Path("/usr/share/gridengine")
_BOOTSTRAP = """\
admin_user none
default_domain none
ignore_fqdn true
spooling_method classic
spooling_lib libspoolc
spooling_params {common};{folder}/spool
binary_path {folder}/bin
qmaster_spool_dir {folder}/qmaster
security_mode none
listener_threads 2
worker_threads 2
scheduler_threads 1
"""
_NODE = """\
hostname {host}
load_scaling NONE
complex_values h_vmem=64G,slots=8
user_lists NONE
xuser_lists NONE
projects NONE
xprojects NONE
usage_scaling NONE
report_variables NONE
"""
# Unlike Debian's: jobs of root run, without what a login reads, and the accounting is written at once.
_CHANGED = {
    "execd_spool_dir": "{folder}/execd",
    "mailer": "/bin/true",
    "login_shells": "none",
    "min_uid": "0",
    "min_gid": "0",
    "reporting_params": "accounting=true reporting=false flush_time=00:00:01 joblog=false sharelog=00:00:00",
}
_AT_ONCE = {"schedule_interval": "0:0:1", "flush_submit_sec": "1", "flush_finish_sec": "1"}


def missing() -> str:
    """What stands in the way of Grid Engine here, in words; empty if nothing does."""
    absent = [name for name in PROGRAMS if shutil.which(name) is None]
    if absent:
        packages = "gridengine-master gridengine-exec gridengine-client"
        return f"no {', '.join(absent)}; on Debian: apt-get install {packages}"
    return "" if os.geteuid() == 0 else "Grid Engine's daemons need root"


@contextmanager
def one_engine(folder: Path) -> Iterator[None]:
    """Grid Engine for the length of a ``with`` block: queue all.q, parallel environment smp, 8 slots, 64 GB."""
    host, ports = socket.gethostname().split(".")[0], free_ports()
    own = {"SGE_ROOT": folder, "SGE_CELL": "default", "SGE_QMASTER_PORT": ports[0], "SGE_EXECD_PORT": ports[1]}
    before = {name: os.environ.get(name) for name in own}
    os.environ.update({name: str(value) for name, value in own.items()})
    daemons: list[subprocess.Popen[bytes]] = []
    try:
        _lay_out(folder, host)
        daemons.append(_daemon("sge_qmaster", folder))
        _wait_for(["qconf", "-sh"], host)
        _describe_cluster(folder, host)
        daemons.append(_daemon("sge_execd", folder))
        _wait_for(["qhost", "-F", "arch", "-h", host], "arch=lx")
        yield
    finally:
        called(["qdel", "-f", "-u", "*"], may_fail=True)
        for daemon in reversed(daemons):
            daemon.kill()
            daemon.wait()
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _lay_out(folder: Path, host: str) -> None:
    """Write what the daemons read at their start."""
    common = folder / "default/common"
    for path in (common, folder / "qmaster", folder / "execd", folder / "spool"):
        path.mkdir(parents=True)
    for name in ("bin", "lib", "utilbin"):
        (folder / name).symlink_to(Path("/var/lib/gridengine") / name)
    (folder / "util").symlink_to(_SHARE / "util")
    (common / "bootstrap").write_text(_BOOTSTRAP.format(common=common, folder=folder))
    (common / "act_qmaster").write_text(f"{host}\n")
    (common / "host_aliases").write_text(f"{host} localhost\n")
    kept = [line for line in (_SHARE / "default-configuration").read_text().splitlines() if line[:1] != "#"]
    kept = [line for line in kept if line.split()[0] not in _CHANGED]
    changed = [f"{name} {value.format(folder=folder)}" for name, value in _CHANGED.items()]
    (folder / "configuration").write_text("\n".join(kept + changed) + "\n")
    resources = _SHARE / "util/resources"
    shutil.copytree(resources / "centry", folder / "centry")
    memory = (folder / "centry/h_vmem").read_text()
    (folder / "centry/h_vmem").write_text(memory.replace("consumable  NO", "consumable  YES"))
    os.environ["LD_LIBRARY_PATH"] = str(_LIBRARIES)
    try:
        called([str(_LIBRARIES / "spoolinit"), "classic", "libspoolc", f"{common};{folder}/spool", "init"])
        for what, source in (
            ("configuration", folder / "configuration"),
            ("complexes", folder / "centry"),
            ("usersets", resources / "usersets"),
            ("pes", resources / "pe"),
            ("managers", "root"),
        ):
            called([str(_LIBRARIES / "spooldefaults"), what, str(source)])
    finally:
        del os.environ["LD_LIBRARY_PATH"]


def _describe_cluster(folder: Path, host: str) -> None:
    """Tell the master of its node, its queue and its haste."""
    (folder / "node").write_text(_NODE.format(host=host))
    called(["qconf", "-Ae", str(folder / "node")])
    called(["qconf", "-as", host])
    called(["env", "EDITOR=/bin/true", "qconf", "-aq", "all.q"])
    called(["qconf", "-aattr", "queue", "hostlist", host, "all.q"])
    called(["qconf", "-rattr", "queue", "slots", "8", "all.q"])
    # A test machine is busy.
    called(["qconf", "-rattr", "queue", "load_thresholds", "NONE", "all.q"])
    lines = [line.split(maxsplit=1) for line in called(["qconf", "-ssconf"]).splitlines()]
    (folder / "scheduler").write_text("".join(f"{name} {_AT_ONCE.get(name, value)}\n" for name, value in lines))
    called(["qconf", "-Msconf", str(folder / "scheduler")])


def _daemon(name: str, folder: Path) -> "subprocess.Popen[bytes]":
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen([name], env={**os.environ, "SGE_ND": "1"}, cwd=folder, stdout=log, stderr=log)


def _wait_for(command: list[str], answer: str) -> None:
    said = ""
    for _ in range(300):
        said = called(command, may_fail=True)
        if answer in said:
            return
        time.sleep(0.1)
    raise RuntimeError(f"{command} does not say '{answer}' but '{said}'")
