"""The page on which one marks, in a real Chromium: by keyboard alone, several at once; nothing of a student's runs."""

import asyncio
import json
import re
import shutil
import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright
from unsaid import unsaid_in

from grading.marking.desk import Desk
from grading.marking.journal import Journal, MarkError
from grading.marking.server import POLICY, serve
from grading.records.marks import read_marks
from grading.records.standing import class_standings
from pretending import OPEN, STAGE, course_of, grade, hand_in, mark

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MINUTE = 60_000
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
FIGURE = {"output_type": "display_data", "metadata": {}, "data": {"image/png": PIXEL, "text/plain": ["<Figure>"]}}
WORDS = ["loss", "accuracy", "train", "ring", "noise", "epoch", "curve", "plateau", "gradient", "batch", "weight"]
# How long it takes from a key to the next answer, in the page.
STOPWATCH = """
window.took = []; let pressed = 0;
addEventListener("keydown", (event) => { if (event.key === "Enter") pressed = performance.now(); }, true);
new MutationObserver(() => { if (pressed) took.push(performance.now() - pressed); pressed = 0; })
  .observe(document.body, { attributeFilter: ["data-shown"] });
"""
# What an answer may hold that is wider than the page.
WIDE = f"```python\n{'long = ' * 60}0\n```\n\n|{'wide |' * 40}\n|{'-|' * 40}\n\n$$x = {'+ y_{1000}' * 60}$$\n\n"
AWAY = "http://example.org/x"
HOSTILE = {
    "script": '<script>document.title = "x"</script><img src=x onerror="alert(1)"><a href="javascript:alert(1)">x</a>',
    "svg": f'<svg onload="alert(1)"><script>alert(2)</script><use href="{AWAY}#y"/><image href="{AWAY}"/></svg>',
    "style": f"<style>@import url({AWAY})</style><p style=\"color: red; background: url('{AWAY}')\">p</p>",
    "frame": f'<iframe src="{AWAY}"></iframe><form action="{AWAY}"><input autofocus onfocus=alert(1)></form>',
    "math": "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math> $\\href{javascript:alert(2)}{x}$",
    "ids": '<svg id="text"><g id="boxes" data-is="save"/></svg><div data-is="comment" class="notice">x</div>',
    "nested": "<b>" * 19_000,
    "picture": f"![](data:image/png;base64,{'A' * 1_000_000})",
    "web": f'![]({AWAY}.png) <img src="//example.org/q.png">',
}
SPYING = tuple(
    {"output_type": "display_data", "metadata": {}, "data": data}
    for data in (
        {"text/html": [f"<script>alert(3)</script><img src='{AWAY}.png'>"]},
        {"image/svg+xml": "<svg onload='alert(4)'><circle r='9'/></svg>"},
        {"application/javascript": "alert(5)"},
    )
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def wish(number: int) -> tuple[str, list[int]]:
    """Return an answer, unlike all others, that says which boxes it is to get, and these."""
    boxes = [box for box in (1, 2, 3) if number >> (box - 1) & 1]
    mixed = " ".join(WORDS[(number * step + step * step) % len(WORDS)] for step in range(2, 40))
    return f"Give {''.join(map(str, boxes)) or '0'}, please. {mixed} {number * 7919}.", boxes


@contextmanager
def served(course: Path, port: int | None = None) -> Iterator[str]:
    """Serve the page of a course, in a thread; give its address."""
    desk = Desk(course, STAGE)
    desk.open()
    desk.agree()
    addresses, started, failed = [], threading.Event(), []
    loop, until = asyncio.new_event_loop(), asyncio.Event()

    def ready(address: str) -> None:
        addresses.append(address)
        started.set()

    def run() -> None:
        try:
            loop.run_until_complete(serve(desk, "anna", port, ready, until))
        except MarkError as error:
            failed.append(error)
            started.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert started.wait(60)
    try:
        if failed:
            raise failed[0]
        yield addresses[0]
    finally:
        loop.call_soon_threadsafe(until.set)
        thread.join(60)


def course_with(folder: Path, texts: dict[str, str], outputs: tuple = ()) -> Path:
    course = course_of(folder)
    for student, text in texts.items():
        hand_in(course, student, text=text, outputs=outputs)
    grade(course)
    return course


@contextmanager
def opened(browser: Browser, address: str, by: str = "") -> Iterator[Page]:
    """Open the page as somebody."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(MINUTE)
    page = context.new_page()
    if by:
        page.add_init_script(f"localStorage.setItem('by', '{by}')")
    page.goto(address)
    page.wait_for_selector("body[data-shown]")
    yield page
    context.close()


def shown(page: Page) -> str:
    return page.get_attribute("body", "data-shown")


def moved(page: Page, key: str) -> str:
    """Press a key that shows another answer; wait for that, and return its name."""
    before = shown(page)
    page.keyboard.press(key)
    page.wait_for_function("before => document.body.dataset.shown !== before", arg=before)
    return shown(page)


def says(page: Page, what: str) -> None:
    expect(page.locator("[data-is=notice]")).to_contain_text(what, timeout=MINUTE)


def test_two_graders_mark_a_class_with_the_keyboard_alone(browser, tmp_path):
    wanted = {f"p{number}": wish(number) for number in range(60)}
    course = course_with(tmp_path / "course", {student: text for student, (text, _) in wanted.items()}, (FIGURE,))
    with served(course) as address, opened(browser, address) as anna, opened(browser, address, "ben") as ben:
        pages, count = [anna, ben], 0
        anna.evaluate(STOPWATCH)
        while pages:
            for page in list(pages):
                if shown(page) == "none":
                    pages.remove(page)
                    continue
                text = page.inner_text("[data-is=text]")
                for key in re.match(r"Give (\d+),", text)[1]:
                    page.keyboard.press(key)
                moved(page, "Enter")
                count += 1
        says(ben, "all answers are marked")
        expect(anna.locator("[data-is=count]")).to_have_text("60 of 60 marked")
        took = anna.evaluate("took")
    print(f"\nto the next answer: {statistics.median(took):.0f} ms, at most {max(took):.0f} ms of {len(took)}", end="")
    assert count == 60, "nobody had what the other had"
    marks = read_marks(course, STAGE)
    assert {student: marks[student][OPEN].points for student in wanted} == {
        student: float(len(boxes)) for student, (_, boxes) in wanted.items()
    }
    journal = Journal(course, STAGE)
    journal.refresh()
    assert {entries[-1].by for entries in journal.history.values()} == {"anna", "ben"}
    assert len(journal.history) == 60
    standings = class_standings(course, STAGE)
    assert sum(one.waits for one in standings.values()) == 0, "what `return` and formgrader count"
    assert {student: one.by_hand for student, one in standings.items()} == {
        student: len(boxes) for student, (_, boxes) in wanted.items()
    }


@pytest.fixture(scope="module")
def class_of_five(tmp_path_factory) -> Path:
    texts = {f"p{number}": wish(number)[0] for number in (1, 2, 3)} | {"q1": wish(5)[0], "q2": wish(5)[0]}
    return course_with(tmp_path_factory.mktemp("course"), texts, (FIGURE,))


@pytest.fixture
def course(class_of_five, tmp_path) -> Path:
    return Path(shutil.copytree(class_of_five, tmp_path / "course"))


def test_one_of_two_who_mark_the_same_is_refused(browser, course):
    with served(course) as address, opened(browser, address) as anna, opened(browser, address, "ben") as ben:
        theirs = shown(ben)
        assert shown(anna) != theirs
        for _ in range(5):
            if moved(anna, "ArrowRight") == theirs:
                break
        expect(anna.locator("[data-is=remark]")).to_have_text("ben has this answer open, too.")
        anna.keyboard.press("1")
        anna.keyboard.press("c")
        anna.keyboard.type("So so.")
        moved(anna, "Enter")
        says(anna, "Saved")
        for key in "123":
            ben.keyboard.press(key)
        ben.keyboard.press("Enter")
        says(ben, "Not saved: anna gave 1 point and wrote “So so.” meanwhile.")
        expect(ben.locator("[data-is=former]")).to_contain_text("anna gave 1 point")
        expect(ben.locator("[data-is=points]")).to_have_text("3")
        assert shown(ben) == theirs
        points = {marks[OPEN].points for marks in read_marks(course, STAGE).values()}
        assert points == {None, 1.0}
        moved(ben, "Enter")  # knowing that, ben insists
        says(ben, "Saved, 3 points")
    assert {marks[OPEN].points for marks in read_marks(course, STAGE).values()} == {None, 3.0}


def test_keys_for_all_that_one_does(browser, course):
    with served(course) as address, opened(browser, address) as page:
        first = shown(page)
        page.keyboard.press("Enter")
        says(page, "press 0 if nothing was earned")
        page.keyboard.press("1")
        page.keyboard.press("1")
        page.keyboard.press("2")
        expect(page.locator("[data-is=points]")).to_have_text("1")
        page.keyboard.press("c")
        page.keyboard.type("Say why: 100 %.")
        moved(page, "Enter")
        says(page, "Saved")
        page.keyboard.press("0")
        page.keyboard.press("Alt+1")
        expect(page.get_by_label("Comment")).to_have_value("Say why: 100 %.")
        page.keyboard.press("Escape")
        assert moved(page, "u") == first
        expect(page.locator("[data-is=points]")).to_have_text("–")
        for _ in range(5):  # two answers are equal: they come together
            if page.locator("[data-is=others] input").count():
                break
            moved(page, "ArrowRight")
        box = page.get_by_role("checkbox", name="equal")
        expect(box).to_be_checked()
        page.keyboard.press("g")
        expect(box).not_to_be_checked()
        page.keyboard.press("g")
        page.keyboard.press("3")
        moved(page, "Enter")
        says(page, "Saved, 2 answers: 1 point.")
        expect(page.locator("[data-is=outputs] img")).to_have_count(1)
        expect(page.get_by_role("progressbar", name="Answers marked")).to_be_visible()
        assert page.get_by_role("group", name=f"{OPEN}, 3 points").get_by_role("checkbox").count() == 3
    marks = read_marks(course, STAGE)
    assert {student: marks[student][OPEN].points for student in marks if OPEN in marks[student]} == {
        "p1": None, "p2": None, "p3": None, "q1": 1.0, "q2": 1.0
    }  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_who_hears_or_hardly_sees_the_page_can_mark(browser, course, scheme):
    axe = Axe()
    for path in course.glob(f"autograded/*/{STAGE}/{STAGE}.ipynb"):
        path.write_text(path.read_text("utf-8").replace("Give ", f"{json.dumps(WIDE)[1:-1]}Give "), "utf-8")
    with served(course) as address, opened(browser, address) as page:
        assert page.locator("[data-is=text] pre").count() == page.locator("[data-is=text] table").count() == 1
        page.emulate_media(color_scheme=scheme)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        for width in (1200, 400):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            found = axe.run(page).response
            assert found["passes"]
            assert [(one["id"], one["impact"]) for one in found["violations"]] == []


def test_what_was_open_in_a_browser_that_is_closed_goes_to_others(browser, course):
    with served(course) as address, opened(browser, address) as anna:
        with opened(browser, address, "ben") as ben:
            theirs, held = shown(ben), set()
            for _ in range(4):
                anna.keyboard.press("1")
                held.add(moved(anna, "Enter"))
                if shown(anna) == "none":
                    break
            says(anna, "open at others")
            assert theirs not in held
        anna.wait_for_function("theirs => document.body.dataset.shown === theirs", arg=theirs)


def test_formgrader_and_an_answer_that_changed_are_shown(browser, course):
    mark(course, "p1", 2.5)
    with served(course) as address:
        with opened(browser, address) as page:
            expect(page.locator("[data-is=count]")).to_have_text("1 of 5 marked")
        hand_in(
            course, "p1", text="Something else altogether, which nobody has seen before: it is all about the noise."
        )
        grade(course)
        with opened(browser, address) as page:
            for _ in range(5):
                if page.locator("[data-is=former]").is_visible():
                    break
                moved(page, "ArrowRight")
            expect(page.locator("[data-is=former]")).to_contain_text(
                "The answer has changed since it was marked. Then formgrader gave 2.5 points."
            )
            expect(page.locator("[data-is=count]")).to_have_text("0 of 5 marked")


def test_hostile_answers_make_no_request_and_run_no_script(browser, tmp_path):
    course = course_with(tmp_path / "course", HOSTILE, SPYING)
    asked, complaints, unsaid, seen = [], [], [], set()
    with served(course) as address:
        context = browser.new_context()
        context.set_default_timeout(MINUTE)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.goto(address)
        page.wait_for_selector("body[data-shown]")
        page.evaluate(STOPWATCH)
        while shown(page) != "none":
            seen.add(shown(page))
            unsaid += unsaid_in(page.content())
            expect(page.get_by_role("button", name="Save, next")).to_be_visible()
            page.keyboard.press("1")
            page.keyboard.press("g")
            page.wait_for_selector("body[data-ahead]")
            moved(page, "Enter")
        page.wait_for_load_state("networkidle")
        assert page.title() == f"Marking {STAGE}"
        print(f"\nto the next hostile answer: at most {max(page.evaluate('took')):.0f} ms", end="")
        context.close()
    assert unsaid == []
    assert {url for url in asked if not url.startswith("data:image/png")} <= {
        address + name for name in ("", "page.css", "page.js", "code.css")
    } | {"data:,"}
    assert complaints == []
    assert len(seen) > 4
    assert {marks[OPEN].points for marks in read_marks(course, STAGE).values()} == {1.0}


def test_only_who_asks_this_machine_with_the_token_gets_an_answer(course):
    with served(course) as address:
        there = urlsplit(address)
        page = {"Host": there.netloc}
        upgrade = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "x" * 22,
        }
        ours = f"http://{there.netloc}"
        for path, headers, status in (
            (there.path, page, 200),
            (there.path, {"Host": "localhost:9000"}, 200),  # at the end of a tunnel
            (there.path, {"Host": "example.org"}, 403),
            (there.path, {"Host": f"127.0.0.1.example.org:{there.port}"}, 403),
            ("/", page, 404),
            ("/x/", page, 404),
            (there.path + "desk.py", page, 404),
            (there.path + "../page.js", page, 404),
            (there.path + "ws", page | upgrade | {"Origin": ours}, 101),
            (there.path + "ws", page | upgrade | {"Origin": "http://example.org"}, 403),
            (there.path + "ws", page | upgrade | {"Origin": f"http://127.0.0.1:{there.port + 1}"}, 403),
            ("/x/ws", page | upgrade | {"Origin": ours}, 404),
            (there.path + "ws", upgrade | {"Host": "example.org", "Origin": "http://example.org"}, 403),
        ):
            connection = HTTPConnection("127.0.0.1", there.port)
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            assert answer.status == status, (path, headers)
            if status != 101:
                assert answer.headers["Content-Security-Policy"] == POLICY
                assert answer.headers["Referrer-Policy"] == "no-referrer"
            connection.close()
        assert "script-src 'self';" in POLICY
        assert "unsafe-inline" not in POLICY.replace("style-src-attr 'unsafe-inline'", "")


def test_a_port_in_use_and_a_second_server_are_told_in_a_sentence(course, tmp_path):
    other = Path(shutil.copytree(course, tmp_path / "other"))
    with served(course) as address:
        port = urlsplit(address).port
        with pytest.raises(MarkError, match=f"Port {port} cannot be had: leave --port out"), served(other, port):
            pass
        with served(other) as elsewhere:
            assert urlsplit(elsewhere).port != port
        again = f"{STAGE} is being marked already, by a `gradus mark` at port {port}: open the address"
        with pytest.raises(MarkError, match=again), served(course):
            pass
