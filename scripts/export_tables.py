"""Tables of one library as CSV files for spreadsheet programs."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from kcalseq.export.contents import whole_folder
from kcalseq.export.spreadsheet import EXCEL_ROWS, with_sequences, write_spreadsheet
from kcalseq.step import job
from kcalseq.tablefile import read_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log, whole_folder(snakemake.output[0]) as folder:
    source, sequences = snakemake.input, pd.Series(dtype="str")
    if source.get("variants"):
        sequences = read_table("variants", source.variants).set_index("variant")["variant_sequence"]
    tables = [(Path(path).stem, Path(path).stem, path) for path in source.tables]
    tables += [("parameters", f"parameters.{Path(path).parent.name}", path) for path in source.parameters]
    for table, name, path in tables:
        frame = with_sequences(read_table(table, path), sequences)
        if len(frame) >= EXCEL_ROWS:
            log.info("%s.csv has %d rows, of which Excel shows the first %d", name, len(frame), EXCEL_ROWS - 1)
        write_spreadsheet(frame, folder / f"{name}.csv")
