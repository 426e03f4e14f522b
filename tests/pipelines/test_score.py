"""`lode score`: the same list from a bundle, raw data and a day, in a clean process."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import pipelines
from experiments.bundle.seal import SEAL
from lodeworks.files import file_digest
from pipelines.cli import main
from pipelines.lists import COLUMNS

ROOT = Path(pipelines.__file__).parents[1]
LAST_DAY = "2024-12-31"


def words(address, shop, out, *more, lines=None, as_of=LAST_DAY):
    """Give the command for the files of the shop."""
    lines = shop.paths["lines"] if lines is None else lines
    return [
        *("score", str(address), "--data", f"lines={lines}"),
        *(part for name in ("items", "customers") for part in ("--data", str(named(shop, name)))),
        *("--as-of", as_of, "--out", str(out), "--quiet", *map(str, more)),
    ]


def named(shop, name):
    return f"{name}={shop.paths[name]}"


def manifest_of(out):
    return json.loads(out.with_name(f"{out.name}.manifest.json").read_text())


def numbers(text):
    return [int(number) for number in re.findall(r"\d+", text.replace(",", ""))]


@pytest.fixture
def score(finished, shop, tmp_path, capsys, monkeypatch):
    """Score the shop with the run's bundle; give exit code, list file and what was told."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def type_command(*more, out="list.parquet", address=None, **changes):
        address = finished.summary.paths["bundle"] if address is None else address
        code = main(words(address, shop, tmp_path / "out" / out, *more, **changes))
        told = capsys.readouterr()
        return code, tmp_path / "out" / out, told

    return type_command


@pytest.fixture
def lines_with(shop, tmp_path):
    """Write the lines of the shop with changes."""

    def write(change):
        path = tmp_path / "lines.csv"
        change(pd.read_csv(shop.paths["lines"], dtype=str, keep_default_na=False)).to_csv(
            path, index=False
        )
        return path

    return write


@pytest.fixture(scope="session")
def processes(finished, shop, tmp_path_factory):
    """Score in three processes of their own, with different hash seeds and addresses."""
    folder = tmp_path_factory.mktemp("processes")
    bundle, champion = finished.summary.paths["bundle"], "models:/shop@champion"
    workspace = ("--workspace", finished.workspace)
    runs = {
        "one": (bundle, "0", ()),
        "two": (bundle, "12345", ()),
        "champion": (champion, "7", (*workspace, "--json")),
    }
    told = {}
    for name, (address, seed, more) in runs.items():
        out = folder / f"{name}.parquet"
        hidden = ("MLFLOW_TRACKING_URI",)
        environment = {key: value for key, value in os.environ.items() if key not in hidden}
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.cli", *words(address, shop, out, *more)],
            env=environment | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            cwd=folder,
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        told[name] = (out, done.stdout)
    return told


def test_the_same_bytes_in_another_process_with_another_hash_seed(processes):
    one, two = processes["one"][0], processes["two"][0]
    assert one.read_bytes() == two.read_bytes()


def test_the_champion_gives_the_list_of_the_run_itself(processes, finished):
    champion, _ = processes["champion"]
    assert champion.read_bytes() == finished.summary.paths["list"].read_bytes()


def test_a_bundle_differs_from_the_champion_in_the_version_alone(processes):
    one, champion = (pd.read_parquet(processes[name][0]) for name in ("one", "champion"))
    pd.testing.assert_frame_equal(
        one.drop(columns="model_version"), champion.drop(columns="model_version")
    )
    assert set(champion["model_version"]) == {"1"}


def test_the_summary_is_one_json_object(processes, finished):
    told = json.loads(processes["champion"][1])
    assert told["list"]["rows"] == finished.summary.list_counts["rows"]
    assert told["expected_profit"] == finished.summary.expected_profit
    assert Path(told["paths"]["list"]).is_file()
    assert Path(told["paths"]["manifest"]).is_file()


def test_the_manifest_beside_the_list_says_what_went_in_and_out(processes, finished, shop):
    out, _ = processes["one"]
    manifest = manifest_of(out)
    load = manifest["load"]
    assert load["rows_in"] == load["rows_loaded"] + load["rows_rejected"]
    assert manifest["list"]["rows"] == len(pd.read_parquet(out))
    digests = {source["source"]: source["sha256"] for source in load["sources"]}
    assert digests == {name: file_digest(shop.paths[name]) for name in digests}
    assert set(digests) == {"lines", "items", "customers"}
    bundle = finished.summary.paths["bundle"]
    assert manifest["model_version"] == file_digest(bundle / SEAL)[:12]
    assert manifest["recipe"]["kind"] == finished.summary.winner
    assert manifest["as_of"] == manifest["trained_through"] == LAST_DAY
    assert manifest["versions"]["lodeworks"]
    assert manifest["peak_memory_mb"] > 50


