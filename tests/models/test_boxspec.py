"""Black boxes and constant models as models: what a YAML asks for, what makes no sense, and what the network gives."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from binned import log_probabilities, network_of_bins

from kcalseq.errors import KcalseqError
from kcalseq.models.beginnings import initial_parameters
from kcalseq.models.blackbox import BlackBox
from kcalseq.models.canonical import canonicalise
from kcalseq.models.design import build_design
from kcalseq.models.spec import ModelSpec

CPU = torch.device("cpu")
MLP = """\
description: A small dense box
kind: black_box
sequence: {length: 8}
network: {architecture: mlp, hidden_units: [5, 3]}
measurement: {hidden_units: 3}
"""
CNN = MLP.replace("architecture: mlp", "architecture: cnn, filters: 4, filter_width: 3, pool: 2")
CONSTANT = "description: The same everywhere\nkind: constant\nsequence: {length: 8}\n"
Read = Callable[[str], ModelSpec]


def codes(n: int = 9) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 4, (n, 8), dtype=np.uint8)


def test_a_black_box_says_what_the_file_says(read_text: Read) -> None:
    spec = read_text(MLP)
    assert (spec.kind, spec.sites, spec.states, spec.terms, spec.rates, spec.has_energies) == (
        "black_box",
        (),
        (),
        (),
        (),
        False,
    )
    box = spec.network
    assert box is not None
    assert (box.architecture.kind, box.architecture.hidden, box.weight_sd, box.batch) == ("mlp", (5, 3), 0.1, 256)
    assert (box.epochs, box.patience, box.learning_rate) == (80, 15, 0.003)


def test_a_cnn_has_defaults_of_its_own(read_text: Read) -> None:
    box = read_text(MLP.replace("mlp, hidden_units: [5, 3]", "cnn, filter_width: 3")).network
    assert box is not None
    assert (box.weight_sd, box.epochs, box.patience, box.learning_rate) == (0.05, 30, 10, 0.002)
    assert (box.architecture.hidden, box.architecture.filters, box.architecture.pool) == ((100, 30, 10), 64, 5)


@pytest.mark.parametrize(
    ("text", "old", "new", "words"),
    [
        (MLP, "network", "# network", ("line 2, key 'kind'", "without a network", "architecture: mlp")),
        (MLP, "kind: black_box", "kind: constant", ("line 4, key 'network'", "a constant model with network")),
        (MLP, "mlp", "rnn", ("line 4, key 'network.architecture'", "'rnn'")),
        (MLP, "mlp,", "mlp, filters: 3,", ("key 'network.filters'", "an mlp with filters", "set architecture: cnn")),
        (MLP, "mlp,", "cnn,", ("key 'network'", "filters of 11 bases in variants of 8", "at most 8")),
        (MLP, "[5, 3]", "[5, 0]", ("key 'network.hidden_units.1'", "0")),
        (MLP, "network", "sites: {A: {start: 0, length: 8}}\nnetwork", ("line 4, key 'sites'", "a black_box model")),
        (MLP, "network", "prior: {pair_sd: 0.1}\nnetwork", ("line 4, key 'prior'", "a black_box model with prior")),
        (MLP, "network", "states: auto\nnetwork", ("line 4, key 'states'", "a black_box model with states")),
        (MLP, "black_box", "additive", ("line 4, key 'network'", "an additive model with network")),
        (CONSTANT, "constant", "additive", ("an additive model without sites", "add 'sites:'")),
        (CONSTANT, "constant", "kinetic", ("a kinetic model without sites",)),
    ],
)
def test_what_makes_no_sense_is_told(read_text: Read, text: str, old: str, new: str, words: tuple[str, ...]) -> None:
    with pytest.raises(KcalseqError) as error:
        read_text(text.replace(old, new, 1))
    for word in ("model.yaml", *words):
        assert word in str(error.value)


@pytest.mark.parametrize("text", [MLP, CNN])
def test_the_phenotype_is_that_of_the_box_itself(read_text: Read, text: str) -> None:
    """Its weights are the first numbers of the flat vector, in the box's own order."""
    spec = read_text(text)
    network = network_of_bins(spec, 3)
    assert network.box is not None
    members = torch.from_numpy(np.random.default_rng(2).normal(0.0, 1.0, (2, network.layout.size)))
    box = BlackBox(network.box.kind, 8, network.box.hidden, network.box.filters, network.box.filter_width, 2)
    found = network.phenotype(members, build_design(spec, codes(), CPU), 0)
    if text == MLP:
        box = BlackBox("mlp", 8, (5, 3))
    assert torch.equal(found, box.phenotype(box.unpack(members[:, : box.size]), torch.from_numpy(codes())))
    single = network.single().phenotype(members, build_design(spec, codes(), CPU), 0)
    assert single.dtype == torch.float64 and 0 < float((single - found).abs().max()) < 1e-4


def test_weights_have_the_prior_and_biases_are_free(read_text: Read) -> None:
    layout = network_of_bins(read_text(MLP), 3).layout
    sds = {name: block.prior_sd for name, block in layout.blocks.items() if name.startswith("network")}
    assert sds == {f"network.dense{n}.{what}": sd for n in range(3) for what, sd in (("weight", 0.1), ("bias", 30.0))}


def test_starts_differ_and_are_the_same_for_the_same_seed(read_text: Read) -> None:
    network = network_of_bins(read_text(MLP), 3)
    one, two, again = (initial_parameters(network, 1, start) for start in (0, 1, 0))
    size = network.box.size if network.box else 0
    assert np.array_equal(one, again) and not np.isclose(one[:size], two[:size])[one[:size] != 0].any()


@pytest.mark.parametrize("text", [MLP, CNN])
def test_a_box_turned_over_says_the_same(read_text: Read, text: str) -> None:
    spec = read_text(text)
    network, design = network_of_bins(spec, 4), build_design(spec, codes(), CPU)
    flat = np.random.default_rng(3).normal(0.0, 1.0, network.layout.size)
    turned = canonicalise(spec, network.layout, flat, codes()[0], phi_rises=False)
    assert turned.swaps == ("phi",) and turned.phi_rises and turned.weak_sites == ()
    before, after = (torch.from_numpy(one)[None] for one in (flat, turned.flat))
    phis = [network.phenotype(one, design, 0) for one in (before, after)]
    assert torch.equal(phis[0], -phis[1])
    told = [log_probabilities(network, one, phi) for one, phi in zip((before, after), phis, strict=True)]
    assert torch.allclose(told[0], told[1], rtol=0, atol=1e-12)


def test_a_constant_model_has_phenotype_0_and_the_measurement_process_alone(read_text: Read) -> None:
    spec = read_text(CONSTANT)
    network = network_of_bins(spec, 3)
    members = torch.ones(2, network.layout.size, dtype=torch.float64)
    assert set(network.layout.blocks) == {"mpa.a", "mpa.b", "mpa.c", "mpa.d"}
    phi = network.phenotype(members, build_design(spec, codes(), CPU), 0)
    assert phi.shape == (2, 9) and (phi == 0).all()
    p = log_probabilities(network, members, phi)
    assert torch.equal(p, p[:, :, :1].expand_as(p))
    turned = canonicalise(spec, network.layout, members[0].numpy(), codes()[0], phi_rises=False)
    assert np.array_equal(turned.flat, members[0].numpy())
