"""What became of every row of every source."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["LoadReport", "SourceReport"]


@dataclass(frozen=True)
class SourceReport:
    """What became of the rows of one file of a source.

    Attributes
    ----------
    source, table, path : str
        Its name, the table it went to and its file.
    sha256 : str
        Hash of the file's bytes.
    rows_in, rows_loaded, rows_rejected : int
        ``rows_in`` is counted by the reader and always equals the sum of the other two.
    reasons : mapping of str to int
        Rejected rows by reason, most frequent first.
    status : str
        ``loaded``, ``replaced`` (the file or its declaration changed), ``unchanged`` (its rows were
        there) or ``same content as FILE``.
    """

    source: str
    table: str
    path: str
    sha256: str
    rows_in: int
    rows_loaded: int
    rows_rejected: int
    reasons: Mapping[str, int]
    status: str = "loaded"


@dataclass(frozen=True)
class LoadReport:
    """What became of the rows of a load.

    Attributes
    ----------
    sources : tuple of SourceReport
        In the order of loading.
    orphans : mapping of str to int
        Loaded rows that name something a declared table lacks: ``item_id`` lines of items that
        no items source lists, ``customer_id`` lines of customers that no customers source lists,
        ``contacts.campaign_id`` contacts of unknown campaigns, and so on.
    digest : str
        Content digest of the warehouse.
    """

    sources: tuple[SourceReport, ...]
    orphans: Mapping[str, int]
    digest: str

    @property
    def rows_in(self) -> int:
        """Rows of all sources."""
        return sum(source.rows_in for source in self.sources)

    @property
    def rows_loaded(self) -> int:
        """Rows that went into the warehouse."""
        return sum(source.rows_loaded for source in self.sources)

    @property
    def rows_rejected(self) -> int:
        """Rows that were kept aside with a reason."""
        return sum(source.rows_rejected for source in self.sources)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for a manifest: totals, then every source."""
        totals = {
            "rows_in": self.rows_in,
            "rows_loaded": self.rows_loaded,
            "rows_rejected": self.rows_rejected,
        }
        return {**totals, **asdict(self)}
