"""Patterns and check digits that give personal values away."""

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

__all__ = ["DETECTORS", "Detector", "is_card", "is_iban", "is_national_id"]


@dataclass(frozen=True)
class Detector:
    """One kind of personal value.

    Attributes
    ----------
    found : callable
        Tells whether a text is, or holds, such a value.
    enough : float
        Share of values from which on a column is suspected.
    trust : float
        How sure one such value makes, from 0 to 1: what by chance looks like it is rare.
    """

    found: Callable[[str], bool]
    enough: float
    trust: float

    def share(self, values: Sequence[str]) -> float:
        """Give the share of values in which it is found; 0 for none."""
        return sum(map(self.found, values)) / len(values) if values else 0.0


def is_card(text: str) -> bool:
    """Tell whether a text is a payment card number: 13 to 19 digits, Luhn's check (ISO/IEC 7812).

    Examples
    --------
    >>> is_card("4111 1111 1111 1111"), is_card("4111 1111 1111 1112")
    (True, False)
    """
    digits = re.sub(r"[ -]", "", text.strip())
    if not re.fullmatch(r"[2-6][0-9]{12,18}", digits):
        return False
    doubled = (int(d) * (1 + n % 2) for n, d in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def is_iban(text: str) -> bool:
    """Tell whether a text is an account number with its check digits (ISO 13616).

    Examples
    --------
    >>> is_iban("DE89 3704 0044 0532 0130 00"), is_iban("DE88 3704 0044 0532 0130 00")
    (True, False)
    """
    plain = re.sub(r"\s", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", plain):
        return False
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def is_national_id(text: str) -> bool:
    """Tell whether a text is a national number of the United States, China or France.

    Examples
    --------
    >>> is_national_id("078-05-1120"), is_national_id("11010519491231002X")
    (True, True)
    """
    plain = text.strip().upper()
    return _is_american(plain) or _is_chinese(plain) or _is_french(plain.replace(" ", ""))


def _is_american(text: str) -> bool:
    return bool(re.fullmatch(r"(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}", text))


def _is_chinese(text: str) -> bool:
    """Check the date and the last digit (GB 11643-1999)."""
    if not re.fullmatch(r"[1-8][0-9]{16}[0-9X]", text):
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    weighted = sum(int(d) * pow(2, 17 - n, 11) for n, d in enumerate(text[:17]))
    return "10X98765432"[weighted % 11] == text[17]


def _is_french(text: str) -> bool:
    if not re.fullmatch(r"[12][0-9]{2}(0[1-9]|1[0-2])[0-9]{10}", text):
        return False
    return 97 - int(text[:13]) % 97 == int(text[13:])


def _is_phone(text: str) -> bool:
    plain = text.strip()
    if not re.fullmatch(r"(\+|00?|\()[0-9][0-9 ()./-]{6,20}|1[3-9][0-9]{9}", plain):
        return bool(re.fullmatch(r"\(?[0-9]{3}\)?[ -][0-9]{3}-[0-9]{4}", plain))
    return 9 <= len(re.sub(r"\D", "", plain)) <= 15 and not re.fullmatch(r"0?[0-9]*\.[0-9]+", plain)


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip())
    except ValueError:
        return False
    return not text.strip().isdigit()


_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(\.[\w-]+)*\.[A-Za-z]{2,}")
_STREET = re.compile(
    r"(?i)(\d+\s+\w[\w .'-]*\b(street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|way)\b)"
    r"|(\w+(straße|strasse|str\.|weg|platz|allee|gasse)\s*\d+)"
    r"|(\d+,?\s*(bis|ter)?\s*(rue|avenue|boulevard|chemin|place|impasse)\s+\w+)"
    r"|(\w(路|街|大道|弄)\w*\d+号)"
)

DETECTORS: dict[str, Detector] = {
    "e-mail address": Detector(lambda text: _MAIL.search(text) is not None, 0.01, 0.9),
    "card number": Detector(is_card, 0.5, 0.6),
    "bank account": Detector(is_iban, 0.02, 0.9),
    "national id": Detector(is_national_id, 0.05, 0.8),
    "phone number": Detector(_is_phone, 0.5, 0.5),
    "IP address": Detector(_is_ip, 0.2, 0.7),
    "address": Detector(lambda text: _STREET.search(text) is not None, 0.2, 0.6),
}
"""Every kind that can be told from values alone."""
