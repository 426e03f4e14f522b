"""The Python that the pages on segments and deviations show runs."""

import re
from pathlib import Path

import pytest

HOW_TO = Path(__file__).resolve().parents[3] / "docs" / "how-to"
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("segments.md", "age is lower: 22, others 62"),
        ("deviation.md", "has tea but not milk; 40 of 41 with tea have it"),
    ],
)
def test_the_examples_run(page, said, capsys):
    blocks = FENCE.findall((HOW_TO / page).read_text("utf-8"))
    assert blocks
    for block in blocks:
        exec(compile(block, page, "exec"), {})
    assert said in capsys.readouterr().out
