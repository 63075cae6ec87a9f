"""What the API says of itself to our own processes, and that the page is the page to everybody else."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from dragoman import __version__
from dragoman.observe.metrics import Metrics
from dragoman.services.service_face import ServiceFace

TOKEN = "-".join(["only", "for", "these", "tests"])
OURS = {"Authorization": f"Bearer {TOKEN}"}


def served(scheme: str = "http") -> TestClient:
    def page(_: Request) -> Response:
        return PlainTextResponse("the page")

    app = Starlette(routes=[Route("/", page), Route("/health/live", page)])
    face = ServiceFace(app, name="api", endpoints=["/", "/health/live"], token=TOKEN, metrics=Metrics())
    return TestClient(face, base_url=f"{scheme}://127.0.0.1:8000")


def test_who_has_the_token_is_told_name_version_endpoints_and_metrics() -> None:
    client = served()

    assert client.get("/", headers=OURS).json() == {
        "name": "api",
        "version": __version__,
        "endpoints": ["/", "/health/live", "/metrics"],
    }
    assert "# HELP dragoman_" in client.get("/metrics", headers=OURS).text


def test_everybody_else_gets_the_page_and_no_metrics() -> None:
    client = served()

    for headers in ({}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": TOKEN}):
        assert client.get("/", headers=headers).text == "the page"
        assert client.get("/metrics", headers=headers).status_code == 401
    assert client.get("/health/live").text == "the page"


def test_nothing_is_told_over_the_door_for_other_machines() -> None:
    client = served("https")

    assert client.get("/", headers=OURS).text == "the page"
    assert client.get("/metrics", headers=OURS).status_code == 404


def test_only_asking_is_answered() -> None:
    assert served().post("/", headers=OURS).status_code == 405