def test_csv_holds_the_same_rows(score, processes, finished):
    code, out, told = score(out="list.csv")
    assert code == 0
    assert f"rows in {finished.summary.load['rows_in']:,} = loaded " in told.out
    back = pd.read_csv(out, dtype={"customer_id": str, "item_id": str, "model_version": str})
    assert tuple(back.columns) == COLUMNS
    one = pd.read_parquet(processes["one"][0])
    pd.testing.assert_frame_equal(back, one, check_dtype=False, rtol=1e-9)


def test_what_happens_after_the_day_is_not_seen(score, lines_with, tmp_path):
    code, whole, _ = score(as_of="2024-11-15")
    assert code == 0
    before = lines_with(lambda lines: lines[~(lines["ordered_at"] >= "2024-11-16")])
    code, known, _ = score(out="known.parquet", lines=before, as_of="2024-11-15")
    assert code == 0
    assert known.read_bytes() == whole.read_bytes()


def test_the_order_of_the_lines_does_not_matter(score, lines_with, processes):
    code, out, _ = score(lines=lines_with(lambda lines: lines.sample(frac=1, random_state=0)))
    assert code == 0
    assert out.read_bytes() == processes["one"][0].read_bytes()


def test_lines_in_several_files_are_one_table(score, shop, tmp_path, processes):
    rows = pd.read_csv(shop.paths["lines"], dtype=str, keep_default_na=False).drop_duplicates()
    parts = [tmp_path / "first.csv", tmp_path / "second.csv"]
    for path, part in zip(parts, (rows[:7000], rows[7000:]), strict=True):
        part.to_csv(path, index=False)
    code, out, _ = score(lines=",".join(map(str, parts)))
    assert code == 0
    assert out.read_bytes() == processes["one"][0].read_bytes()


def test_who_opted_out_in_the_data_or_in_a_file_is_not_listed(score, shop, processes, tmp_path):
    customers = pd.read_csv(shop.paths["customers"], dtype={"customer_id": str})
    said_no = set(customers.loc[customers["opt_out"], "customer_id"])
    listed = pd.read_parquet(processes["one"][0])["customer_id"]
    assert said_no
    assert not said_no & set(listed)
    file = tmp_path / "opt-out.csv"
    more = list(listed.unique()[:5])
    pd.DataFrame({"customer_id": more}).to_csv(file, index=False)
    code, out, _ = score("--opt-out", file)
    left = set(pd.read_parquet(out)["customer_id"])
    assert code == 0
    assert not set(more) & left
    assert left == set(listed) - set(more)


def test_an_opt_out_file_that_is_missing_stops_the_list(score, tmp_path):
    code, out, told = score("--opt-out", tmp_path / "gone.csv")
    assert code == 3
    assert "gone.csv cannot be read, so no list is made" in told.err
    assert not out.parent.exists()


@pytest.mark.parametrize("share", ["0", "1"])
def test_the_control_share_may_be_changed(score, share):
    code, out, _ = score("--control", share)
    groups = set(pd.read_parquet(out)["group"])
    assert code == 0
    assert groups == ({"control"} if share == "1" else {"target"})


def test_the_control_group_keeps_its_customers_unless_the_seed_changes(score, processes):
    before = pd.read_parquet(processes["one"][0])
    small = pd.read_parquet(score("--rows", "2")[1])
    other = pd.read_parquet(score("--seed", "9")[1])

    def controls(rows):
        return set(rows.loc[rows["group"] == "control", "customer_id"])

    assert small.groupby("customer_id").size().max() == 2
    both = set(small["customer_id"]) & set(before["customer_id"])
    assert controls(small) & both == controls(before) & both != set()
    assert controls(other) != controls(before)


def new_item(lines):
    numbers = pd.to_numeric(lines["quantity"], errors="coerce").notna()
    some = lines[numbers & (lines["customer_id"] != "")].tail(7)
    fresh = some.assign(item_id="NEW-1", ordered_at="2024-12-30 10:00:00", quantity="1")
    return pd.concat([lines, fresh.assign(order_id=[f"N{n}" for n in range(7)])])


