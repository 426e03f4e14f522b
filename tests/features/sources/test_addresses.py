import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.sources.addresses import public_address, without_secrets

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=4)


@given(WORDS)
def test_no_password_is_ever_shown(word):
    word = f"Q{word}Q"
    for url in (f"db://me:{word}@h/n", f"db://h/n?password={word}", f"db://me:{word}@h/n?a={word}"):
        assert word not in public_address(url)
        assert word not in without_secrets(f"at {url} it failed")


@pytest.mark.parametrize(
    "text", ["", "no address", "a: b", "https://host:80/x", "sqlite:///a.db", "C://x"]
)
def test_what_holds_no_secret_stays(text):
    assert without_secrets(text) == text


def test_every_address_of_a_text_is_masked():
    told = without_secrets("a://u:p@h and b://u:p@h?x=1")
    assert told == "a://***@h and b://***@h?***"
    assert not re.search(r"u:p", told)
