"""The step-through page in a browser: Chromium, without a window, driven as a reader would.

Needs chromium and chromedriver (Debian: chromium, chromium-driver). Without them these tests are
skipped, unless MICROGRAD_NP_BROWSER=required.
"""

from __future__ import annotations

import json
import math
import os
import shutil

import numpy as np
import pytest
from graphs import layers, network, variable
from test_draw import HOSTILE
from test_step import FUNCTIONS, data_in, known_to_the_script, names_in

import micrograd_np as mg
from micrograd_np import named
from micrograd_np.rule import rules
from micrograd_np.views.cards import Board
from micrograd_np.views.labels import number
from micrograd_np.views.tape import taped
from micrograd_np.views.walk import walk

BROWSERS = "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"
SWITCHES = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--window-size=1280,800",
)  # fmt: skip


def missing(what):
    """Skip, or fail where a browser is a must."""
    if os.environ.get("MICROGRAD_NP_BROWSER") == "required":
        pytest.fail(f"no {what}, and MICROGRAD_NP_BROWSER=required")
    pytest.skip(f"no {what}: apt install chromium chromium-driver; pip install selenium")


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Return a browser that notes what it asks the network for and what it complains of."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None) or missing("Chromium")
    driver = shutil.which("chromedriver") or missing("chromedriver")
    try:
        from selenium import webdriver
    except ImportError:
        missing("selenium")
    options = webdriver.ChromeOptions()
    options.binary_location = found
    for switch in (*SWITCHES, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    running = webdriver.Chrome(options, webdriver.ChromeService(driver))
    yield running
    running.quit()


class Page:
    """A page in the browser."""

    def __init__(self, browser, path):
        self.browser, self.path = browser, path
        browser.get_log("browser"), browser.get_log("performance")
        browser.get("about:blank")
        browser.get(path.as_uri())

    def run(self, script, *args):
        return self.browser.execute_script(script, *args)

    def press(self, *keys):
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.browser).send_keys(*keys).perform()
        return self

    def find(self, selector):
        return self.browser.find_element("css selector", selector)

    def card(self, title):
        return self.find(f'.card[aria-label^="{title} "]')

    @property
    def step(self):
        return self.run("return state.step")

    @property
    def caption(self):
        return self.find("#caption").text

    @property
    def panel(self):
        return self.find("#panel").text

    def complaints(self):
        """Return what stands in the console, and what was asked for besides the page itself."""
        log = [entry["message"] for entry in self.browser.get_log("browser")]
        events = [
            json.loads(entry["message"])["message"]
            for entry in self.browser.get_log("performance")
        ]  # fmt: skip
        asked = [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
            and not event["params"]["documentURL"].startswith("chrome")  # the browser's own page
        ]
        return log + [url for url in asked if not url.startswith(("about:", self.path.as_uri()))]


@pytest.fixture
def open_page(browser, tmp_path):
    """Return a function that opens a page; in the end nothing was complained of or asked for."""
    pages = []

    def opened(text):
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        pages.append(Page(browser, path))
        return pages[-1]

    yield opened
    for page in pages:
        assert page.complaints() == []


@pytest.fixture
def page(open_page):
    return open_page(network(mg.step).html)


def keys():
    from selenium.webdriver.common.keys import Keys

    return Keys


def test_keys_go_through_the_steps(page):
    Keys = keys()
    assert page.caption == "start"
    page.press(Keys.ARROW_RIGHT)
    assert page.caption == "forward 1 / 6"
    assert page.panel.startswith("Forward z1 in neuron 1")
    page.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_LEFT)
    assert page.caption == "forward 2 / 6"
    page.press("b")
    assert page.caption == "backward 1 / 7"
    page.press(Keys.END)
    assert page.caption == "done"
    page.press(Keys.ARROW_RIGHT)
    assert page.caption == "done"
    page.press(Keys.HOME, Keys.ARROW_LEFT)
    assert page.caption == "start"


def test_a_step_forward_puts_numbers_into_the_formula(page):
    page.run("go(5)")
    assert page.panel.splitlines()[:2] == ["Forward z3 in output", "z3"]
    assert "1 · 0.8808 + (−1) · 0.5 + 1" in page.panel
    assert "1.381" in page.panel


def test_a_step_backward_has_every_number_of_the_chain_rule(page):
    page.run("go(13)")  # through z₁: the second contribution to x
    head, *rows = page.run(
        "return [...document.querySelectorAll('#panel tr')]"
        ".map((row) => [...row.children].map((cell) => cell.textContent))"
    )
    assert head == ["to", "chain rule", "local derivative", "contribution", "sum so far"]
    to, chain, local, share, total = rows[1]
    assert to == "x"
    assert "+=" in chain
    assert (local, share, total) == ("w1 = 1", "0.2127 · 1 = 0.2127", "0.7192")
    assert "=" in rows[0][1]
    assert "+=" not in rows[0][1]


