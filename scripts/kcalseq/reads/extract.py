"""From reads to observations: which barcode, UMI and variant was read in which sample, and the fate of every read.

Each read (with its mates and index reads: each molecule) is tried in this order; the first reason that applies is its
fate, told with the part at fault:

1. every read must hold as many bases as its parts have at least (``too_short``);
2. mates that are to be merged must overlap well (``mates_disagree``), and the merged read must be long enough;
3. parts that stand in the name must be there (``not_in_name``);
4. the sample code must be near one code of the sheet, and nearer to it than to any other (``unknown_sample_code``,
   ``ambiguous_sample_code``);
5. read by read, the constant parts must be found (``part_not_found``) with the right number of bases between them
   (``wrong_length``; ``placing`` tells how);
6. barcodes and UMIs must keep their patterns (``not_in_pattern``);
7. barcodes, UMIs and variants must hold no N (``has_n``), and
8. their mean error probability must not exceed that of ``min_quality`` (``low_quality``).

Where the layout allows both strands, what fails in 4 or 5 is tried again from the other end.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kcalseq.dna import reverse_complement
from kcalseq.reads.blocks import BLOCK_BYTES, N_BUFFERS
from kcalseq.reads.counted import Counted
from kcalseq.reads.fatecounts import FateCounts, check_not_all_short, fate_table, fates_of, part_names
from kcalseq.reads.fates import KEPT, NOWHERE, REASONS, Fates
from kcalseq.reads.judging import KeyForm, judge, pack_keys
from kcalseq.reads.lane import Lane, has_lane
from kcalseq.reads.layout import Layout
from kcalseq.reads.leftovers import MANY, Leftovers
from kcalseq.reads.molecules import Molecules, read_molecules
from kcalseq.reads.observations import observation_pieces
from kcalseq.reads.owners import Sample, codes_and_owners
from kcalseq.reads.sharing_out import share_out
from kcalseq.reads.strands import place_all
from kcalseq.reads.stretches import Stretch
from kcalseq.reads.tally import Tally


class Settings(NamedTuple):
    """How a run is read.

    Attributes:
        keep_qualities: whether the best quality of each base of the variant is kept (association runs).
        tolerate: faults of the files after which reading goes on.
        max_bytes: memory for counting before it goes to disk.
        block_bytes: bytes of text a file to handle at a time.
        threads: to work with.
        folder: where to put what does not fit into memory; None = the system's folder for temporary files.
        stretches: what of each file is read, where it is a part of the run; None = all.
    """

    keep_qualities: bool = False
    tolerate: frozenset[str] = frozenset()
    max_bytes: int = 1 << 30
    block_bytes: int = BLOCK_BYTES
    threads: int = 1
    folder: Path | None = None
    stretches: Mapping[str, Stretch] | None = None


class RunObservations(NamedTuple):
    """What one run says.

    Attributes:
        observations: rows of the table ``observations`` in order, to be written piece by piece; to be used up once.
        fates: reads of each fate and part at fault.
        read_fates: the same as rows of the table ``read_fates``.
    """

    observations: Iterator[pa.Table]
    fates: FateCounts
    read_fates: pa.Table


def extract_run(
    run: str,
    paths: Mapping[str, str],
    layout: Layout,
    samples: Mapping[str, Sample] | Sample,
    progress: Callable[[int], None],
    settings: Settings = Settings(),  # noqa: B008 (a frozen tuple)
) -> RunObservations:
    """Extract the observations of one run.

    Args:
        run: name of the run.
        paths: file of each read of the layout (read_1, read_2, index_1, index_2).
        layout: where the parts sit.
        samples: sample of each code, checked beforehand by ``check_sample_codes``; or, where the layout has no
            sample code, the one sample that all reads belong to.
        progress: called after each batch with the number of reads in it.
        settings: see ``Settings``; the result depends on ``keep_qualities``, ``tolerate`` and ``stretches`` alone.

    Raises:
        KcalseqError: a file is not sound, or the samples do not suit the layout.
    """
    codes, owners = codes_and_owners(run, layout, samples)
    form = KeyForm.of(layout, len(owners) > 1, settings.keep_qualities)
    # The short way takes less time than decompression, which then has a thread of its own; the long way takes more, so
    # there the work is shared out.
    read_ahead = settings.threads > 1 and has_lane(layout, form)
    n_workers = 1 if read_ahead else max(1, settings.threads)
    tally = Tally(form.n_words, form.n_qualities, settings.max_bytes, settings.folder, n_workers)
    workers = [
        _Worker(Extractor(layout, codes, owners, settings.keep_qualities), tally, part) for part in range(n_workers)
    ]
    reads = read_molecules(paths, layout.phred, settings.tolerate, settings.block_bytes, read_ahead, settings.stretches)
    try:
        with closing(_told(reads, progress)) as molecules:
            share_out(molecules, [worker.take for worker in workers], N_BUFFERS - 1)
        for worker in workers:
            worker.finish()
        n_of_fate = np.sum([worker.n_of_fate for worker in workers], axis=0)
        if settings.stretches is None:
            check_not_all_short(paths, layout, n_of_fate)
    except BaseException:
        tally.close()
        raise
    names = [(owner.library, owner.name) for owner in owners]
    fates = fates_of(n_of_fate, layout)
    pieces = observation_pieces(run, _until_closed(tally), form, names)
    return RunObservations(pieces, fates, fate_table(run, fates))


def _until_closed(tally: Tally) -> Iterator[Counted]:
    """All pieces; the tally is closed behind the last."""
    try:
        yield from tally.pieces()
    finally:
        tally.close()


def _told(reads: Generator[Molecules], progress: Callable[[int], None]) -> Generator[Molecules]:
    with closing(reads):
        for molecules in reads:
            progress(len(next(iter(molecules.values())).starts))
            yield molecules


class _Worker:
    """One thread's share of the work: takes molecules apart and counts them in its part of the tally."""

    def __init__(self, extractor: "Extractor", tally: Tally, part: int) -> None:
        self.extractor, self._tally, self._part = extractor, tally, part
        self.n_of_fate = np.zeros((len(REASONS), len(extractor.part_names) + 1), dtype=np.int64)
        self._leftovers, self._nothing = Leftovers(), np.zeros((0, 0), dtype=np.uint8)

    def take(self, molecules: Molecules) -> None:
        """A batch, ordinary reads by the short way where there is one."""
        if self.extractor.lane is None:
            self._take_the_long_way(molecules)
            return
        done, keys = self.extractor.lane.take(molecules)
        left = np.flatnonzero(~done)
        self.n_of_fate[KEPT, NOWHERE] += len(done) - len(left)
        self._leftovers.put(molecules, left)
        self._tally.add(keys, done, self._nothing, self._part)
        if self._leftovers.n_reads >= MANY:
            self.finish()

    def finish(self) -> None:
        """What the short way left over."""
        if self._leftovers.n_reads:
            self._take_the_long_way(self._leftovers.take())

    def _take_the_long_way(self, molecules: Molecules) -> None:
        fates, keys, qualities = self.extractor.extract(molecules)
        self.n_of_fate += fates.count(len(self.extractor.part_names))
        self._tally.add(keys, fates.kept, qualities, self._part)


