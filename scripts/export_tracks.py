"""Effects of single bases of one library as tracks of a genome browser."""

from typing import TYPE_CHECKING

from kcalseq.export.contents import Contents, whole_folder
from kcalseq.export.coordinates import check_coordinates, read_coordinates
from kcalseq.export.names import check_names, distinct
from kcalseq.export.textfile import write_rows
from kcalseq.export.tracks import named_changes, tracks
from kcalseq.step import job
from kcalseq.tablefile import read_table, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake) as log, whole_folder(snakemake.output.folder) as folder:
    source, library, places = snakemake.input, snakemake.wildcards.library, None
    contents = Contents(library)
    known = read_table("variants", source.variants).set_index("variant")["variant_sequence"]
    check_names(known.index, f"exports of library '{library}'")
    if source.get("genome"):
        places = read_coordinates(source.genome)
        check_coordinates(source.genome, places, known.to_dict())
    effects = {"effects": read_table("variant_effects", source.variant_effects)}
    if source.get("base_effects"):
        effects["base_effects"] = named_changes(read_table("base_effects", source.base_effects))
    folders = distinct(sorted(effects["effects"]["condition"].unique()), "A-Za-z0-9_-", "_")
    for condition, name in folders.items():
        (folder / name).mkdir()
        for table, rows in effects.items():
            found = tracks(rows[rows["condition"] == condition], places)
            contents.add(f"{name}/{table}.bed", condition, len(found.bed), found.left_out)
            if len(found.bed):
                write_rows(found.bed, folder / name / f"{table}.bed", header=False)
                write_rows(found.bedgraph, folder / name / f"{table}.bedgraph", header=False, digits=6)
    write_table("exported", contents.table(), snakemake.output.exported)
