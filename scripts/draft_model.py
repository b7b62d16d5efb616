"""Draft a model of one library from its putative sites, as YAML to be edited."""

from typing import TYPE_CHECKING

from kcalseq.models.draft import DraftSite, chosen_sites, draft_model, no_draft
from kcalseq.step import job
from kcalseq.tablefile import read_table
from kcalseq.tables import FOOTPRINT_CALLS
from kcalseq.wholefile import write_text

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake):
    source, params = snakemake.input, snakemake.params
    call = read_table("footprint_check", source.footprint_check)["call"].iloc[0]
    footprint = read_table("promoter_footprint", source.promoter_footprint)
    sites = [
        DraftSite(row["site"], row["start"], row["start"] + row["length"], row["kind"], row["p_value"])
        for row in read_table("putative_sites", source.putative_sites).fillna({"p_value": 1.0}).to_dict("records")
    ]
    # Conditions of a library share its variants, nearly always all; the first tells the wild type.
    first = footprint[footprint["condition"] == footprint["condition"].min()]
    wildtype, n_conditions = "".join(first["common_base"]), footprint["condition"].nunique()
    if wildtype:
        chosen = chosen_sites(sites, len(wildtype))
        text = draft_model(params.library, chosen, wildtype, params.first_position, params.counted, n_conditions > 1)
    else:
        text = no_draft(params.library, FOOTPRINT_CALLS[call])
    write_text(text, snakemake.output[0])
