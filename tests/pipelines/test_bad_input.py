"""Bad input through the real command: what is said, the exit code, and that nothing was written."""

import errno
import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml

import pipelines
from experiments.registry import Registry
from features.warehouse import Warehouse
from lodeworks.files import file_digest
from pipelines.cli import main

ROOT = Path(pipelines.__file__).parents[1]
QUICK = {
    "window": {"as_of": "2024-11-30", "backtests": 2},
    "candidates": [{"kind": "popularity", "tune": False}, {"kind": "rules", "tune": False}],
    "evaluation": {"ks": [5], "bootstrap": 100},
}
HEADER = "customer_id,order_id,item_id,ordered_at,quantity,price"


class Standing:
    """A workspace with a finished run, a champion and a warehouse."""

    def __init__(self, folder, values):
        self.folder = folder
        self.workspace = folder / "workspace"
        self.values = values
        self.list = None

    def state(self):
        """Give all that bad input must leave as it was."""
        runs = self.workspace / "runs"
        return {
            "runs": {str(path): file_digest(path) for path in runs.rglob("*") if path.is_file()},
            "warehouse": file_digest(self.workspace / "warehouse.duckdb"),
            "champion": Registry.open(self.workspace).champion("shop")[0],
        }


@pytest.fixture(scope="module")
def standing(finished, tracking_template, tmp_path_factory):
    """Run the quick job once; the tests below must not change what it left."""
    folder = tmp_path_factory.mktemp("standing")
    made = Standing(folder, yaml.safe_load(finished.path.read_text()) | QUICK)
    made.workspace.mkdir()
    shutil.copy(tracking_template, made.workspace / "mlflow.db")
    config = folder / "good.yaml"
    config.write_text(yaml.safe_dump(made.values))
    assert main(["run", str(config), "--workspace", str(made.workspace), "--quiet"]) == 0
    (made.list,) = made.workspace.glob("runs/*/list.parquet")
    return made


