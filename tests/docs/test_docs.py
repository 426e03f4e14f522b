"""What the documentation says is held against the product: links, commands, configurations."""

import re
import shlex
from itertools import product
from pathlib import Path

import pytest
import typer
import yaml

from features.generate import generate
from pipelines.cli.app import app
from pipelines.cli.main import main
from pipelines.config import load
from pipelines.config.sections import Section

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
        *(ROOT / "docs").rglob("*.md"),
    ]
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
INLINE = re.compile(r"`([^`\n]+)`")
OPTION = re.compile(r"^--[a-z][a-z-]*")
# Put together here, so that this page does not name them either.
HOSTS = (
    "py" + "pi.org",
    "python" + "hosted",
    "anaconda" + ".org",
    "index" + "-url",
    "find" + "-links",
)
MACHINE_PATHS = re.compile(r"(?<![\w.$<])/(?:work|tmp|home|root|Users|mnt|var|opt)/")
PLACEHOLDERS = {"TODO", "TBD", "XXX", "FIXME", "@@"}

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def blocks(page, language):
    return [text for name, text in FENCE.findall(page.read_text("utf-8")) if name == language]


def prose(page):
    return FENCE.sub("", page.read_text("utf-8"))


def anchors(page):
    """Give the anchors of the headings, as a forge makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


def typed(page):
    """Find `lode ...` at a prompt and in scripts; a line that goes on is one command."""
    found = []
    for language in ("console", "bash"):
        for block in blocks(page, language):
            whole = block.replace("\\\n", " ")
            found += re.findall(r"^(?:\$ )?(lode .+)$", whole, re.MULTILINE)
    return found


def commands(page):
    """Find `lode ...` at a prompt, in scripts and in running text."""
    return typed(page) + [text for text in INLINE.findall(prose(page)) if text.startswith("lode ")]


def configurations(page):
    return [text for text in blocks(page, "yaml") if re.search(r"^kind: ", text, re.MULTILINE)]


def parts(page):
    """Find the blocks that show some sections of a configuration."""
    return [text for text in blocks(page, "yaml") if text not in configurations(page)]


def cases(find):
    return [
        pytest.param(page, text, id=f"{page.relative_to(ROOT)}-{number}")
        for page in PAGES
        for number, text in enumerate(find(page))
    ]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return generate(tmp_path_factory.mktemp("docs") / "data", lines=4000, seed=1)


def test_the_pages_are_found():
    names = {str(page.relative_to(ROOT)) for page in PAGES}
    assert {"README.md", "docs/tutorial.md", "docs/reference/config.md"} <= names
    assert len(cases(commands)) > 20
    assert len(cases(typed)) > 8
    assert len(cases(configurations)) >= 3


@every_page
def test_relative_links_and_images_resolve(page):
    for target in LINK.findall(prose(page)):
        if target.startswith(("https://", "http://")):
            continue
        path, _, anchor = target.partition("#")
        aim = (page.parent / path).resolve() if path else page
        assert aim.exists(), f"{target} leads nowhere"
        if anchor:
            assert anchor in anchors(aim), f"{target}: no such heading"


@every_page
def test_every_page_but_the_first_is_linked_from_another(page):
    linked = {
        (other.parent / target.partition("#")[0]).resolve()
        for other in PAGES
        for target in LINK.findall(prose(other))
        if other != page
    }
    assert page in linked or page.name == "README.md"


@every_page
def test_no_page_names_a_registry_or_a_path_of_one_machine(page):
    text = page.read_text("utf-8")
    assert not [host for host in HOSTS if host in text]
    assert not MACHINE_PATHS.findall(text)


@every_page
def test_no_page_holds_a_placeholder(page):
    assert not [word for word in PLACEHOLDERS if word in page.read_text("utf-8")]


@every_page
def test_fences_are_closed(page):
    assert page.read_text("utf-8").count("```") % 2 == 0


def known_commands():
    group = typer.main.get_command(app)
    return {
        name: options_of(command) | {"--help", "-h"} for name, command in group.commands.items()
    }


def options_of(command):
    """Give the options of a command, those of the commands below it included."""
    own = {option for p in command.params for option in (*p.opts, *p.secondary_opts)}
    return own.union(*map(options_of, getattr(command, "commands", {}).values()))


@pytest.mark.parametrize(("page", "command"), cases(commands))
def test_every_command_exists_with_its_options(page, command):
    words = shlex.split(command, comments=True)[1:]
    known = known_commands()
    assert words[0] in known, command
    options = {match.group() for word in words[1:] if (match := OPTION.match(word))}
    assert options <= known[words[0]], command


@pytest.mark.parametrize(("page", "command"), cases(typed))
def test_the_parser_takes_every_typed_command_with_its_values(page, command):
    name, *words = shlex.split(command.replace("$day", "2024-12-24"))[1:]
    parser = typer.main.get_command(app).commands[name]
    context = parser.make_context(name, words)
    missing = [
        part.name for part in parser.params if part.required and not context.params[part.name]
    ]
    assert not missing


@pytest.mark.parametrize(("page", "text"), cases(configurations))
def test_every_configuration_loads(page, text, tmp_path, shop):
    path = tmp_path / "page.yaml"
    path.write_text(text)
    (tmp_path / "data").symlink_to(shop.folder)
    config = load(path)
    assert config.kind == yaml.safe_load(text)["kind"]
    if page.name == "tutorial.md":
        assert all(Path(source.path).is_file() for source in config.sources)


@pytest.mark.parametrize(("page", "text"), cases(parts))
def test_every_part_of_a_configuration_loads_in_its_place(page, text, tmp_path):
    wholes = configurations(page) or configurations(ROOT / "docs" / "tutorial.md")
    whole = wholes[0]
    (tmp_path / "base.yaml").write_text(whole)
    path = tmp_path / "part.yaml"
    path.write_text(f"extends: base.yaml\n{text}")
    stated = yaml.safe_load(text)
    config = load(path)
    assert stated
    for section, values in stated.items():
        found = getattr(config, section)
        names = values if isinstance(found, Section) else ()
        assert {name for name in names if not hasattr(found, name)} == set()


def test_the_steps_of_the_tutorial_add_up_to_its_whole_file():
    page = ROOT / "docs" / "tutorial.md"
    smallest, whole = map(yaml.safe_load, configurations(page))
    together = dict(smallest)
    for text in parts(page):
        together |= yaml.safe_load(text)
    assert together == {key: value for key, value in whole.items() if key != "seed"}


def test_the_tutorial_leads_to_a_list(tmp_path, monkeypatch, capsys, shop):
    """The commands of the tutorial, on a smaller shop and with quicker candidates."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    header, *lines = shop.paths["lines"].read_text().splitlines()
    early = [line for line in lines if line.split(",")[3] < "2024-12-25"]
    late = [line for line in lines if line.split(",")[3] >= "2024-12-25"]
    (tmp_path / "data/lines.csv").write_text("\n".join([header, *early]) + "\n")
    (tmp_path / "data/week.csv").write_text("\n".join([header, *late]) + "\n")
    for name in ("items", "customers"):
        (tmp_path / f"data/{name}.csv").write_bytes(shop.paths[name].read_bytes())
    Path("shop.yaml").write_text(configurations(ROOT / "docs" / "tutorial.md")[1])
    quick = ["--set", "candidates=[{kind: popularity}]", "--set", "tuning.trials=0"]
    loose = ["--set", "sources.0.max_rejected=1.0", "--set", "items.min_customers=2"]
    assert main(["check", "shop.yaml"]) == 0
    assert main(["run", "shop.yaml", "--quiet", *quick, *loose]) == 0
    told = capsys.readouterr().out
    assert "models:/my-shop@champion is version 1" in told
    score = next(text for text in commands(ROOT / "docs" / "tutorial.md") if "lode score m" in text)
    assert main([*shlex.split(score)[1:], "--quiet"]) == 0
    written = Path("lists/2024-12-31.csv").read_text().splitlines()
    assert written[0].startswith("customer_id,rank,item_id,")
    assert Path("lists/2024-12-31.csv.manifest.json").is_file()


