"""The same pattern has the same name, whatever process writes it."""

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from experiments.findings.identity import canonical, finding_id

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3) | st.floats(-9, 9),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=3), below),
    max_leaves=8,
)


@given(PLAIN)
def test_the_canonical_form_is_its_own(value):
    assert canonical(canonical(value)) == canonical(value)


@given(st.dictionaries(st.text(max_size=3), PLAIN, min_size=1))
def test_the_order_of_keys_does_not_matter(pattern):
    turned = dict(reversed(pattern.items()))
    assert finding_id("rule", pattern, "shop") == finding_id("rule", turned, "shop")


def test_the_order_of_a_list_matters_and_so_do_kind_and_question():
    names = {
        finding_id("rule", {"if": ["a", "b"]}, "shop"),
        finding_id("rule", {"if": ["b", "a"]}, "shop"),
        finding_id("rule", {"if": ["a", "b"]}, "other"),
        finding_id("sequence", {"if": ["a", "b"]}, "shop"),
    }
    assert len(names) == 4


def test_another_process_gives_the_same_name():
    pattern = {"if": ["té", "a"], "depth": 3.0}
    code = (
        "from experiments.findings.identity import finding_id;"
        f"print(finding_id('rule', {pattern!r}, 'shop'))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == finding_id("rule", pattern, "shop")
