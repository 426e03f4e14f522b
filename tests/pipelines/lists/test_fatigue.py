"""Who was contacted often enough lately is left alone."""

from datetime import date

import pytest

from lodeworks import DataError
from pipelines.lists.fatigue import Fatigue, read_contacts, tired

CONTACTS = """customer_id,contacted_at,group
ann,2024-12-01,target
ann,2024-12-20 10:30:00,target
bob,2024-12-20,target
bob,2024-12-21,Control
cyd,2024-11-24,target
cyd,2024-11-25,target
dan,2025-01-02,target
,2024-12-20,target
"""
DAY = date(2024, 12, 24)


@pytest.fixture
def contacts(tmp_path):
    (tmp_path / "contacts.csv").write_text(CONTACTS)
    return read_contacts(tmp_path / "contacts.csv", "contacted_at")


@pytest.mark.parametrize(
    ("most", "within", "left_alone"),
    [
        (1, 30, {"ann", "bob", "cyd"}),
        (2, 30, {"ann"}),
        (2, 31, {"ann", "cyd"}),
        (1, 5, {"ann", "bob"}),
        (1, 4, set()),
        (3, 99, set()),
    ],
)
def test_contacts_up_to_the_day_are_counted_and_controls_are_not(
    contacts, most, within, left_alone
):
    assert tired(contacts, Fatigue(most, within), DAY) == left_alone


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "customer_id,day\nann,2024-01-01\n",
            "has no column contacted_at or contacted_on; it has customer_id, day",
        ),
        ("customer_id,contacted_at\nann,soon\n", "1 of 1 rows have no day .*: given 'soon'"),
        ("customer_id,contacted_at\nann,\n", "1 of 1 rows have no day in contacted_at"),
    ],
)
def test_contacts_that_cannot_be_read_stop_the_list(tmp_path, text, message):
    (tmp_path / "c.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        read_contacts(tmp_path / "c.csv", "contacted_at")


def test_the_day_may_be_called_contacted_on(tmp_path):
    (tmp_path / "c.csv").write_text("customer_id,contacted_on\nann,2024-12-24\n")
    assert read_contacts(tmp_path / "c.csv", "contacted_at")["customer_id"].tolist() == ["ann"]


def test_a_column_that_was_named_has_no_stand_in(tmp_path):
    (tmp_path / "c.csv").write_text("customer_id,contacted_on\nann,2024-12-24\n")
    with pytest.raises(DataError, match="has no column sent; it has customer_id, contacted_on"):
        read_contacts(tmp_path / "c.csv", "sent")


def test_without_a_group_every_row_is_a_contact(tmp_path):
    (tmp_path / "c.csv").write_text("customer_id,day\nann,2024-12-24\n")
    found = read_contacts(tmp_path / "c.csv", "day")
    assert tired(found, Fatigue(), DAY) == {"ann"}
