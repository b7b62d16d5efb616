"""Draw the fluorescence of one library, replicates against each other and variants by rank."""

import math
from typing import TYPE_CHECKING

from kcalseq.figures import ranked_fluorescence, replicate_fluorescence
from kcalseq.figures.style import save, stems
from kcalseq.step import job
from kcalseq.tablefile import read_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    source, to = snakemake.input, stems(snakemake.output)
    single = read_table("sorted_fluorescence", source.sorted_fluorescence)
    agreement = read_table("fluorescence_agreement", source.fluorescence_agreement)
    save(replicate_fluorescence.draw(single, agreement), to["replicate_fluorescence"])
    combined = read_table("combined_fluorescence", source.combined_fluorescence)
    ends = [(own["condition"], own[end]) for own in snakemake.params.gates for end in ("lower", "upper")]
    gates = [(condition, math.log10(gate)) for condition, gate in ends if gate is not None]
    save(ranked_fluorescence.draw(combined, gates), to["ranked_fluorescence"])
