"""The rows of the table ``lines`` as they are written: texts, with the dirt in them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.generate.catalogue import Catalogue
from features.generate.customers import Customers
from features.generate.dirt import Dirt
from features.generate.draws import stream
from features.generate.orders import Lines
from features.generate.seasons import SECONDS, Calendar
from features.generate.shelves import SHELVES

__all__ = ["COLUMNS", "line_rows"]

STREAM = 7
FIRST_ORDER = 500_001
COLUMNS = ("order_id", "customer_id", "item_id", "ordered_at", "quantity", "price")
WRONG_QUANTITIES = ("n/a", "-", "two", "1 pc", "?")
WRONG_DATES = ("unknown", "0000-00-00 00:00:00", "2023-02-30 10:15:00", "31.04.", "yesterday")
CANCELLED_WITHIN_DAYS = 12


def line_rows(
    lines: Lines,
    dirt: Dirt,
    customers: Customers,
    catalogue: Catalogue,
    calendar: Calendar,
    prices: np.ndarray,
    *,
    block: int,
    seed: int,
    lines_before: int,
) -> pa.Table:
    """Write the lines of one block, oldest first, as a table of texts and prices.

    Parameters
    ----------
    lines : Lines
        Clean lines, oldest first.
    dirt : Dirt
        What to spoil and to add.
    prices : numpy.ndarray of shape (months, items)
        Price of each month of the period, in hundredths.
    lines_before : int
        Lines of the blocks before, which keeps the order numbers of blocks apart.
    """
    rng = stream(seed, STREAM, block)
    quantity = _quantities(lines.item, catalogue, rng)
    source, cancelled = _sources(lines.size, dirt)
    moment = lines.moment[source]
    moment[cancelled] = _cancelled_at(lines, source[cancelled], calendar, rng)
    place = np.lexsort((cancelled, source, moment))
    source, cancelled, moment = source[place], cancelled[place], moment[place]
    number = pa.array(_order_numbers(lines, lines_before)[source]).cast(pa.string())
    price = prices[calendar.period[lines.day[source]], lines.item[source]] / 100
    return pa.table(
        [
            pc.binary_join_element_wise(np.where(cancelled, "C", ""), number, ""),
            _customer_ids(lines, dirt, customers).take(pa.array(source)),
            pa.array(catalogue.ids, pa.string()).take(pa.array(lines.item[source])),
            _spoiled(_times(calendar, moment), source, dirt.wrong_date, WRONG_DATES),
            _spoiled(
                pa.array(np.where(cancelled, -1, 1) * quantity[source]).cast(pa.string()),
                source,
                dirt.wrong_quantity,
                WRONG_QUANTITIES,
            ),
            pa.array(price),
        ],
        names=list(COLUMNS),
    )


def _quantities(item: np.ndarray, catalogue: Catalogue, rng: np.random.Generator) -> np.ndarray:
    """Mostly one piece; more of what is cheap or a staple."""
    staple = np.array([shelf.staple for shelf in SHELVES])[catalogue.category]
    more = np.clip(0.15 * staple + 0.4 * (catalogue.price < 400), 0.02, 0.9)
    return 1 + rng.poisson(more[item])


def _sources(size: int, dirt: Dirt) -> tuple[np.ndarray, np.ndarray]:
    """Tell for every row which line it shows and whether it cancels it."""
    source = np.concatenate([np.arange(size), dirt.duplicate, dirt.cancellation])
    return source, np.arange(source.size) >= size + dirt.duplicate.size


def _cancelled_at(
    lines: Lines, cancelled: np.ndarray, calendar: Calendar, rng: np.random.Generator
) -> np.ndarray:
    """Cancel an order within days and within the period, all its cancelled lines at one moment."""
    _, order = np.unique(lines.order[cancelled], return_inverse=True)
    share = rng.random(order.size)[order]
    bought = lines.moment[cancelled]
    left = np.minimum(CANCELLED_WITHIN_DAYS * SECONDS, calendar.days * SECONDS - 1 - bought)
    return bought + (share * left).astype(np.int64)


def _order_numbers(lines: Lines, lines_before: int) -> np.ndarray:
    """Count the orders up from the oldest; a block never has more orders than lines."""
    _, first, code = np.unique(lines.order, return_index=True, return_inverse=True)
    rank = np.empty(first.size, dtype=np.int64)
    rank[np.argsort(first)] = np.arange(first.size)
    return FIRST_ORDER + lines_before + rank[code]


def _customer_ids(lines: Lines, dirt: Dirt, customers: Customers) -> pa.Array:
    missing = np.zeros(lines.size, dtype=bool)
    missing[dirt.missing_customer] = True
    return pa.array(customers.ids[lines.customer], pa.string(), mask=missing)


def _times(calendar: Calendar, moment: np.ndarray) -> pa.Array:
    return pa.array(calendar.timestamps(moment)).cast(pa.string())


def _spoiled(
    texts: pa.Array, source: np.ndarray, spoiled: np.ndarray, wrong: tuple[str, ...]
) -> pa.Array:
    """Put a text that cannot be read in place of those of the `spoiled` lines."""
    hit = np.isin(source, spoiled)
    words = np.array(wrong, dtype=object)[np.arange(int(hit.sum())) % len(wrong)]
    return pc.replace_with_mask(texts, pa.array(hit), pa.array(words, pa.string()))
