"""What the name of a column lets one expect, in English, German, French and Chinese."""

import re
import unicodedata

__all__ = ["hinted"]

_HINTS = {
    "e-mail address": r"e?_?mails?(_?(address|adresse))?|courriel|.*邮箱|.*邮件",
    "phone number": r"(tele)?(phone|fon)(_?(no|nr|number|nummer))?|tel|mobile|handy|fax|cell"
    r"|portable|telephone|.*(电话|手机)(号码?)?",
    "card number": r"(credit|debit|bank)?_?card(_?(no|nr|number))|kartennummer|kreditkarte"
    r"|carte_bancaire|pan|.*(信用卡|银行卡)(号码?)?",
    "bank account": r"iban|kontonummer|account_?(no|nr|number)|bank_?account|compte_bancaire"
    r"|银行账号",
    "national id": r"ssn|social_security(_?(no|number))?|national_?id|passport(_?(no|nr|number))?"
    r"|ausweis(nummer)?|sozialversicherungsnummer|steuer_?id|nir|insee|numero_securite_sociale"
    r"|身份证(号码?)?|护照(号码?)?",
    "date of birth": r"(date_of_)?birth(_?(date|day|year))?|birthday|dob|geburts(datum|tag|jahr)"
    r"|geb_?datum|date_(de_)?naissance|annee_(de_)?naissance|year_of_birth|出生(日期|年份)?|生日|年龄|age",
    "name of a person": r"((first|last|middle|family|given|full|sur|maiden|user|customer|client"
    r"|contact|person)_?)name|fname|lname|vorname|nachname|familienname|kundenname|prenom"
    r"|nom(_(de_famille|client))?|name|姓名|名字|姓|客户姓名",
    "address": r"(home_|postal_|billing_|delivery_|street_?)?address(e|_?(line_?)?[1-4])?"
    r"|street|strasse"
    r"|(haus|hausnummer)|anschrift|rue|adresse(_[a-z]+)?|post_?code|postal_?code|zip(_?code)?|plz"
    r"|postleitzahl|code_postal|地址|住址|邮编",
    "IP address": r"(client_|remote_)?ip(_?(address|addr|adresse))?|remote_?host",
    "place of a person": r"lat(itude)?|lon(g(itude)?)?|geo_?(location|point)",
    "health, faith or origin": r"religion|ethnic(ity)?|race|gender|sex|geschlecht|sexe|health(_.*)?"
    r"|disability|diagnosis|nationality|nationalitaet|nationalite|marital_?status|familienstand"
    r"|性别|民族|宗教|婚姻(状况)?",
}
_PATTERNS = {kind: re.compile(pattern) for kind, pattern in _HINTS.items()}

# Tables whose names are of things: a bare "name" or "address" there is not of a person.
_OF_THINGS = ("campaigns", "items", "dates", "stores", "products", "categories")
_OF_NOBODY = ("name of a person", "address", "place of a person", "phone number")


def hinted(table: str, column: str) -> str | None:
    """Tell what kind of personal value a column's name lets one expect.

    Examples
    --------
    >>> hinted("customers", "Geburtsdatum"), hinted("customers", "电话号码")
    ('date of birth', 'phone number')
    >>> hinted("items", "name") is None
    True
    """
    plain = _plain(column)
    for kind, pattern in _PATTERNS.items():
        if pattern.fullmatch(plain):
            of_things = table.removesuffix("_history") in _OF_THINGS and kind in _OF_NOBODY
            return None if of_things else kind
    return None


def _plain(name: str) -> str:
    """Write a name in small letters, without accents, with _ between its words."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    marked = unicodedata.normalize("NFKD", spaced.lower().replace("ß", "ss"))
    letters = "".join(c for c in marked if not unicodedata.combining(c))
    return re.sub(r"[\s.\-/]+", "_", letters).strip("_")
