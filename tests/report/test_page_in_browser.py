"""The report in a real browser violates no accessibility rules, raises no errors, and loads nothing else."""

from pathlib import Path

import pytest
from chromium import CHROMIUM, MISSING, chromium
from finished_run import evaluate_run
from hostile_names import evaluate_hostile

from ganaug.experiment.arms.settings import Arm

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason=MISSING)]


@pytest.fixture(scope="module")
def browser():
    with chromium() as launched:
        yield launched


def usual(folder: Path, two_colours) -> None:
    right = {"real": (10, 12), "real_all": (18, 18), "gan": (14, 18)}
    baseline = {"real": Arm(), "real_all": Arm(labels="all")}
    evaluate_run(folder, two_colours, right, baseline, {"gan": Arm(synthetic=(0.0, 0.5))})


def odd(folder: Path, two_colours) -> None:
    evaluate_hostile(folder, share=0.0)


@pytest.fixture(scope="module", params=[usual, odd], ids=["usual", "odd names"])
def report(request, tmp_path_factory, two_colours) -> Path:
    folder = tmp_path_factory.mktemp("run")
    request.param(folder, two_colours)
    return folder / "results/report.html"


@pytest.fixture
def opened(browser, report):
    """Return a function that opens the report, and a list of the errors and requests that it makes."""
    contexts, wrong = [], []

    def run(width=1280, scheme="light"):
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme))
        page = contexts[-1].new_page()
        page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda sent: wrong.append(sent.url) if sent.url[:5] not in ("file:", "data:") else None)
        page.goto(report.as_uri())
        page.wait_for_function("document.querySelectorAll('.canvas svg[aria-hidden]').length == "
                               "document.querySelectorAll('.canvas').length")  # fmt: skip
        return page

    yield run, wrong
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1280])
def test_page_is_accessible_quiet_and_no_wider_than_the_screen(opened, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    run, wrong = opened
    page = run(width, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert wrong == []


def test_slider_shows_one_picture_of_training_and_says_which(opened):
    page = opened[0]()
    slider, shown = page.get_by_label("Step of training"), page.locator(".frames img:visible")
    assert (shown.count(), shown.get_attribute("data-step")) == (1, "6")
    slider.focus()
    page.keyboard.press("Home")
    assert (shown.count(), shown.get_attribute("data-step")) == (1, "0")
    assert page.locator("#frame-step").text_content() == "0"
    assert slider.get_attribute("aria-valuetext") == "step 0"


def test_terms_are_explained_by_keyboard(opened):
    page = opened[0]()
    page.locator("button.term").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".tip:popover-open").count() == 1
    page.keyboard.press("Escape")
    assert page.locator(".tip:popover-open").count() == 0


def test_charts_take_the_colours_of_the_scheme(opened):
    page = opened[0](scheme="light")
    label = page.locator(".canvas svg .role-axis-label text").first
    light = label.get_attribute("fill")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "before => document.querySelector('.canvas svg .role-axis-label text')?.getAttribute('fill') != before",
        arg=light,
    )


def test_print_has_pictures_of_the_charts_and_no_parameters(opened):
    page = opened[0]()
    page.emulate_media(media="print")
    assert page.locator("img.twin:visible").count() == 3
    assert page.locator(".canvas:visible").count() == 0
    assert page.locator("details pre:visible").count() == 0
