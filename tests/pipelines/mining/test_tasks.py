from pathlib import Path

import pytest

from lodeworks.errors import BudgetExceeded, ConfigError
from models.association import association_rules, frequent_itemsets
from models.association.utility import UtilityBaskets, high_utility_itemsets
from models.sequences import frequent_sequences
from pipelines.mining.itemsets import MineItemsets
from pipelines.mining.limits import Limits
from pipelines.mining.rules import MineRules
from pipelines.mining.search import Apart
from pipelines.mining.sequences import MineSequences
from pipelines.mining.source import Source
from pipelines.mining.support import Support
from pipelines.mining.utility import MineUtility

LISTS = [["tea", "jam"], ["tea", "jam", "oil"], ["tea"], ["oil", "tea"]]


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("".join(",".join(basket) + "\n" for basket in LISTS))
    return file


def itemsets(path, memory=10**9, **options):
    return MineItemsets(Source(path), Support(count=2), Limits(memory), **options)


@pytest.mark.parametrize("target", ["frequent", "closed", "maximal"])
@pytest.mark.parametrize("max_length", [None, 1])
def test_itemsets_are_those_of_the_model(path, notebook, target, max_length):
    task = itemsets(path, target=target, max_length=max_length)
    expected = frequent_itemsets(LISTS, min_count=2, target=target, max_length=max_length)
    assert task.search(task.load(notebook), notebook).equals(expected.to_arrow())


def test_rules_are_those_of_the_model(path, notebook):
    task = MineRules(itemsets(path, target="closed"), 0.6, 1, ("lift", "leverage"))
    found = frequent_itemsets(LISTS, min_count=2)
    expected = association_rules(found, min_confidence=0.6, max_consequent=1)
    assert len(expected) == 2
    made = task.search(task.load(notebook), notebook)
    assert made.equals(expected.to_arrow(("lift", "leverage")))


def test_too_many_rules_are_refused(path, notebook):
    path.write_text("a,b,c,d,e,f,g,h\n" * 3 + "a\n")
    enough, short = (MineRules(itemsets(path, memory=size), 0.0) for size in (10**6, 30_000))
    loaded = enough.load(notebook)
    assert len(enough.search(loaded, notebook)) == 3**8 - 2**9 + 1
    with pytest.raises(BudgetExceeded) as caught:
        short.search(loaded, notebook)
    assert caught.value.message == (
        "over the budget of 30,000 bytes: more than 250 rules; a larger --min-confidence, or a "
        "smaller --max-consequent or --max-length, gives fewer; nothing was written"
    )


def test_all_problems_are_told():
    sets = MineItemsets(
        Source(Path("nowhere")), Support(), Limits(1, itemsets=0), max_length=0, n_jobs=-2
    )
    task = MineRules(sets, 1.5, 0, ("lft",))
    assert task.problems() == [
        "no file nowhere",
        "give either --min-support (a share) or --min-count (baskets): one is needed",
        "--budget-itemsets 0: at least 1",
        "--max-length 0: at least 1",
        "--n-jobs -2: at least 1, or -1 for all cores",
        "--max-consequent 0: at least 1",
        "--min-confidence 1.5: a share in 0 .. 1",
        "--measure lft: did you mean 'lift'?",
    ]


def test_settings_are_plain_values(path):
    assert MineRules(itemsets(path)).settings() == {
        "min_support": None,
        "min_count": 2,
        "target": "frequent",
        "max_length": None,
        "max_basket_size": None,
        "engine": "numba",
        "update": None,
        "budget_memory": 10**9,
        "budget_itemsets": None,
        "min_confidence": 0.5,
        "max_consequent": None,
        "measures": ["support", "confidence", "lift"],
    }


BOUGHT = [[["1", "2"], ["3"]], [["1"], ["2"], ["3"]], [["3"], ["1"]]]


@pytest.fixture
def bought(tmp_path):
    file = tmp_path / "s.txt"
    lines = (" ".join(f"{' '.join(basket)} -1" for basket in baskets) for baskets in BOUGHT)
    file.write_text("".join(f"{line} -2\n" for line in lines))
    return file


@pytest.mark.parametrize("target", ["frequent", "closed", "maximal"])
@pytest.mark.parametrize("apart", [Apart(), Apart(max_gap=1)])
def test_sequences_are_those_of_the_model(bought, notebook, target, apart):
    task = MineSequences(Source(bought), Support(0.6), Limits(10**9), apart, target)
    expected = frequent_sequences(BOUGHT, min_count=2, target=target, max_gap=apart.max_gap)
    loaded = task.load(notebook)
    assert task.search(loaded, notebook).equals(expected.to_arrow())
    assert (loaded.baskets, loaded.items, loaded.about["customers"]) == (7, 3, 3)
    assert notebook.notes[1] == (
        "3 customers with 7 baskets; the longest basket has 2 items, a customer has 3 baskets at "
        "most"
    )


