"""The page copes with any names, and its parts are pure functions with known results."""

from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hostile_names import HOSTILE, LONG, evaluate_hostile

from ganaug.experiment.words.quantity import BALANCED_ACCURACY
from ganaug.report.charts import MOST_POINTS, Bar, curves, intervals, thinned
from ganaug.report.panels import panels
from ganaug.report.words import GLOSSARY, anchor, with_code


class Parsed(HTMLParser):
    """Collects tags, event handlers, and text outside scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.handlers += [name for name, _ in attributes if name.startswith("on")]

    def handle_data(self, data):
        if self.tags and self.tags[-1] not in ("script", "style"):
            self.text += data


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    return evaluate_hostile(tmp_path_factory.mktemp("hostile"))


def test_names_are_shown_and_never_run(page):
    parsed = Parsed(page)
    assert parsed.tags.count("script") == 5  # one line of the page, the charts' data, two of Vega, the page's own
    assert parsed.handlers == []
    for name in HOSTILE:
        assert name in parsed.text
    assert "7 * 7" in parsed.text
    assert LONG in parsed.text


def test_sixty_classes_are_all_there(page):
    assert all(f"class {number}" in page for number in range(52))
    assert "50 more classes" in page


def test_a_page_is_small_and_asks_for_nothing(page):
    assert len(page) < 5_000_000
    for way in ('src="http', 'href="http', "url(http", "@import"):
        assert way not in page


def test_ids_and_headings_are_in_order(page):
    found = [int(tag[1]) for tag in Parsed(page).tags if tag in ("h1", "h2", "h3", "h4")]
    assert found[0] == 1
    assert found.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(found))


def test_backticks_become_code_and_everything_is_escaped():
    assert with_code("use `a<b`, not <b>") == "use <code>a&lt;b</code>, not &lt;b&gt;"
    assert with_code("plain") == "plain"


def test_terms_of_the_glossary_have_anchors():
    assert {anchor(term) for term in GLOSSARY} == {term.replace(" ", "-") for term in GLOSSARY}
    with pytest.raises(KeyError):
        anchor("unheard of")


def test_intervals_are_in_points_against_the_band():
    spec = intervals([Bar("a", 0.01, -0.005, 0.0251, [0.0, 0.02], with_gan=True)], BALANCED_ACCURACY, 0.005)
    (row,) = spec["data"]["values"]
    assert row == {"name": "a", "mean": 1.0, "low": -0.5, "high": 2.51, "shown": "+1.0", "kind": "with the GAN"}
    assert spec["layer"][2]["encoding"]["x"]["title"] == "worse ← points → better"
    assert spec["layer"][0]["data"]["values"] == [{"low": -0.5, "high": 0.5}]
    assert [row["value"] for row in spec["layer"][3]["data"]["values"]] == [0.0, 2.0]


def test_an_estimate_without_an_interval_is_a_dot():
    (row,) = intervals([Bar("a", 0.01, None, None)], BALANCED_ACCURACY, 0.005)["data"]["values"]
    assert (row["low"], row["high"]) == (None, None)


def test_long_curves_are_thinned_and_keep_their_end():
    rows = [{"step": float(step), "loss": 1.0} for step in range(1001)]
    kept = thinned(rows)
    assert len(kept) <= MOST_POINTS + 1
    assert kept[0]["step"] == 0
    assert kept[-1]["step"] == 1000
    assert thinned(rows[:3]) == rows[:3]
    assert len(curves({0: rows, 1: rows}, {"loss": "loss"})["data"]["values"]) == 2 * len(kept)


def test_panels_have_terms_first_and_health_if_it_was_measured():
    found = panels(["step", "images", "p_real", "p_fake", "diversity", "d_real", "g_fake"])
    assert list(found) == [
        "loss of the discriminator: real",
        "loss of the generator: fake",
        "predicted probability of being real",
        "diversity within classes, real = 1",
    ]
    assert found["predicted probability of being real"] == {"p_real": "real", "p_fake": "fake"}
