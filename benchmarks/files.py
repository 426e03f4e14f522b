"""Files of baskets and sequences that the benchmarks read, whatever their form."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

__all__ = ["read_baskets", "read_sequences"]


def read_baskets(path: Path) -> list[list[str]]:
    """Read one basket a line: with commas where the name ends in `.csv`, else item numbers.

    Words that begin with a minus sign separate items, as SPMF writes them, and are left out.
    """
    lines = _lines(path)
    if path.suffix == ".csv":
        return [sorted({word for word in row if word}) for row in csv.reader(lines)]
    return [
        sorted({word for word in line.split() if not word.startswith("-")})
        for line in lines
        if line[:1].isdigit()
    ]


def _lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        yield from file


def read_sequences(path: Path) -> list[list[list[str]]]:
    """Read one sequence of baskets a customer.

    A file `.csv` has a header and lines of customer, day (`31-12-2015`) and item; any other has
    one sequence a line, item numbers separated by blanks, each a basket of its own.
    """
    if path.suffix != ".csv":
        return [
            [[word] for word in line.split() if not word.startswith("-")]
            for line in _lines(path)
            if line[:1].isdigit()
        ]
    customers: dict[str, dict[str, set[str]]] = {}
    for who, day, item in list(csv.reader(_lines(path)))[1:]:
        date = day[6:] + day[3:5] + day[:2]
        customers.setdefault(who, {}).setdefault(date, set()).add(item)
    return [[sorted(days[date]) for date in sorted(days)] for days in customers.values()]