def test_the_table_form_gives_the_same_sequences(bought, notebook, tmp_path):
    lines = [
        f"{who},{when},{item}\n"
        for who, baskets in enumerate(BOUGHT)
        for when, basket in enumerate(baskets)
        for item in basket
    ]
    table = tmp_path / "t.csv"
    table.write_text("who,day,item\n" + "".join(reversed(lines)))
    named = Source(table, item="item", customer="who", time="day")
    tasks = [
        MineSequences(given, Support(count=2), Limits(10**9)) for given in (Source(bought), named)
    ]
    first, second = (task.search(task.load(notebook), notebook) for task in tasks)
    assert first.equals(second)
    assert len(first) == 5


def test_sequences_that_cannot_be_mined(bought, path, notebook):
    wrong = MineSequences(Source(bought), Support(count=2), Limits(1), Apart(5, 1), max_elements=0)
    assert wrong.problems() == [
        "--max-gap must be at least --min-gap (5) and at least 1, not 1",
        "--max-elements 0: at least 1",
    ]
    with pytest.raises(ConfigError, match="sequences are read from format 'spmf'"):
        MineSequences(Source(path), Support(count=2), Limits(1)).load(notebook)
    many = MineSequences(Source(bought), Support(count=4), Limits(10**9))
    with pytest.raises(ConfigError, match="--min-count 4: there are only 3 customers"):
        many.search(many.load(notebook), notebook)
    tight = MineSequences(Source(bought), Support(count=1), Limits(10**9, itemsets=2))
    with pytest.raises(BudgetExceeded, match="over the budget of 2 "):
        tight.search(tight.load(notebook), notebook)


@pytest.mark.parametrize("form", ["spmf", "csv"])
def test_utility_is_that_of_the_model(tmp_path, notebook, form):
    items, worth = [["2", "1"], ["1"], ["1", "2", "3"]], [[3, 4], [5], [1, 2, 9]]
    lines = (
        f"{' '.join(names)}:{sum(each)}:{' '.join(map(str, each))}\n"
        for names, each in zip(items, worth, strict=True)
    )
    rows = (
        f"{basket},{name},{value}\n"
        for basket, (names, each) in enumerate(zip(items, worth, strict=True))
        for name, value in zip(names, each, strict=True)
    )
    file = tmp_path / "u"
    file.write_text("".join(lines) if form == "spmf" else "o,i,u\n" + "".join(rows))
    source = Source(file) if form == "spmf" else Source(file, item="i", basket="o")
    task = MineUtility(source, Limits(10**9), 8, None if form == "spmf" else "u")
    assert task.problems() == []
    expected = high_utility_itemsets(UtilityBaskets.from_lists(items, worth), 8).to_arrow()
    assert len(expected) > 2
    assert task.search(task.load(notebook), notebook).equals(expected)


def test_repeated_items_of_a_basket_add_up(tmp_path, notebook):
    file = tmp_path / "u.csv"
    file.write_text("o,i,u\n1,a,2\n2,b,1\n1,a,3\n")
    task = MineUtility(Source(file, item="i", basket="o"), Limits(10**9), 5, "u")
    found = task.search(task.load(notebook), notebook).to_pylist()
    assert [(row["itemset"], row["utility"]) for row in found] == [(["a"], 5)]


def test_utility_that_cannot_be_mined(path, notebook):
    task = MineUtility(Source(path), Limits(1), float("nan"), max_length=0)
    assert task.problems() == ["--min-utility nan: a number above 0", "--max-length 0: at least 1"]
    with pytest.raises(ConfigError, match="utilities are read from format 'spmf', or from a table"):
        task.load(notebook)


def test_utility_is_estimated_and_refused(tmp_path, notebook):
    file = tmp_path / "u"
    file.write_text("1 2 3 4 5 6:21:1 2 3 4 5 6\n" * 3)
    task = MineUtility(Source(file), Limits(10**9, itemsets=5), 3)
    with pytest.raises(BudgetExceeded) as caught:
        task.search(task.load(notebook), notebook)
    assert caught.value.message.startswith("over the budget of 5 itemsets, 1 GB: about ")
    assert " itemsets at --min-utility 3" in caught.value.message
    assert any(note.startswith("estimate: about ") for note in notebook.notes)
