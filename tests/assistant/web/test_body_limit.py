import anyio
import pytest
from api_fakes import FakeAssistant, client_of
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from assistant.web.api import create_app
from assistant.web.api_models import LONGEST_BODY
from assistant.web.body_limit import BodyLimit
from assistant.web.service import Backend, Service


@pytest.fixture
def client() -> TestClient:
    assistant = FakeAssistant()
    return client_of(create_app(Service(Backend(lambda: assistant))))


@pytest.mark.parametrize("declared", [True, False])
def test_a_large_body_is_refused_whether_declared_or_not(client: TestClient, declared: bool) -> None:
    body = b'{"question": "' + b"x" * LONGEST_BODY + b'"}'
    content = body if declared else iter([body[:5000], body[5000:]])
    response = client.post("/api/ask", content=content, headers={"Content-Type": "application/json"})

    assert response.status_code == 413
    assert response.json() == {"error": "too_large", "message": "请求太大，请缩短内容后再试。"}


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/api/x", 10, 200),
        ("/api/x", 11, 413),
        ("/mcp", 11, 413),
        ("/page", 99, 200),
        ("/page", 100, 413),
        ("/staff/gradio_api/queue/join", 100, 413),
        ("/knowledge/gradio_api/upload", 999, 200),
    ],
)
@pytest.mark.parametrize("declared", [True, False])
def test_exactly_the_limit_passes_whole_and_uploads_are_left_alone(
    path: str, size: int, status: int, declared: bool
) -> None:
    app = FastAPI()

    @app.post("/{rest:path}")
    async def length(request: Request) -> int:
        return len(await request.body())

    app.add_middleware(BodyLimit, limit=10, page_limit=99)
    body = b"x" * size
    response = TestClient(app).post(path, content=body if declared else iter([body[:4], body[4:]]))

    assert response.status_code == status
    assert status == 413 or response.json() == size


@pytest.mark.parametrize(("size", "taken"), [(3 * 2**20, 3 * 2**20), (50 * 2**20, 0)])
def test_what_is_still_being_sent_is_taken_in_within_reason(size: int, taken: int) -> None:
    left, sent = size, []

    async def receive() -> dict[str, object]:
        nonlocal left
        left -= 2**16
        return {"type": "http.request", "body": b"x" * 2**16, "more_body": left > 0}

    async def send(message: object) -> None:
        sent.append(message)

    headers = [(b"content-length", str(size).encode())]
    scope = {"type": "http", "method": "POST", "path": "/api/ask", "headers": headers}
    anyio.run(BodyLimit(FastAPI(), limit=10, page_limit=99), scope, receive, send)

    assert sent[0]["status"] == 413
    assert size - left == taken
