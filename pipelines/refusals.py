"""Customers of a warehouse who do not want it, found again in files that name them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

__all__ = ["Refusals"]


@dataclass(frozen=True)
class Refusals:
    """Who opted out or did not consent; made by `Refusals.of`.

    Attributes
    ----------
    customers : frozenset of str
        As the warehouse names them.
    key : bytes or None
        Of the pseudonyms, where the warehouse has such instead of identifiers.
    """

    customers: frozenset[str]
    key: bytes | None = None

    @classmethod
    def of(cls, workspace: Path) -> Self:
        """Ask the warehouse of a workspace.

        Raises
        ------
        DataError
            When there is no warehouse.
        ConfigError
            When it holds pseudonyms and the key is not in the environment: nobody could be found.
        """
        from features.catalog import open_read_only
        from features.privacy.pseudonym import key_from_environment

        with open_read_only(workspace / "warehouse.duckdb") as connection:
            customers = cls.among(connection)
            return cls(customers, key_from_environment(used=True) if _hides(connection) else None)

    @staticmethod
    def among(connection: Any) -> frozenset[str]:
        """Give the identifiers, as the warehouse names them."""
        import ibis

        from features.privacy.consent import refused

        people = ibis.duckdb.from_connection(connection).table("customers")
        return frozenset(refused(people).execute()["customer_id"])

    def among_named(self, given: Iterable[str]) -> set[str]:
        """Give those of the identifiers of a file that stand for a customer who refused."""
        names = set(given)
        found = names & self.customers
        if self.key is not None:
            from features.privacy.pseudonym import pseudonym

            hidden = zip(sorted(names), pseudonym(sorted(names), self.key), strict=True)
            found |= {name for name, mark in hidden if mark in self.customers}
        return found


def _hides(connection: Any) -> bool:
    """Tell whether any source had its customers replaced by pseudonyms."""
    found = connection.execute(
        "SELECT count(*) FROM columns WHERE column_name = 'customer_id' "
        "AND contains(rules, '\"pseudonymise\": true')"
    ).fetchone()
    return bool(found[0])
