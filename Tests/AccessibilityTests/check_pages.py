"""Opens every page of a folder in headless Chromium and says what is wrong with it, one line each.

    check_pages.py FOLDER [SCREENSHOTS]

axe-core (WCAG 2.2 A and AA, and its own good practice) at the width of a phone and of a desk; no sideways scrolling at 320
CSS pixels, nor at 640, which is 1280 at a zoom of 200 per cent; on paper, A4. Needs the packages websocket-client and
axe-playwright-python (for the script of axe-core in it). The last line says how many pages were looked at, and how many rules were found kept.
"""
import base64, json, pathlib, re, shutil, subprocess, sys, tempfile, time
import importlib.util
import websocket

PLACE = importlib.util.find_spec("axe_playwright_python").submodule_search_locations[0]
AXE = pathlib.Path(PLACE, "axe.min.js").read_text(encoding="utf-8")
RUN = """axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then(r =>
  JSON.stringify({passes: r.passes.map(p => p.id), incomplete: r.incomplete.map(p => p.id),
                  violations: r.violations.map(v => v.id + ': ' + v.help + ' (' + v.nodes[0].html.slice(0, 80) + ')')}))"""
WIDE = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"


class Browser:
    def __init__(self):
        self.folder = tempfile.mkdtemp()
        program = shutil.which("chromium") or sys.exit("chromium is missing: scripts/install-dependencies.sh")
        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
             "--remote-debugging-port=0", "--remote-allow-origins=*", "--user-data-dir=" + self.folder, "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = pathlib.Path(self.folder, "DevToolsActivePort")
        end = time.monotonic() + 60
        while not (port.exists() and len(port.read_text().split()) == 2):
            if time.monotonic() > end or self.process.poll() is not None:
                sys.exit("chromium did not start")
            time.sleep(0.05)
        number, path = port.read_text().split()
        self.socket = websocket.create_connection(f"ws://127.0.0.1:{number}{path}", timeout=60)
        self.count, self.session = 0, None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")

    def call(self, method, **parameters):
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.socket.send(json.dumps(message))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.count:
                if "error" in answer:
                    sys.exit(f"{method}: {answer['error']}")
                return answer["result"]

    def open(self, path, width):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
        self.call("Page.navigate", url=path.as_uri())
        while json.loads(self.socket.recv()).get("method") != "Page.loadEventFired":
            pass

    def evaluate(self, text):
        result = self.call("Runtime.evaluate", expression=text, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            sys.exit(f"{text[:40]}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def picture(self, file):
        image = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(image["data"]))

    def end(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


def faults(browser, path, screenshots):
    found, passes = [], set()
    for width in (320, 1280):
        browser.open(path, width)
        browser.evaluate(AXE)
        result = json.loads(browser.evaluate(RUN))
        passes |= set(result["passes"])
        found += [f"{width}: {text}" for text in result["violations"]]
        # What axe leaves to a person would be left to nobody here.
        found += [f"{width}: undecided {text}" for text in result["incomplete"]]
        if screenshots:
            browser.picture(pathlib.Path(screenshots, f"{path.stem}-{width}.png"))
    for width in (320, 640):
        browser.open(path, width)
        if (wide := browser.evaluate(WIDE)) > 0:
            found.append(f"{width}: {wide} pixels to scroll sideways")
    paper = base64.b64decode(browser.call("Page.printToPDF", preferCSSPageSize=True)["data"])
    boxes = {tuple(round(float(n)) for n in box.split()) for box in re.findall(rb"/MediaBox \[([0-9. ]+)\]", paper)}
    if boxes != {(0, 0, 595, 842)}:
        found.append(f"paper: not A4 but {boxes}")
    return found, passes


def main():
    folder, screenshots = pathlib.Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None
    browser, kept, pages = Browser(), set(), sorted(folder.glob("*.html"))
    try:
        for path in pages:
            found, passes = faults(browser, path.resolve(), screenshots)
            kept |= passes
            for text in found:
                print(f"{path.name} {text}")
    finally:
        browser.end()
    print(f"{len(pages)} pages, rules kept: {' '.join(sorted(kept))}")


main()
