"""Descriptions of parameters and attributes, read from numpydoc docstrings."""

import inspect
import re

__all__ = ["described"]

SECTION = re.compile(r"^(?:Parameters|Attributes)\n-+\n(.*?)(?=^\S[^\n]*\n-{3,}\n|\Z)", re.M | re.S)
ENTRY = re.compile(r"^(\w[\w, ]*?) *(?::[^\n]*)?\n((?: +[^\n]*\n?|\n)+)", re.M)


def described(thing: type) -> dict[str, str]:
    """Give what the docstring of a class, and of its bases, says of each parameter or attribute.

    Examples
    --------
    >>> class Box:
    ...     '''A box.
    ...
    ...     Parameters
    ...     ----------
    ...     width, height : float
    ...         Metres.
    ...     '''
    >>> described(Box)
    {'width': 'Metres.', 'height': 'Metres.'}
    """
    texts: dict[str, str] = {}
    for base in reversed(thing.__mro__):
        for section in SECTION.findall(inspect.cleandoc(base.__doc__ or "") + "\n"):
            for names, text in ENTRY.findall(section):
                for name in names.split(","):
                    texts[name.strip()] = " ".join(text.split())
    return texts
