import duckdb
import pytest

from features.privacy.detectors import is_card, is_iban, is_national_id
from features.privacy.hints import hinted
from features.privacy.personal import find_personal, judge


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("Email", "e-mail address"),
        ("courriel", "e-mail address"),
        ("客户邮箱", "e-mail address"),
        ("TelefonNr", "phone number"),
        ("手机号码", "phone number"),
        ("creditCardNumber", "card number"),
        ("IBAN", "bank account"),
        ("身份证", "national id"),
        ("Geburtsdatum", "date of birth"),
        ("date de naissance", "date of birth"),
        ("birth_year", "date of birth"),
        ("prénom", "name of a person"),
        ("LastName", "name of a person"),
        ("姓名", "name of a person"),
        ("Straße", "address"),
        ("code postal", "address"),
        ("client_ip", "IP address"),
        ("gender", "health, faith or origin"),
    ],
)
def test_names_of_columns_give_them_away(column, kind):
    assert hinted("customers", column) == kind


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("items", "item_name"),
        ("campaigns", "campaign_name"),
        ("items", "name"),
        ("lines", "amount"),
        ("customers", "region"),
        ("sessions", "entry_page"),
        ("customers", "segment"),
    ],
)
def test_names_of_other_things_do_not(table, column):
    assert hinted(table, column) is None


# Numbers that card schemes and the standards publish as examples.
@pytest.mark.parametrize("text", ["4111111111111111", "5500-0000-0000-0004", "378282246310005"])
def test_cards_pass_their_check(text):
    assert is_card(text)
    digit = text[-2]
    assert not is_card(text[:-2] + str((int(digit) + 1) % 10) + text[-1])


@pytest.mark.parametrize("text", ["", "4111", "1234567890123", "abcd", "0" * 16])
def test_other_numbers_are_no_cards(text):
    assert not is_card(text)


@pytest.mark.parametrize("text", ["GB82 WEST 1234 5698 7654 32", "FR1420041010050500013M02606"])
def test_accounts_pass_their_check(text):
    assert is_iban(text)
    assert not is_iban(text[:-1] + ("1" if text[-1] != "1" else "2"))


@pytest.mark.parametrize("text", ["078-05-1120", "11010519491231002X", "255081416802538"])
def test_national_numbers(text):
    assert is_national_id(text)


@pytest.mark.parametrize("text", ["000-05-1120", "110105194912310021", "11010519491331002X", "12"])
def test_other_numbers_are_no_national_numbers(text):
    assert not is_national_id(text)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["ann@example.org", "bob@example.com"], "e-mail address"),
        (["call me: ann@example.org", *["nothing to say"] * 20], "e-mail address"),
        (["+44 20 7946 0958", "(555) 123-4567", "13800138000"], "phone number"),
        (["4111 1111 1111 1111", "5500000000000004"], "card number"),
        (["GB82WEST12345698765432"], "bank account"),
        (["078-05-1120"], "national id"),
        (["192.168.0.1", "2001:db8::1"], "IP address"),
        (["12 High Street", "Hauptstraße 5", "3 rue Victor", "南京路100号"], "address"),
    ],
)
def test_values_give_a_column_away_whatever_it_is_called(values, kind):
    finding = judge("customers", "c7", values)
    assert finding is not None
    assert finding.kind == kind
    assert finding.confidence > 0.5


@pytest.mark.parametrize(
    "values",
    [
        [],
        ["536365", "536366", "C536367"],
        ["2011-12-01", "2011-12-09 08:26:00"],
        ["0.123456789", "3.14159265", "-12.5"],
        ["WHITE HANGING HEART", "SET 7 BABUSHKA NESTING BOXES"],
        ["true", "false"],
        ["85123A", "71053"],
        ["1.2", "10.0.1"],
    ],
)
def test_ordinary_values_do_not(values):
    assert judge("lines", "c7", values) is None


def test_name_and_values_together_are_surer_than_either():
    values = ["+44 20 7946 0958", "unknown", "none"]
    alone = judge("customers", "c7", values)
    both = judge("customers", "phone", values)
    named = judge("customers", "phone", [])
    assert alone is None
    assert both.confidence > named.confidence
    assert "the name, 33% of values" in str(both)


def test_a_name_that_its_values_do_not_bear_out_is_no_finding():
    assert judge("own", "tel", ["red", "green"]) is None


def test_identifiers_are_personal_by_nature_and_not_reported():
    assert judge("lines", "customer_id", ["ann@example.org"]) is None


def test_the_surest_comes_first_and_only_asked_columns_are_looked_at():
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t (a VARCHAR, b VARCHAR, prenom VARCHAR, d DOUBLE)")
    connection.execute("INSERT INTO t VALUES ('x@y.org', 'z@y.org', 'Ann', 1), (NULL, 'q', 'B', 2)")
    found = find_personal(connection, {"t": ["a", "prenom", "d"]})
    assert [one.column for one in found] == ["a", "prenom"]
    assert [one.kind for one in found] == ["e-mail address", "name of a person"]
    connection.close()
