"""Write the record of the run: an RO-Crate of what was run on what, with which settings and versions."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from kcalseq.checksums import sha256_of
from kcalseq.report.crate import DataFile, ResultFile, crate
from kcalseq.report.recorded import MEASURED, meaning
from kcalseq.step import job
from kcalseq.tablefile import read_tables
from kcalseq.wholefile import write_text

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    source, params, target = snakemake.input, snakemake.params, Path(snakemake.output[0])
    texts = {path: Path(path).read_text(encoding="utf-8") for path in source.texts}
    texts["run_config.yaml"] = Path(source.config).read_text(encoding="utf-8")
    files = read_tables("input_files", list(source.input_files))
    data = [DataFile(params.files[row.run][row.slot], row.n_bytes, row.sha256) for row in files.itertuples(index=False)]
    data += [DataFile(path, Path(path).stat().st_size, sha256_of(path)) for path in source.data]
    results = []
    for path in map(Path, [source.config, *source.results]):
        inside = Path(os.path.relpath(path, target.parent)).as_posix()
        measured = path.name in MEASURED
        size, digest = (None, None) if measured else (path.stat().st_size, sha256_of(path))
        results.append(ResultFile(inside, meaning(path.name), size, digest))
    record = crate(params.record, params.software, params.program, texts, data, results)
    write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", target)
