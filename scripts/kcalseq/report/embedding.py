"""Figures on their way into the page: whose they are, what they show, and their bytes as a data address.

An SVG is embedded as an image, not as markup: a browser runs no script and loads nothing from an image, and
its ids cannot clash with another figure's.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from kcalseq.errors import KcalseqError
from kcalseq.report.pointsview import MOST_POINTS, POINTED, PointsView, points_view
from kcalseq.tablefile import read_table

MOST_POINTS_OF_ALL = 30_000
"""Points of all figures of a page: with their names they take about 1 MB."""
_MEDIA_TYPES = MappingProxyType({".png": "image/png", ".svg": "image/svg+xml"})


@dataclass(frozen=True)
class Explanation:
    """What a kind of figure shows: the caption under it, and the text for readers who cannot see it."""

    caption: str
    alternative: str


EXPLANATIONS = MappingProxyType(
    {
        "read_fates": Explanation(
            "Reads of each run: kept, and dropped by reason and by the part of the layout at fault. Dropped reads have "
            "an axis of their own.",
            "Bar chart of kept reads by run and of dropped reads by run and reason; the table of fates has them.",
        ),
        "saturation_map": Explanation(
            "Effects of single bases: each letter is the new base, at its position and its effect, with its interval. "
            "Pale letters may be chance.",
            "Letters of new bases by position and effect; the table of effects has the numbers.",
        ),
        "base_effects_map": Explanation(
            "Effects of single bases, told apart where molecules carry several: each letter is the new base, at its "
            "position and its effect, with its interval, a cross a missing base. Pale ones may be chance; the letters "
            "below are the reference.",
            "Letters of new bases by position and effect; the table of base effects has the numbers.",
        ),
        "barcode_calls": Explanation(
            "What was made of the barcodes of the association reads: the number of barcodes with each call, and the "
            "reads that they hold.",
            "Bar charts of barcodes by call and of reads by call; the table of calls has the numbers.",
        ),
        "reads_per_barcode": Explanation(
            "Knee plot: reads of each barcode, from the best read to the least. Where the curve falls steeply, true "
            "barcodes end and misread ones begin; the lines are the least number of reads used and recommended.",
            "Line chart of reads by rank of the barcode, both axes logarithmic, with the thresholds.",
        ),
        "barcodes_per_variant": Explanation(
            "How many barcodes stand for each variant. The more there are, the less the chance of one barcode weighs; "
            "of variants without a barcode nothing can be measured.",
            "Histogram of the number of barcodes per variant, with the median.",
        ),
        "count_fates": Explanation(
            "What became of the kept reads of each sample: counted as read or after correction on the left, not "
            "counted on the right, on an axis of its own.",
            "Stacked bars of reads counted and of reads not counted by sample; the table of fates has the numbers.",
        ),
        "saturation": Explanation(
            "Distinct barcodes and molecules against reads. Solid: what fewer reads would have shown; mark: what was "
            "sequenced; dashed: what more reads would show. Where a curve is flat, sequencing deeper brings little.",
            "Line charts of distinct barcodes and molecules by number of reads, one line a sample, reads logarithmic.",
        ),
        "replicate_activity": Explanation(
            "Activities of variants in two replicates of a condition; on the dashed line both agree.",
            "Scatter plots of log2 RNA per DNA in pairs of replicates; the table of replicates has the correlations.",
        ),
        "replicate_correlations": Explanation(
            "Correlation of replicates over variants that have so many barcodes or more in both. If it rises with "
            "them, more barcodes would help; if not, the replicates differ by themselves. Below: how many variants "
            "these are, in digits where a pair has fewer than 100; of few, chance alone moves a correlation.",
            "Correlation of replicates, and number of variants, against the least number of barcodes of a variant.",
        ),
        "ranked_activity": Explanation(
            "Every measured variant from the least active to the most, with its interval; negative controls, where any "
            "are named, are marked.",
            "Activity with interval bars by rank of the variant, one panel for each condition.",
        ),
        "error_model": Explanation(
            "Left: differences of two replicates in groups of variants, observed and as the error model predicts them; "
            "on the dashed line both agree, and the grey line is what counting alone would give. Right: what the "
            "predicted variance is made of.",
            "Line chart of observed against predicted differences of replicates, and bars of shares of the variance.",
        ),
        "replicate_fluorescence": Explanation(
            "Mean log10 fluorescence of variants in two replicates of a condition; on the dashed line both agree.",
            "Scatter plots of mean log10 fluorescence in pairs of replicates; the table of replicates has the "
            "correlations.",
        ),
        "ranked_fluorescence": Explanation(
            "Mean log10 fluorescence of every variant from the dimmest to the brightest, with its interval. Triangles "
            "are bounds of variants whose cells lie in an end bin alone; dashed lines are gates.",
            "Mean log10 fluorescence with interval bars by rank of the variant, one panel for each condition.",
        ),
        "putative_sites": Explanation(
            "Information footprint of a condition, replicates together, with the sites called. Blue: positions where "
            "the base tells more than it does when outcomes are dealt out anew among the variants (q at most 0.05).",
            "Bar chart of information by position with shaded sites; table promoter_footprint has the numbers.",
        ),
        "expression_shift": Explanation(
            "Expression shift: mean activity of the variants mutated at a position less that of the others (bars), and "
            "of each base less the most common one, which is dotted (map). Blue lowers activity, red raises it; grey "
            "bars are no more than chance.",
            "Bar chart of the shift by position and heat map by base; tables promoter_footprint and base_shift have "
            "the numbers.",
        ),
        "information_footprint": Explanation(
            "Information footprint: how much the base at each position says about the sort bin. High bars mark "
            "positions that matter for expression.",
            "Bar chart of mutual information in bits by position, with known sites shaded.",
        ),
        "energy_logos": Explanation(
            "Energy logos: at each position, letters above the line favour binding and letters below weaken it; "
            "the height is the energy, relative to the mean of the four bases.",
            "Sequence logos, one a site, of minus the binding energy of each base by position.",
        ),
        "parameters": Explanation(
            "Scalar parameters with intervals; profile likelihood of the headline parameter (the shaded range is its "
            "interval, the dashed line the rise at its ends); each energy matrix entry with its interval.",
            "Dots with interval bars for each parameter, and the profile likelihood curve; the table has the numbers.",
        ),
        "training_history": Explanation(
            "Course of the fit: how far each random start was above the best objective; of a fit in minibatches what "
            "the validation set says after each epoch, from whose lowest point the weights are.",
            "Line chart of the objective above its best value, one line a start, on a logarithmic axis; of minibatches "
            "of the validation value by epoch.",
        ),
        "response": Explanation(
            "Measured values of the test set against the latent phenotype, with the fitted curve and the interval in "
            "which the model expects single values.",
            "Scatter plot of values by latent phenotype, with the curve and a band about it.",
        ),
        "predicted_activity": Explanation(
            "Predicted against observed mean sort bin, or log2 of RNA per DNA, test set only. A variant seen once "
            "scatters by the noise of sorting alone, so judge a model of sort bins by the group means.",
            "Scatter plot of predicted and observed activity, for sort bins with means of equal groups, beside the "
            "diagonal.",
        ),
        "measurement_process": Explanation(
            "The measurement process: into which bin a cell falls at a given latent phenotype, and where the training "
            "variants lie.",
            "Heat map of the probability of each sort bin by latent phenotype, below a histogram of training variants.",
        ),
    }
)


@dataclass(frozen=True)
class ReportFigure:
    """One figure: its library, its model (None where it belongs to the library), its name and its image.

    ``source`` says where the numbers that it shows lie, and ``points`` whose its points are.
    """

    library: str
    model: str | None
    name: str
    media_type: str
    content: bytes
    source: str = ""
    points: PointsView | None = None

    @property
    def address(self) -> str:
        """The image as a data address, so that the page needs no other file."""
        return f"data:{self.media_type};base64,{base64.b64encode(self.content).decode('ascii')}"

    @property
    def explanation(self) -> Explanation:
        """Caption and alternative text; the bare name for a kind of figure unknown here."""
        name = self.name.replace("_", " ")
        return EXPLANATIONS.get(self.name, Explanation(name, f"Figure: {name}."))


def read_figures(paths: Sequence[str], sources: Mapping[str, str] = MappingProxyType({})) -> list[ReportFigure]:
    """Read figures; where one is there as PNG and SVG, the PNG, which looks alike everywhere.

    Args:
        paths: ``…/libraries/{library}[/models/{model}]/figures/{name}.{png,svg}``.
        sources: paths of tables ``figure_source`` beside them, ``.tsv``, and how the page names each.

    Raises:
        KcalseqError: a path is built otherwise.
    """
    tables = {str(Path(path).with_suffix("")): path for path in sources}
    n_pointed = sum(Path(path).stem in POINTED for path in sources)
    most_points = min(MOST_POINTS, MOST_POINTS_OF_ALL // max(1, n_pointed))
    chosen: dict[tuple[str, str | None, str], Path] = {}
    for path in sorted(map(Path, paths), key=lambda path: (path.suffix != ".svg", str(path))):
        chosen[_owner(path)] = path  # PNG comes after SVG and replaces it
    figures = []
    for (library, model, name), path in sorted(chosen.items(), key=lambda item: str(item[1])):
        table = tables.get(str(path.with_suffix("")))
        is_pointed = table is not None and name in POINTED
        points = points_view(read_table("figure_source", str(table)), most_points) if is_pointed else None
        lying = sources[table] if table is not None else ""
        figures.append(ReportFigure(library, model, name, _MEDIA_TYPES[path.suffix], path.read_bytes(), lying, points))
    return figures


def _owner(path: Path) -> tuple[str, str | None, str]:
    match path.parts:
        case (*_, "libraries", library, "models", model, "figures", _) if path.suffix in _MEDIA_TYPES:
            return library, model, path.stem
        case (*_, "libraries", library, "figures", _) if path.suffix in _MEDIA_TYPES:
            return library, None, path.stem
    expected = "libraries/{library}[/models/{model}]/figures/{name}.png or .svg"
    raise KcalseqError(str(path), "this path does not say whose figure it is", expected, "rename the rule's output")
