"""Barcodes, activities and effects of one library in the formats of IGVF."""

from typing import TYPE_CHECKING

from kcalseq.arrowfile import read_pieces, read_whole
from kcalseq.export.barcodes import COLUMNS, side_by_side, with_shared_dna, write_barcode_counts, write_map
from kcalseq.export.contents import Contents, whole_folder
from kcalseq.export.coordinates import check_coordinates, read_coordinates
from kcalseq.export.igvf_files import Measured, activity_files, replicate_names
from kcalseq.export.names import check_names, distinct
from kcalseq.export.textfile import write_rows
from kcalseq.step import job
from kcalseq.tablefile import read_table, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

_TABLES = ("variant_log_ratio", "combined_activity", "variant_effects")

with job(snakemake) as log, whole_folder(snakemake.output.folder) as folder:
    source, params, library = snakemake.input, snakemake.params, snakemake.wildcards.library
    contents = Contents(library)
    known = read_table("variants", source.variants).set_index("variant")["variant_sequence"]
    check_names(known.index, f"exports of library '{library}'")
    places = read_coordinates(source.genome) if source.get("genome") else {}
    check_coordinates(source.get("genome", ""), places, known.to_dict())
    counted = None
    if source.get("barcode_map"):
        barcode_map = read_whole("barcode_map", source.barcode_map, ["barcode", "variant"])
        file = "reporter_barcode_to_element_mapping.tsv.gz"
        contents.add(file, None, write_map(barcode_map, folder / file), {})
        if source.get("barcode_counts"):
            pieces = read_pieces("barcode_counts", source.barcode_counts, COLUMNS)
            counted = side_by_side(pieces, barcode_map.column("barcode").combine_chunks())
    if source.get("variant_log_ratio"):
        log_ratio, combined, effects = (read_table(n, source[n]) if source.get(n) else None for n in _TABLES)
        sequences = known.dropna().to_dict()
        measured = Measured(log_ratio, combined, effects, sequences, places, params.activity["pseudocount"])
        folders = distinct(sorted(log_ratio["condition"].unique()), "A-Za-z0-9_-", "_")
        for condition, name in folders.items():
            (folder / name).mkdir()
            replicates = replicate_names(params.samples, condition, params.activity["dna"])
            if counted is not None:
                file = f"{name}/reporter_experiment_barcode.tsv.gz"
                counts = with_shared_dna(counted.counts, params.activity["dna"])
                n_rows = write_barcode_counts(counts, condition, replicates, barcode_map, folder / file)
                n_unmapped = counted.n_unmapped.get(condition, 0)
                contents.add(file, condition, n_rows, {"no_variant": n_unmapped})
            for file, found in activity_files(measured.of(condition), replicates):
                if len(found.rows):
                    write_rows(found.rows, folder / name / file, header=".bed" not in file)
                contents.add(f"{name}/{file}", condition, len(found.rows), found.left_out)
    write_table("exported", contents.table(), snakemake.output.exported)
