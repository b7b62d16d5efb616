"""Reads in object storage: a server of S3 on this machine, Snakemake's plugin, and the bytes of the same reads here."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .conftest import REPOSITORY, Outcome, Project, copy_project

pytestmark = pytest.mark.slow

# One run of one file and one of two, whose second is an index read.
RUNS = ("lac_run1", "mpra_simulated_dna_1")
MADE = [f"results/runs/{run}/{name}" for run in RUNS for name in ("observations.parquet", "read_fates.parquet")]
# Chooses a free port, tells it, and serves until its input ends.
SERVER = """\
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
"""
# Copies the folder of reads into a bucket of the server that the environment names.
UPLOAD = """\
import sys
from pathlib import Path
import boto3
folder, client = Path(sys.argv[1]), boto3.client("s3", region_name="us-east-1")
client.create_bucket(Bucket="reads")
for path in sorted(folder.rglob("*.fastq.gz")):
    client.upload_file(str(path), "reads", path.relative_to(folder).as_posix())
"""
# Stands for a scheduler: does the job at once, where the storage cannot be reached, and tells its number.
NODE = 'env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY KCALSEQ_STORAGE=0 bash "$1" > node.log 2>&1 && echo 1\n'
SECRET = "a-word-that-nobody-may-find"


class Storage:
    """A storage with one bucket, and a project that reads from it."""

    def __init__(self, project: Project, port: int) -> None:
        self.project, self.port = project, port

    def upload(self, folder: Path) -> None:
        """Copy the reads in a folder into the bucket."""
        environment = {**os.environ, **self._environment(self.port)}
        subprocess.run([sys.executable, "-c", UPLOAD, str(folder)], env=environment, check=True, timeout=60)

    def run(self, *arguments: str, port: int | None = None) -> Outcome:
        """Run Snakemake up to the observations of the runs."""
        environment = {**self._environment(port or self.port), "KCALSEQ_STORAGE": str(port or self.port)}
        cores = () if "--jobs" in arguments else ("--cores", "2")
        return self.project.snakemake(*cores, *arguments, "--", *MADE, **environment)

    @staticmethod
    def _environment(port: int) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "lab",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_MAX_ATTEMPTS": "1",
            "NO_PROXY": "127.0.0.1",
        }


@contextmanager
def served() -> Iterator[int]:
    """The port of a storage that is there as long as the block."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        yield int(server.stdout.readline())  # behind the block its input is closed


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """A project with all its reads in the storage, read once up to the observations of two runs."""
    project = copy_project(tmp_path_factory.mktemp("storage") / "project")
    with served() as port:
        own = Storage(project, port)
        own.upload(project.root / "resources")
        for path in project.root.glob("resources/*/*.fastq.gz"):
            path.unlink()
        sheet = project.root / "config/runs.tsv"
        sheet.write_text(sheet.read_text(encoding="utf-8").replace("resources/", "s3://reads/"), encoding="utf-8")
        first = own.run()
        assert first.code == 0, first.text[-3000:]
        assert first.jobs() == {"extract_reads": len(RUNS)}
        yield own


def test_results_have_the_bytes_of_reads_on_this_machine(storage: Storage, finished: Project) -> None:
    for run in RUNS:
        here, there = finished.root / "results/runs" / run, storage.project.root / "results/runs" / run
        names = {"observations.parquet", "read_fates.parquet", "input_files.tsv"}
        assert {path.name for path in there.iterdir()} == names
        for name in names:
            assert (there / name).read_bytes() == (here / name).read_bytes(), f"{run}: {name}"


def test_no_copy_of_the_reads_and_no_credentials_stay(storage: Storage) -> None:
    files = [path for path in storage.project.root.rglob("*") if path.is_file()]
    assert len(files) > 30
    assert not [path for path in files if path.name.endswith(".fastq.gz")]
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]


def test_only_a_newer_object_is_read_again_on_a_node_without_network_or_credentials(
    storage: Storage, tmp_path: Path
) -> None:
    again = storage.run()
    assert again.code == 0 and "Nothing to be done" in again.text, again.text[-3000:]
    assert "Retrieving" not in again.text
    made = storage.project.root / "results/runs/mpra_simulated_dna_1/observations.parquet"
    before, written = made.read_bytes(), made.stat().st_mtime_ns
    (tmp_path / "mpra_simulated").mkdir()
    shutil.copy(REPOSITORY / "resources/mpra_simulated/dna_1_index_1.fastq.gz", tmp_path / "mpra_simulated")
    storage.upload(tmp_path)
    (storage.project.root / "node.sh").write_text(NODE, encoding="utf-8")
    cluster = ("--executor", "cluster-generic", "--cluster-generic-submit-cmd", "bash node.sh", "--jobs", "1")
    newer = storage.run(*cluster)
    assert newer.code == 0, newer.text[-3000:]
    assert newer.jobs() == {"extract_reads": 1} and "Reading run mpra_simulated_dna_1" in newer.text
    assert made.read_bytes() == before and made.stat().st_mtime_ns > written
    test_no_copy_of_the_reads_and_no_credentials_stay(storage)


def test_an_object_that_is_not_there_is_told_before_any_job(storage: Storage) -> None:
    sheet = (storage.project.root / "config/runs.tsv").read_text(encoding="utf-8")
    other = sheet.replace("lac/run2.fastq.gz", "lac/run3.fastq.gz")
    (storage.project.root / "absent.tsv").write_text(other, encoding="utf-8")
    told = storage.run("--config", "runs=absent.tsv")
    assert told.code == 1 and "Traceback" not in told.text and "Exception" not in told.text
    assert "absent.tsv row 2: there is no object 's3://reads/lac/run3.fastq.gz'" in told.text
    assert told.jobs() == {}


def test_a_storage_out_of_reach_is_told_before_any_job(storage: Storage) -> None:
    told = storage.run(port=9)
    assert told.code == 1 and "Traceback" not in told.text and "Exception" not in told.text
    assert "config/runs.tsv row 1: the storage gave no answer about 's3://reads/lac/run1.fastq.gz'" in told.text
    assert told.jobs() == {}
