"""A real SLURM of one node on this machine, for tests: Debian's packages, its own key, ports and folder.

Needs root, as SLURM's daemons do. No accounting, no cgroups; graphics cards are character devices that hold nothing.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol")
# Jobs cannot be told another place: the executor takes all SLURM_* out of their environment.
_KNOWN_PLACE = Path("/etc/slurm/slurm.conf")
_CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={control_port}
SlurmdPort={node_port}
SlurmUser=root
AuthInfo=socket={folder}/munge/socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
ReturnToService=2
MinJobAge=3600
KillWait=2
OverTimeLimit=0
GresTypes=gpu
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs=8 RealMemory=64000 Gres=gpu:1 State=UNKNOWN
PartitionName=cpu Nodes={host} Default=YES
PartitionName=gpu Nodes={host}
"""


def missing() -> str:
    """What stands in the way of a cluster here, in words; empty if nothing does."""
    absent = [name for name in PROGRAMS if shutil.which(name) is None]
    if absent:
        return f"no {', '.join(absent)}; on Debian: apt-get install slurmctld slurmd slurm-client munge"
    if os.geteuid() != 0:
        return "SLURM's daemons need root"
    return f"{_KNOWN_PLACE} is there: this machine has a SLURM of its own" if _KNOWN_PLACE.exists() else ""


@contextmanager
def one_node(folder: Path) -> Iterator[None]:
    """A cluster for the length of a ``with`` block: partitions cpu and gpu, 8 CPUs and 64 GB whatever there are."""
    for name in ("munge", "state", "spool"):
        (folder / name).mkdir(parents=True)
    _KNOWN_PLACE.unlink(missing_ok=True)  # a link whose cluster has gone
    host, ports = socket.gethostname().split(".")[0], free_ports()
    (folder / "slurm.conf").write_text(
        _CONFIGURATION.format(host=host, folder=folder, control_port=ports[0], node_port=ports[1])
    )
    card = folder / "card0"
    os.mknod(card, 0o20666, os.makedev(1, 3))
    (folder / "gres.conf").write_text(f"NodeName={host} Name=gpu File={card} Flags=nvidia_gpu_env\n")
    _KNOWN_PLACE.parent.mkdir(exist_ok=True)
    _KNOWN_PLACE.symlink_to(folder / "slurm.conf")
    try:
        _start(folder)
        yield
    finally:
        _stop(folder)
        _KNOWN_PLACE.unlink(missing_ok=True)


def free_ports() -> list[int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return [one.getsockname()[1], two.getsockname()[1]]


def _start(folder: Path) -> None:
    munge = folder / "munge"
    (munge / "key").write_bytes(os.urandom(128))
    (munge / "key").chmod(0o600)
    munge.chmod(0o700)
    files = {"key-file": "key", "socket": "socket", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
    called(["munged", "--force", *(f"--{option}={munge / name}" for option, name in files.items())])
    munge.chmod(0o755)
    # Named, since the daemons look for the list of cards beside it.
    for daemon in ("slurmctld", "slurmd"):
        called([daemon, "-c", "-f", str(folder / "slurm.conf")])
    state = ""
    for _ in range(150):
        state = called(["sinfo", "--noheader", "--format=%T", "--partition=cpu"], may_fail=True)
        if state == "idle":
            return
        time.sleep(0.2)
    logs = "\n".join((folder / f"{name}.log").read_text()[-2000:] for name in ("slurmctld", "slurmd"))
    raise RuntimeError(f"the node is '{state}' and not idle\n{logs}")


def _stop(folder: Path) -> None:
    called(["scancel", "--user=root", "--signal=KILL", "--full"], may_fail=True)
    called(["scancel", "--user=root"], may_fail=True)
    for file in (folder / "slurmd.pid", folder / "slurmctld.pid", folder / "munge/pid"):
        with suppress(OSError, ValueError):
            process = int(file.read_text())
            os.kill(process, signal.SIGTERM)
            for _ in range(100):
                os.kill(process, 0)
                time.sleep(0.1)
            os.kill(process, signal.SIGKILL)


def called(command: list[str], may_fail: bool = False) -> str:
    """Run one of SLURM's programs and give what it says."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert may_fail or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout.strip()
