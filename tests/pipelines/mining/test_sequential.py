import pytest

from models.sequences import Sequences, frequent_sequences, sequential_rules
from pipelines.mining.limits import Limits
from pipelines.mining.search import Apart
from pipelines.mining.sequences import MineSequences
from pipelines.mining.sequential import MineSequentialRules
from pipelines.mining.source import Source
from pipelines.mining.support import Support

LINES = ["x,1,tea", "x,4,cup", "x,4,pot", "y,2,tea", "y,9,cup", "z,1,cup", "z,3,tea", "z,8,cup"]
BOUGHT = [[["tea"], ["cup", "pot"]], [["tea"], ["cup"]], [["cup"], ["tea"], ["cup"]]]
TIMES = [[1, 4], [2, 9], [1, 3, 8]]


@pytest.fixture
def task(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("\n".join(["c,t,i", *LINES]) + "\n")
    source = Source(file, item="i", customer="c", time="t")

    def make(confidence=0.0, lift=0.0, apart=None, **options):
        apart = apart or Apart()
        found = MineSequences(source, Support(count=1), Limits(10**9), apart, **options)
        return MineSequentialRules(found, confidence, lift)

    return make


@pytest.mark.parametrize(("confidence", "lift"), [(0.0, 0.0), (0.6, 0.0), (0.0, 1.0)])
@pytest.mark.parametrize("gap", [None, 5])
def test_rules_are_those_of_the_model(task, notebook, confidence, lift, gap):
    one = task(confidence, lift, Apart(max_gap=gap), target="closed")
    made = one.search(one.load(notebook), notebook).to_pylist()
    bought = Sequences.from_lists(BOUGHT, TIMES)
    found = frequent_sequences(bought, min_count=1, max_gap=gap)
    rules = sequential_rules(found, bought, min_confidence=confidence, min_lift=lift)
    expected = rules.to_frame().to_dict("records")
    assert len(made) == len(expected) > 0
    for row, other in zip(made, expected, strict=True):
        assert row == {
            **other,
            "antecedent": [list(basket) for basket in other["antecedent"]],
            "consequent": list(other["consequent"]),
        }


def test_a_rule_by_hand(task, notebook):
    one = task()
    rows = one.search(one.load(notebook), notebook).to_pylist()
    (row,) = [row for row in rows if (row["antecedent"], row["consequent"]) == ([["tea"]], ["cup"])]
    assert row == {
        "antecedent": [["tea"]],
        "consequent": ["cup"],
        "count": 3,
        "support": 1.0,
        "confidence": 1.0,
        "lift": 1.0,
        "lag_quarter": 4.0,  # of 3, 7 and 5
        "lag_median": 5.0,
        "lag_three_quarters": 6.0,
    }
    assert notebook.notes[-1].endswith(" sequences; making rules of them")


def test_no_rules_is_an_empty_table(task, notebook):
    one = task(lift=50.0)
    table = one.search(one.load(notebook), notebook)
    assert (table.num_rows, table.column_names[:2]) == (0, ["antecedent", "consequent"])


def test_problems_and_settings(task):
    assert task(1.5, -1.0).problems() == [
        "--min-confidence 1.5: a share in 0 .. 1",
        "--min-lift -1: at least 0",
    ]
    assert task(float("nan")).problems() == ["--min-confidence nan: a share in 0 .. 1"]
    settings = task(0.5, 1.5, max_elements=2).settings()
    assert (settings["min_confidence"], settings["min_lift"]) == (0.5, 1.5)
    assert (settings["max_elements"], settings["engine"]) == (2, "numba")
