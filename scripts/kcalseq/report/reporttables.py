"""The tables behind the page."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class ReportTables:
    """The tables behind the page, each over all libraries, models and runs."""

    summary: pd.DataFrame
    quality: pd.DataFrame
    variant_effects: pd.DataFrame
    base_effects: pd.DataFrame
    base_effect_agreement: pd.DataFrame
    base_effect_drops: pd.DataFrame
    read_fates: pd.DataFrame
    parameters: pd.DataFrame
    fit_metrics: pd.DataFrame
    fit_starts: pd.DataFrame
    profiles: pd.DataFrame
    bootstraps: pd.DataFrame
    model_comparison: pd.DataFrame
    association_summary: pd.DataFrame
    design_conflicts: pd.DataFrame
    count_fates: pd.DataFrame
    saturation: pd.DataFrame
    barcode_overlap: pd.DataFrame
    index_hopping: pd.DataFrame
    variants: pd.DataFrame
    variant_activity: pd.DataFrame
    variant_values: pd.DataFrame
    predictions: pd.DataFrame
    combined_activity: pd.DataFrame
    activity_summary: pd.DataFrame
    activity_drops: pd.DataFrame
    activity_replicates: pd.DataFrame
    replicate_agreement: pd.DataFrame
    error_model: pd.DataFrame
    fluorescence_replicates: pd.DataFrame
    fluorescence_agreement: pd.DataFrame
    fluorescence_drops: pd.DataFrame
    footprint_check: pd.DataFrame
    putative_sites: pd.DataFrame
