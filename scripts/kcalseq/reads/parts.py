"""The parts of a large run, each read by a job of its own, put together to what one job would have made of all of it.

Numbers of reads add up, best qualities are best of all parts, and rows stand in the order of their keys: so the results
do not depend on where the parts begin.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from kcalseq.arrowfile import read_pieces, read_whole
from kcalseq.errors import KcalseqError
from kcalseq.reads.counted import merged
from kcalseq.reads.extract import RunObservations
from kcalseq.reads.fatecounts import check_not_all_short, fate_table, fates_of, summed_fates
from kcalseq.reads.judging import KeyForm
from kcalseq.reads.layout import Layout
from kcalseq.reads.molecules import read_molecules
from kcalseq.reads.observations import counted_pieces, observation_pieces
from kcalseq.reads.owners import Sample, codes_and_owners


def join_parts(
    run: str,
    paths: Mapping[str, str],
    layout: Layout,
    samples: Mapping[str, Sample] | Sample,
    keep_qualities: bool,
    observations: Sequence[Path],
    read_fates: Sequence[Path],
) -> RunObservations:
    """What all parts of a run say together.

    Args:
        run: name of the run.
        paths: its files, for messages.
        layout: as the parts were read.
        samples: likewise.
        keep_qualities: likewise.
        observations: table ``observations`` of each part.
        read_fates: table ``read_fates`` of each part.

    Raises:
        KcalseqError: all reads are too short for the layout, or a table cannot be read.
    """
    _, owners = codes_and_owners(run, layout, samples)
    names = [(owner.library, owner.name) for owner in owners]
    form = KeyForm.of(layout, len(owners) > 1, keep_qualities)
    n_of_fate = summed_fates([read_whole("read_fates", path) for path in read_fates], layout)
    check_not_all_short(paths, layout, n_of_fate)
    streams = [counted_pieces(read_pieces("observations", path), form, names) for path in observations]
    fates = fates_of(n_of_fate, layout)
    return RunObservations(observation_pieces(run, merged(streams), form, names), fates, fate_table(run, fates))


def raise_as_of_whole(paths: Mapping[str, str], layout: Layout, error: KcalseqError) -> NoReturn:
    """Tell a fault that was found in a part as it stands in the whole files, with the number of its record there.

    Raises:
        KcalseqError: the fault that reading the files from their beginning comes upon; if there is none, names that
            stand in a file more than once have led to parts that do not belong together, which no reads outlive.
    """
    for _ in read_molecules(paths, layout.phred):
        pass
    found = f"{error.found}; so it is in a part of the run, while read from their beginning its files are sound"
    raise KcalseqError(error.where, found, error.expected, "set 'reads: {part_mb: 0}' in the configuration")
