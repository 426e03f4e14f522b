"""The job of `lode text`: from a column of texts to topics, figures and a summary."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.errors import ConfigError, DataError
from lodeworks.files import file_digest, new_folder
from lodeworks.progress import Progress
from lodeworks.spreadsheet import neutral
from pipelines.manifest import Manifest
from pipelines.mining.wording import many
from pipelines.tables import foreign_content, read_table

if TYPE_CHECKING:
    import pandas as pd

    from features.text import Sentiment, TextFeatures, Topics

__all__ = ["FILES", "TextSummary", "TextTask", "text"]

FILES = ("topics.csv", "texts.parquet", "customers.parquet", "manifest.json")
"""What a folder of texts may hold."""

_SHOWN = 100


@dataclass(frozen=True)
class TextTask:
    """What to do with the texts.

    Attributes
    ----------
    file : Path
        A CSV, Parquet, JSON or Excel table.
    column : str
        Its column of texts.
    by : str, optional
        Its column of customers.
    label : str, optional
        Its column of labels that sentiment is learned from.
    topics, n_words, dimensions, min_texts : int
        Topics to find, words shown of each, numbers a text, and texts that a word has to be in.
    examples : int
        Texts shown of each topic.
    segmenter : {'jieba', 'bigrams'}, optional
        How Chinese is divided.
    encoding : str
        Of a CSV or JSON file.
    seed : int
        Same seed, same topics.
    workspace : Path, optional
        Its warehouse knows which customers opted out or did not consent; they are left out.
    out : Path, optional
        The folder to write; default: none.
    """

    file: Path
    column: str
    by: str | None = None
    label: str | None = None
    topics: int = 8
    n_words: int = 8
    dimensions: int = 16
    min_texts: int = 2
    examples: int = 0
    segmenter: str | None = None
    encoding: str = "utf-8"
    seed: int = 0
    workspace: Path | None = None
    out: Path | None = None

    def problems(self) -> list[str]:
        """Say what is wrong with the settings, before anything is read."""
        least = {
            "--topics": (self.topics, 1),
            "--words": (self.n_words, 1),
            "--dimensions": (self.dimensions, 1),
            "--min-texts": (self.min_texts, 1),
            "--examples": (self.examples, 0),
        }
        problems = [
            f"{name} must be at least {low}, not {given}"
            for name, (given, low) in least.items()
            if given < low
        ]
        if self.workspace is not None and self.by is None:
            problems.append("--workspace needs --by: who refused is known by customer")
        return problems + foreign_content(self.out, FILES)


@dataclass(frozen=True)
class TextSummary:
    """The topics with their words and shares.

    Attributes
    ----------
    values : dict
        The object of ``--json``.
    """

    values: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Give the object of ``--json``."""
        return self.values

    def text(self) -> str:
        """Give it for a person."""
        lines = [
            f"{self.values['texts']:,} texts, {self.values['empty']:,} of them empty, "
            f"{self.values['without_words']:,} without a word that others use",
            *_left_out(self.values["left_out"]),
            f"{many(len(self.values['topics']), 'topic', 'topics')}:",
        ]
        for topic in self.values["topics"]:
            lines.append(f"  {topic['share']:6.1%}  {', '.join(topic['words'])}")
            lines += [f"           e.g. {shown}" for shown in topic.get("examples", [])]
        learned = self.values["sentiment"]
        if learned:
            lines.append(
                f"sentiment: {learned['accuracy']:.0%} right over the labels in cross-validation, "
                f"{learned['chance']:.0%} by guessing"
            )
        lines += [f"written to {self.values['out']}"] if self.values["out"] else []
        return "\n".join(lines)


def text(task: TextTask, progress: Progress) -> TextSummary:
    """Find topics and figures of texts; the folder appears whole or not at all.

    Raises
    ------
    ConfigError
        When the settings are wrong; all of them at once.
    DataError
        When the file cannot be used, or there is nothing to learn from it.
    NotInstalled
        When the wanted segmenter is missing.
    """
    if problems := task.problems():
        raise ConfigError("the command cannot be run", problems)
    manifest = Manifest("text")
    frame, left_out = _without_refused(task, _read(task, progress))
    _tell_segmenter(task, frame, progress)
    try:
        topics, space, sentiment = _fitted(task, frame)
    except ValueError as error:
        raise DataError(f"{task.file}, column {task.column!r}: {error}") from None
    shares = topics.transform(frame["text"])
    summary = _summary(task, frame, topics, shares, sentiment)
    summary.values["left_out"] = left_out
    if task.out is not None:
        manifest.add(source={"path": str(task.file), "sha256": file_digest(task.file)})
        manifest.add(settings=_settings(task), segmenter=topics.weights_.segmenter_)
        manifest.add(left_out=left_out)
        figures = shares.join(space.transform(frame["text"]))
        _write(task.out, manifest, topics.table(task.n_words), frame, figures, sentiment)
    return summary


