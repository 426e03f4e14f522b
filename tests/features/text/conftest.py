import pytest

LATE = [
    "late delivery",
    "the delivery was late again",
    "parcel late",
    "delivery so late, parcel lost",
]
BROKEN = ["broken cup", "cup arrived broken", "the cup is broken!", "broken plate, broken cup"]
CHINESE = ["快递很慢", "快递太慢了", "快递又慢了"]


@pytest.fixture
def texts():
    """Complaints about three things, and texts that say nothing."""
    return [*LATE, *BROKEN, *CHINESE, None, "", "🙂", "4711"]


@pytest.fixture
def opinions():
    """Texts of two kinds that some words tell apart, with their labels."""
    good, bad = ["good", "lovely", "quick"], ["bad", "awful", "slow"]
    texts = [f"{word} {thing}" for word in (*good, *bad) for thing in ("cup", "shop", "tea", "box")]
    return texts, ["praise"] * 12 + ["complaint"] * 12
