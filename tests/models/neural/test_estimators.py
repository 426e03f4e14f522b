import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from experiments.bundle.parts import read_state, write_state
from lodeworks.errors import NotInstalled
from models.neural import NeuralClassifier, NeuralRegressor, estimators, training

QUICK = {"epochs": 15, "members": 1, "units": 16, "patience": 3}
WHOLE = {"batch": 0, "epochs": 500, "decay": 0.0, "members": 1, "embedding": "none"}

needs_torch = pytest.mark.skipif(not training.has_torch(), reason="PyTorch is not installed")


@pytest.fixture
def without_torch(monkeypatch):
    monkeypatch.setattr(training, "has_torch", lambda: False)
    monkeypatch.setattr(estimators, "has_torch", lambda: False)


@needs_torch
@pytest.mark.parametrize("layers", [1, 2])
def test_without_activation_it_is_linear_regression(numbers, layers):
    y = 3.0 + numbers @ [1.0, -2.0, 0.5] + np.random.default_rng(1).normal(size=len(numbers))
    net = NeuralRegressor(layers=layers, units=5, activation="identity", dropout=0.0, **WHOLE)
    expected = LinearRegression().fit(numbers, y)
    new = numbers * 2 + 1
    np.testing.assert_allclose(net.fit(numbers, y).predict(new), expected.predict(new), atol=1e-4)


@needs_torch
def test_one_logistic_unit_is_logistic_regression(numbers):
    y = (numbers["a"] - numbers["b"] + np.random.default_rng(2).normal(size=200) > 0).astype(int)
    net = NeuralClassifier(layers=0, **WHOLE).fit(numbers, y)
    expected = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(numbers, y)
    np.testing.assert_allclose(
        net.predict_proba(numbers), expected.predict_proba(numbers), atol=1e-4
    )


@needs_torch
def test_one_logistic_unit_with_weights_is_weighted_logistic_regression(numbers):
    random = np.random.default_rng(4)
    y = (numbers["a"] + random.normal(size=200) > 0).astype(int)
    weight = random.uniform(0.2, 3.0, 200)
    net = NeuralClassifier(layers=0, **WHOLE).fit(numbers, y, weight)
    expected = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(numbers, y, weight)
    np.testing.assert_allclose(
        net.decision_function(numbers), expected.decision_function(numbers), atol=1e-3
    )


@needs_torch
def test_an_activation_makes_it_more_than_linear(numbers):
    y = np.abs(numbers["a"])
    bent = NeuralRegressor(layers=1, units=8, **WHOLE).fit(numbers, y)
    assert np.corrcoef(bent.predict(numbers), y)[0, 1] > 0.95


@needs_torch
@pytest.mark.parametrize("embedding", ["none", "piecewise", "periodic"])
def test_it_learns_two_moons_with_any_embedding(embedding):
    from sklearn.datasets import make_moons

    points, y = make_moons(600, noise=0.15, random_state=0)
    X = pd.DataFrame(points, columns=["x", "y"])
    net = NeuralClassifier(embedding=embedding, members=1, epochs=40, batch=64, learning_rate=0.01)
    net.fit(X[:400], y[:400])
    assert (net.predict(X[400:]) == y[400:]).mean() > 0.93


@needs_torch
def test_three_classes_with_names(numbers):
    y = np.select([numbers["a"] > 0.5, numbers["a"] < -0.5], ["high", "low"], "mid")
    net = NeuralClassifier(members=1, epochs=60, batch=32, learning_rate=0.01).fit(numbers, y)
    both = net.predict_proba(numbers)
    assert net.classes_.tolist() == ["high", "low", "mid"]
    np.testing.assert_allclose(both.sum(axis=1), 1.0)
    assert (net.predict(numbers) == y).mean() > 0.8


@needs_torch
def test_it_stops_when_held_out_rows_are_no_longer_predicted_better(numbers):
    noise = np.random.default_rng(3).integers(0, 2, 200)
    net = NeuralClassifier(epochs=200, patience=4, members=1, batch=16, dropout=0.0)
    (losses,) = net.fit(numbers, noise).losses_
    assert len(losses) < 60
    best = int(losses[:, 1].argmin())
    assert len(losses) - 1 - best == 4
    # Learned by heart would be far lower.
    assert losses[-1, 0] < losses[best, 0]


@needs_torch
def test_the_same_seed_gives_the_same_network_and_leaves_torch_alone(numbers):
    import torch

    y = (numbers["a"] > 0).astype(int)
    torch.manual_seed(5)
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    first = NeuralClassifier(**QUICK).fit(numbers, y).decision_function(numbers)
    second = NeuralClassifier(**QUICK).fit(numbers, y).decision_function(numbers)
    other = NeuralClassifier(**QUICK, random_state=1).fit(numbers, y).decision_function(numbers)
    np.testing.assert_array_equal(first, second)
    assert not np.allclose(first, other)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.get_num_threads() == threads


