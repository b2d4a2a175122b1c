"""A headless Chromium, driven by the DevTools protocol over two pipes: nothing to install besides the browser."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


class Failed(Exception):
    """Something on the page is not as it should be."""


class Browser:
    """One page of one browser. Console errors, exceptions and requests are collected in `errors` and `requests`."""

    def __init__(self, width=1280, height=900):
        name = next((found for found in map(shutil.which, NAMES) if found), None)
        if name is None:
            raise Failed(f"no browser found: install one of {', '.join(NAMES)}")
        self.errors, self.requests, self.events = [], [], []
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_browser, self.out = os.pipe()
        self.into, from_browser = os.pipe()
        command = [
            name, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--disable-extensions",
            f"--user-data-dir={self.profile.name}", f"--window-size={width},{height}", "about:blank",
        ]
        # The protocol wants to read at 3 and write at 4.
        def pipes():
            reading, writing = os.dup(to_browser), os.dup(from_browser)
            os.dup2(reading, 3)
            os.dup2(writing, 4)
        self.process = subprocess.Popen(
            command, preexec_fn=pipes, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(to_browser)
        os.close(from_browser)
        self.buffer, self.last = b"", 0
        self.session = None
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.size(width, height)

    def call(self, method, timeout=120, **params):
        """Sends a command and returns its result."""
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.out, data):]
        deadline = time.monotonic() + timeout
        while True:
            answer = self.receive(deadline)
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise Failed(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def receive(self, deadline):
        """The next message; those that report something wrong are kept."""
        while b"\0" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.into], [], [], left)[0]:
                raise Failed("the browser does not answer")
            chunk = os.read(self.into, 1 << 20)
            if not chunk:
                raise Failed("the browser has ended")
            self.buffer += chunk
        line, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(line)
        params = message.get("params", {})
        match message.get("method"):
            case "Runtime.exceptionThrown":
                details = params["exceptionDetails"]
                self.errors.append(details.get("exception", {}).get("description") or details["text"])
            case "Runtime.consoleAPICalled" if params["type"] in ("error", "warning", "assert"):
                self.errors.append(" ".join(str(arg.get("value", arg.get("description"))) for arg in params["args"]))
            case "Log.entryAdded" if params["entry"]["level"] in ("error", "warning"):
                self.errors.append(params["entry"]["text"])
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])
            case "Page.loadEventFired":
                self.events.append("load")
        return message

    def open(self, url):
        """Loads a page and waits until it says that it is ready; returns the seconds that took."""
        self.events.clear()
        start = time.monotonic()
        self.call("Page.navigate", url=url)
        while "load" not in self.events:
            self.receive(time.monotonic() + 120)
        while self.js("document.documentElement.dataset.ready") != "yes":
            if self.errors or time.monotonic() - start > 120:
                raise Failed(f"the page never became ready: {self.errors}")
            time.sleep(0.02)
        return time.monotonic() - start

    def js(self, expression):
        """The value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise Failed(f"{expression}: {answer['exceptionDetails']['exception'].get('description')}")
        return answer["result"].get("value")

    def wait(self, expression, what, seconds=10):
        """Waits until an expression holds."""
        deadline = time.monotonic() + seconds
        while not self.js(f"Boolean({expression})"):
            if time.monotonic() > deadline:
                raise Failed(f"never: {what}")
            time.sleep(0.03)

    def key(self, key, text=""):
        """Presses and releases a key, by its DOM name."""
        codes = {"Enter": 13, "Tab": 9, "Escape": 27, "Backspace": 8, "ArrowUp": 38, "ArrowDown": 40,
                 "ArrowLeft": 37, "ArrowRight": 39, "Home": 36, "End": 35, "/": 191, " ": 32}
        text = {"Enter": "\r", "/": "/", " ": " "}.get(key, text)
        base = {"key": key, "code": "Slash" if key == "/" else key, "windowsVirtualKeyCode": codes.get(key, 0)}
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **base)
        self.call("Input.dispatchKeyEvent", type="keyUp", **base)

    def type(self, text):
        """Types into what has the focus."""
        self.call("Input.insertText", text=text)

    def size(self, width, height):
        """Sets the size of the window's content."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def theme(self, name):
        """What the system prefers: light or dark."""
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": name}, {"name": "prefers-reduced-motion", "value": "reduce"},
        ])

    def screenshot(self, path, selector=None):
        """A picture of the window, or of what a selector finds."""
        options = {"format": "png", "captureBeyondViewport": bool(selector)}
        if selector:
            box = self.js(
                f"(() => {{ const r = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
                " return [r.x + scrollX, r.y + scrollY, r.width, r.height] })()"
            )
            options["clip"] = dict(zip(("x", "y", "width", "height"), box), scale=1)
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", **options)["data"]))

    def pdf(self):
        """The page as it prints."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"])

    def close(self):
        """Ends the browser."""
        try:
            self.session = None
            self.call("Browser.close", timeout=10)
        except (Failed, OSError):
            self.process.kill()
        self.process.wait()
        os.close(self.out)
        os.close(self.into)
        self.profile.cleanup()
