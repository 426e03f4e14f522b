"""The network in NumPy against PyTorch, and what happens without PyTorch."""

import sys

import numpy as np
import pytest
from scipy import sparse

from lodeworks.errors import NotInstalled
from models.recommend import gru

needs_torch = pytest.mark.skipif(
    not gru.has_torch(), reason="PyTorch is not installed (extra 'neural')"
)


def network(items=4, embedding=3, hidden=2, seed=0):
    draw = np.random.RandomState(seed)
    shapes = {
        "embed": (items, embedding),
        "inner": (3 * hidden, embedding + 1),
        "outer": (3 * hidden, hidden),
        "inner_bias": (3 * hidden,),
        "outer_bias": (3 * hidden,),
        "ask": (embedding, hidden + 1),
        "ask_bias": (embedding,),
        "repeat": (items,),
    }
    return gru.GatedNetwork(
        **{name: draw.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    )


def case(questions=40, items=4):
    """Ask about customers who bought item k next after a basket of item k - 1."""
    draw = np.random.RandomState(3)
    last = draw.randint(items, size=questions)
    rows = sparse.csr_matrix(
        (np.ones(questions, np.float32), (np.arange(questions), last)), (questions + 1, items)
    )
    baskets = gru.Baskets(rows, np.zeros(questions + 1, np.float32))
    asked = gru.Questions(
        places=np.arange(questions)[:, None],
        seen=np.ones(questions, dtype=np.int64),
        waited=np.zeros(questions, np.float32),
        own=sparse.csr_matrix((questions, items), dtype=np.float32),
        date=np.zeros(questions, dtype=np.int64),
        offset=np.zeros((1, items), np.float32),
    )
    target = sparse.csr_matrix(np.eye(items, dtype=np.float32)[(last + 1) % items])
    return baskets, asked, target


ITEMS = np.eye(4, 8, dtype=np.float32)
HOW = gru.Training(
    hidden=8,
    epochs=60,
    batch=16,
    learning_rate=0.03,
    decay=0.0,
    dropout=0.0,
    random_state=0,
)


def answers(net, baskets, asked):
    states = net.states(net.inputs(baskets), asked.places)
    state = states[np.arange(len(asked.seen)), asked.seen]
    return net.log_odds(net.wanted(state, asked.waited), asked)


@needs_torch
def test_cells_equal_those_of_torch():
    import torch

    net = network()
    cells = torch.nn.GRU(4, 2, batch_first=True)
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    parts = (net.inner, net.outer, net.inner_bias, net.outer_bias)
    with torch.no_grad():
        for name, part in zip(names, parts, strict=True):
            getattr(cells, name).copy_(torch.from_numpy(part))
        inputs = np.random.RandomState(1).standard_normal((6, 4)).astype(np.float32)
        places = np.array([[0, 1, 2], [3, 4, 5]])
        expected = cells(torch.from_numpy(inputs[places]))[0].numpy()
    found = net.states(inputs, places)
    assert (found[:, 0] == 0).all()
    np.testing.assert_allclose(found[:, 1:], expected, atol=1e-6)


def test_a_basket_is_the_mean_of_its_items():
    net = network()
    contents = sparse.csr_matrix(np.array([[0.5, 0, 0.5, 0], [0, 0, 0, 0]], np.float32))
    inputs = net.inputs(gru.Baskets(contents, np.array([1.5, 0], np.float32)))
    np.testing.assert_allclose(inputs[0, :3], (net.embed[0] + net.embed[2]) / 2, rtol=1e-6)
    assert inputs[0, 3] == 1.5
    assert (inputs[1] == 0).all()


def test_log_odds_add_what_is_known_and_own_purchases():
    net = network()
    own = sparse.csr_matrix(np.array([[0, 2.0, 0, 0]], np.float32))
    offset = np.arange(8, dtype=np.float32).reshape(2, 4)
    one, none = np.ones(1, dtype=np.int64), np.zeros(1, np.float32)
    asked = gru.Questions(one[:, None], one, none, own, one, offset)
    wanted = np.zeros((1, 3), np.float32)
    expected = offset[1] + np.array([0, 2 * net.repeat[1], 0, 0])
    np.testing.assert_allclose(net.log_odds(wanted, asked)[0], expected, rtol=1e-6)


@needs_torch
def test_training_finds_what_follows():
    baskets, asked, target = case()
    net = gru.train(baskets, asked, target, None, ITEMS, HOW)
    best = answers(net, baskets, asked).argmax(axis=1)
    assert (best == target.toarray().argmax(axis=1)).all()


@needs_torch
def test_seed_decides_and_leaves_torch_as_it_was():
    import torch

    torch.manual_seed(11)
    before = torch.rand(1).item()
    torch.manual_seed(11)
    threads = torch.get_num_threads()
    baskets, asked, target = case()
    quick = gru.Training(**(vars(HOW) | {"epochs": 2}))
    one = gru.train(baskets, asked, target, None, ITEMS, quick)
    assert torch.rand(1).item() == before
    assert torch.get_num_threads() == threads
    same = gru.train(baskets, asked, target, None, ITEMS, quick)
    seeded = gru.Training(**(vars(quick) | {"random_state": 1}))
    other = gru.train(baskets, asked, target, None, ITEMS, seeded)
    np.testing.assert_array_equal(one.ask, same.ask)
    assert not np.array_equal(one.ask, other.ask)


@needs_torch
def test_barred_items_teach_nothing():
    baskets, asked, target = case()
    barred = sparse.csr_matrix(np.tile(np.array([[0, 0, 0, 1]], np.float32), (40, 1)))
    target = sparse.csr_matrix(target.multiply(np.array([1, 1, 1, 0], np.float32)))
    quick = gru.Training(**(vars(HOW) | {"epochs": 2, "learning_rate": 1e-3}))
    still = gru.Training(**(vars(quick) | {"learning_rate": 1e-12}))
    net, start = (gru.train(baskets, asked, target, barred, ITEMS, how) for how in (quick, still))
    moved = np.abs(net.ask - start.ask).max(axis=1)
    # Row k of `ask` speaks for item k alone: the items are described by unit vectors.
    assert moved[3] < 1e-9 < moved[:3].min()


def test_without_torch_it_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    baskets, asked, target = case()
    with pytest.raises(NotInstalled, match=r"needs PyTorch.*pip install 'lodeworks\[neural\]'"):
        gru.train(baskets, asked, target, None, ITEMS, HOW)
