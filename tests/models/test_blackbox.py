"""Black boxes give what their layers, written out in numpy, give; a member or a variant sees none of the others."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kcalseq.models.blackbox import BlackBox, Dropout

MLP = BlackBox("mlp", 6, hidden=(5, 4))
CNN = BlackBox("cnn", 13, hidden=(4,), filters=3, filter_width=4, pool=3)
LINEAR = BlackBox("cnn", 9, hidden=(), filters=2, filter_width=9, pool=1)
BOTH = pytest.mark.parametrize("box", [MLP, CNN, LINEAR], ids=["mlp", "cnn", "without_hidden_layers"])


def members(box: BlackBox, n: int = 3) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(1).normal(0.0, 1.0, (n, box.size)))


def variants(box: BlackBox, n: int = 7) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(2).integers(0, 4, (n, box.length), dtype=np.uint8))


def twin(box: BlackBox, flat: NDArray[np.float64], sequence: NDArray[np.uint8]) -> float:
    """The phenotype of one variant, number by number, with the rectifier where textbooks put it."""
    w, start = {}, 0
    for name, shape in box.shapes():
        w[name] = flat[start : start + int(np.prod(shape))].reshape(shape)
        start += int(np.prod(shape))
    if box.kind == "mlp":
        units = [1.0 if base == code else 0.0 for code in sequence for base in range(4)]
    else:
        units = []
        n_places = box.length - box.filter_width + 1
        for pattern, bias in zip(w["conv.weight"], w["conv.bias"], strict=True):
            scores = [
                max(0.0, bias + sum(pattern[sequence[place + i], i] for i in range(box.filter_width)))
                for place in range(n_places)
            ]
            units += [max(scores[place : place + box.pool]) for place in range(0, n_places, box.pool)]
    for number in range(len(box.hidden) + 1):
        sums = [
            bias + sum(weight * unit for weight, unit in zip(row, units, strict=True))
            for row, bias in zip(w[f"dense{number}.weight"], w[f"dense{number}.bias"], strict=True)
        ]
        units = [max(0.0, value) for value in sums]
    return float(sums[0])


@BOTH
def test_phenotype_is_that_of_layers_written_out(box: BlackBox) -> None:
    flat, codes = members(box), variants(box)
    found = box.phenotype(box.unpack(flat), codes)
    expected = [[twin(box, own, sequence) for sequence in codes.numpy()] for own in flat.numpy()]
    assert found.shape == (3, 7)
    assert np.allclose(found.numpy(), expected, rtol=0, atol=1e-12)


@settings(deadline=None, max_examples=30)
@given(length=st.integers(1, 12), width=st.integers(1, 12), pool=st.integers(1, 14), seed=st.integers(0, 99))
def test_every_width_and_pooling_is_that_of_layers_written_out(length: int, width: int, pool: int, seed: int) -> None:
    box = BlackBox("cnn", length, hidden=(3,), filters=2, filter_width=min(width, length), pool=pool)
    rng = np.random.default_rng(seed)
    flat, codes = rng.normal(size=(1, box.size)), rng.integers(0, 4, (2, length), dtype=np.uint8)
    found = box.phenotype(box.unpack(torch.from_numpy(flat)), torch.from_numpy(codes))
    assert np.allclose(found.numpy()[0], [twin(box, flat[0], sequence) for sequence in codes], rtol=0, atol=1e-12)


def test_one_pattern_over_the_whole_variant_is_an_additive_model() -> None:
    box = BlackBox("cnn", 5, hidden=(), filters=1, filter_width=5, pool=1)
    weights = box.unpack(torch.zeros(1, box.size, dtype=torch.float64))
    weights["conv.weight"][0, 0] = torch.arange(20, dtype=torch.float64).reshape(4, 5)
    weights["dense0.weight"][0, 0, 0] = 2.0
    weights["dense0.bias"][0, 0] = -1.0
    # Bases A, C, G, T, A at places 0..4 have the entries 0, 5 + 1, 10 + 2, 15 + 3 and 4, which add up to 40.
    codes = torch.tensor([[0, 1, 2, 3, 0]], dtype=torch.uint8)
    assert box.phenotype(weights, codes).item() == 2 * 40 - 1


@BOTH
def test_gradient_is_that_of_finite_differences(box: BlackBox) -> None:
    codes = variants(box, 4)
    flat = members(box, 2).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: box.phenotype(box.unpack(x), codes), flat, fast_mode=True)


@BOTH
def test_a_member_does_not_see_its_company(box: BlackBox) -> None:
    flat, codes = members(box), variants(box)
    alone = torch.cat([box.phenotype(box.unpack(own[None]), codes) for own in flat])
    assert torch.allclose(box.phenotype(box.unpack(flat), codes), alone, rtol=1e-13, atol=1e-13)


@BOTH
def test_a_variant_does_not_see_its_company(box: BlackBox) -> None:
    weights, codes = box.unpack(members(box)), variants(box)
    whole, part = box.phenotype(weights, codes), box.phenotype(weights, codes[2:5])
    assert torch.allclose(whole[:, 2:5], part, rtol=1e-13, atol=1e-13)


@BOTH
@pytest.mark.parametrize("precision", [torch.float32, torch.float64])
def test_it_computes_in_the_precision_of_its_weights(box: BlackBox, precision: torch.dtype) -> None:
    found = box.phenotype(box.unpack(members(box).to(precision)), variants(box))
    exact = box.phenotype(box.unpack(members(box)), variants(box))
    assert found.dtype == precision
    assert torch.allclose(found.double(), exact, rtol=1e-4, atol=1e-4)


def test_shapes_of_the_usual_networks() -> None:
    mlp, cnn = BlackBox("mlp", 75), BlackBox("cnn", 75, hidden=())
    assert mlp.shapes()[::2] == (
        ("dense0.weight", (100, 300)),
        ("dense1.weight", (30, 100)),
        ("dense2.weight", (10, 30)),
        ("dense3.weight", (1, 10)),
    )
    assert mlp.size == 301 * 100 + 101 * 30 + 31 * 10 + 11
    # 75 - 11 + 1 = 65 places make 13 stretches of five.
    assert cnn.shapes()[0] == ("conv.weight", (64, 4, 11))
    assert cnn.shapes()[2] == ("dense0.weight", (1, 64 * 13))


@pytest.mark.parametrize("kind", ["mlp", "cnn"])
def test_beginnings_keep_the_spread_of_units_from_layer_to_layer(kind: str) -> None:
    box = BlackBox(kind, 40, hidden=(100, 100, 100), filters=10, pool=1)  # type: ignore[arg-type]
    flat = np.stack([box.initial(np.random.default_rng([3, member])) for member in range(150)])
    phi = box.phenotype(box.unpack(torch.from_numpy(flat)), variants(box, 5))
    # Each layer keeps the mean square of 1 that its beginning gave the first, if a base counts as one input of size 1:
    # as four it would be 1 / 4. The mean over 150 beginnings has a standard error of about 0.13.
    assert float(phi.square().mean()) == pytest.approx(1.0, abs=0.35)


def test_beginnings_depend_on_the_generator_alone_and_have_no_bias() -> None:
    first = CNN.initial(np.random.default_rng(4))
    assert np.array_equal(first, CNN.initial(np.random.default_rng(4)))
    assert not np.array_equal(first, CNN.initial(np.random.default_rng(5)))
    weights = CNN.unpack(torch.from_numpy(first)[None])
    assert all((values == 0).all() == name.endswith("bias") for name, values in weights.items())


@BOTH
def test_dropout_of_nothing_changes_nothing(box: BlackBox) -> None:
    weights, codes = box.unpack(members(box)), variants(box)
    without = Dropout(0.0, torch.Generator().manual_seed(6))
    assert torch.equal(box.phenotype(weights, codes, without), box.phenotype(weights, codes))


@pytest.mark.parametrize("box", [BlackBox("mlp", 6, hidden=(8,)), LINEAR], ids=["mlp", "cnn"])
def test_dropout_keeps_the_mean(box: BlackBox) -> None:
    # With one layer of hidden units the phenotype is linear in them, so the mean over what is left out is exact.
    weights, codes = box.unpack(members(box, 1)), variants(box, 1)
    dropout = Dropout(0.3, torch.Generator().manual_seed(7))
    drawn = box.phenotype(weights, codes.expand(40_000, -1), dropout)[0]
    error = float(drawn.std()) / 200
    assert error > 0
    assert float(drawn.mean()) == pytest.approx(float(box.phenotype(weights, codes)), abs=4 * error)


def test_dropout_leaves_out_as_its_generator_says() -> None:
    weights, codes = MLP.unpack(members(MLP)), variants(MLP)

    def drawn(seed: int) -> torch.Tensor:
        return MLP.phenotype(weights, codes, Dropout(0.5, torch.Generator().manual_seed(seed)))

    assert torch.equal(drawn(8), drawn(8))
    assert not torch.equal(drawn(8), drawn(9))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kind": "rnn"}, "a network of kind 'rnn': 'mlp' or 'cnn'"),
        ({"kind": "cnn", "filter_width": 9}, "patterns of 9 bases in variants of 8"),
        ({"kind": "cnn", "filter_width": 0}, "every size is at least 1"),
        ({"kind": "mlp", "hidden": (3, 0)}, "every size is at least 1"),
    ],
)
def test_a_network_that_cannot_be_is_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BlackBox(**{"length": 8, **wrong})  # type: ignore[arg-type]
