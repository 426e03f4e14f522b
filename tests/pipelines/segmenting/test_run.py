"""A whole run on a generated shop: everybody in one segment, described, priced and followed."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from pipelines.segmenting.segmentation import read_segmentation


def frame(grouped, name):
    return pd.read_parquet(grouped.summary.paths[name])


def test_every_customer_is_in_exactly_one_segment(grouped):
    segments, cards = frame(grouped, "segments"), frame(grouped, "cards")
    assert segments["customer_id"].is_unique
    assert segments[["segment", "name"]].notna().all().all()
    counted = segments["segment"].value_counts()
    assert counted.to_dict() == cards.set_index("segment")["customers"].to_dict()
    assert grouped.summary.metrics["customers"] == len(segments)
    assert cards["share"].sum() == pytest.approx(1.0)
    assert cards["value_share"].sum() == pytest.approx(1.0)


def test_every_card_has_a_rule_traits_and_its_return(grouped):
    cards = frame(grouped, "cards")
    assert (cards["rule"].str.len() > 0).all()
    assert (cards["traits"].str.contains("others")).all()
    assert {"buys", "profit", "roi", "precision", "coverage"} <= set(cards)
    assert cards["profit"].to_numpy() == pytest.approx(
        (cards["value"] * 0.2 - 3 * cards["customers"]).to_numpy()
    )


def test_a_segment_may_cost_more_than_it_brings(workplace, of_shop):
    values = of_shop(worth={"margin": 0.01, "cost_per_customer": 50})
    summary = workplace.run(values, "window.compare=null")
    assert (pd.read_parquet(summary.paths["cards"])["roi"] < 0).all()
    assert "Costs more than it brings" in summary.paths["report"].read_text()
    assert "migration_segments" not in summary.paths


def test_the_board_has_one_winner_and_every_candidate(grouped):
    board = grouped.summary.leaderboard
    assert set(board["candidate"]) == {"kmeans-3", "kmeans-4", "mixture-3"}
    assert board["winner"].sum() == 1
    assert (board["stability_low"] <= board["stability"]).all()
    assert (board["stability"] <= board["stability_high"]).all()


def test_flows_add_up_and_agree_with_the_matrix(grouped):
    flows, matrix = frame(grouped, "flows"), frame(grouped, "migration_segments")
    known = flows.dropna()
    assert len(known)
    assert (known["opening"] + known["joined"] - known["left"] == known["closing"]).all()
    totals = matrix.set_index("before").loc["all"].drop(["all", "gone"])
    sizes = frame(grouped, "segments").groupby(["segment", "name"]).size()
    for (number, name), size in sizes.items():
        assert totals[f"{number} {name}"] in (size, pytest.approx(np.nan, nan_ok=True))


def test_no_report_names_a_customer_and_no_small_cell_is_shown(grouped):
    text = grouped.summary.paths["report"].read_text()
    words = set(re.findall(r"[A-Za-z0-9_-]+", text))
    customers = set(frame(grouped, "segments")["customer_id"])
    assert not words & customers
    for name in ("migration_segments", "migration_value_pyramid"):
        cells = frame(grouped, name).drop(columns="before").to_numpy()
        assert not ((cells > 0) & (cells < 10)).any()


def test_classes_beside_the_segments(grouped):
    classes = frame(grouped, "classes")
    assert {"rfm", "rfm_name", "pyramid", "abc", "portfolio", "score"} <= set(classes)
    assert classes["rfm"].str.fullmatch("[1-5]{3}").all()
    assert classes["score"].between(0, 100).all()


def test_the_manifest_says_why(grouped):
    manifest = json.loads(grouped.summary.paths["manifest"].read_text())
    assert manifest["kind"] == "segments"
    assert manifest["reason"]
    assert manifest["headline"] == grouped.summary.headline


def test_the_bundle_is_plain_and_holds_no_customer(grouped):
    folder = grouped.summary.paths["bundle"]
    endings = {path.suffix or path.name for path in folder.rglob("*") if path.is_file()}
    served = {"MLmodel", ".yaml", ".txt"}
    assert endings <= {".json", ".parquet", ".safetensors", *served}
    customers = set(frame(grouped, "segments")["customer_id"])
    everything = b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())
    assert not any(f'"{who}"'.encode() in everything for who in customers)
    fitted, meta, cards = read_segmentation(folder)
    assert fitted.ids == tuple(range(1, len(cards) + 1))
    assert meta["kind"] == "segments"


def test_a_second_run_gives_the_same_from_the_cache(grouped, of_shop):
    before = frame(grouped, "segments")
    again = grouped.run(of_shop())
    pd.testing.assert_frame_equal(pd.read_parquet(again.paths["segments"]), before)
    manifest = json.loads(again.paths["manifest"].read_text())
    assert {"mine: kmeans-3", "act: bundle"} <= set(manifest["reused_steps"])


def test_a_refresh_keeps_numbers_and_names(workplace, grouped, of_shop):
    former = grouped.summary.paths["bundle"]
    values = of_shop(former=str(former), seed=5, methods=[{"kind": "kmeans", "k": [6]}])
    summary = workplace.run(values, "window.compare=null")
    old, _, _ = read_segmentation(former)
    new, _, _ = read_segmentation(summary.paths["bundle"])
    kept = set(old.ids) & set(new.ids)
    assert kept
    assert {number: new.names[number] for number in kept} == {n: old.names[n] for n in kept}
    fresh = set(new.ids) - set(old.ids)
    assert fresh
    assert min(fresh) > old.used
    assert new.used == max(new.ids)
    assert len(set(new.names.values())) == len(new.names)
    assert "Since the former segments" in summary.paths["report"].read_text()
    same = workplace.run(of_shop(former=str(former)), "window.compare=null")
    table = pd.read_parquet(same.paths["segments"])
    pd.testing.assert_frame_equal(table, frame(grouped, "segments"))


def test_a_former_bundle_that_asks_for_other_attributes_is_refused(workplace, grouped, of_shop):
    values = of_shop(former=str(grouped.summary.paths["bundle"]))
    values["features"] = {"families": ["basket"]}
    values["worth"] = {"value": None}
    with pytest.raises(Exception, match=r"former: .* which are not used now"):
        workplace.run(values, "window.compare=null")
    assert workplace.runs() == []


def test_findings_tell_the_segments(grouped, of_shop, monkeypatch):
    from pipelines.segmenting.drafts import segment_drafts

    kept = []
    monkeypatch.setattr(
        "pipelines.segmenting.job.segment_drafts",
        lambda *given: kept.append(segment_drafts(*given)) or [],
    )
    grouped.run(of_shop())
    cards = frame(grouped, "cards")
    assert [draft.pattern["segment"] for draft in kept[0]] == cards["segment"].tolist()
    assert [draft.evidence.value for draft in kept[0]] == pytest.approx(cards["share"].tolist())


def test_the_report_says_how_sure_it_is_and_counts_those_who_moved(grouped):
    page = grouped.summary.paths["report"].read_text()
    for said in ("What we are unsure of", "The least stable segment", "The silhouette is"):
        assert said in page
    moves = page[page.index("<h2>Migration</h2>") :]
    moves = moves[: moves.index("</section>")]
    cells = re.findall(r"<td[^>]*>([^<]*)<", moves)
    assert sum(cell.replace(",", "").isdigit() for cell in cells) > 5
    assert not [cell for cell in cells if cell.startswith("£") or cell.endswith("%")]