@needs_torch
@pytest.mark.parametrize("embedding", ["none", "piecewise", "periodic"])
def test_numpy_answers_as_pytorch_does(numbers, embedding, monkeypatch):
    """The loss that training saw last is the loss of the network without PyTorch."""
    table = numbers.assign(job=np.where(numbers["c"] > 0, "x", "y"))
    table.loc[::9, "b"] = np.nan
    y = (numbers["a"] > 0).astype(int).to_numpy()
    net = NeuralClassifier(embedding=embedding, epochs=3, members=1, held_out=0.0, dropout=0.0)
    seen = {}
    original = training._Job.network

    def watched(job):
        seen["loss"] = job._held(job.torch.arange(len(y)))
        return original(job)

    monkeypatch.setattr(training._Job, "network", watched)
    log_odds = net.fit(table, y).decision_function(table)
    loss = np.logaddexp(0, np.where(y == 1, -log_odds, log_odds)).mean()
    assert loss == pytest.approx(seen["loss"], rel=1e-4)


@pytest.mark.parametrize("backend", ["auto", "sklearn"])
def test_stored_and_read_it_answers_the_same(numbers, backend, tmp_path):
    y = np.where(numbers["a"] > 0, "yes", "no")
    table = numbers.assign(job=np.where(numbers["c"] > 0, "x", "y"))
    net = NeuralClassifier(**QUICK, backend=backend).fit(table, y)
    write_state(tmp_path, "net", net.get_state())
    again = NeuralClassifier().set_state(read_state(tmp_path, "net"))
    np.testing.assert_array_equal(again.predict_proba(table), net.predict_proba(table))
    assert again.predict(table).tolist() == net.predict(table).tolist()


@needs_torch
def test_a_regressor_stored_and_read(numbers, tmp_path):
    net = NeuralRegressor(**QUICK).fit(numbers, numbers["a"] * 10)
    write_state(tmp_path, "net", net.get_state())
    again = NeuralRegressor().set_state(read_state(tmp_path, "net"))
    np.testing.assert_array_equal(again.predict(numbers), net.predict(numbers))


def test_without_torch_the_perceptron_of_scikit_learn_learns(numbers, without_torch):
    y = (numbers["a"] > 0).astype(int)
    net = NeuralClassifier(epochs=60, learning_rate=0.01).fit(numbers, y)
    assert net.perceptron_ is not None
    assert (net.predict(numbers) == y).mean() > 0.9
    with pytest.raises(ValueError, match="takes no weights: install PyTorch"):
        net.fit(numbers, y, np.arange(200.0))


def test_without_torch_what_needs_it_says_what_to_install(numbers, without_torch):
    with pytest.raises(NotInstalled, match=r"pip install 'lodeworks\[neural\]'"):
        NeuralClassifier(backend="torch").fit(numbers, np.arange(200) % 2)
    with pytest.raises(NotInstalled, match=r"for values needs PyTorch"):
        NeuralRegressor().fit(numbers, numbers["a"])


@needs_torch
def test_scoring_needs_no_torch(numbers, monkeypatch):
    net = NeuralClassifier(**QUICK).fit(numbers, np.arange(200) % 2)
    state = net.get_state()
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    again = NeuralClassifier().set_state(state)
    np.testing.assert_array_equal(again.decision_function(numbers), net.decision_function(numbers))


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"layers": -1}, "layers must be at least 0"),
        ({"units": 0, "epochs": 0}, "units must be at least 1, not 0; epochs must"),
        ({"embedding": "fourier"}, "embedding must be one of none, piecewise, periodic"),
        ({"dropout": 1.0}, "dropout must be at least 0 and below 1"),
    ],
)
def test_parameters_out_of_range(numbers, params, told):
    with pytest.raises(ValueError, match=told):
        NeuralClassifier(**params).fit(numbers, np.arange(200) % 2)


def test_bad_data_are_named(numbers):
    with pytest.raises(ValueError, match="one class only"):
        NeuralClassifier().fit(numbers, np.zeros(200))
    with pytest.raises(ValueError, match="y has shape"):
        NeuralClassifier().fit(numbers, np.zeros(3))


@needs_torch
def test_weights_that_make_no_sense(numbers):
    y = np.arange(200) % 2
    with pytest.raises(ValueError, match="sum to 0"):
        NeuralClassifier().fit(numbers, y, np.zeros(200))
    with pytest.raises(ValueError, match="finite numbers that are not negative"):
        NeuralClassifier().fit(numbers, y, np.full(200, np.nan))
    with pytest.raises(ValueError, match="must be 200 finite numbers"):
        NeuralRegressor().fit(numbers, np.full(200, np.nan))
