"""The perceptron: gradients by finite differences, learning, stopping."""

import numpy as np
import pytest
from scipy import sparse

from models.recommend.network import Examples, Network, cross_entropy, softmax, train


def examples(seed: int = 0, size: int = 6, barred: bool = True) -> Examples:
    random = np.random.RandomState(seed)
    target = random.random_sample((size, 4))
    block = (random.random_sample((size, 4)) < 0.3).astype(float)
    target = target * (1 - block) if barred else target
    return Examples(
        sparse.csr_matrix(random.standard_normal((size, 5))),
        sparse.csr_matrix(random.random_sample((size, 4))),
        random.standard_normal((2, 4)),
        np.arange(size) % 2,
        sparse.csr_matrix(target / np.maximum(target.sum(axis=1, keepdims=True), 1e-9)),
        sparse.csr_matrix(block) if barred else None,
    )


def precise(net: Network) -> Network:
    return Network(
        [part.astype(float) for part in net.weights],
        [part.astype(float) + 0.05 for part in net.biases],
        net.repeat.astype(float),
    )


@pytest.mark.parametrize("barred", [True, False])
def test_gradients_agree_with_finite_differences(barred):
    some = examples(barred=barred)
    net = precise(Network.fresh([5, 3, 4], np.random.RandomState(1)))
    gradients, _ = net.gradients(some)
    values = [*net.weights, *net.biases, net.repeat]
    for value, gradient in zip(values, gradients, strict=True):
        place = np.unravel_index(np.argmax(np.abs(gradient)), gradient.shape)
        losses = []
        for step in (1e-3, -2e-3):
            value[place] += step
            losses.append(cross_entropy(net.logits(some), *some.answer()))
        value[place] += 1e-3
        slope = (losses[0] - losses[1]) / 2e-3
        assert gradient[place] == pytest.approx(slope, rel=2e-2, abs=1e-4)


def test_shares_sum_to_one_over_what_counts():
    share = softmax(np.array([[900.0, 900.0, 5.0]]), np.array([[1.0, 1.0, 0.0]]))
    assert share.tolist() == [[0.5, 0.5, 0.0]]
    assert softmax(np.zeros((1, 2)), np.zeros((1, 2))).tolist() == [[0.0, 0.0]]


def fit(held_out: float, epochs: int = 30) -> tuple[Network, Network, int, Examples]:
    some = examples(3, size=60, barred=False)
    start = Network.fresh([5, 8, 4], np.random.RandomState(1))
    net, kept = train(
        start.copied(),
        some,
        epochs=epochs,
        batch=16,
        learning_rate=0.01,
        decay=0.0,
        patience=2,
        held_out=held_out,
        dropout=0.0,
        random=np.random.RandomState(0),
    )
    return start, net, kept, some


def test_learning_lowers_the_loss():
    start, net, kept, some = fit(held_out=0.0)
    before = cross_entropy(start.logits(some), *some.answer())
    assert cross_entropy(net.logits(some), *some.answer()) < before
    assert kept == 30


def test_stops_when_held_out_customers_gain_nothing():
    _, _, kept, _ = fit(held_out=0.5, epochs=300)
    assert kept < 298
