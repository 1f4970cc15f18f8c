"""The report as a page, looked at in a real browser (Debian's chromium) and compared with the Parquet by pyarrow."""

import html.parser
import json
import os
import re
import shutil

import pytest
from environments import ROOT

TESTS = ROOT / "python-tests"
VIEWS = ("desktop", "dark", "phone", "phone-dark")
HOSTILE = "</script></td><img src=x onerror=\"window.hurt=1\"><svg onload=alert(1)> ' \" & ${7*7} <!-- &lt;b&gt;"


@pytest.fixture(scope="module")
def look(in_environment):
    """Looks at a page: what look_at_page.py says of it."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    driver = shutil.which("chromedriver")
    if not chromium or not driver:
        reason = "needs a browser: install Debian's chromium and chromium-driver"
        if os.environ.get("DAPT_REQUIRE_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)

    def call(page, folder) -> dict:
        return json.loads(in_environment("browser", TESTS / "look_at_page.py", page, folder, chromium, driver).stdout)

    return call


@pytest.fixture(scope="module")
def page(dapt, quickstart_run, tmp_path_factory):
    file = tmp_path_factory.mktemp("report") / "report.html"
    dapt("report", "--run", quickstart_run, "--html", file)
    return file


@pytest.fixture(scope="module")
def seen(look, page):
    keep = os.environ.get("DAPT_SCREENSHOTS")
    return look(page, keep or page.parent)


@pytest.fixture(scope="module")
def stored(in_environment, quickstart_run):
    return json.loads(in_environment("browser", TESTS / "read_tables.py", quickstart_run).stdout)


def mean(values) -> float:
    values = list(values)
    return sum(values) / len(values)


def about(rows) -> list:
    return [[None if value is None else pytest.approx(value, rel=1e-9, abs=1e-12) for value in row] for row in rows]


def check_tables(tables: dict, stored: dict) -> None:
    """Every table of the page against the files of the run."""
    size = len(stored["tasks"])
    scores = stored["scores"]["exact-match"]
    assert tables["table-matrix"] == about(scores)
    assert tables["table-selection"] == about(stored["scores"]["selection-accuracy"])
    assert tables["table-attention"] == about(stored["attention"])
    last = scores[-1]
    own = [scores[j][j] for j in range(size)]
    best = [max(scores[i][j] for i in range(j, size - 1)) for j in range(size - 1)]
    backward = sum(last[j] - own[j] for j in range(size - 1))
    metrics = [row[0] for row in tables["table-metrics"]]
    assert metrics[:5] == [
        pytest.approx(mean(last)),
        pytest.approx(mean(best[j] - last[j] for j in range(size - 1))),
        None,
        pytest.approx(backward / size),
        pytest.approx(backward / (size - 1)),
    ]
    assert metrics[5] == pytest.approx(mean(stored["scores"]["selection-accuracy"][-1]))
    for j, (name, examples, learnt, highest, now, change) in enumerate(tables["table-tasks"]):
        assert (name, learnt, now) == (None, pytest.approx(own[j]), pytest.approx(last[j]))
        assert highest == pytest.approx(max(scores[i][j] for i in range(j, size)))
        assert change == pytest.approx(last[j] - own[j])
        assert examples > 0
    for row, (then, now) in zip(tables["table-forgotten"], stored["answers"], strict=True):
        pairs = [(then[index], now[index]) for index in then]
        assert row == [
            len(pairs),
            sum(a for a, b in pairs),
            sum(b for a, b in pairs),
            sum(a > b for a, b in pairs),
            sum(a < b for a, b in pairs),
        ]
    for row, losses, divergences in zip(
        tables["table-losses"], stored["cross_entropy"], stored["reflection"], strict=True
    ):
        tenth = max(1, len(losses) // 10)
        assert row[:4] == [
            len(losses),
            pytest.approx(mean(losses[:tenth])),
            pytest.approx(mean(losses[-tenth:])),
            pytest.approx(mean(divergences[-tenth:])),
        ]
    for row, summary in zip(tables["table-cost"], stored["summaries"], strict=True):
        assert row[1:6] == [
            pytest.approx(summary["seconds"]),
            pytest.approx(summary["tokens_per_second"]),
            pytest.approx(summary["resident_bytes"] / 2**20),
            summary["steps"],
            summary["ranks"],
        ]


def test_the_tables_of_the_page_are_those_of_the_parquet(seen, stored):
    for view in VIEWS:
        check_tables(seen[view]["tables"], stored)


class Tables(html.parser.HTMLParser):
    """The values of all tables in the source of a page, as a reader without scripts has them."""

    def __init__(self):
        super().__init__()
        self.tables = {}
        self.rows = None
        self.body = False

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "table":
            self.rows = self.tables.setdefault(attributes.get("id"), [])
        elif tag in ("thead", "tbody"):
            self.body = tag == "tbody"
        elif tag == "tr" and self.body:
            self.rows.append([])
        elif tag == "td" and self.body:
            self.rows[-1].append(None)
        elif tag == "data" and self.body and self.rows and self.rows[-1]:
            self.rows[-1][-1] = float(attributes["value"])

    def handle_endtag(self, tag):
        if tag == "table":
            self.body = False


def test_the_tables_need_no_script(page, stored):
    source = Tables()
    source.feed(page.read_text())
    check_tables(source.tables, stored)


def test_the_page_is_drawn_without_errors_and_connects_to_nowhere(seen):
    for view in VIEWS:
        saw = seen[view]
        assert saw["console"] == [], view
        assert saw["requests"] == [], view
        assert saw["colours"] > 50, view
        charts = {chart["id"]: chart for chart in saw["charts"]}
        assert set(charts) == {"chart-scores", "chart-cross-entropy", "chart-reflection", "chart-selection"}
        for chart in charts.values():
            assert not chart["hidden"], (view, chart)
            assert chart["colours"] > 10, (view, chart)
            assert chart["drawn"] <= chart["width"], (view, chart)
    assert seen["pdf"]["bytes"] > 20_000


def test_a_phone_needs_no_sideways_scrolling(seen):
    for view in VIEWS:
        assert seen[view]["scrollWidth"] <= seen[view]["width"], view
    assert seen["phone"]["width"] == 390


def test_light_and_dark_differ_and_all_text_can_be_read(seen):
    assert min(seen["desktop"]["corner"]) > 230
    assert max(seen["dark"]["corner"]) < 40
    assert max(seen["phone-dark"]["corner"]) < 40
    for view in VIEWS:
        # WCAG 2 level AA for small text.
        assert seen[view]["weakest"]["at"] >= 4.5, (view, seen[view]["weakest"])
        assert all(seen[view]["captions"]), view
        assert seen[view]["headless"] == 0, view


def test_text_of_the_data_stays_text(dapt, look, in_environment, quickstart_run, stored, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(quickstart_run, run)
    last = len(stored["tasks"])
    in_environment("browser", TESTS / "put_in_hostile_answers.py", run, stored["tasks"][0], last, HOSTILE)
    page = tmp_path / "hostile.html"
    dapt("report", "--run", run, "--html", page)
    assert "<img" not in page.read_text()
    saw = look(page, tmp_path)["desktop"]
    assert saw["console"] == []
    assert (saw["images"], saw["scripts"], saw["handlers"]) == (0, 3, 0)
    # Five examples, each with its id, input, reference and both predictions.
    assert saw["text"].count(HOSTILE) == 25


def test_a_wrong_file_is_refused(dapt, quickstart_run, tmp_path):
    refused = dapt("report", "--run", quickstart_run, "--html", tmp_path, code=2)
    assert re.search("cannot be written to .*: it is a folder", refused.stderr)
