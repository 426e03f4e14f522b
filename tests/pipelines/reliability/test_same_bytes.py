"""The same list, wherever, whenever, in whatever language and on however many threads."""

import pandas as pd
import pytest
import yaml

from ..predicting.conftest import question, subscribers
from ..segmenting.conftest import table_config

pytestmark = pytest.mark.timeout(1200)

# An odd zone, another order of sets, and text in ASCII unless a program says otherwise.
ELSEWHERE = {
    "TZ": "America/St_Johns",
    "PYTHONHASHSEED": "4711",
    "LC_ALL": "POSIX",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
}
THREADS = {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
# In Berlin the clock goes from 02:00 to 03:00 on 31 March 2024 and back on 27 October.
ZONES = ("Europe/Berlin", "America/Los_Angeles", "Asia/Kathmandu")


@pytest.fixture(scope="module")
def elsewhere(children, tmp_path_factory):
    """Give what carries out commands in another process, folder, language and hash seed."""
    program, folder = children(**ELSEWHERE), tmp_path_factory.mktemp("elsewhere")
    yield lambda words: program(words, cwd=str(folder))
    program.close()


def tables_of(workspace):
    """Give the bytes of every table of the only run."""
    (run,) = (workspace / "runs").iterdir()
    return {path.name: path.read_bytes() for path in sorted(run.glob("*.parquet"))}


def test_a_cross_sell_list_is_the_same_elsewhere(elsewhere, job, whole, torn):
    workspace = job.fresh("elsewhere")
    told = elsewhere(job.run_words(workspace))
    assert told["code"] == 0, told["err"]
    assert torn.newest_list(workspace) == whole.list
    offered = pd.read_parquet(torn.runs(workspace)[-1] / "list.parquet")["item_id"]
    assert offered.str.startswith("Ł").all()


def test_a_cross_sell_list_is_the_same_in_every_time_zone(ask, job, whole, torn):
    places = {zone: job.fresh(zone.replace("/", "-")) for zone in ZONES}
    orders = [ask.order(job.run_words(place), env={"TZ": zone}) for zone, place in places.items()]
    for told, place in zip(ask.together(*orders), places.values(), strict=True):
        assert told["code"] == 0, told["err"]
        assert torn.newest_list(place) == whole.list


@pytest.fixture(scope="module")
def questions(tmp_path_factory):
    """Write a question about subscribers and one about segments of them."""
    folder, people = tmp_path_factory.mktemp("questions"), subscribers(200)
    people["contract"] = people["contract"].replace("monthly", "für Monate")
    asked = question(folder, people)
    asked["candidates"] = [{"kind": "cart", "tune": False}]
    members = people[["who", "tenure", "contract"]].set_axis(["who", "age", "land"], axis=1)
    members.to_csv(folder / "members.csv", index=False)
    values = {"predict": asked, "segments": table_config(folder / "members.csv")}
    for kind, tree in values.items():
        (folder / f"{kind}.yaml").write_text(yaml.safe_dump(tree), encoding="utf-8")
    return folder


@pytest.mark.parametrize("kind", ["predict", "segments"])
def test_every_table_of_another_question_is_the_same_elsewhere(
    ask, elsewhere, job, questions, kind
):
    found = []
    for place, carry_out in (("here", ask), ("there", elsewhere)):
        workspace = job.fresh(f"{kind}-{place}")
        config = questions / f"{kind}.yaml"
        told = carry_out(["run", config, "--workspace", workspace, "--quiet"])
        assert told["code"] == 0, told["err"]
        found.append(tables_of(workspace))
    assert found[0].keys() == found[1].keys() != set()
    assert [name for name in found[0] if found[0][name] != found[1][name]] == []


def test_on_another_number_of_threads_the_ranks_are_the_same(ask, children, job):
    config = job.write(job.folder / "threads.yaml", candidates=[{"kind": "ease", "tune": False}])
    program, ranks = children(**THREADS), []
    for name, carry_out in (("one", ask), ("two", program)):
        workspace = job.fresh(f"threads-{name}")
        words = ["run", config, "--workspace", workspace, "--quiet"]
        told = carry_out(words)
        assert told["code"] == 0, told["err"]
        (path,) = workspace.glob("runs/*/list.parquet")
        ranks.append(pd.read_parquet(path)[["customer_id", "rank", "item_id", "group"]])
    program.close()
    pd.testing.assert_frame_equal(*ranks)
