"""Sheets of Excel workbooks, read row by row with the values that were last saved."""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from features.sources.reading import missing_columns
from features.sources.spec import ExcelSource
from features.sources.stream import Arrays, StreamedReading, columns_of
from features.sources.values import as_text
from features.sources.workbook import check_workbook, merged_ranges
from lodeworks.errors import DataError, did_you_mean
from lodeworks.files import did_you_mean_file

__all__ = ["ExcelReading"]


class ExcelReading(StreamedReading):
    """A sheet whose header fits its source; see `features.sources.reading.Reading`.

    Rows without any value are no rows. The number of a row is that of the sheet.

    Parameters
    ----------
    source : ExcelSource
        What was declared about the file.

    Raises
    ------
    DataError
        When the file is missing, no workbook, locked or damaged, or when the sheet is missing,
        has merged cells in its header or lacks mapped columns.
    """

    def __init__(self, source: ExcelSource) -> None:
        self._source = source
        self._path = Path(source.path)
        self._where = f"source {source.name!r} ({source.path})"
        self._check_file()
        self._left, self._top, self._right, self._bottom = self._bounds()
        with self._opened() as book:
            sheet = self._sheet(book)
            self._where += f", sheet {sheet.title!r}"
            self._check_merged(_part_of(sheet))
            header = self._header(sheet)
        super().__init__([name for name in header if name is not None], self._where)
        self._places = [place for place, name in enumerate(header) if name is not None]
        self._check_columns()
        formats = {spec.source: spec.format for spec in source.columns.values()}
        self._formats = [formats.get(name) for name in self.names]

    def _check_file(self) -> None:
        if not self._path.is_file():
            raise DataError(f"{self._where}: there is no such file{did_you_mean_file(self._path)}")
        if self._path.stat().st_size == 0:
            raise DataError(f"{self._where} is empty")
        check_workbook(self._path, self._where)

    def _bounds(self) -> tuple[int | None, int, int | None, int | None]:
        """Give the first column, header row (or first row), last column and last row."""
        from openpyxl.utils.cell import range_boundaries

        if self._source.range is None:
            return None, self._source.header_row or 1, None, None
        left, top, right, bottom = range_boundaries(self._source.range)
        top = self._source.header_row or top
        if bottom < top or right < left:
            raise DataError(f"{self._where}: the range {self._source.range} holds no rows")
        return left, top, right, bottom

    def _opened(self) -> "_Book":
        return _Book(self._path, self._where)

    def _sheet(self, book: Any) -> Any:
        wanted, titles = self._source.sheet, [sheet.title for sheet in book.worksheets]
        if wanted is None:
            wanted = 1
        if isinstance(wanted, int):
            if wanted > len(titles):
                raise DataError(f"{self._where} has {len(titles)} sheets, no sheet {wanted}")
            return book.worksheets[wanted - 1]
        if wanted not in titles:
            hint = did_you_mean(wanted, titles)
            raise DataError(f"{self._where} has no sheet {wanted!r}; {hint}")
        return book[wanted]

    def _check_merged(self, part: str) -> None:
        """Refuse a header of merged cells: which column such a name belongs to is a guess."""
        from openpyxl.utils.cell import range_boundaries

        merged = []
        for cells in merged_ranges(self._path, part, self._where):
            left, top, right, bottom = range_boundaries(cells)
            beside = (self._right or right) < left or right < (self._left or 1)
            if top <= self._top <= bottom and not beside:
                merged.append(cells)
        if merged and self._source.header_row != 0:
            raise DataError(
                f"{self._where}: merged cells in the header row {self._top}: {', '.join(merged)};"
                " split them, or state header_row for the row that names every column"
            )

    def _header(self, sheet: Any) -> list[str | None]:
        first = next(self._cells(sheet, self._top, self._top), ())
        if self._source.header_row == 0:
            return [_letter((self._left or 1) + place) for place in range(len(first))]
        names = [as_text(value) for value in first]
        if not any(names):
            raise DataError(f"{self._where} has no header: its row {self._top} holds nothing")
        return [name.strip() if name and name.strip() else None for name in names]

    def _check_columns(self) -> None:
        wanted = [column.source for column in self._source.columns.values()]
        twice = sorted({name for name in wanted if list(self.names).count(name) > 1})
        if twice:
            raise DataError(f"{self._where} has more than one column named {', '.join(twice)}")
        error = missing_columns(wanted, self.names, self._where)
        if error is not None:
            raise error

    def _arrays(self) -> Iterator[Arrays]:
        yield from columns_of(self._rows(), len(self.names))

    def _rows(self) -> Iterator[tuple[int, Sequence[str | None]]]:
        start = self._top + (self._source.header_row != 0)
        with self._opened() as book:
            rows = self._cells(self._sheet(book), start, self._bottom)
            for number, row in enumerate(rows, start):
                padded = [*row, *[None] * (self._places[-1] + 1 - len(row))]
                cells = zip(self._places, self._formats, strict=True)
                values = [as_text(padded[place], format_) for place, format_ in cells]
                if any(value is not None for value in values):
                    yield number, values

    def _cells(self, sheet: Any, first: int, last: int | None) -> Iterator[tuple[Any, ...]]:
        rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(
            min_row=first,
            max_row=last,
            min_col=self._left,
            max_col=self._right,
            values_only=True,
        )
        return rows


class _Book:
    """A workbook that is open for as long as it is read."""

    def __init__(self, path: Path, where: str) -> None:
        self._path = path
        self._where = where

    def __enter__(self) -> Any:
        from openpyxl import load_workbook

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about styles and forms, which are not read
                self._book = load_workbook(self._path, read_only=True, data_only=True)
        except Exception as error:
            raise self._damaged(error) from error
        for sheet in self._book.worksheets:
            sheet.reset_dimensions()  # what programs write there is often wrong
        return self._book

    def __exit__(self, kind: object, error: BaseException | None, at: object) -> None:
        self._book.close()
        if isinstance(error, Exception) and not isinstance(error, DataError):
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> DataError:
        said = str(error) or type(error).__name__
        return DataError(f"{self._where} looks cut off or damaged: {said}")


def _part_of(sheet: Any) -> str:
    part: str = sheet._worksheet_path
    return part.lstrip("/")


def _letter(column: int) -> str:
    from openpyxl.utils import get_column_letter

    letter: str = get_column_letter(column)
    return letter
