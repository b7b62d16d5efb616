"""The files that a plan was made from, for the record of a run."""

from kcalseq.planning.contents import Plan


def text_files(plan: Plan) -> list[str]:
    """Sheets, layouts and models: what a person wrote, each once."""
    named = [plan.samples_sheet, plan.runs_sheet]
    for library in plan.libraries.values():
        named += [library.assay, library.association.assay if library.association else ""]
        named += library.model_files.values()
        named += [library.effects.sheet if library.effects else "", library.activity.get("controls_file", "")]
    return [path for path in dict.fromkeys(named) if path]


def data_files(plan: Plan) -> list[str]:
    """Designs, barcode maps, whitelists, splits, values, sequences to predict, places on a genome, earlier fits.

    What is only checked, each once.
    """
    named = []
    for name, library in plan.libraries.items():
        if library.association:
            named += [library.association.design, library.association.map]
        named += [library.layout.whitelist if library.layout else "", library.values]
        named += [library.split or "", library.predict or "", library.genome]
        named += [plan.earlier_fit(name, model) or "" for model in library.models]
    return [path for path in dict.fromkeys(named) if path]
