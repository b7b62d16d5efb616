"""Weights go to a file and come back the same to the last bit."""

from pathlib import Path

import numpy as np
import pytest
from binned import network_of_bins

from kcalseq.errors import KcalseqError
from kcalseq.models.parameters import ParameterLayout
from kcalseq.models.spec import ModelSpec
from kcalseq.training.weights import earlier_weights, load_weights, save_weights


def numbers(layout: ParameterLayout) -> np.ndarray:
    flat = np.random.default_rng(50).normal(size=layout.size)
    flat[:3] = [np.nextafter(0, 1), -0.0, 1 / 3]
    return flat


def test_round_trip_to_the_last_bit(spec: ModelSpec, tmp_path: Path) -> None:
    layout = network_of_bins(spec, 4).layout
    flat = numbers(layout)
    save_weights(layout, flat, tmp_path / "weights.safetensors")
    assert load_weights(layout, tmp_path / "weights.safetensors").tobytes() == flat.tobytes()


def test_same_numbers_same_bytes(spec: ModelSpec, tmp_path: Path) -> None:
    layout = network_of_bins(spec, 4).layout
    for name in ("one", "two"):
        save_weights(layout, numbers(layout), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".yaml") == ["one", "two"]


def test_weights_of_another_model_are_refused(spec: ModelSpec, tmp_path: Path) -> None:
    layout, path = network_of_bins(spec, 4).layout, tmp_path / "weights.safetensors"
    save_weights(layout, numbers(layout), path)
    other = network_of_bins(spec, 4).layout
    other.blocks["LacI.mu"] = other.blocks.pop("CRP.mu")
    with pytest.raises(KcalseqError) as raised:
        load_weights(other, path)
    for word in (str(path), "blocks that differ from the model's: CRP.mu, LacI.mu", "refit it"):
        assert word in str(raised.value)


def test_weights_for_another_number_of_bins_are_refused(spec: ModelSpec, tmp_path: Path) -> None:
    layout, path = network_of_bins(spec, 4).layout, tmp_path / "weights.safetensors"
    save_weights(layout, numbers(layout), path)
    with pytest.raises(KcalseqError, match="mpa"):
        load_weights(network_of_bins(spec, 5).layout, path)


def test_of_an_earlier_fit_what_fits_is_taken(spec: ModelSpec, tmp_path: Path) -> None:
    """With a bin more, the blocks of the bins are new and all others are taken."""
    layout, path = network_of_bins(spec, 4).layout, tmp_path / "weights.safetensors"
    flat = numbers(layout)
    save_weights(layout, flat, path)
    same, missing = earlier_weights(layout, path)
    assert np.array_equal(same, flat) and missing == []
    grown = network_of_bins(spec, 5).layout
    found, missing = earlier_weights(grown, path)
    assert missing == ["mpa.a", "mpa.b"]
    for name, block in grown.blocks.items():
        own = found[block.slice]
        assert np.isnan(own).all() if name in missing else np.array_equal(own, flat[layout.blocks[name].slice])
