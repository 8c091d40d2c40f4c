"""The site builds without warnings, is complete, and loads nothing from elsewhere."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from chromium import CHROMIUM, MISSING, chromium
from mkdocs.commands.build import build
from mkdocs.config import load_config

ROOT = Path(__file__).parents[2]


class Loaded(HTMLParser):
    """Collects the files that a page loads and the targets of its links."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        link = given.get("href") if tag == "link" and given.get("rel") not in ("canonical", "next", "prev") else None
        self.found += [address for address in (given.get("src"), link) if address]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site. Building fails for a dead link or anchor, or a page that is not in the navigation."""
    folder = tmp_path_factory.mktemp("site")
    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(folder))
    config.plugins.on_startup(command="build", dirty=False)
    build(config)
    yield folder
    config.plugins.on_shutdown()
    shutil.rmtree(folder)


def test_every_page_is_there(site):
    pages = [path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")]
    assert len(pages) > 90
    for page in [*pages, Path("CONTRIBUTING.md"), Path("CHANGELOG.md")]:
        assert (site / page.with_name(page.name.replace("README", "index")).with_suffix(".html")).is_file(), page


def test_nothing_is_loaded_from_elsewhere(site):
    for page in site.rglob("*.html"):
        outside = [one for one in Loaded(page.read_text(encoding="utf-8")).found if re.match(r"(https?:)?//", one)]
        assert not outside, page


def test_home_is_the_readme(site):
    home = (site / "index.html").read_text(encoding="utf-8")
    assert "GAN augmentation" in home
    assert 'src="pictures/report.png"' in home
    assert 'href="tutorial.html"' in home
    assert 'href="CONTRIBUTING.html"' in home


def test_the_readme_fits_on_two_screens():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 120
    assert lines[2].startswith("![")


PAGES = ("index", "reference/parameters", "reference/plug-ins", "gan", "data", "results/when-it-helps", "CHANGELOG")


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason=MISSING)
def test_pages_are_read_and_searched_from_a_disk(site):
    wrong = []
    with chromium() as browser:
        for width in (390, 1280):
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.on("request", lambda sent: wrong.append(sent.url) if sent.url[:5] not in ("file:", "data:") else None)
            for name in PAGES:
                page.goto((site / f"{name}.html").as_uri())
                assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        page.locator("input[name=query]").press_sequentially("smallest_gain")  # the search listens to keys
        page.wait_for_selector(".md-search-result__item")
        assert "The smallest gain in" in page.inner_text(".md-search-result")
    assert not wrong
