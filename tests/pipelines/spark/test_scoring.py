"""Lists of Online Retail: Spark gives the rows that one machine gives."""

import json
from datetime import date

import pandas as pd
import pytest

from experiments.bundle import SEAL
from lodeworks.errors import BundleError, ConfigError, DataError, LodeError
from lodeworks.files import file_digest
from lodeworks.progress import Silent
from pipelines.cli import main
from pipelines.config.sections import Engine
from pipelines.crosssell.scoring import Request, Scoring
from pipelines.score import score
from pipelines.spark import rows
from pipelines.spark.scoring import SparkScoring
from pipelines.spark.session import open_session
from pipelines.spark.shipment import unpack

pytestmark = [pytest.mark.slow, pytest.mark.real]

PARTS = 7


@pytest.fixture(scope="module")
def session(needs_spark, quick):
    with open_session("local[2]", Silent(), quick) as opened:
        yield opened


@pytest.fixture(autouse=True)
def many_parts(retail, monkeypatch):
    """Cut the few customers into as many parts as if there were many."""
    buyers = retail.warehouse.lines.customer_id.nunique().to_pandas()
    monkeypatch.setattr(rows, "PART", -(-int(buyers) // PARTS))


@pytest.fixture
def request_of(retail, tmp_path):
    """Give a function from a name and changes to what is asked."""

    def ask(out="list.parquet", **changes):
        stated = {
            "address": str(retail.bundle),
            "data": {"invoices": [retail.path]},
            "as_of": retail.listed,
            "out": tmp_path / out,
            "opt_out": None,
            "suppress": (),
            "rows": None,
            "control": None,
            "seed": None,
        }
        return Request(**{**stated, **changes})

    return ask


@pytest.fixture
def in_spark(tmp_path):
    """Give a function that makes a list in Spark."""

    def score(request):
        engine = Engine(kind="spark", master="local[2]")
        return SparkScoring(request, tmp_path / "workspace", Silent(), engine).run()

    return score


@pytest.fixture
def here(tmp_path):
    """Give a function that makes a list on one machine."""

    def score(request):
        return Scoring(request, tmp_path / "workspace", Silent()).run()

    return score


def listed(path):
    frame = pd.read_parquet(path).sort_values(["customer_id", "rank"], ignore_index=True)
    return frame.astype({name: "str" for name in frame if frame[name].dtype == object})


def written(folder, name, frame):
    path = folder / name
    frame.to_csv(path, index=False)
    return path


def test_every_customer_alone(session, retail, here, request_of, tmp_path, capsys):
    """Typed at the prompt, as at night."""
    out = tmp_path / "list.parquet"
    out_of = written(tmp_path, "out.csv", pd.DataFrame({"customer_id": ["12748", "14911"]}))
    words = ["score", str(retail.bundle), "--data", f"invoices={retail.path}", "--quiet", "--json"]
    words += ["--as-of", str(retail.listed), "--out", str(out), "--opt-out", str(out_of)]
    assert main([*words, "--engine", "spark", "--workspace", str(tmp_path / "workspace")]) == 0
    told = json.loads(capsys.readouterr().out)
    own = here(request_of("own.parquet", opt_out=out_of))
    expected = listed(own.out)
    assert len(expected) > 3000
    pd.testing.assert_frame_equal(listed(out), expected, rtol=0, atol=1e-9)
    assert not {"12748", "14911"} & set(expected["customer_id"])
    files = sorted(path.name for path in out.iterdir())
    assert len(files) == PARTS
    assert told["files"] == {name: file_digest(out / name) for name in files}
    assert all(name.startswith("part-") and name.endswith(".parquet") for name in files)
    assert told["engine"] == {"kind": "spark", "master": "local[2]"}
    for name in ("customers", "excluded_customers", "rows", "target_customers"):
        assert told["list"][name] == own.values["list"][name]
    assert told["expected_profit"] == own.values["expected_profit"]
    manifest = json.loads((tmp_path / "list.parquet.manifest.json").read_text())
    assert manifest["list"] == told["list"]
    beside = {path.name for path in tmp_path.iterdir() if "list" in path.name}
    assert beside == {"list.parquet", "list.parquet.manifest.json"}


def test_limits_that_hold_for_all_customers(session, here, in_spark, request_of, tmp_path):
    """Some items are scarce, and the driver shares them out."""
    plain = listed(here(request_of("plain.parquet")).out)
    wanted = plain["item_id"].value_counts().index[:20]
    scarce = pd.DataFrame({"item_id": wanted, "stock": 9})
    stock = written(tmp_path, "stock.csv", scarce)
    own = here(request_of("own.parquet", stock=stock))
    found = in_spark(request_of(stock=stock))
    expected = listed(own.out)
    offered = expected[expected["item_id"].isin(wanted)]["item_id"].value_counts()
    assert offered.max() == 9
    pd.testing.assert_frame_equal(listed(found.out), expected, rtol=0, atol=1e-9)
    assert found.values["list"] == pytest.approx(own.values["list"])


def test_a_list_takes_the_place_of_the_former_one_or_leaves_it(
    session, in_spark, request_of, tmp_path, monkeypatch
):
    """What fails in a task is told in one line, and nothing is left of it."""
    out = tmp_path / "list.parquet"
    out.mkdir()
    (out / "former.parquet").write_text("former")
    monkeypatch.setattr(rows, "pack", lambda *given: rows_packed_wrong(*given))
    with pytest.raises(LodeError, match=r"Spark failed: .*not what the driver sent"):
        in_spark(request_of())
    assert (out / "former.parquet").read_text() == "former"
    assert {path.name for path in tmp_path.iterdir()} == {"list.parquet"}


def rows_packed_wrong(*given):
    from pipelines.spark.shipment import pack

    pack(*given)
    return "0" * 64


def test_a_shipment_that_was_changed_is_refused(tmp_path):
    (tmp_path / SEAL).write_text("{}")
    with pytest.raises(BundleError, match="not what the driver sent"):
        unpack(tmp_path, "0" * 64)


def test_what_spark_does_not_do_is_refused_before_anything_is_read(
    in_spark, request_of, tmp_path, needs_spark
):
    (tmp_path / "there.parquet").write_text("a file")
    with pytest.raises(ConfigError, match="--engine spark makes no such list") as caught:
        in_spark(request_of("list.csv", findings=True))
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        f"--out {tmp_path / 'list.csv'}",
        "--findings",
    ]
    with pytest.raises(ConfigError) as caught:
        in_spark(request_of("there.parquet"))
    assert "is a file, and Spark writes a folder" in caught.value.problems[0]
    assert (tmp_path / "there.parquet").read_text() == "a file"


def test_a_day_that_knows_nobody_is_told(in_spark, request_of, tmp_path, needs_spark):
    with pytest.raises(DataError, match="nobody bought anything from"):
        in_spark(request_of(as_of=date(2011, 5, 1)))
    assert not list(tmp_path.iterdir())


def test_a_master_without_spark_is_refused(retail, tmp_path):
    asked = {"data": {"invoices": [retail.path]}, "as_of": retail.listed}
    asked |= {"out": tmp_path / "list.parquet", "workspace": tmp_path}
    with pytest.raises(ConfigError, match=r"--spark-master local\[2\] goes with --engine spark"):
        score(retail.bundle, **asked, spark_master="local[2]")
    with pytest.raises(ConfigError, match="no engine is called 'sparc'; did you mean 'spark'"):
        score(retail.bundle, **asked, engine="sparc")
    assert not list(tmp_path.iterdir())


def test_typed_at_the_prompt_nothing_is_scored_that_spark_does_not_do(
    retail, tmp_path, capsys, needs_spark
):
    words = ["score", str(retail.bundle), "--data", f"invoices={retail.path}", "--quiet"]
    words += ["--as-of", str(retail.listed), "--out", str(tmp_path / "list.csv")]
    assert main([*words, "--engine", "spark", "--workspace", str(tmp_path / "workspace")]) == 2
    said = capsys.readouterr().err
    assert "--engine spark makes no such list" in said
    assert "Spark writes a folder of Parquet; let it end in .parquet" in said
    assert main([*words, "--engine", "sparc"]) == 2
    assert not list(tmp_path.iterdir())
