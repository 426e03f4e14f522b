"""Where the baskets come from: the file, its format, and what a person should know about them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.errors import ConfigError, DataError
from lodeworks.files import did_you_mean_file
from lodeworks.progress import Progress
from pipelines.mining.task import Loaded
from pipelines.mining.wording import many

if TYPE_CHECKING:
    from features.baskets import BasketArrays
    from models.association import Baskets

__all__ = ["LONG", "Source", "no_file"]

TABLES = ("csv", "parquet")
LONG = 100  # items; a basket with more is rarely one shopping trip
_ENDINGS = {".parquet": "parquet", ".pq": "parquet", ".dat": "fimi", ".spmf": "spmf"}
_BY_CONTENT = "by its content"


@dataclass(frozen=True)
class Source:
    """A file of baskets and how to read it.

    Parameters
    ----------
    path : Path
        The file.
    format : str, optional
        One of `features.baskets.FORMATS`. Default: by the content and the name of the file.
    item, basket, customer, time : str, optional
        Columns of a table.
    delimiter : str, optional
        Between fields of `csv` and items of `baskets`.
    """

    path: Path
    format: str | None = None
    item: str | None = None
    basket: str | None = None
    customer: str | None = None
    time: str | None = None
    delimiter: str | None = None

    @property
    def columns(self) -> dict[str, str]:
        """The columns that were named, by their role."""
        roles = ("item", "basket", "customer", "time")
        return {role: name for role in roles if (name := getattr(self, role)) is not None}

    def problems(self) -> list[str]:
        """Say what is wrong with the file's name and the options."""
        found = [] if self.path.is_file() else [no_file(self.path)]
        if self.delimiter is not None and len(self.delimiter.encode()) != 1:
            found.append(f"--delimiter {self.delimiter!r}: one plain character is needed")
        if self.format is not None:
            found += self.missing_columns(self.format)
        return found

    def load(self, progress: Progress) -> Loaded:
        """Read the baskets; say how the file was read and what is odd about it.

        Raises
        ------
        ConfigError
            When the columns that were named do not suit the format.
        DataError
            When the file cannot be used.
        """
        from models.association import Baskets

        name, why = self.decided()
        progress.note(f"{self.path}: read as format {name!r} ({why})")
        if problems := self.missing_columns(name):
            raise ConfigError(problems[0], problems[1:])
        with self.reading(name):
            read = self._read(name)
        baskets = Baskets.from_csr(read.indptr, read.indices, len(read.names), read.names)
        about = _described(baskets)
        for note in (*read.notes, *_remarks(about)):
            progress.note(note)
        about |= {"format": name, "notes": list(read.notes)}
        return Loaded(baskets, len(baskets), baskets.n_items, about)

    def decided(self) -> tuple[str, str]:
        """Give the format and what decided it.

        What can be nothing else decides first, then a named column, then the ending of the name,
        then what the content resembles.

        Raises
        ------
        DataError
            When the file is surely none of the formats.
        """
        from features.baskets import looks_like

        if self.format is not None:
            return self.format, "as --format says"
        look = looks_like(self.path)
        if look.format is None:
            raise DataError(f"{self.path} cannot be read: it looks like {look.words}")
        if look.sure:
            return look.format, _BY_CONTENT
        if self.item is not None:
            return "csv", "a table, because --item names a column"
        ending = Path(self.path.name.removesuffix(".gz")).suffix.lower()
        if ending in _ENDINGS:
            return _ENDINGS[ending], f"by its ending {ending}"
        return look.format, _BY_CONTENT

    @contextmanager
    def reading(self, name: str) -> Iterator[None]:
        """Let every failure to read say what the file looks like, where that is another format."""
        from features.baskets.sniff import hint

        try:
            yield
        except DataError as error:
            if "looks like" in error.message:
                raise
            raise DataError(error.message + hint(self.path, name), error.problems) from None

    def _read(self, name: str) -> "BasketArrays":
        from features import baskets

        if name == "fimi":
            return baskets.read_fimi(self.path)
        if name == "spmf":
            return baskets.read_spmf(self.path)
        if name == "baskets":
            return baskets.read_lists(self.path, self.delimiter or ",")
        columns = baskets.Columns(**self.columns)
        parquet = name == "parquet"
        return baskets.read_table(self.path, columns, parquet=parquet, delimiter=self.delimiter)

    def missing_columns(self, name: str) -> list[str]:
        """Say what is wrong with the columns that were named, for a format."""
        given = self.columns
        if name not in TABLES:
            named = ", ".join(f"--{role}" for role in given)
            return [f"{named}: format {name!r} has no columns"] if given else []
        if "item" in given and len(given) > 1:
            return []
        return [
            f"{self.path}: format {name!r} needs --item COLUMN and one of --basket, --customer, "
            "--time; for one basket a line give --format baskets"
        ]


def no_file(path: Path) -> str:
    """Say that a file is not there, with the nearest that is."""
    if path.is_dir():
        return f"{path} is a folder, not a file"
    return f"no file {path}{did_you_mean_file(path)}"


def _described(baskets: "Baskets") -> dict[str, Any]:
    lengths = baskets.lengths
    return {
        "longest_basket": int(lengths.max(initial=0)),
        "long_baskets": int((lengths > LONG).sum()),
        "long_baskets_share": float((lengths > LONG).mean()) if len(lengths) else 0.0,
        "empty_baskets": int((lengths == 0).sum()),
        "lines": len(baskets.indices),
    }


def _remarks(about: dict[str, Any]) -> list[str]:
    longest, long, share = (
        about[name] for name in ("longest_basket", "long_baskets", "long_baskets_share")
    )
    remarks = [f"the longest basket has {many(longest, 'item', 'items')}"]
    if long:
        remarks[0] += (
            f"; {many(long, 'basket has', 'baskets have')} more than {LONG} ({share:.2%}): long "
            "baskets cost most, and --max-basket-size would cap them"
        )
    if empty := about["empty_baskets"]:
        remarks.append(f"{many(empty, 'basket is', 'baskets are')} empty and counted as such")
    return remarks
