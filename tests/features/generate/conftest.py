"""One generated shop, read back from its files the way a user would, shared by the tests."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.generate import Generated, generate
from features.generate.catalogue import Catalogue, make_catalogue
from features.generate.customers import Customers, draw_customers
from features.generate.patterns import Patterns, choose_patterns
from features.generate.seasons import Calendar


@dataclass
class ReadShop:
    generated: Generated

    @property
    def folder(self) -> Path:
        return self.generated.folder

    @cached_property
    def truth(self) -> dict[str, Any]:
        return json.loads((self.folder / "truth.json").read_text(encoding="utf-8"))

    @cached_property
    def raw(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "lines.csv", dtype=str, keep_default_na=False)

    @cached_property
    def items(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "items.csv")

    @cached_property
    def customers(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "customers.csv", parse_dates=["joined_on"])

    @cached_property
    def contacts(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "contacts.csv", parse_dates=["contacted_on"])

    @cached_property
    def segments(self) -> pd.DataFrame:
        return pd.read_parquet(self.folder / "truth_segments.parquet")

    @cached_property
    def clean(self) -> pd.DataFrame:
        """Lines that a data contract would load, typed."""
        rows = self.raw.assign(
            moment=pd.to_datetime(
                self.raw["ordered_at"], format="%Y-%m-%d %H:%M:%S", errors="coerce"
            ),
            pieces=pd.to_numeric(self.raw["quantity"], errors="coerce"),
            price=self.raw["price"].astype(float),
        )
        usable = (
            ~self.raw.duplicated()
            & (self.raw["customer_id"] != "")
            & ~self.raw["order_id"].str.startswith("C")
            & rows["moment"].notna()
            & rows["pieces"].notna()
        )
        rows = rows[usable].merge(
            self.items[["item_id", "category", "department"]], on="item_id", validate="m:1"
        )
        return rows.merge(self.segments, on="customer_id", validate="m:1")


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> ReadShop:
    folder = tmp_path_factory.mktemp("generated") / "shop"
    return ReadShop(generate(folder, lines=100_000, seed=7, dirty=0.05))


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return Calendar.between(date(2023, 1, 1), date(2024, 12, 31))


@pytest.fixture(scope="session")
def patterns() -> Patterns:
    return choose_patterns(make_catalogue(400, 3), 6)


@pytest.fixture(scope="session")
def catalogue(patterns: Patterns) -> Catalogue:
    return make_catalogue(400, 3).with_best_sellers(patterns.beginnings)


@pytest.fixture(scope="session")
def customers(catalogue: Catalogue, calendar: Calendar) -> Customers:
    return draw_customers(range(2_000), 0, 3, catalogue, calendar)
