"""A small workspace with everything in it, and a browser that lives in this process."""

import asyncio
import json
import re
import shutil
from html import unescape
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

import pandas as pd
import pytest
import yaml

from app.people import Person, Role, digest_of
from app.server import create_app
from app.settings import Settings
from experiments.findings import Draft, Evidence, FindingStore, RunFacts, Words
from features.generate import generate
from pipelines.config import load
from pipelines.load import load as load_warehouse

HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)> =1+1 {{ 7*7 }}"
EARLY, LATE = "20250101-080000-shop", "20250201-080000-shop"
TOKENS = {name: f"a token of the {name} for tests" for name in ("viewer", "analyst", "owner")}


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


class Answer:
    """What came back."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def html(self):
        return self.body.decode()

    @property
    def text(self):
        """Give what a person reads, blanks joined."""
        plain = re.sub(r"(?s)<(style|script).*?</\1>|<[^>]+>", " ", self.html)
        return " ".join(unescape(plain).split())

    @property
    def tags(self):
        """Give every tag with its attributes, as a browser would read them."""
        reader = _Reader()
        reader.feed(self.html)
        return reader.tags

    @property
    def links(self):
        return [unescape(link) for link in re.findall(r'href="([^"]*)"', self.html)]


class Browser:
    """Asks an application as a browser would: it keeps cookies and follows no redirect."""

    def __init__(self, app, host="127.0.0.1:8765"):
        self.app, self.host, self.cookies = app, host, {}

    def get(self, address, **headers):
        return self._ask("GET", address, b"", headers)

    def post(self, address, form=None, *, csrf=True, **headers):
        form = dict(form or {})
        if csrf:
            form.setdefault("csrf", self.csrf)
        headers.setdefault("content-type", "application/x-www-form-urlencoded")
        return self._ask("POST", address, urlencode(form).encode(), headers)

    @property
    def csrf(self):
        """Read the word from a page that has a form."""
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.get("/sign-in").html)
        return found.group(1) if found else self.app.state.guard._csrf(self.cookies["lode-session"])

    def _ask(self, method, address, body, headers):
        answer = asyncio.run(self._carry(method, address, body, headers))
        for name, value in answer.headers:
            if name == "set-cookie":
                for key, morsel in SimpleCookie(value).items():
                    self.cookies[key] = morsel.value
        return Answer(answer.status, dict(answer.headers), answer.body)

    async def _carry(self, method, address, body, headers):
        path, _, query = address.partition("#")[0].partition("?")
        given = {"host": self.host, **headers}
        if self.cookies:
            given["cookie"] = "; ".join(f"{key}={value}" for key, value in self.cookies.items())
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [
                (key.replace("_", "-").encode(), str(value).encode())
                for key, value in given.items()
            ],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8765),
        }
        sent, waiting = [], [{"type": "http.request", "body": body, "more_body": False}]

        async def receive():
            if waiting:
                return waiting.pop()
            await asyncio.sleep(60)
            return {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)

        await self.app(scope, receive, send)
        start = next(message for message in sent if message["type"] == "http.response.start")
        parts = [m.get("body", b"") for m in sent if m["type"] == "http.response.body"]
        heads = [(key.decode().lower(), value.decode()) for key, value in start["headers"]]
        return Answer(start["status"], heads, b"".join(parts))


@pytest.fixture(scope="session")
def filled(tmp_path_factory):
    """Make one workspace; no test writes to it."""
    folder = tmp_path_factory.mktemp("bench")
    shop = generate(folder / "data", lines=3_000, seed=5)
    workspace = folder / "workspace"
    workspace.mkdir()
    _load(shop, workspace, folder)
    make_run(workspace, EARLY, shop, profit=100.0, contact_cost=0.1)
    make_run(workspace, LATE, shop, profit=150.0, contact_cost=0.3)
    record_findings(workspace)
    return workspace


@pytest.fixture
def workspace(filled, tmp_path):
    """Give a copy that may be changed."""
    return Path(shutil.copytree(filled, tmp_path / "workspace"))


def browser_of(workspace, role="analyst", **settings):
    """Open a workbench where nobody signs in."""
    visitor = Person("tester", Role(role))
    return Browser(create_app(Settings(workspace=workspace, visitor=visitor, **settings)))


@pytest.fixture
def viewer(filled):
    return browser_of(filled, "viewer")


@pytest.fixture
def analyst(workspace):
    return browser_of(workspace, "analyst")


@pytest.fixture
def owner(workspace):
    return browser_of(workspace, "owner")


@pytest.fixture
def signed(workspace):
    """Give a function that opens a workbench with three people, one of them signed in."""
    people = tuple(Person(name, Role(name), digest_of(token)) for name, token in TOKENS.items())
    app = create_app(Settings(workspace=workspace, people=people))

    def sign_in(name=None):
        browser = Browser(app, host="bench.example:80")
        if name is not None:
            answer = browser.post("/sign-in", {"token": TOKENS[name]}, csrf=False)
            assert answer.status == 303
        return browser

    return sign_in


@pytest.fixture
def kit():
    """Give what tests make workspaces and browsers from."""
    return SimpleNamespace(
        Browser=Browser,
        EARLY=EARLY,
        HOSTILE=HOSTILE,
        LATE=LATE,
        TOKENS=TOKENS,
        audit_of=audit_of,
        browser_of=browser_of,
        draft=draft,
        make_run=make_run,
        record_findings=record_findings,
    )


def audit_of(workspace):
    """Read the audit log."""
    path = Path(workspace) / "audit.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _load(shop, workspace, folder):
    def source(name, columns, **more):
        path = str(shop.paths[name])
        return {
            "kind": "csv", "name": name, "table": name, "path": path, "columns": columns, **more
        }  # fmt: skip

    same = ("customer_id", "order_id", "item_id", "quantity", "price")
    times = {"from": "ordered_at", "format": "%Y-%m-%d %H:%M:%S"}
    job = {
        "kind": "cross-sell",
        "name": "shop",
        "sources": [
            source(
                "lines",
                {**{name: name for name in same}, "ordered_at": times},
                returns={"column": "order_id", "matches": "^C"},
                rules=[{"column": "quantity", "above": 0}],
                duplicates="reject",
            ),
            source("items", {n: n for n in ("item_id", "item_name", "category", "department")}),
            source(
                "customers",
                {
                    "customer_id": "customer_id",
                    "region": "region",
                    "life_stage": {"from": "life_stage", "tag": "personal"},
                    "opt_out": "opt_out",
                },
            ),
        ],
    }
    path = folder / "shop.yaml"
    path.write_text(yaml.safe_dump(job))
    load_warehouse(load(path, [f"workspace={workspace}"]))


def make_run(workspace, name, shop=None, *, profit=100.0, contact_cost=0.1, kind="cross-sell"):
    """Write the folder of a run as the main job leaves it: aside, then renamed."""
    final = Path(workspace) / "runs" / name
    folder = final.with_name(f".{name}.tmp")
    folder.mkdir(parents=True)
    board = [
        {
            "candidate": candidate,
            "family": family,
            "winner": candidate == "rules",
            "expected_profit": earned,
            "expected_profit_low": earned - 40,
            "expected_profit_high": earned + 40,
            "recall@10_new": 0.07,
        }
        for candidate, family, earned in (
            ("rules", "association", profit),
            ("popularity", "baseline", profit / 2),
        )
    ]
    about = {
        "command": "run",
        "started": f"{name[:4]}-{name[4:6]}-{name[6:8]}T08:00:00+00:00",
        "run_id": name,
        "mlflow_run_id": "abc123",
        "config": {
            "kind": kind,
            "name": "shop",
            "economics": {"currency": "GBP", "contact_cost": contact_cost},
            "tracking": {"uri": None},
        },
        "winner": "rules",
        "leaderboard": board,
        "list": {"target_customers": 3, "control_customers": 1, "rows": 5},
        "window": {"from": "2025-01-01", "to": "2025-01-31"},
        "expected_profit": {"mean": 6.0, "low": 1.0, "high": 9.0, "currency": "GBP"},
        "timings": {"mine: rules": 1.5, "mine: popularity": 0.5},
        "seconds": 12.0,
        "peak_memory_mb": 300.0,
        "notes": ["Mind the gap."],
    }
    (folder / "manifest.json").write_text(json.dumps(about))
    (folder / "report.html").write_text("<!DOCTYPE html><style>p{}</style><p>The report</p>")
    (folder / "config.yaml").write_text("kind: cross-sell\nname: shop\n")
    frames = {
        "list": list_frame(),
        "rules": rule_frame(),
        "segments": segment_frame(),
        "tree": pd.DataFrame({"line": ["all: 5 of 10 (50.00%)", "  young: 4 of 5 (80.00%)"]}),
        "profit_curves": curve_frame(profit),
    }
    for table, frame in frames.items():
        frame.to_parquet(folder / f"{table}.parquet", index=False)
    return folder.rename(final)


def list_frame():
    rows = [
        ("K1000001", 1, "P1001", 0.2, 3.0, "Bought tea.", "rule:A>P1001", "top", "target"),
        ("K1000001", 2, "P1002", 0.1, 1.0, "Bought milk.", "popular:P1002", "top", "target"),
        ("K1000002", 1, "P1001", 0.1, 1.5, "Bought tea.", "rule:A>P1001", "small", "target"),
        ("K1000003", 1, "P1003", 0.1, 0.5, "Liked.", "popular:P1003", "small", "target"),
        ("K1000004", 1, "P1001", 0.3, 9.0, "Bought tea.", "rule:A>P1001", "small", "control"),
    ]
    names = "customer_id rank item_id probability expected_profit reason evidence_id segment group"
    frame = pd.DataFrame(rows, columns=names.split())
    return frame.assign(score=1.0, model="shop", model_version="1", as_of="2024-12-31")


def rule_frame():
    return pd.DataFrame(
        {
            "if bought": ["tea", "tea and milk", HOSTILE, "bread"],
            "then also": ["scones", "scones", "jam", "butter"],
            "confidence": [0.5, 0.4, 0.3, 0.2],
            "lift": [3.0, 2.0, 1.5, 1.2],
            "support": [0.10, 0.05, 0.02, 0.01],
        }
    )


def segment_frame():
    return pd.DataFrame(
        {
            "segment": ["0", "1", HOSTILE],
            "customers": [60, 30, 10],
            "share": [0.6, 0.3, 0.1],
            "orders": [2.5, 9.0, 1.0],
            "buys more than others": ["tea", "milk", HOSTILE],
        }
    )


def curve_frame(profit):
    parts = []
    for candidate, top in (("rules", profit), ("popularity", profit / 2)):
        customers = list(range(1, 101))
        parts.append(
            pd.DataFrame(
                {
                    "customers": customers,
                    "depth": [n / 100 for n in customers],
                    "expected_profit": [top * n / 100 for n in customers],
                    "realised_profit": [top * n / 110 for n in customers],
                    "candidate": candidate,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def draft(needs, then, *, confidence=0.4, lift=2.0, money=10.0, ids=(), **evidence):
    return Draft(
        kind="rule",
        pattern={"if": sorted(needs), "then": [then]},
        words=Words("plain", {"en": f"Who bought {' and '.join(needs)} buys {then}.",
                              "if": list(needs), "then": [then]}),
        evidence=Evidence(
            n=500, support=0.05, confidence=confidence, lift=lift, lift_low=lift - 0.5,
            lift_high=lift + 0.5, p_adjusted=0.01, held_out=True,
            stability={"2024-10": lift, "2024-11": lift - 0.2}, **evidence,
        ),
        money=money,
        currency="GBP",
        evidence_ids=tuple(ids),
    )  # fmt: skip


def record_findings(workspace):
    """Keep three rules and a segment, as a run would."""
    store = FindingStore(Path(workspace) / "findings.db")
    segment = Draft(
        kind="segment",
        pattern={"segment": "0"},
        words=Words("plain", {"en": "A segment of 60 customers."}),
        evidence=Evidence(n=100, value=0.6, unit="share"),
    )
    drafts = [
        draft(["tea"], "scones", money=40.0, ids=["rule:A>P1001"]),
        draft(["tea", "milk"], "scones", confidence=0.3),
        draft([HOSTILE], "jam", money=5.0),
        segment,
    ]
    store.record(RunFacts(run_id=LATE, question="shop"), drafts)
    return store
