"""From the lac example's counts to a draft that predicts as well as the model that people wrote."""

from pathlib import Path

import pandas as pd
import pytest
import torch
from binned import counts_of

from kcalseq.activity.promoter_footprint import promoter_footprints
from kcalseq.models.draft import DraftSite, chosen_sites, draft_model
from kcalseq.models.information import variational_information
from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.training.fitting import fit_problem, phenotypes, prepare
from kcalseq.training.metrics import bin_log_probabilities
from kcalseq.training.problem import binned, build_problem

pytestmark = pytest.mark.slow


def information(spec: ModelSpec, variants: pd.DataFrame, counts: pd.DataFrame) -> dict[str, float]:
    """I_var of validation and test set, bits, by one start."""
    problem = build_problem(spec, variants, counts, "presence")
    model = fit_problem(spec, problem, seed=1, n_starts=1, n_threads=1, progress=lambda _: None)
    setup = prepare(spec, problem)
    phi = phenotypes(spec, setup, problem, model.flat)[0]
    network, ((_, process, _),) = setup.posterior.network, binned(problem)
    log_p = bin_log_probabilities(process, network.weights(torch.from_numpy(model.flat)[None], 0), phi)
    seen, rows = counts_of(problem), {part: problem.rows(part) for part in ("validation", "test")}
    return {part: variational_information(log_p[:, own], seen[:, own]).value for part, own in rows.items()}


def test_the_draft_fits_as_well_as_the_model_written_by_hand(
    thermodynamic: ModelSpec, tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame], tmp_path: Path
) -> None:
    _, variants, counts = tables
    found = promoter_footprints("lac", counts, variants, "presence", seed=1)
    called = {row.site: range(row.start, row.start + row.length) for row in found.putative_sites.itertuples()}
    assert set(called) == {"site_1", "RNAP"}
    for name, known in (("site_1", "CRP"), ("RNAP", "RNAP")):
        site = next(site for site in thermodynamic.sites if site.name == known)
        assert len(set(called[name]) & set(range(site.start, site.stop))) >= 0.6 * site.length
    rnap = found.putative_sites.set_index("site").loc["RNAP"]
    # TTTACA and TATGTT, 18 nt apart.
    assert (rnap["minus_35"], rnap["minus_10"], rnap["n_mismatches"]) == (39, 63, 3)
    sites = [
        DraftSite(row.site, row.start, row.start + row.length, row.kind, row.p_value)
        for row in found.putative_sites.itertuples()
    ]
    wildtype = "".join(found.promoter_footprint["common_base"])
    path = tmp_path / "draft_model.yaml"
    path.write_text(draft_model("lac", chosen_sites(sites, 75), wildtype, -75, False, False), encoding="utf-8")
    draft = read_model(path)
    assert draft.wildtype == thermodynamic.wildtype
    by_hand, drafted = (information(spec, variants, counts) for spec in (thermodynamic, draft))
    assert all(drafted[part] > by_hand[part] - 0.01 for part in by_hand), (drafted, by_hand)