def test_items_never_seen_in_training_are_counted_and_not_offered(score, lines_with):
    code, out, told = score(lines=lines_with(new_item))
    assert code == 0
    (note,) = manifest_of(out)["notes"]
    assert note in told.out
    assert note.endswith("not known to the model: left out")
    (usual,) = manifest_of(score(out="usual.parquet")[1])["notes"]
    counts = zip(numbers(note), numbers(usual), strict=True)
    assert [after - before for after, before in counts] == [1, 7]
    assert "NEW-1" not in set(pd.read_parquet(out)["item_id"])


def test_who_bought_only_unknown_items_is_scored_all_the_same(score, lines_with):
    def stranger(lines):
        some = new_item(lines)
        some.loc[some["item_id"] == "NEW-1", "customer_id"] = "K-STRANGER"
        return some

    code, out, _ = score("--control", "0", lines=lines_with(stranger))
    assert code == 0
    before = manifest_of(score(out="plain.parquet")[1])["list"]
    assert manifest_of(out)["list"]["customers"] == before["customers"] + 1


def test_customers_without_purchases_are_no_trouble(score, lines_with, processes):
    listed = pd.read_parquet(processes["one"][0])["customer_id"]
    gone = set(listed.unique()[:20])
    lines = lines_with(lambda lines: lines[~lines["customer_id"].isin(gone)])
    code, out, _ = score(lines=lines)
    left = pd.read_parquet(out)
    assert code == 0
    assert len(left) > 0
    assert not gone & set(left["customer_id"])


@pytest.mark.parametrize(("as_of", "code"), [("2025-01-07", 0), ("2025-01-08", 3)])
def test_data_may_end_a_week_before_the_day(score, as_of, code):
    given, out, told = score(as_of=as_of)
    assert given == code
    if code:
        assert f"--as-of {as_of} is after the data, which ends on {LAST_DAY}" in told.err
        assert not out.parent.exists()
    else:
        assert f"the data ends 7 days before {as_of}" in told.out


def test_a_day_before_the_data_is_refused(score):
    code, out, told = score(as_of="2019-01-01")
    assert code == 3
    assert "nobody bought anything from" in told.err
    assert "the data spans 2023-01-01 to 2024-12-31" in told.err
    assert not out.parent.exists()


def test_a_missing_column_is_named(score, lines_with):
    lines = lines_with(lambda lines: lines.rename(columns={"ordered_at": "order_at"}))
    code, out, told = score(lines=lines)
    assert code == 3
    assert "'ordered_at'" in told.err
    assert "order_at" in told.err
    assert not out.parent.exists()


def test_an_unknown_source_is_refused_with_the_nearest(score, shop):
    code, out, told = score("--data", f"itmes={shop.paths['items']}")
    assert code == 2
    assert "'itmes': did you mean 'items'?" in told.err
    assert not out.parent.exists()


def test_data_without_purchases_is_refused(finished, shop, tmp_path, capsys):
    out = tmp_path / "list.csv"
    bundle = str(finished.summary.paths["bundle"])
    given = ["score", bundle, "--data", named(shop, "items")]
    assert main([*given, "--as-of", LAST_DAY, "--out", str(out)]) == 2
    assert "--data gives no file of purchases" in capsys.readouterr().err
    assert not out.exists()


def test_a_bundle_that_was_tampered_with_is_refused(score, finished, tmp_path):
    copy = tmp_path / "bundle"
    shutil.copytree(finished.summary.paths["bundle"], copy)
    victim = sorted(path for path in copy.rglob("*") if path.is_file() and path.name != SEAL)[0]
    victim.write_bytes(victim.read_bytes() + b" ")
    code, out, told = score(address=copy)
    assert code == 3
    assert "the bundle is not as it was written" in told.err
    assert f"{victim.relative_to(copy)}: was changed" in told.err
    assert not out.parent.exists()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("models:/shp@champion", "no registered model 'shp'; did you mean 'shop'?"),
        ("models:/shop@champoin", "shop has no alias 'champoin'; did you mean 'champion'?"),
        ("models:/shop/99", "shop has no version 99; versions: 1"),
        ("models:shop", "models:shop: write models:/NAME@ALIAS or models:/NAME/VERSION"),
        ("no/such/folder", "no/such/folder: there is no such folder"),
    ],
)
def test_an_address_that_leads_nowhere_is_told_with_the_nearest(score, finished, address, message):
    code, out, told = score("--workspace", finished.workspace, address=address)
    assert code == 3
    assert message in told.err
    assert not out.parent.exists()


