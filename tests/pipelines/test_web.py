"""`lode web` as a person types it."""

import json

import pandas as pd
import pytest

from pipelines.cli import main

PERSON = "Mozilla/5.0 (X11; Linux x86_64) Firefox/27.0"
HOST = "192.0.2.77"


def line(minute, path, *, host=HOST, user="-", agent=PERSON):
    at = f"01/May/2024:{10 + minute // 60}:{minute % 60:02}:00 +0000"
    return f'{host} - {user} [{at}] "GET {path} HTTP/1.1" 200 5 "-" "{agent}"\n'


LINES = [
    line(0, "/"),
    line(1, "/style.css"),
    line(2, "/basket?item=7"),
    line(5, "/thanks"),
    "broken\n",
    line(90, "/"),
    line(91, "/", host="192.0.2.78", agent="Googlebot/2.1"),
]


@pytest.fixture
def type_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LODE_PSEUDONYM_KEY", raising=False)
    (tmp_path / "access.log").write_text("".join(LINES))

    def run(*words):
        code = main(["web", *words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_a_log_becomes_tables_and_a_summary(type_command, tmp_path):
    code, out, err = type_command("access.log", "--out", "web", "--json", "--step", "paid=^/thanks")
    assert code == 0, err
    told = json.loads(out)
    assert (told["lines"], told["rejected"], told["status"]) == (7, 1, {"200": 6})
    assert told["requests"] == {"page": 5, "asset": 1, "failed": 0, "other": 0}
    assert told["visitors"] == {"people": 1, "robots": 1, "robots_by": {"agent": 1}}
    assert told["sessions"]["sessions"] == 2
    assert told["sessions"]["pages_mean"] == 2.0
    assert told["entry_pages"] == [{"page": "/", "sessions": 2}]
    assert [(row["step"], row["reached"]) for row in told["funnel"]] == [("visit", 1), ("paid", 1)]
    folder = tmp_path / "web"
    assert pd.read_parquet(folder / "sessions.parquet")["pages"].tolist() == [3, 1, 1]
    people = pd.read_parquet(folder / "visitors.parquet").set_index("visitor_id")
    assert people["web_pages"].tolist()[0] == 4
    assert people.loc["v2", "robot_by"] == "agent"
    assert pd.isna(people.loc["v2", "web_pages"])
    assert pd.read_parquet(folder / "views.parquet")["page"].tolist() == [
        "/",
        "/basket",
        "/thanks",
        "/",
    ]
    steps = pd.read_csv(folder / "transitions.csv").set_index(["from_page", "to_page"])["steps"]
    assert steps["(start)", "/"] == 2
    assert pd.read_csv(folder / "rejected.csv")["line"].tolist() == [5]
    assert (
        json.loads((folder / "manifest.json").read_text())["settings"]["inactivity_seconds"] == 1800
    )


def test_addresses_are_nowhere(type_command, tmp_path):
    code, out, err = type_command("access.log", "--out", "web")
    assert code == 0
    files = b"".join(path.read_bytes() for path in (tmp_path / "web").iterdir())
    assert HOST not in out + err
    assert HOST.encode() not in files


def test_text_for_a_person(type_command):
    _, out, err = type_command("access.log", "--inactivity", "2h")
    assert "7 lines, 1 rejected" in out
    assert "1 session of people: 4.00 pages (median 4), 90.0 minutes" in out
    assert "visitors are numbered" in err


def test_a_key_names_visitors_by_hash(type_command, tmp_path, monkeypatch):
    monkeypatch.setenv("LODE_PSEUDONYM_KEY", "a key of 16 byte")
    code, _, err = type_command("access.log", "--out", "web")
    assert code == 0
    assert "numbered" not in err
    names = pd.read_parquet(tmp_path / "web" / "visitors.parquet")["visitor_id"]
    assert names.str.fullmatch("[0-9a-f]{32}").all()


def test_orders_of_users_are_the_last_step(type_command, tmp_path):
    (tmp_path / "access.log").write_text(
        line(0, "/", user="ann") + line(1, "/", host="h", user="bob")
    )
    (tmp_path / "orders.csv").write_text("customer_id,ordered_at\nann,2024-05-01 10:30:00\n")
    words = ("access.log", "--visitor-by", "user", "--orders", "orders.csv", "--json")
    code, out, err = type_command(*words)
    assert code == 0, err
    funnel = json.loads(out)["funnel"]
    assert [(row["step"], row["reached"]) for row in funnel] == [("visit", 2), ("order", 1)]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("none.log",), 3, "no such file"),
        (("access.log", "access.log"), 3, "given twice"),
        (("access.log", "--inactivity", "soon"), 2, "'soon'"),
        (("access.log", "--pages-a-minute", "0"), 2, "--pages-a-minute must be at least 1"),
        (("access.log", "--step", "paid"), 2, "NAME=PATTERN"),
        (("access.log", "--step", "a=/", "--step", "a=/b"), 2, "given twice"),
        (("access.log", "--step", "visit=/"), 2, "the name is taken"),
        (("access.log", "--step", "a=("), 2, "not a regular expression"),
        (("access.log", "--step", "a=(?=b)"), 2, "not a regular expression"),
        (("access.log", "--orders", "o.csv"), 2, "--orders needs --visitor-by user"),
        (("access.log", "--visitor-by", "user", "--orders", "o.xyz"), 2, "must end in"),
        (("access.log", "--out", "access.log"), 2, "is a file"),
        (("access.log", "--out", "."), 2, "holds 'access.log'"),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_written(type_command, tmp_path, words, code, said):
    found, _, err = (
        type_command(*words, "--out", "web") if "--out" not in words else type_command(*words)
    )
    assert found == code
    assert said in err
    assert [path.name for path in tmp_path.iterdir()] == ["access.log"]


def test_all_problems_are_told_at_once(type_command):
    _, _, err = type_command("access.log", "--top", "-1", "--pages-a-minute", "0", "--step", "a=(")
    assert err.count("\n  - ") == 3


def test_a_log_of_robots_only_has_no_sessions(type_command, tmp_path):
    (tmp_path / "access.log").write_text(line(0, "/", agent="bot"))
    code, out, err = type_command("access.log", "--out", "web")
    assert code == 0, err
    assert "no sessions of people" in out
    assert len(pd.read_csv(tmp_path / "web" / "transitions.csv")) == 0


def test_the_views_can_be_mined(type_command, capsys):
    assert type_command("access.log", "--out", "web")[0] == 0
    words = ["--customer", "session_id", "--time", "position", "--item", "page"]
    command = [
        "mine",
        "sequences",
        "web/views.parquet",
        *words,
        "--min-count",
        "1",
        "--out",
        "w.csv",
    ]
    assert main(command) == 0
    assert '["/basket"]' in pd.read_csv("w.csv").to_csv(index=False).replace('""', '"')