def test_cards_show_the_sums_so_far(page):
    page.run("go(12)")
    assert "gradient 0.5065" in page.card("x").get_attribute("aria-label")
    page.run("go(13)")
    assert "gradient 0.7192" in page.card("x").get_attribute("aria-label")
    assert page.card("z₁").get_attribute("aria-current") == "step"


def test_the_slider_moves(page):
    page.find("#slider").send_keys(keys().ARROW_RIGHT)
    assert page.step == 1  # the page's own key, once
    page.run("const s = $('slider'); s.value = 9; s.dispatchEvent(new Event('input'))")
    assert page.caption == "backward 3 / 7"


def test_search_finds_names_as_they_are_typed(page):
    page.press("/", "w_2")
    assert page.find("#found").text == "2 found"
    page.press(keys().ENTER)
    assert page.find("#found").text == "1 of 2"
    assert page.run("return steps[state.step].card") == page.run(
        "return data.cards.findIndex((card) => card.t === 'z₂')"
    )
    page.press(keys().ESCAPE)
    assert page.run("return document.querySelectorAll('.match').length") == 0
    page.press(keys().ARROW_LEFT)
    assert page.step == 2


def test_a_click_shows_the_step_of_a_card(page):
    page.card("h₂").click()
    assert page.caption == "forward 4 / 6"
    page.press("b")
    page.card("h₂").click()
    assert page.caption == "backward 4 / 7"


def test_the_keyboard_alone_reaches_every_card(page):
    Keys = keys()
    page.run("document.querySelector('.card[tabindex]').focus()")
    seen = set()
    for _ in range(20):
        label = page.run("return document.activeElement.getAttribute('aria-label')")
        seen.add(label.split(" ")[0] if label else "")
        page.press(Keys.TAB)
    titles = {card["t"] for card in data_in(network(mg.step).html)["cards"]}
    assert titles <= seen
    page.run("[...document.querySelectorAll('.card')].at(-1).focus()")
    page.press(Keys.ENTER)
    assert page.caption == "forward 6 / 6"


def test_hovering_shows_what_hangs_together(page):
    page.run(
        "document.querySelector('.card[aria-label^=\"z₁ \"]')"
        ".dispatchEvent(new PointerEvent('pointerenter'))"
    )
    lit = page.run(
        "return cards.filter((c) => c.group.classList.contains('lit')).map((c) => c.card.t)"
    )
    assert set(lit) == {"x", "w₁", "b₁", "z₁", "h₁", "z₃", "L"}


def test_scopes_fold_and_unfold(page):
    page.run("document.querySelector('.fold').dispatchEvent(new MouseEvent('click'))")
    assert page.find(".fold").get_attribute("aria-expanded") == "false"
    assert not page.card("z₁").is_displayed()
    assert page.card("z₂").is_displayed()
    page.run("go(2)")
    assert "0.8808" in page.find(".scope.closed").text
    page.press("f")
    assert page.run("return folded.size") == 4
    width = page.run("return bounds[2]")
    page.press("f")
    assert page.run("return folded.size") == 0
    assert page.run("return bounds[2]") > 1.2 * width  # empty stretches were taken out
    page.run("document.querySelector('.fold').focus()")
    page.press(keys().ENTER)
    assert page.run("return folded.size") == 1


def test_numbers_can_be_predicted(page):
    Keys = keys()
    page.press("p", Keys.ARROW_RIGHT)
    assert page.panel.startswith("Forward z1 in neuron 1 Reveal")
    assert "2" not in page.card("z₁").text.split("\n")
    page.find(".guess").send_keys("2", Keys.ENTER)
    assert "✓ 2" not in page.panel  # the step is shown as it always is
    assert page.find("#score").text == "1 of 1 right"
    page.run("document.activeElement.blur()")
    page.press(Keys.ARROW_RIGHT)
    page.find(".guess").send_keys("7", Keys.ENTER)
    assert page.find("#score").text == "1 of 2 right"
    assert "0.8808" in page.panel
    page.run("go(9)")
    assert page.run("return document.querySelectorAll('.guess').length") == 5
    page.find(".guess").send_keys("1.78", Keys.ENTER)
    assert "✓ 1.784" in page.panel
    page.run("document.activeElement.blur()")
    page.press(Keys.ARROW_RIGHT)
    assert page.step == 9  # first the answers
    assert page.run("return document.querySelectorAll('.guess').length") == 0
    page.press(Keys.ARROW_RIGHT)
    assert page.step == 10
    page.press("p")
    assert page.run("return document.querySelectorAll('.guess').length") == 0


