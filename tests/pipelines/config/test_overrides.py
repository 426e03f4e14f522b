from datetime import date

import pytest

from lodeworks import ConfigError
from pipelines.config.nodes import descend, plain
from pipelines.config.overrides import with_overrides
from pipelines.config.reading import read_value

TREE = "{seed: 1, window: {gap: 0}, candidates: [{kind: a, params: {n: 1}}, {kind: b}]}"


def change(*overrides, tree=TREE):
    return plain(with_overrides(read_value(tree, "tree"), overrides))


@pytest.mark.parametrize(
    ("override", "path", "value"),
    [
        ("seed=7", ["seed"], 7),
        ("seed=", ["seed"], None),
        ("name=a=b", ["name"], "a=b"),
        (" window.gap = 7d", ["window", "gap"], "7d"),
        ("window.as_of=2011-11-08", ["window", "as_of"], date(2011, 11, 8)),
        ("candidates.0.params.n=5", ["candidates", 0, "params", "n"], 5),
        ("candidates[1].params.n=5", ["candidates", 1, "params", "n"], 5),
        ("candidates.2={kind: c}", ["candidates", 2, "kind"], "c"),
        ("candidates.2.kind=c", ["candidates", 2, "kind"], "c"),
        ("new.deep.key=[1, 2]", ["new", "deep", "key"], [1, 2]),
        ("evaluation.ks.0=3", ["evaluation", "ks", 0], 3),
    ],
)
def test_puts_the_value_at_the_path(override, path, value):
    found = change(override)
    for part in path:
        found = found[part]
    assert found == value


def test_everything_else_stays_and_the_tree_is_not_changed():
    tree = read_value(TREE, "tree")
    before = plain(tree)
    after = plain(with_overrides(tree, ["candidates.0.params.n=5"]))
    assert plain(tree) == before
    after["candidates"][0]["params"]["n"] = 1
    assert after == before


def test_later_changes_win():
    assert change("seed=2", "seed=3")["seed"] == 3


def test_the_place_names_the_option():
    tree = with_overrides(read_value(TREE, "tree"), ["window.gap=3"])
    assert str(descend(tree, ("window", "gap")).place) == "--set window.gap"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed", "--set seed: give key.path=value, for example seed=7"),
        ("=3", "'' is no path"),
        ("a..b=3", "'a..b' is no path"),
        ("a[x]=3", "'a[x]' is no path"),
        (".a=3", "'.a' is no path"),
        ("candidates.3.kind=c", "candidates is a list of 2; give a number from 0 to 2, not '3'"),
        ("candidates.x=c", "candidates is a list of 2; give a number from 0 to 2, not 'x'"),
        ("seed.low=3", "seed is a single value, it has no 'low'"),
        ("extends=b.yaml", "'extends' can be stated in files only"),
        ("a=[1", "--set a: not YAML"),
        ("a=!!python/name:os.system", "is not allowed"),
        ("a={x: 1, x: 2}", "stated twice"),
    ],
)
def test_refuses_what_it_cannot_put(override, message):
    with pytest.raises(ConfigError) as caught:
        change(override)
    assert message in str(caught.value)


def test_says_everything_that_is_wrong_at_once():
    with pytest.raises(ConfigError, match="2 values of --set cannot be used") as caught:
        change("seed", "seed=4", "a..b=3")
    assert len(caught.value.problems) == 2
