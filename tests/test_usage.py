"""What ran is told from logs alone: done, failed or cut off, with times added up and the largest memory named."""

from pathlib import Path

from kcalseq.usage import DONE, FAILED, UNFINISHED, Usage, format_jobs, read_jobs

DONE_LOG = "rule: extract_reads, threads: 2\npython 3.11.2, numpy 2.4.6\ndone: 3.0 s, 2.0 CPU s\n"
HEADER = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"


def leave(folder: Path, name: str, log: str, measured: str = "") -> None:
    """What a job leaves behind: its log, and a row of measurements if it ended well."""
    path = folder / f"{name}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(log, encoding="utf-8")
    if measured:
        path.with_suffix(".usage.tsv").write_text(HEADER + measured, encoding="utf-8")


def test_each_job_is_told_by_its_log_and_measurements(tmp_path: Path) -> None:
    leave(tmp_path, "extract_reads/a", DONE_LOG, "4.5\t0:00:04\t120.5\t1\t1\t1\t1\t1\t1\t3.25\n")
    leave(tmp_path, "extract_reads/b", DONE_LOG, "0.1\t0:00:00\tNA\tNA\tNA\tNA\tNA\tNA\tNA\t-\n")
    leave(tmp_path, "extract_reads/c", DONE_LOG.replace("done: 3.0 s", "Error: runs.tsv row 3: no file"))
    leave(tmp_path, "extract_reads/d", "rule: extract_reads, threads: 1\npython 3.11.2\n")
    leave(tmp_path, "save_config", DONE_LOG.replace("extract_reads", "save_config"))
    leave(tmp_path, "other", "not of a step")
    jobs = {job.of or job.step: job for job in read_jobs(tmp_path)}
    assert {name: job.outcome for name, job in jobs.items()} == {
        "a": DONE,
        "b": DONE,
        "c": FAILED,
        "d": UNFINISHED,
        "save_config": DONE,
    }
    assert jobs["a"].usage == Usage(4.5, 3.25, 120.5)
    assert jobs["c"].usage is None


def test_steps_add_up_and_the_unfinished_are_named(tmp_path: Path) -> None:
    for name, wall_s, peak_mb in (("a", 4.5, 120), ("b", 10, 80)):
        leave(tmp_path, f"extract_reads/{name}", DONE_LOG, f"{wall_s}\t-\t{peak_mb}\t1\t1\t1\t1\t1\t1\t3\n")
    leave(tmp_path, "fit_model/lac.additive", "rule: fit_model, threads: 1\n")
    lines = format_jobs(read_jobs(tmp_path)).splitlines()
    cells = {line.split()[0]: line.split() for line in lines[1:4]}
    assert cells["extract_reads"] == [
        "extract_reads",
        "2",
        "0",
        "0",
        "14.5",
        "6.0",
        "10.0",
        "120",
        "extract_reads",
        "a",
    ]
    assert cells["fit_model"] == ["fit_model", "0", "0", "1", "0.0", "0.0", "0.0", "-", "-"]
    assert cells["all"] == ["all", "2", "0", "1", "14.5", "6.0", "10.0", "120", "extract_reads", "a"]
    assert lines[4:] == ["unfinished: fit_model lac.additive"]


def test_measurements_of_an_earlier_run_are_not_those_of_a_job_that_failed_since(tmp_path: Path) -> None:
    leave(tmp_path, "fit_model/x.y", DONE_LOG, "4.5\t-\t120\t1\t1\t1\t1\t1\t1\t3\n")
    leave(tmp_path, "fit_model/x.y", DONE_LOG.replace("done: 3.0 s", "Unexpected error"))
    (job,) = read_jobs(tmp_path)
    assert (job.outcome, job.usage) == (FAILED, None)


def test_nothing_has_run_where_there_are_no_logs(tmp_path: Path) -> None:
    assert read_jobs(tmp_path / "logs") == []
    assert format_jobs([]) == "Nothing has run yet."