def test_a_full_disk_leaves_the_former_list(score, monkeypatch):
    import pyarrow.parquet as pq

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    code, out, _ = score()
    before = out.read_bytes()
    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    code, _, told = score("--rows", "1")
    assert code == 1
    assert "the disk is full; make room and run the same command again" in told.err
    assert out.read_bytes() == before
    assert sorted(path.name for path in out.parent.iterdir()) == [
        *["list.parquet", "list.parquet.manifest.json"]
    ]


def test_without_the_source_that_says_who_opted_out_no_list_is_made(
    finished, shop, tmp_path, capsys
):
    bundle, out = finished.summary.paths["bundle"], tmp_path / "list.csv"
    command = [
        *("score", str(bundle), "--data", f"lines={shop.paths['lines']}"),
        *("--as-of", LAST_DAY, "--out", str(out), "--quiet"),
    ]
    assert main(command) == 3
    told = capsys.readouterr().err
    assert "give --data customers=FILE, or --opt-out" in told
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "nobody.csv").write_text("customer_id\n")
    assert main([*command, "--opt-out", str(tmp_path / "nobody.csv")]) == 0
    assert out.exists()


def test_what_is_suppressed_is_not_on_the_list(score, processes, tmp_path):
    best = pd.read_parquet(score()[1])["item_id"].value_counts().index[0]
    (tmp_path / "items.csv").write_text(f"item_id\n{best}\n")
    code, out, _ = score("--suppress", tmp_path / "items.csv", out="without.parquet")
    assert code == 0
    assert best not in set(pd.read_parquet(out)["item_id"])


def test_the_manifest_tells_seconds_seed_and_drift(score):
    manifest = manifest_of(score()[1])
    assert set(manifest["timings"]) == {"bundle", "load", "part", "score", "write"}
    assert manifest["seed"] == 0
    assert manifest["drift"]["absent"] == []
    # the same data that the model was trained on
    assert max(manifest["drift"]["psi"].values()) == pytest.approx(0.0, abs=1e-9)


def test_a_list_for_a_day_before_the_training_says_so(score):
    manifest = manifest_of(score(as_of="2024-11-30")[1])
    assert any("knows what came after 2024-11-30" in note for note in manifest["notes"])


def test_memory_parts_and_processes_do_not_change_the_list(finished, shop, processes, tmp_path):
    from datetime import date

    from pipelines.score import score as make

    expected = processes["one"][0].read_bytes()
    names = ("lines", "items", "customers")
    for partition in (60, 250):
        summary = make(
            finished.summary.paths["bundle"],
            data={name: [shop.paths[name]] for name in names},
            as_of=date.fromisoformat(LAST_DAY),
            out=tmp_path / "list.parquet",
            memory="16GiB",  # of this process, which has grown with the tests before
            workers=1,
            partition=partition,
        )
        assert summary.out.read_bytes() == expected
        assert summary.values["partition"]["parts"] > 1


@pytest.mark.parametrize(
    ("memory", "message"), [("lots", "give an amount of memory"), ("1MB", "at least 1GiB")]
)
def test_memory_that_is_none_is_refused(score, memory, message):
    code, out, told = score("--memory", memory)
    assert code == 2
    assert message in told.err
    assert not out.parent.exists()


@pytest.mark.parametrize("where", ["load", "part", "score"])
def test_a_budget_that_is_used_up_leaves_what_is_known_and_no_list(score, monkeypatch, where):
    from lodeworks import BudgetExceeded
    from pipelines.crosssell import scoring
    from pipelines.stopped import TimeUp

    def too_much(*_, **__):
        raise TimeUp if where == "part" else BudgetExceeded("too much")

    target, name = {
        "load": (scoring.Warehouse, "load"),
        "part": (scoring, "part_warehouse"),
        "score": (scoring, "stream"),
    }[where]
    monkeypatch.setattr(target, name, too_much)
    code, out, _ = score("--timeout", "1h")
    assert code == 5
    assert sorted(path.name for path in out.parent.parent.iterdir() if path.name[0] == ".") == []
    assert [path.name for path in out.parent.iterdir()] == ["list.parquet.partial.json"]
    left = json.loads((out.parent / "list.parquet.partial.json").read_text())
    assert left["status"] == "stopped"
    assert left["reason"] == ("the time limit is over" if where == "part" else "too much")
    assert ("load" in left) == (where != "load")
    monkeypatch.undo()
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert score()[0] == 0
    assert sorted(path.name for path in out.parent.iterdir()) == [
        *["list.parquet", "list.parquet.manifest.json"]
    ]
