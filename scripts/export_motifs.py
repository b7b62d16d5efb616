"""Write the sites of one fitted model as motifs that other programs read."""

from typing import TYPE_CHECKING

from kcalseq.models.spec import read_model
from kcalseq.step import job
from kcalseq.tablefile import read_table
from kcalseq.training.motifs import jaspar, meme, site_motif, transfac
from kcalseq.wholefile import write_text

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, target = snakemake.input, snakemake.output
    spec, parameters = read_model(source.model), read_table("parameters", source.parameters)
    motifs = [site_motif(parameters, site.name, spec.temperature_celsius) for site in spec.originals]
    for motif in motifs:
        log.info("%s: %s", motif.name, "; ".join(motif.remarks) or "all energies determined")
    for write, path in ((meme, target.meme), (jaspar, target.jaspar), (transfac, target.transfac)):
        write_text(write(motifs), path)
