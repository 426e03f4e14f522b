"""What each question is called, and what its answer says."""

from dataclasses import dataclass

__all__ = ["WORDS", "Wording"]


@dataclass(frozen=True)
class Wording:
    """Words of one question.

    Attributes
    ----------
    what : str
        What is predicted.
    people : str
        Whom it is about.
    act : str
        What acting means.
    title : str
        Of the page.
    """

    what: str
    people: str
    act: str
    title: str


WORDS = {
    "retention": Wording("leaving", "customers", "trying to keep", "Who will leave"),
    "response": Wording("responding", "prospects", "contacting", "Who will respond"),
    "default": Wording("not paying", "applicants", "refusing", "Who will not pay"),
    "custom": Wording("the outcome", "records", "acting upon", "Who will have the outcome"),
}
