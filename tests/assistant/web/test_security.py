import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, StreamingResponse
from fastapi.testclient import TestClient

from assistant.web.security import SecurityHeaders, page_policy


def app_of(**options: object) -> TestClient:
    app = FastAPI(docs_url=None, redoc_url=None)

    @app.get("/")
    def page() -> HTMLResponse:
        return HTMLResponse("<p>好</p>")

    @app.get("/own")
    def own() -> HTMLResponse:
        return HTMLResponse("", headers={"Referrer-Policy": "no-referrer"})

    @app.get("/stream")
    def stream() -> StreamingResponse:
        return StreamingResponse(iter([b"a", b"b"]))

    app.add_middleware(SecurityHeaders, **options)
    return TestClient(app)


def test_pages_may_load_from_their_own_origin_only() -> None:
    headers = app_of().get("/").headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))

    assert policy["default-src"] == policy["connect-src"] == policy["frame-ancestors"] == "'self'"
    assert policy["object-src"] == policy["script-src-attr"] == "'none'"
    assert not any("http" in sources or "*" in sources for sources in policy.values())
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "same-origin")
    assert headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize(
    ("ancestors", "policy", "older"),
    [((), "frame-ancestors 'none'", "DENY"), (("'self'", "https://a.example"), "'self' https://a.example", None)],
)
def test_who_may_embed_is_a_setting(ancestors: tuple[str, ...], policy: str, older: str | None) -> None:
    headers = app_of(frame_ancestors=ancestors).get("/").headers

    assert headers["Content-Security-Policy"].endswith(policy)
    assert headers.get("X-Frame-Options") == older
    assert page_policy(ancestors).endswith(policy)


def test_what_a_response_sets_itself_stays_and_streams_pass() -> None:
    client = app_of()

    assert client.get("/own").headers["Referrer-Policy"] == "no-referrer"
    assert client.get("/stream").text == "ab"


def test_errors_have_the_headers_too() -> None:
    assert app_of().get("/nothing").headers["X-Content-Type-Options"] == "nosniff"


def test_only_the_chat_page_is_shown_by_other_sites() -> None:
    client = app_of(frame_ancestors=("'self'", "https://a.example"))
    for path in ("/own", "/staff/", "/login"):
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")
        assert headers["X-Frame-Options"] == "SAMEORIGIN"