def test_the_list_page_names_the_columns_of_the_contract_in_order():
    from pipelines.lists import COLUMNS

    page = (ROOT / "docs/reference/list.md").read_text("utf-8")
    table = page.split("## Columns")[1].split("## What holds")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == COLUMNS


def test_the_bundle_page_names_every_file_that_a_bundle_has(tmp_path):
    import pandas as pd

    from experiments.bundle import Bundle, write_bundle
    from models.calibration import PurchaseCalibrator
    from models.recommend.history import History
    from models.recommend.registry import create

    bought = pd.DataFrame(
        {
            "customer_id": ["a", "a", "b"],
            "item_id": ["x", "y", "x"],
            "order_id": ["1", "2", "3"],
            "ordered_at": pd.to_datetime(["2024-01-01", "2024-01-05", "2024-01-09"]),
            "quantity": 1.0,
            "amount": 2.0,
        }
    )
    history = History.from_purchases(bought, pd.Timestamp("2024-01-31"))
    rows = pd.DataFrame({"score": [2.0, 1.0], "rank": [1, 2], "recency_days": 3, "frequency": 1})
    bundle = Bundle(
        recommender=create("popularity").fit(history),
        calibrator=PurchaseCalibrator().fit(rows, [1, 0]),
        items=pd.DataFrame({"item_id": ["x", "y"]}),
        item_features=pd.DataFrame({"price": [1.0, 2.0]}, index=pd.Index(["x", "y"])),
        meta={"name": "m"},
        profile={"customers": 2},
    )
    write_bundle(tmp_path / "bundle", bundle)
    made = {path.name for path in (tmp_path / "bundle").iterdir()}
    page = (ROOT / "docs/reference/bundle.md").read_text("utf-8")
    table = page.split("## Files")[1].split("## The seal")[0]
    named = {name.rstrip("/") for name in re.findall(r"`([\w./]+)`", table)}
    assert made <= named


