"""Hold the first reads of one run against its layout."""

from typing import TYPE_CHECKING

import pandas as pd

from kcalseq.association.design import read_design
from kcalseq.reads.layout import SLOTS, read_layout
from kcalseq.reads.molecules import read_molecules
from kcalseq.reads.probing import Probe
from kcalseq.reads.whitelist import read_whitelist
from kcalseq.step import job
from kcalseq.tablefile import write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log:
    source, params = snakemake.input, snakemake.params
    layout, known = read_layout(source.assay), {}
    if source.get("design"):
        known["variant"] = frozenset(read_design(source.design, **params.design_options).sequences)
    if layout.whitelist:
        known["barcode"] = frozenset(read_whitelist(layout.whitelist))
    probe, left = Probe(layout, params.codes, known), params.n_reads
    paths = {slot: source[slot] for slot in SLOTS if source.get(slot)}
    for molecules in read_molecules(paths, layout.phred, frozenset(params.tolerate)):
        probe.look({slot: records.slice(0, left) for slot, records in molecules.items()})
        left -= min(left, len(next(iter(molecules.values())).starts))
        if not left:
            break
    findings = probe.findings()
    log.info("%d findings", len(findings))
    frame = pd.DataFrame(findings).assign(run=snakemake.wildcards.run, line=range(len(findings)))
    write_table("layout_check", frame, snakemake.output[0])
