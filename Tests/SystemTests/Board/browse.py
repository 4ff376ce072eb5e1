"""Goes through the board in headless Chromium: by keyboard alone at a desk, and on a phone; each page is checked by axe-core.

    browse.py ORIGIN LINK LINK REFERENCE OTHER_AUTHORITY OTHER_REFERENCE FOLDER

Ends with 0 where all holds; FOLDER gets the screenshots.
"""
import pathlib
import shutil
import sys
from urllib.parse import quote, unquote

import axe_core_python
from playwright.sync_api import sync_playwright

origin, desk_link, phone_link, reference, other_authority, other_reference, folder = sys.argv[1:]
home = f"{origin}/authorities/E06000030"
name = "Zebedee Quill"
axe = (pathlib.Path(axe_core_python.__file__).parent / "axe.min.js").read_text()
pages = ["", "/overdue", "/due", "/escalations", "/lists", "/timeliness", "/quorum", "/postponements", f"/case?reference={quote(reference)}"]


def heading(page):
    return page.locator("h1").inner_text()


def check(page, shot=None):
    """What holds for every page: accessible, in GOV.UK's markup, without script, and without a name."""
    html = page.content()
    assert "<script" not in html and name not in html, page.url
    bare = page.evaluate("""[...document.querySelectorAll(`html, body, header, footer, main, h1, h2, main p, table, caption, thead, tbody,
        tr, th, td, button, label, select, input, details, summary, main ul, main ol, main nav`)]
        .filter(e => ![...e.classList].some(c => c.startsWith("govuk-"))).map(e => e.outerHTML.slice(0, 80))""")
    assert not bare, f"{page.url}: {bare}"
    page.evaluate(axe)
    found = page.evaluate("async () => (await axe.run()).violations.map(v => v.id + ': ' + v.nodes.map(n => n.target).join(' '))")
    assert not found, f"{page.url}: {found}"
    if shot:
        page.screenshot(path=f"{folder}/{shot}.png", full_page=True)


def tab_to(page, text):
    """Presses Tab until what has the focus says the text; the focus must be seen."""
    for _ in range(200):
        page.keyboard.press("Tab")
        here = page.evaluate("(document.activeElement.id || document.activeElement.textContent || '').trim()")
        if here.startswith(text):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"no one sees that {text} has the focus"
            return
    raise AssertionError(f"{text} cannot be reached by keyboard on {page.url}")


def follow(page, text):
    tab_to(page, text)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def escalations(page):
    """Two ladders of January: of C-LATE the first rung was taken up, so that the second was not reached; of C-HELD nobody has.
    Scheduling raises others, by today's date."""
    def told():
        rows = [row.locator("td").all_inner_texts() for row in page.locator("tbody tr").all()]
        return [[row[0], row[1], row[4], row[6], row[7]] for row in rows if row[0].endswith("January 2026")]

    late = ["14 January 2026", "2", "C-LATE", "not reached", "Taken up by TM-1 on 6 January 2026"]
    first = ["13 January 2026", "1", "C-LATE", "1 person", "Taken up by TM-1 on 6 January 2026"]
    held = ["13 January 2026", "1", "C-HELD", "1 person", "Not taken up"]
    follow(page, "Escalations")
    assert sorted(told()) == sorted([late, first, held]), told()
    tab_to(page, "state")
    page.keyboard.type("Not taken")
    follow(page, "Show")
    assert "state=open" in page.url and told() == [held], (page.url, told())
    page.goto(f"{home}/escalations?state=all&rung=2")
    assert told() == [late], told()
    page.goto(f"{home}/escalations?state=answered")
    assert told() == []


def at_a_desk(browser, asked):
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(desk_link)
    assert heading(page) == "Overview", heading(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.reload()
    follow(page, "Overdue")
    assert heading(page) == "Overdue"
    follow(page, reference)
    assert heading(page) == f"Case {reference}"
    tab_to(page, "Why this date: Initial conference due, 30 December 2025")
    page.keyboard.press("Enter")
    reason = page.locator("details[open] p").first.inner_text()
    assert reason == (
        "15 working days from the strategy discussion (held) on 5 December 2025, that day itself not counted. "
        "Stepped over: 25 December 2025, 26 December 2025 (bank holidays)."), reason
    page.goto(f"{home}/overdue?team=T-1")
    assert {row.inner_text() for row in page.locator("tbody a").all()} == {reference}
    page.goto(f"{home}/overdue?team=T-2")
    assert "Nothing to list." in page.content()
    follow(page, "Timeliness")
    tab_to(page, "kind")
    page.keyboard.type("Initial")
    follow(page, "Show")
    assert "kind=initial_conference" in page.url, page.url
    shares = [row.split("\t")[1] for row in page.locator("tbody tr").all_inner_texts()]
    judged = [share for share in reversed(shares) if share != "none judged"]
    bars = page.locator("svg .figure").all_text_contents()
    assert "50" in bars and [f"{float(share):.0f}" for share in judged] == bars, (judged, bars)
    escalations(page)
    follow(page, "Lists")
    follow(page, "Weekly")
    assert heading(page).startswith("Weekly, week of"), heading(page)
    check(page, "desk-list")
    for path in pages:
        page.goto(home + path)
        check(page, f"desk-{heading(page).split()[0].lower()}")
    for path in [f"/authorities/{other_authority}", f"/authorities/{other_authority}/case?reference={other_reference}"]:
        assert page.goto(origin + path).status == 404, path
    said = set()
    for strange in [other_reference, "none-such"]:
        assert page.goto(f"{home}/case?reference={strange}").status == 404
        said.add(page.content())
    assert len(said) == 1, "what another authority has can be told from what nobody has"
    # What is typed into the search is in no address, nor on the page that has not found it.
    for typed in [name, other_reference]:
        page.goto(home)
        tab_to(page, "reference")
        page.keyboard.type(typed)
        follow(page, "Find")
        assert page.url == home + "/find" and heading(page) == "Page not found", page.url
        assert typed not in page.content()
        check(page)
    page.goto(home)
    tab_to(page, "reference")
    page.keyboard.type(reference)
    follow(page, "Find")
    assert heading(page) == f"Case {reference}", heading(page)
    page.goto(home)
    follow(page, "Sign out")
    assert heading(page) == "Sign in"
    check(page)
    page.goto(home)
    assert heading(page) == "Sign in"


def on_a_phone(browser, asked):
    context = browser.new_context(viewport={"width": 360, "height": 800}, device_scale_factor=2, has_touch=True)
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(phone_link)
    for path in pages:
        page.goto(home + path)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 360, f"{page.url} is {width} wide"
        hidden = page.evaluate("""[...document.querySelectorAll("table.cards")].map(t => t.parentNode)
            .filter(b => b.scrollWidth > b.clientWidth).map(b => b.getAttribute("aria-label"))""")
        assert not hidden, f"{page.url}: a part of {hidden} has to be scrolled to"
        newest = page.locator(".chart .month").last
        if newest.count():
            box = newest.bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= 360, f"{page.url}: the newest month has to be scrolled to: {box}"
        check(page, f"phone-{heading(page).split()[0].lower()}")
    page.goto(f"{home}/lists")
    with page.expect_navigation():
        page.get_by_role("link", name="Weekly").first.click()
    check(page, "phone-list")
    assert page.locator(".scroll").first.evaluate("b => b.scrollWidth <= b.clientWidth"), "a part of a list has to be scrolled to"


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    asked = []
    at_a_desk(browser, asked)
    on_a_phone(browser, asked)
    browser.close()
for url in asked:
    assert url.startswith(origin), url
    assert not any(part in unquote(url) for part in name.split()), url
