"""All reads of a barcode together, though they lie in several runs, samples and places of a file.

First the barcodes are counted, which needs two columns. Then the rows are dealt into parts, each with all rows of some
barcodes and of the barcodes that may be their misreadings; parts wait on disk where there are more than one, so that
memory holds one part however deep the sequencing was.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from kcalseq.arrowfile import read_pieces
from kcalseq.errors import KcalseqError

ROWS_PER_PART = 1 << 20
"""Rows of observations worked on at once; about 1 GB for reads of 200 bases."""


@dataclass(frozen=True)
class Source:
    """Where the reads of a library lie.

    Attributes:
        library: the library.
        paths: files of table ``observations``.
        samples: names of the samples to take, None = all of the library.
    """

    library: str
    paths: tuple[str, ...]
    samples: tuple[str, ...] | None = None

    def pieces(self, columns: list[str]) -> Iterator[pa.Table]:
        """The library's rows, a row group at a time.

        Raises:
            KcalseqError: a row lacks its barcode or variant.
        """
        for path in self.paths:
            for piece in read_pieces("observations", path, ["library", "sample", *columns]):
                wanted = pc.equal(piece["library"], self.library)
                if self.samples is not None:
                    wanted = pc.and_(wanted, pc.is_in(piece["sample"], pa.array(self.samples, pa.string())))
                rows = piece if pc.all(wanted).as_py() else piece.filter(wanted)
                for name in {"barcode", "variant_sequence"} & set(columns):
                    if rows[name].null_count:
                        found = f"{rows[name].null_count} rows without a {name.replace('_sequence', '')}"
                        remedy = "give the layout of the association reads both, or the samples another fraction"
                        raise KcalseqError(str(path), found, "a barcode and a variant in every row", remedy)
                yield rows.select(columns)


def count_barcodes(source: Source) -> tuple[pa.Array, NDArray[np.int64]]:
    """Distinct barcodes, sorted, and the reads of each, shape (n,)."""
    total = pa.table({"barcode": pa.array([], pa.string()), "n_reads": pa.array([], pa.int64())})
    waiting: list[pa.Table] = []
    for piece in source.pieces(["barcode", "n_reads"]):
        waiting.append(_add_up([piece]))
        if sum(map(len, waiting)) > max(ROWS_PER_PART, len(total)):
            total, waiting = _add_up([total, *waiting]), []
    total = _add_up([total, *waiting]).sort_by("barcode")
    return pa.concat_arrays(total["barcode"].chunks), total["n_reads"].to_numpy()


def deal_rows(
    source: Source, barcodes: pa.Array, heads: NDArray[np.int64], rows_per_part: int = ROWS_PER_PART
) -> "Parts":
    """Deal the rows of a library into parts by the head of their barcode; see ``Parts``."""
    n_rows = sum(len(piece) for piece in source.pieces(["n_reads"]))
    n_parts = max(1, -(-n_rows // rows_per_part))
    parts = Parts(n_parts)
    for piece in source.pieces(["barcode", "variant_sequence", "n_reads", "variant_quality"]):
        own = pc.index_in(piece["barcode"], barcodes).to_numpy().astype(np.int64)
        rows = piece.drop_columns("barcode").append_column("own", pa.array(own))
        if n_parts == 1:
            parts.add(0, rows)
            continue
        part = heads[own] * n_parts // max(1, len(heads))
        for number in np.unique(part):
            parts.add(int(number), rows.filter(pa.array(part == number)))
    parts.close()
    return parts


class Parts:
    """Rows with columns own (number of the barcode), variant_sequence, n_reads, variant_quality, in parts.

    A single part stays in memory; several lie in a temporary folder until the ``with`` block ends.
    """

    def __init__(self, n_parts: int) -> None:
        self._tables: list[pa.Table] = []
        self._folder = tempfile.TemporaryDirectory(prefix="kcalseq-") if n_parts > 1 else None
        self._files: dict[int, pa.ipc.RecordBatchFileWriter] = {}
        self._open = ExitStack()

    def __enter__(self) -> "Parts":
        """The parts themselves."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove what waits on disk."""
        self.close()
        if self._folder is not None:
            self._folder.cleanup()

    def add(self, number: int, rows: pa.Table) -> None:
        """Put rows into a part."""
        if self._folder is None:
            self._tables.append(rows)
            return
        if number not in self._files:
            path = Path(self._folder.name) / f"{number:06d}.arrow"
            self._files[number] = self._open.enter_context(pa.ipc.new_file(path, rows.schema))
        self._files[number].write_table(rows)

    def close(self) -> None:
        """No more rows come."""
        self._open.close()

    def __iter__(self) -> Iterator[pa.Table]:
        """One part after the other; may be asked for more than once."""
        if self._folder is None:
            if self._tables:
                # Put together once: all looks at the part share the memory.
                self._tables = [pa.concat_tables(self._tables).combine_chunks()]
                yield self._tables[0]
            return
        for number in sorted(self._files):
            with pa.OSFile(str(Path(self._folder.name) / f"{number:06d}.arrow")) as file:
                yield pa.ipc.open_file(file).read_all().combine_chunks()


def _add_up(tables: list[pa.Table]) -> pa.Table:
    whole = pa.concat_tables(tables)
    return pa.TableGroupBy(whole, "barcode").aggregate([("n_reads", "sum")]).rename_columns(["barcode", "n_reads"])