def test_the_architecture_page_names_every_candidate_with_its_complexity():
    from models.recommend.registry import REGISTRY

    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    for kind, recommender in REGISTRY.items():
        row = rf"\| `{kind}` \| {recommender.family} \| {recommender.complexity} \|"
        assert re.search(row, page), f"{kind}: expected a row {row}"


@every_page
def test_paths_of_the_code_that_a_page_names_exist(page):
    rooms = ("app", "configs", "experiments", "features", "lodeworks", "models", "pipelines")
    named = re.findall(rf"`((?:{'|'.join((*rooms, 'tests'))})/[\w./-]*)`", prose(page))
    missing = [name for name in named if not (ROOT / name).exists()]
    assert not missing


@every_page
def test_make_targets_exist(page):
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    text = page.read_text("utf-8")
    named = set(re.findall(r"(?:`|\$ )make ([a-z-]+)", text))
    assert named <= targets


def test_the_readme_names_the_two_commands():
    text = (ROOT / "README.md").read_text("utf-8")
    assert all(f"make {target}" in text for target in ("demo", "test"))


def test_exit_codes_are_told_the_same_everywhere():
    codes = [0, 1, 2, 3, 4, 5, 130]
    pages = ["docs/tutorial.md", "docs/how-to/nightly.md"]
    for page, code in product(pages, codes):
        assert re.search(rf"^\| {code} \|", (ROOT / page).read_text("utf-8"), re.MULTILINE), page


def test_pictures_are_small():
    pictures = list((ROOT / "docs" / "images").glob("*.png"))
    assert pictures
    assert all(picture.stat().st_size < 300_000 for picture in pictures)
