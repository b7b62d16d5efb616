"""The page is well formed, needs nothing but itself, and cannot be broken by a name."""

import dataclasses
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from kcalseq import figures
from kcalseq.errors import KcalseqError
from kcalseq.report.embedding import EXPLANATIONS, read_figures
from kcalseq.report.page import relative_paths

from .reading import Page, running_scripts


def test_page_needs_nothing_but_itself(run: Any) -> None:
    text = run.page()
    for tag, attributes in Page(text).tags:
        assert tag not in ("link", "iframe", "object", "base"), tag
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href", "srcset", "action"):
            assert re.match(r"data:image/|#", attributes.get(name) or "#"), attributes
    assert "url(" not in text and "@import" not in text and "http:" not in text and "https:" not in text


def test_same_run_gives_the_same_bytes(run: Any) -> None:
    assert run.page() == run.page()


def test_order_of_lists_does_not_matter(run: Any) -> None:
    turned = dataclasses.replace(
        run,
        fits=run.fits[::-1],
        figures=run.figures[::-1],
        page_models=run.page_models[::-1],
        variants=run.variants[::-1],
        variant_activity=run.variant_activity[::-1],
        predictions=run.predictions[::-1],
        read_fates=run.read_fates[::-1],
        libraries=dict(reversed(run.libraries.items())),
    )
    assert turned.page() == run.page()


def test_page_is_accessible(run: Any) -> None:
    page = Page(run.page())
    identities = Counter(attributes["id"] for _, attributes in page.tags if "id" in attributes)
    assert [name for name, times in identities.items() if times > 1] == []
    for tag, attributes in page.tags:
        if tag == "img":
            assert len(attributes["alt"] or "") > 20
        if tag == "th":
            assert attributes["scope"] in ("col", "row")
        if (attributes.get("href") or "").startswith("#"):
            assert (attributes["href"] or "")[1:] in identities
        if "aria-labelledby" in attributes:
            assert attributes["aria-labelledby"] in identities
    counts = Counter(tag for tag, _ in page.tags)
    assert counts["table"] == counts["caption"] > 5
    assert counts["h1"] == counts["main"] == counts["title"] == 1
    assert page.tags[0] == ("html", {"lang": "en"})


def test_names_cannot_break_the_page(run: Any) -> None:
    hostile = "<script>alert('x')</script>\"' onload=\"x\" & {{ 7*7 }} ünï"
    renamed = dataclasses.replace(
        run,
        libraries={hostile: {**run.libraries["lac"], "description": hostile, "samples": [hostile]}},
        fits=[{**fit, "library": hostile, "model": hostile + fit["model"], "notes": [hostile]} for fit in run.fits],
        variants=run.variants.assign(library=hostile),
        variant_counts=run.variant_counts.assign(library=hostile),
    )
    page = Page(renamed.page())
    assert running_scripts(page) == 1
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("onload")]
    assert hostile in " ".join(page.words)
    assert "49" not in page.text


def test_empty_run_says_so(run: Any) -> None:
    text = Page(run.emptied().page()).text
    assert "Library lac has no reads." in text
    assert "No model was fitted to library lac." in text
    assert "No data: the figure read fates of Library lac was not made." in text
    assert "nan" not in text.lower().split()


def test_every_figure_is_embedded_once(run: Any) -> None:
    images = [attributes for tag, attributes in Page(run.page()).tags if tag == "img"]
    assert len(images) == len(run.figures) == 5


def test_png_is_preferred_and_svg_stays_an_image(run: Any, tmp_path: Any) -> None:
    folder = tmp_path / "libraries/lac/figures"
    (folder / "read_fates.svg").write_text("<svg/>", encoding="utf-8")
    (folder / "alone.svg").write_text("<svg/>", encoding="utf-8")
    figures = {figure.name: figure for figure in read_figures([str(path) for path in folder.iterdir()])}
    assert figures["read_fates"].media_type == "image/png"
    assert figures["alone"].address.startswith("data:image/svg+xml;base64,")


def test_path_without_owner_is_refused() -> None:
    with pytest.raises(KcalseqError, match="does not say whose figure it is; expected libraries/"):
        read_figures(["plots/energy_logos.png"])


def test_every_figure_kind_is_explained() -> None:
    kinds = {path.stem for path in Path(figures.__file__).parent.glob("*.py")} - {
        "__init__",
        "absence",
        "sourcetable",
        "style",
    }
    kinds -= {"predicted_ratio"}  # drawn in place of predicted_activity
    assert set(EXPLANATIONS) == kinds


def test_paths_are_relative_to_the_page(tmp_path: Any) -> None:
    paths = [str(tmp_path / "results/runs/a/read_fates.parquet")]
    assert relative_paths(paths, tmp_path / "results/report.html") == ["runs/a/read_fates.parquet"]
