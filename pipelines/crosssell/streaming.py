"""A list in bounded memory: the parts one after the other, or several at a time, through files."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import ibis
import pandas as pd

from features.warehouse import Warehouse
from lodeworks.errors import BudgetExceeded, LodeError
from lodeworks.progress import Progress
from pipelines.crosssell.budget import Budget
from pipelines.crosssell.crew import carry_out
from pipelines.crosssell.stages import Job, Outcome
from pipelines.crosssell.together import agree
from pipelines.lists.exclusions import Exclusions

__all__ = ["Streamed", "duckdb_errors", "known_of", "stream"]


@dataclass(frozen=True)
class Streamed:
    """What became of all parts.

    Attributes
    ----------
    total : Outcome
        All parts together.
    told : tuple of Path
        The finished rows, in order.
    """

    total: Outcome
    told: tuple[Path, ...]

    @property
    def parts(self) -> int:
        """How many parts there were."""
        return len(self.told)

    def counts(self) -> dict[str, float]:
        """Give the figures of the manifest."""
        return {
            "customers": self.total.customers,
            "excluded_customers": self.total.excluded,
            "rows": self.total.rows,
            "target_customers": self.total.target,
            "control_customers": self.total.control,
            **asdict(self.total.refusals),
        }


def stream(job: Job, budget: Budget, progress: Progress) -> Streamed:
    """Make the rows of every part.

    Where a limit holds for all customers together, the parts propose, it is decided who gets what,
    and the parts are read a second time.
    """
    told = tuple(job.place("told", number) for number in range(len(job.parted.sizes)))
    if job.scorer.is_final:
        return Streamed(carry_out(job, "decide", budget, progress), told)
    proposed = carry_out(job, "propose", budget, progress)
    refusals = agree(job, budget)
    settled = carry_out(job, "settle", budget, progress)
    total = proposed + settled
    return Streamed(replace(total, refusals=total.refusals + refusals), told)


@contextmanager
def duckdb_errors() -> Iterator[None]:
    """Say in our words what DuckDB could not do."""
    import duckdb

    try:
        yield
    except duckdb.InterruptException as error:
        raise KeyboardInterrupt from error
    except duckdb.OutOfMemoryException as error:
        raise BudgetExceeded(
            f"the data needs more memory than allowed: give more with --memory ({error})"
        ) from error
    except duckdb.Error as error:
        raise LodeError(f"the data cannot be parted: {error}") from error


def known_of(warehouse: Warehouse, exclusions: Exclusions) -> tuple[list[str], list[str]]:
    """Give enough identifiers to hold exclusions against; see `notes_on_exclusions`.

    Of all customers and items these are the ones that the exclusions name, and one for each way in
    which identifiers are written.
    """
    pairs = exclusions.pairs
    customers = exclusions.customers | frozenset(pairs["customer_id"])
    items = exclusions.items | frozenset(pairs["item_id"])
    return (
        _some(warehouse.customers, "customer_id", customers),
        _some(warehouse.items, "item_id", items),
    )


def _some(table: "ibis.expr.types.Table", name: str, stated: frozenset[str]) -> list[str]:
    if not stated:
        return []
    connection = table.get_backend().con
    query = ibis.to_sql(table.select(name))
    connection.register("stated", pd.DataFrame({name: sorted(map(str, stated))}))
    found = connection.execute(f"""
        SELECT {name} FROM ({query}) SEMI JOIN stated USING ({name})
        UNION
        SELECT min({name}) FROM ({query})
        GROUP BY regexp_replace(regexp_replace({name}, '\\d+', '9', 'g'), '[\\pL]+', 'a', 'g')
        HAVING min({name}) IS NOT NULL
    """).fetchall()
    connection.unregister("stated")
    return [one for (one,) in found]