def _read(task: TextTask, progress: Progress) -> "pd.DataFrame":
    # A blank row of one column is an empty text, not a broken row.
    columns = {"text": {"from": task.column, "type": "text", "default": ""}}
    given = {"customer_id": task.by, "label": task.label}
    columns |= {name: {"from": at, "type": "text"} for name, at in given.items() if at is not None}
    table, rejected = read_table(task.file, columns, task.encoding)
    if rejected:
        progress.note(f"{task.file}: {many(rejected, 'row', 'rows')} left out as malformed")
    frame: pd.DataFrame = table.to_pandas()
    if frame.empty:
        raise DataError(f"{task.file} has no rows")
    return frame.assign(text=frame["text"].fillna("").astype("str"))


def _without_refused(
    task: TextTask, frame: "pd.DataFrame"
) -> "tuple[pd.DataFrame, dict[str, int] | None]":
    """Leave out the texts of customers who refused, before anything is learned from them."""
    if task.workspace is None:
        return frame, None
    from pipelines.refusals import Refusals

    found = Refusals.of(task.workspace).among_named(frame["customer_id"].dropna())
    refused = frame["customer_id"].isin(found)
    if refused.all():
        raise DataError(f"{task.file}: every row is of a customer who opted out or refused")
    left_out = {"customers": len(found), "texts": int(refused.sum())}
    return frame[~refused].reset_index(drop=True), left_out


def _left_out(found: dict[str, int] | None) -> list[str]:
    if found is None:
        return []
    people = many(found["customers"], "customer", "customers")
    return [f"{people} left out who opted out or did not consent ({found['texts']:,} texts)"]


def _tell_segmenter(task: TextTask, frame: "pd.DataFrame", progress: Progress) -> None:
    from features.text import chosen_segmenter, has_chinese

    chosen = chosen_segmenter(task.segmenter)
    if chosen == "bigrams" and any(map(has_chinese, frame["text"])):
        progress.note(
            "Chinese is divided into pairs of characters; pip install 'lodeworks[chinese]' "
            "divides it into words"
        )


def _fitted(
    task: TextTask, frame: "pd.DataFrame"
) -> "tuple[Topics, TextFeatures, Sentiment | None]":
    from features.text import Sentiment, TextFeatures, Topics

    shared: dict[str, Any] = {
        "min_texts": task.min_texts,
        "segmenter": task.segmenter,
        "random_state": task.seed,
    }
    topics = Topics(task.topics, **shared).fit(frame["text"])
    space = TextFeatures(task.dimensions, **shared).fit(frame["text"])
    if task.label is None:
        return topics, space, None
    sentiment = Sentiment(segmenter=task.segmenter, random_state=task.seed)
    return topics, space, sentiment.fit(frame["text"], frame["label"].tolist())


def _summary(
    task: TextTask,
    frame: "pd.DataFrame",
    topics: "Topics",
    shares: "pd.DataFrame",
    sentiment: "Sentiment | None",
) -> TextSummary:
    told = topics.table(task.n_words).to_dict("records")
    if task.examples:
        for topic, places in zip(told, topics.examples(frame["text"], task.examples), strict=True):
            topic["examples"] = [_short(frame["text"].iloc[place]) for place in places]
    empty = int((frame["text"].str.strip() == "").sum())
    known = int((shares.sum(axis=1) > 0).sum())
    return TextSummary(
        {
            "texts": len(frame),
            "empty": empty,
            "without_words": len(frame) - empty - known,
            "vocabulary": len(topics.weights_.words_),
            "segmenter": topics.weights_.segmenter_,
            "topics": told,
            "sentiment": sentiment
            and {
                "labels": sentiment.labels_,
                "accuracy": sentiment.accuracy_,
                "chance": sentiment.chance_,
            },
            "out": None if task.out is None else str(task.out),
        }
    )


def _short(shown: str) -> str:
    line = " ".join(shown.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def _write(
    out: Path,
    manifest: Manifest,
    topics: "pd.DataFrame",
    frame: "pd.DataFrame",
    figures: "pd.DataFrame",
    sentiment: "Sentiment | None",
) -> None:
    from features.text import mean_by_customer

    texts = frame[["line"]].join(frame.get(["customer_id"], frame[[]])).join(figures)
    if sentiment is not None:
        texts = texts.join(sentiment.transform(frame["text"]))
    with new_folder(out) as aside:
        words = [json.dumps(one, ensure_ascii=False) for one in topics["words"]]
        neutral(topics.assign(words=words)).to_csv(aside / "topics.csv", index=False)
        texts.to_parquet(aside / "texts.parquet", index=False)
        if "customer_id" in frame:
            means = mean_by_customer(figures, frame["customer_id"]).reset_index()
            means.to_parquet(aside / "customers.parquet", index=False)
        manifest.write(aside / "manifest.json")


def _settings(task: TextTask) -> dict[str, Any]:
    names: Sequence[str] = ("column", "by", "label", "topics", "dimensions", "min_texts", "seed")
    return {name: getattr(task, name) for name in names}