class Extractor:
    """Takes batches of molecules apart.

    Args:
        layout: where the parts sit.
        codes: sample codes, each as long as the layout says; none where the layout has none.
        owners: sample of each code, sorted by library and name; or the one sample.
        keep_qualities: whether the qualities of the variant are wanted.

    Attributes:
        form: how keys are made.
        part_names: parts that can be at fault, by their numbers.
        lane: the short way for ordinary reads, if the layout has one; what it leaves over goes to ``extract``.
    """

    def __init__(self, layout: Layout, codes: Sequence[str], owners: Sequence[Sample], keep_qualities: bool) -> None:
        self._layout = layout
        code = layout.sample_code
        if code is not None and code.reverse_complement:
            codes = [reverse_complement(letters) for letters in codes]
        letters = np.frombuffer("".join(codes).encode("ascii"), dtype=np.uint8)
        self._codes = letters.reshape(len(codes), len(codes[0]) if codes else 0)
        self.form = KeyForm.of(layout, len(owners) > 1, keep_qualities)
        self.lane = Lane(layout, self.form, self._codes) if has_lane(layout, self.form) else None
        self.part_names = part_names(layout)

    def extract(self, molecules: Molecules) -> tuple[Fates, NDArray[np.uint64], NDArray[np.uint8]]:
        """Fates, keys and qualities of the variant; keys and qualities are meaningful for kept reads."""
        attempts, fates, samples = place_all(self._layout, molecules, self._codes, self.part_names)
        for placed, rows in attempts:
            judge(self._layout, placed, rows, fates, self.part_names)
        keys = np.zeros((len(fates.reasons), self.form.n_words), dtype=np.uint64)
        qualities = np.zeros((len(fates.reasons), self.form.n_qualities), dtype=np.uint8)
        if self.form.has_sample:
            keys[:, 0] = samples.astype(np.uint64)
        for placed, rows in attempts:
            pack_keys(self._layout, self.form, placed, rows & fates.kept, keys, qualities)
        return fates, keys, qualities