def test_a_leaf_can_be_changed_and_all_is_computed_again(page):
    Keys = keys()
    page.run("go(steps.length - 1)")
    page.card("x").click()
    field = page.find("#editor input[type=number]")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys("-2.5")
    page.press(Keys.ESCAPE)
    assert not page.find("#editor").is_displayed()
    found = page.run("return data")
    golden = data_in(network(mg.step, x=-2.5).html)
    for card, other in zip(found["cards"], golden["cards"], strict=True):
        assert card["v"] == pytest.approx(other["v"], rel=1e-14, abs=1e-15)
        assert card["g"] == pytest.approx(other["g"], rel=1e-13, abs=1e-15)
    for arrow, other in zip(found["arrows"], golden["arrows"], strict=True):
        for key, expected in ({"s": other["c"]} | other).items():
            if key in "cns":
                assert arrow[key] == pytest.approx(expected, rel=1e-13, abs=1e-15)
    assert "−2.5" in page.card("x").text
    page.find("#edited").click()
    for card, other in zip(page.run("return data.cards"), golden_cards(), strict=True):
        assert card["v"] == pytest.approx(other["v"], rel=1e-14, abs=1e-15)


def golden_cards():
    return data_in(network(mg.step).html)["cards"]


def test_what_cannot_be_changed_says_why(open_page):
    page = open_page(layers(mg.step).html)
    page.card("W₁").click()
    assert page.find("#editor").text.startswith("W1 3×5 float64")
    assert "It cannot be changed here: W₁ is an array" in page.find("#editor").text
    page.press(keys().ESCAPE)
    tip = page.run(
        "const cell = document.querySelector('.cell');"
        "cell.dispatchEvent(new PointerEvent('pointermove', { bubbles: true }));"
        "return $('tip').textContent"
    )
    assert tip.startswith("[0, 0] ")


def test_steps_of_arrays_have_strips_and_formulas(open_page):
    page = open_page(layers(mg.step).html)
    page.run("go(steps.findLastIndex((step) => step.kind === 'backward'))")
    assert "Xᵀ @ g" in page.panel
    assert "summed" in page.panel
    assert page.run("return document.querySelectorAll('#panel svg').length") >= 4


def test_the_theme_follows_the_system_and_the_button(page):
    def background():
        return page.run("return getComputedStyle(document.body).backgroundColor")

    light, dark = "rgb(255, 255, 255)", "rgb(13, 17, 23)"
    assert background() == light
    feature = {"name": "prefers-color-scheme", "value": "dark"}
    page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    assert background() == dark
    page.press("t")
    assert background() == light
    page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_nothing_moves_for_those_who_want_no_motion(page):
    feature = {"name": "prefers-reduced-motion", "value": "reduce"}
    page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    page.press(keys().ARROW_RIGHT)
    assert page.run("return document.getAnimations().length") == 0
    page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_zoom_pan_play_and_help(page):
    whole = page.run("return seen()")
    page.press("+")
    assert page.run("return seen()[2]") < whole[2]
    page.press("0")
    assert page.run("return seen()") == whole
    page.press("?")
    assert page.find("#help").is_displayed()
    page.press(keys().ESCAPE)
    assert not page.find("#help").is_displayed()
    page.press(" ")
    assert page.run("return Boolean(state.timer)")
    page.press(" ")
    assert not page.run("return Boolean(state.timer)")


def test_space_plays_though_a_closed_dialog_keeps_the_focus(page):
    page.run(
        "const space = new KeyboardEvent('keydown', { key: ' ', bubbles: true });"
        "document.querySelector('#help button').dispatchEvent(space);"
    )
    assert page.run("return Boolean(state.timer)")


def test_an_address_may_name_the_step(page):
    page.run("location.hash = '#step=9'")
    assert page.run("return wanted()") == 9


def test_everything_has_a_name_for_those_who_listen(page):
    nameless = page.run(
        "return [...document.querySelectorAll('button, input, [tabindex], [role]')]"
        ".filter((at) => !(at.getAttribute('aria-label') || at.textContent.trim()))"
        ".map((at) => at.outerHTML)"
    )
    assert nameless == []
    assert page.find("#panel").get_attribute("aria-live") == "polite"


