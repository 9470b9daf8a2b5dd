from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = Path("/usr/bin/chromium")
SCREENSHOTS = Path(__file__).parents[2] / "artifacts" / "screenshots"
_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell of a failure what its pages last asked for and complained of: what was lost on the way does not come twice."""
    report = yield
    people = getattr(item, "funcargs", {}).get("visitors")
    if report.failed and people is not None:
        report.sections.append(("the browser's last traffic", "\n".join(people.traffic)))
    return report


@dataclass(frozen=True)
class Site:
    """A running server."""

    url: str
    store: Path

    def history(self) -> dict[str, Any]:
        """What the fake history was given so far."""
        kept: dict[str, Any] = json.loads(self._get("/test/history"))
        return kept

    @contextmanager
    def broken(self) -> Iterator[None]:
        """Without an index while the block lasts."""
        self._get("/test/broken/true")
        yield
        self._get("/test/broken/false")

    @contextmanager
    def held(self) -> Iterator[None]:
        """No question is answered while the block lasts."""
        self._get("/test/held/true")
        yield
        self._get("/test/held/false")

    def _get(self, path: str) -> bytes:
        with urlopen(self.url + path, timeout=10) as reply:  # noqa: S310 - our own server
            content: bytes = reply.read()
            return content


@contextmanager
def running(*command: str) -> Iterator[str]:
    """Run a server of ours that prints a line ending in its port; give its address."""
    here = Path(__file__).parent
    paths = os.pathsep.join((str(here.parents[1]), str(here)))
    environment = {**os.environ, "PYTHONPATH": paths, "HF_HUB_OFFLINE": "1"}
    program = [sys.executable, *command]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=environment) as process:  # noqa: S603 - ours
        assert process.stdout is not None
        try:
            lines = (re.search(r"(\d+)/?$", line.strip()) for line in process.stdout)
            port = next((found.group(1) for found in lines if found), "")
            assert port, "the server did not start"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[int]:
    """Port of another site: any address there is a page with the widget of the site that ``?from=`` names."""

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            # Its own policy forbids what a careless widget would do: inline styles and scripts.
            home = parse_qs(urlsplit(self.path).query).get("from", [""])[0]
            self.send_header("Content-Security-Policy", f"default-src 'none'; script-src {home}; frame-src {home}")
            self.end_headers()
            self.wfile.write(f'<h1>帮助中心</h1><script src="{home}/widget.js" defer></script>'.encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, elsewhere: int) -> Iterator[Site]:
    store, embedder = tmp_path_factory.mktemp("store"), f"http://127.0.0.1:{elsewhere}"
    with running(str(Path(__file__).parent / "site_process.py"), str(store), embedder) as url:
        yield Site(url, store)


def hostile_site(store: Path) -> Iterator[Site]:
    """The site over a knowledge base made of attacks."""
    with running(str(Path(__file__).parent / "hostile_process.py"), str(store)) as url:
        yield Site(url, store)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        missing = f"没有 {CHROMIUM}，请 apt-get install chromium fonts-noto-cjk"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Visitors:
    """Opens the site as people who have nothing in common; notes every address that any of them asks for.

    The first in a test who needs nothing special gets ``warm``, a context whose cache has the page's scripts already;
    what an earlier test kept in it is cleared.
    """

    browser: Browser
    warm: BrowserContext
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    traffic: deque[str] = field(default_factory=lambda: deque(maxlen=80))

    def context(self, **options: Any) -> BrowserContext:
        context = self.browser.new_context(**{**_VISITOR, **options})
        context.set_default_timeout(30_000)
        context.on(
            "request", lambda request: self._tell(">", f"{request.method} {request.url} {_short(request.post_data)}")
        )
        context.on("response", lambda response: self._tell("<", f"{response.status} {response.url}"))
        context.on("requestfailed", lambda request: self._tell("x", f"{request.failure} {request.url}"))
        context.on("console", lambda message: self._tell("console", message.text))
        context.on("weberror", lambda problem: self._tell("error", str(problem.error)))
        self.contexts.append(context)
        return context

    def open(self, url: str, **options: Any) -> Page:
        page = self.context(**options).new_page() if options or self.pages else self._warm_page(url)
        self.pages.append(page)
        page.on("request", lambda request: self._note(request.url))
        page.on("console", lambda message: message.type == "error" and self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(url)
        return page

    def close(self) -> None:
        for page in self.pages:
            page.close()
        for context in self.contexts:
            context.close()

    def _warm_page(self, url: str) -> Page:
        page = self.warm.new_page()
        self.warm.clear_cookies()
        storage = {"origin": "{0.scheme}://{0.netloc}".format(urlsplit(url)), "storageTypes": "local_storage"}
        self.warm.new_cdp_session(page).send("Storage.clearDataForOrigin", storage)
        return page

    def _tell(self, kind: str, what: str) -> None:
        if "/assets/" not in what:
            self.traffic.append(f"{time.time():.3f} {kind} {what}")

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob"):
            self.hosts.add(parts.hostname or "")


def _short(sent: str | None) -> str:
    return (sent or "")[:160]


_VISITOR: Any = {"locale": "en-US", "viewport": {"width": 1200, "height": 800}}


@pytest.fixture(scope="session")
def warm(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(**_VISITOR)
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture
def visitors(chromium: Browser, warm: BrowserContext) -> Iterator[Visitors]:
    people = Visitors(chromium, warm)
    yield people
    people.close()
    assert people.hosts <= {"127.0.0.1", "localhost"}, "a page asked another machine"


@pytest.fixture
def shot() -> Any:
    """Keep a screenshot under artifacts/."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return lambda page, name: page.screenshot(path=SCREENSHOTS / f"{name}.png")