@pytest.fixture
def lode_run(standing, tmp_path, capsys, monkeypatch):
    """Run a changed configuration; give exit code and what was told."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def type_command(*more, workspace=standing.workspace, **changes):
        config = tmp_path / "bad.yaml"
        config.write_text(yaml.safe_dump(standing.values | changes))
        capsys.readouterr()
        code = main(["run", str(config), "--workspace", str(workspace), "--quiet", *more])
        return code, capsys.readouterr()

    return type_command


@pytest.fixture
def refused(lode_run, standing, tmp_path):
    """Run a bad configuration where something stands, and where nothing does."""

    def check(expected, *messages, **changes):
        before = standing.state()
        code, told = lode_run(**changes)
        assert code == expected
        for message in messages:
            assert message in told.err
        assert "Traceback" not in told.err
        assert told.out == ""
        assert standing.state() == before
        empty = tmp_path / "empty"
        assert lode_run(workspace=empty, **changes)[0] == expected
        assert not (empty / "runs").exists()
        assert not (empty / "warehouse.duckdb").exists()

    return check


@pytest.fixture
def sources(standing, shop, tmp_path):
    """Give the sources with other lines: a frame or the bytes of a file."""

    def change(lines, name="lines.csv", **about):
        path = tmp_path / name
        if isinstance(lines, bytes):
            path.write_bytes(lines)
        else:
            lines.to_csv(path, index=False)
        first, *rest = standing.values["sources"]
        return [{**first, "path": str(path), **about}, *rest]

    return change


@pytest.fixture
def lines(shop):
    """Read every cell as it stands."""
    return pd.read_csv(shop.paths["lines"], dtype=str, keep_default_na=False)


def clean(lines):
    """Keep the rows that a load accepts, and returns."""
    numbers = pd.to_numeric(lines["quantity"], errors="coerce").notna()
    days = lines["ordered_at"].str.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
    return lines[numbers & days & (lines["customer_id"] != "")]


def purchases(lines, first, last):
    some = clean(lines)
    return some[some["ordered_at"].between(first, last) & ~some["order_id"].str.startswith("C")]


def test_an_unknown_key_is_told_with_the_nearest_and_the_line(refused):
    refused(2, "bad.yaml:16: polcy: unknown key; did you mean 'policy'?", polcy={"rows": 5})


def test_an_unknown_value_is_told_with_the_nearest(refused):
    refused(2, "'ruls'", "did you mean 'rules'?", candidates=[{"kind": "ruls"}])


def test_missing_columns_are_all_named_with_the_nearest(refused, sources, lines):
    renamed = lines.rename(columns={"item_id": "itemid", "ordered_at": "day"})
    refused(3, "lines.csv", "'item_id'", "'itemid'", "'ordered_at'", sources=sources(renamed))


def test_dates_that_are_none_stop_the_load_when_all_are_so(refused, sources, lines):
    wrong = sources(lines.assign(ordered_at="sometime"))
    refused(3, "lines", "ordered_at is not a timestamp", sources=wrong)


def test_more_rejected_rows_than_allowed_stop_the_load(refused, sources, lines):
    half = lines.assign(ordered_at=lines["ordered_at"].where(lines.index % 2 == 0, "31.02."))
    refused(3, "lines", "ordered_at is not a timestamp", sources=sources(half, max_rejected=0.2))


@pytest.mark.parametrize("content", [b"", f"{HEADER}\n".encode()], ids=["nothing", "header"])
def test_an_empty_file_is_refused(refused, sources, content):
    refused(3, "lines.csv", sources=sources(content))


def test_a_file_that_is_missing_is_named(refused, sources, tmp_path):
    given = sources(b"")
    Path(given[0]["path"]).unlink()
    refused(3, "source 'lines'", "lines.csv", "No such file or directory", sources=given)


def test_a_day_after_the_data_is_refused_with_the_latest_possible(refused_after_load):
    refused_after_load(
        "window.as_of 2025-03-01 leaves no 31 days for gap and outcome",
        "the latest that does is 2024-11-30",
        window={"as_of": "2025-03-01"},
    )


@pytest.fixture
def refused_after_load(lode_run, standing, tmp_path):
    """Run on data that can be loaded and not be used: no run, no champion, no list."""

    def check(*messages, **changes):
        workspace = tmp_path / "other"
        shutil.copytree(standing.workspace, workspace)
        other = Standing(tmp_path, {})
        other.workspace = workspace
        before = other.state()
        code, told = lode_run(workspace=workspace, **changes)
        assert code == 3
        for message in messages:
            assert message in told.err
        assert "Traceback" not in told.err
        after = other.state()
        assert after["runs"] == before["runs"]
        assert after["champion"] == before["champion"]

    return check


def test_one_customer_alone_is_refused(refused_after_load, sources, lines):
    most = lines["customer_id"].value_counts().index[0]
    alone = lines[lines["customer_id"] == most]
    refused_after_load(
        "no item was bought by 3 customers or more up to",
        "items.min_customers",
        sources=sources(alone),
        window={"as_of": "latest", "backtests": 2},
    )


def test_no_purchases_in_the_outcome_window_are_refused(refused_after_load, sources, lines):
    before = purchases(lines, "2023", "2024-12")
    late = before.tail(1).assign(ordered_at="2025-06-01 10:00:00")
    refused_after_load(
        "there are no purchases in the outcome window after 2024-11-30 (2024-12-01 to 2024-12-31)",
        "set window.as_of earlier",
        sources=sources(pd.concat([before, late])),
    )


def test_a_gzipped_file_cut_in_half_is_refused(refused, sources, lines):
    packed = gzip.compress(lines.to_csv(index=False).encode())
    cut = sources(packed[: len(packed) // 2], "lines.csv.gz")
    refused(3, "lines.csv.gz", sources=cut)


def test_a_plain_file_cut_in_half_is_refused_where_the_rows_are_stated(refused, sources, lines):
    whole = lines.to_csv(index=False).encode()
    cut = sources(whole[: len(whole) // 2], min_rows=len(lines))
    refused(3, "lines.csv", f"{len(lines)}", sources=cut)


def test_a_plain_file_cut_in_half_lacks_the_days_that_are_asked_for(
    refused_after_load, sources, lines
):
    content = lines.to_csv(index=False).encode()
    refused_after_load(
        "window.as_of 2024-11-30 leaves no 31 days for gap and outcome",
        sources=sources(content[: len(content) // 2]),
    )


@pytest.fixture
def side(standing, tmp_path):
    """Copy the standing workspace, for a run that will finish."""
    workspace = tmp_path / "side"
    shutil.copytree(standing.workspace, workspace)
    return workspace


def test_the_row_that_the_cut_went_through_is_rejected(lode_run, sources, lines, side):
    whole = lines.to_csv(index=False).encode()
    torn = whole[: whole.rstrip(b"\n").rindex(b",") - 9]
    code, told = lode_run("--json", workspace=side, sources=sources(torn))
    assert code == 0
    summary = json.loads(told.out)
    assert summary["rows_in"] == summary["rows_loaded"] + summary["rows_rejected"]
    with Warehouse.open(side / "warehouse.duckdb") as warehouse:
        rejected = warehouse.rejected.to_pandas()
    assert (rejected["rule"] == "wrong number of fields").sum() == 1


def newest_list(workspace):
    return max(workspace.glob("runs/*/list.parquet"), key=lambda path: path.stat().st_mtime_ns)


def test_duplicated_lines_are_rejected_and_change_nothing(lode_run, sources, lines, side, standing):
    twice = pd.concat([lines, lines.head(300)])
    code, told = lode_run("--json", workspace=side, sources=sources(twice))
    assert code == 0
    summary = json.loads(told.out)
    manifest = json.loads(Path(summary["paths"]["manifest"]).read_text())
    reasons = {s["source"]: s["reasons"] for s in manifest["load"]["sources"]}["lines"]
    before = json.loads(standing.list.with_name("manifest.json").read_text())
    usual = {s["source"]: s["reasons"] for s in before["load"]["sources"]}["lines"]
    assert sum(reasons.values()) == sum(usual.values()) + 300
    assert reasons["the row is a duplicate"] > usual["the row is a duplicate"] + 250
    offers, usual_offers = map(pd.read_parquet, (summary["paths"]["list"], standing.list))
    pd.testing.assert_frame_equal(
        offers.drop(columns="model_version"), usual_offers.drop(columns="model_version")
    )


def test_items_seen_only_in_the_outcome_window_count_among_the_purchases(
    lode_run, sources, lines, side
):
    fresh = purchases(lines, "2024-12-02", "2024-12-30").head(80)
    fresh = fresh.assign(item_id="NEW-1", order_id=[f"N{n}" for n in range(80)])

    def recall(some):
        code, told = lode_run("--json", workspace=side, sources=sources(some))
        assert code == 0
        return json.loads(told.out)["leaderboard"][0]["recall@5_new"]

    assert recall(pd.concat([lines, fresh])) < recall(lines)


def full(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


def duckdb_full(*_, **__):
    raise duckdb.IOException("Could not write all bytes: No space left on device")


PLACES = {
    "list": ("pyarrow.parquet.ParquetWriter.write_table", full),
    "bundle": ("experiments.bundle.folder.write_state", full),
    "warehouse": ("features.warehouse.loading.content_digest", duckdb_full),
    "report": ("pipelines.crosssell.outputs.render", full),
    "snapshot": ("pipelines.crosssell.prepare.save_snapshot", full),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_full_disk_is_told_and_leaves_nothing_half_written(
    lode_run, place, tmp_path, monkeypatch, tracking_template, standing
):
    workspace = tmp_path / "fresh"
    workspace.mkdir()
    shutil.copy(tracking_template, workspace / "mlflow.db")
    with monkeypatch.context() as patched:
        patched.setattr(*PLACES[place])
        code, told = lode_run(workspace=workspace)
    assert code == 1
    assert "disk is full" in told.err or "No space left on device" in told.err
    assert "Traceback" not in told.err
    assert not [*workspace.glob("runs/*/manifest.json")]
    assert not [path for path in workspace.rglob(".*") if path.name.endswith(".tmp")]
    assert (workspace / "warehouse.duckdb").exists() == (place != "warehouse")
    assert Registry.open(workspace).champion("shop") is None or place in ("list", "report")
    code, _ = lode_run(workspace=workspace)
    assert code == 0
    assert newest_list(workspace).read_bytes() == standing.list.read_bytes()


def start(config, workspace):
    hidden = ("MLFLOW_TRACKING_URI",)
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", "run", config, "--workspace", workspace],
        env=environment | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_a_run_that_is_stopped_goes_on_to_the_bytes_of_an_undisturbed_one(
    standing, lode_run, tmp_path, tracking_template, number, code
):
    workspace = tmp_path / "fresh"
    workspace.mkdir()
    shutil.copy(tracking_template, workspace / "mlflow.db")
    job = start(standing.folder / "good.yaml", workspace)
    told = []
    for line in job.stderr:
        told.append(line)
        if "mine: popularity-measured" in line:
            break
    job.send_signal(number)
    _, rest = job.communicate(timeout=60)
    assert job.returncode == code, "".join([*told, rest])
    assert "Traceback" not in rest
    if number == signal.SIGINT:
        assert rest.endswith("Error: interrupted; run the same command again to resume\n")
    assert not (workspace / "runs").exists()
    assert Registry.open(workspace).champion("shop") is None
    again, out = lode_run("--json", workspace=workspace)
    assert again == 0
    summary = json.loads(out.out)
    manifest = json.loads(Path(summary["paths"]["manifest"]).read_text())
    assert "clean: load" in manifest["reused_steps"]
    assert "mine: popularity-tuned" in manifest["reused_steps"]
    assert Path(summary["paths"]["list"]).read_bytes() == standing.list.read_bytes()