@pytest.mark.parametrize("detail", ["named", "ops"])
def test_hostile_names_stay_text(open_page, detail):
    values = [variable(1.0 + i / 10, name=name) for i, name in enumerate(HOSTILE)]
    total = variable(0.5, name="__proto__")
    for name, w in zip(HOSTILE, values, strict=True):
        with named(name):
            total = total * np.tanh(w)
    names = {HOSTILE[0] + "L": total}
    page = open_page(mg.step(total, detail=detail, names=names).html)
    count = page.run(
        "window.alert = () => { throw Error('alert'); };"
        "for (let i = 0; i < steps.length; i++) show(i); foldAll(); foldAll(); predict();"
        "for (let i = 0; i < steps.length; i++) show(i);"
        "open(0); const strange = document.querySelectorAll('img, iframe, a, object, embed, "
        "link, [onerror], [href]').length; shut();"
        "return strange + document.querySelectorAll('script').length - 2"
    )
    assert count == 0
    titles = page.run("return data.cards.map((card) => card.t)")
    assert any(title.startswith("</script><img src=x onerror=alert(1)>") for title in titles)
    shown = page.run("return document.getElementById('graph').textContent")
    assert not set("\u202e\u2028\x00") & set(shown)
    assert "\n" not in "".join(titles)
    box = page.run("const b = canvas.getBoundingClientRect(); return [b.width, innerWidth]")
    assert box[0] <= box[1]


def test_a_notebook_shows_it_in_a_frame(open_page):
    frame = f"<!DOCTYPE html><meta charset='utf-8'>{network(mg.step)._repr_html_()}"
    page = open_page(frame)
    page.browser.switch_to.frame(page.find("iframe"))
    page.find("#panel").click()
    page.press(keys().ARROW_RIGHT)
    assert page.caption == "forward 1 / 6"
    page.browser.switch_to.default_content()
    page.path = type("About", (), {"as_uri": lambda _: page.run("return location.href")})()


def test_300_cards_work(open_page):
    x, total = variable(0.5, name="x"), 0.0
    weights = [variable(0.01 * i) for i in range(74)]
    for i, w in enumerate(weights):
        with named(f"unit {i % 20}"):
            total = total + np.tanh(w * x)
    page = open_page(mg.step(total, detail="ops").html)
    spent = page.run(
        "const start = performance.now(); for (let i = 0; i < steps.length; i++) show(i);"
        "return (performance.now() - start) / steps.length"
    )
    assert spent < 50  # milliseconds a step: 3 on an idle machine
    text = page.run("return cards[0].name.getBoundingClientRect().height")
    page.run("go(100)")
    assert page.run("return cards[0].name.getBoundingClientRect().height") >= text
    assert page.run("return cards[steps[100].card].name.getBoundingClientRect().height") > 10


# The page computes and writes as Python does


def trees_of(function, rule):
    """Return the trees of a function and its derivatives, none if it takes more than numbers."""
    operands = [variable(0.4 + 0.1 * i) for i in range(len(rule.derivatives))]
    try:
        with np.errstate(all="ignore"):
            board = Board(function(*operands), "ops", {}, None).titled()
        walk(board)
        trees = [tree for trees in taped(board).operations for tree in trees]
    except Exception:  # no function of two or three real numbers; enough others are counted below
        return []
    return trees if names_in([None, *trees]) <= known_to_the_script() else []


@pytest.mark.parametrize("part", range(4))
def test_the_page_computes_what_numpy_computes(page, part):
    points = (0.3, 1.7, -0.6, -2.4)
    cases, expected = [], []
    for function, rule in list(rules.items())[part::4]:
        trees = trees_of(function, rule) if rule.kind == "elementwise" else []
        for x in points if trees else ():
            args = [x, *np.roll(points, 1)[: len(rule.derivatives) - 1].tolist()]
            with np.errstate(all="ignore"):
                out = float(function(*args))
                found = [float(evaluate(tree, args, out)) for tree in trees]
            if math.isfinite(out):
                cases += [[tree, args, out] for tree in trees]
                expected += found
    assert len(cases) > 40
    script = "return arguments[0].map((x) => String(evaluated(...x)))"
    for case, text, x in zip(cases, page.run(script, cases), expected, strict=True):
        value = float(text.replace("Infinity", "inf"))
        assert value == pytest.approx(x, rel=1e-12, abs=1e-15, nan_ok=True), case


def evaluate(tree, operands, out):
    """Evaluate a tree with NumPy."""
    if isinstance(tree, int | float):
        return tree
    if isinstance(tree, str):
        return out if tree == "out" else operands[int(tree)]
    return FUNCTIONS[tree[0]](*[evaluate(x, operands, out) for x in tree[1:]])


def test_the_page_writes_numbers_as_pictures_do(page):
    random = np.random.default_rng(0)
    values = [*(random.normal(size=300) * 10.0 ** random.integers(-9, 9, 300)).tolist(),
              0.0, -0.0, 1.0, -1.0, 1e6, 1e16, 0.5, 0.0001, 0.00001234, 9999.6, 1e-5,
              1e100]  # fmt: skip
    for digits in (3, 4):
        found = page.run("return arguments[0].map((x) => number(x, arguments[1]))", values, digits)
        assert found == [number(float(x), digits) for x in values]
    assert page.run("return [number('NaN'), number('-Infinity'), number('Infinity')]") == [
        "NaN", "−∞", "∞",
    ]  # fmt: skip
