"""What a hub says, and where it may send us."""

import httpx2
import pytest

from dragoman.ground.errors import DownloadFailed
from dragoman.models.hub import HubClient, read_listing
from dragoman.models.web import redirect_target


@pytest.mark.parametrize(
    ("url", "location", "target"),
    [
        ("https://hub.example/a/b", "https://cdn.example/x", "https://cdn.example/x"),
        ("https://hub.example/a/b", "/c?d=1", "https://hub.example/c?d=1"),
        ("http://hub.example/a", "https://cdn.example/x", "https://cdn.example/x"),
        ("http://hub.example/a", "http://cdn.example/x", "http://cdn.example/x"),
    ],
)
def test_redirects_are_followed_over_http_and_https(url: str, location: str, target: str) -> None:
    assert str(redirect_target(httpx2.URL(url), location)) == target


@pytest.mark.parametrize(
    "location", ["http://cdn.example/x", "file:///etc/passwd", "ftp://cdn.example/x", "", "data:,x"]
)
def test_redirects_from_https_to_anything_weaker_are_refused(location: str) -> None:
    url = httpx2.URL("https://hub.example/a")

    with pytest.raises(DownloadFailed, match="redirects"):
        redirect_target(url, location)


@pytest.mark.parametrize("endpoint", ["file:///srv/models", "hub.example", "", "ftp://hub.example"])
def test_a_hub_has_a_web_address(endpoint: str) -> None:
    with pytest.raises(DownloadFailed, match="http"):
        HubClient(endpoint)


def test_a_listing_gives_sha256_for_large_files_and_git_sha1_for_small_ones() -> None:
    answer = {
        "sha": "c" * 40,
        "siblings": [
            {"rfilename": "model.bin", "size": 9, "blobId": "0" * 40, "lfs": {"sha256": "A" * 64, "size": 9}},
            {"rfilename": "config.json", "size": 2, "blobId": "b" * 40},
            {"rfilename": "README.md", "size": 2, "blobId": "b" * 40, "lfs": None},
        ],
    }

    listing = read_listing(answer, what="us/tiny")

    assert listing.revision == "c" * 40
    assert (listing.files["model.bin"].sha256, listing.files["model.bin"].git_sha1) == ("a" * 64, "")
    assert (listing.files["config.json"].sha256, listing.files["config.json"].git_sha1) == ("", "b" * 40)


@pytest.mark.parametrize("answer", [None, [], {}, {"sha": 1, "siblings": []}, {"sha": "c" * 40, "siblings": [{}]}])
def test_an_answer_that_is_no_listing_is_refused(answer: object) -> None:
    with pytest.raises(DownloadFailed, match="us/tiny"):
        read_listing(answer, what="us/tiny")
