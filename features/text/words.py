"""From a text to its words, in any mixture of scripts."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from itertools import pairwise

from lodeworks.errors import NotInstalled, did_you_mean

__all__ = ["SEGMENTERS", "chosen_segmenter", "has_chinese", "words"]

SEGMENTERS = ("jieba", "bigrams")
"""How Chinese, which has no blanks between words, is divided."""

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_EMOJI = "\u2600-\u27bf\U0001f300-\U0001faff"
# What stands before an @ is bounded (RFC 5321), or a long text without blanks would take for ever.
_ADDRESSES = re.compile(r"[^\s@]{1,64}@[^\s@]+|\bhttps?://\S+|\bwww\.\S+")
_CHINESE = re.compile(f"[{_HAN}]")
_WORD = re.compile(
    rf"(?P<han>[{_HAN}]+)|(?P<emoji>[{_EMOJI}])"
    rf"|(?P<word>[^\W\d_{_HAN}](?:[^\W_{_HAN}]|'(?=[^\W\d_{_HAN}]))*)"
)
_LONGEST = 40
_SHORTEST = 2


def words(text: str | None, segmenter: str = "bigrams") -> list[str]:
    """Divide a text into words, in their order.

    Parameters
    ----------
    text : str, optional
        Letters are taken in small and in their usual width. Numbers, addresses of mail and sites
        and single letters are left out; an emoji is a word.
    segmenter : {'bigrams', 'jieba'}
        Chinese becomes every two neighbouring characters, or words of a dictionary.

    Raises
    ------
    NotInstalled
        When the text is Chinese and the segmenter is missing.
    ValueError
        When the segmenter is not known.

    Examples
    --------
    >>> words("The DELIVERY was late 😡, order 4711, ask ann@example.com")
    ['the', 'delivery', 'was', 'late', '😡', 'order', 'ask']
    >>> words("快递太慢")
    ['快递', '递太', '太慢']
    """
    if segmenter not in SEGMENTERS:
        raise ValueError(f"segmenter is {segmenter!r}; {did_you_mean(segmenter, SEGMENTERS)}")
    usual = unicodedata.normalize("NFKC", text or "").casefold().replace("\u2019", "'")
    found: list[str] = []
    for match in _WORD.finditer(_ADDRESSES.sub(" ", usual)):
        if match["han"]:
            found += _divided(match["han"], segmenter)
        elif match["emoji"] or _SHORTEST <= len(match[0]) <= _LONGEST:
            found.append(match[0].removesuffix("'s"))
    return found


def has_chinese(text: str | None) -> bool:
    """Tell whether a text has Chinese characters in it."""
    return bool(_CHINESE.search(text or ""))


def chosen_segmenter(wanted: str | None = None) -> str:
    """Give the segmenter that is wanted, or the best that is installed.

    Raises
    ------
    ValueError
        When it is not known.
    """
    if wanted is not None and wanted not in SEGMENTERS:
        raise ValueError(f"segmenter is {wanted!r}; {did_you_mean(wanted, SEGMENTERS)}")
    return wanted or ("jieba" if find_spec("jieba") else "bigrams")


def _divided(han: str, segmenter: str) -> list[str]:
    if segmenter == "jieba":
        return [word for word in _jieba()(han) if word.strip()]
    return [first + second for first, second in pairwise(han)] or [han]


@cache
def _jieba() -> Callable[[str], list[str]]:
    """Load the dictionary once; a tokenizer of our own keeps others' words out of it."""
    try:
        import jieba
    except ImportError:
        raise NotInstalled(
            "Chinese words need jieba: pip install 'lodeworks[chinese]', "
            "or divide into pairs of characters (segmenter 'bigrams')"
        ) from None
    jieba.setLogLevel("WARNING")
    tokenizer = jieba.Tokenizer()
    return lambda text: list(tokenizer.cut(text))
