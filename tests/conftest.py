"""Shared fixtures. Nothing here reaches the network; a provider is scripted, a local server of ours, or a cassette."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

from extractor import Document, settings
from extractor.settings import Settings

ROOT = Path(__file__).parent.parent
ARTICLE = ROOT / "examples" / "dispatch.txt"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--live", action="store_true", help="Ask the embedded model: run tests/live, or record cassettes.")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the tests of the live model to those who ask for them."""
    return True if collection_path.name == "live" and not config.getoption("--live") else None


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the user's settings or writes into the user's folders."""
    for name in list(os.environ):
        if name.startswith("EXTRACTOR_") or name == "OPENAI_API_KEY":
            monkeypatch.delenv(name)
    monkeypatch.setenv("EXTRACTOR_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def known_settings(tmp_path: Path) -> Settings:
    return settings.load(cache_dir=tmp_path / "cache")


@pytest.fixture
def article() -> Document:
    from extractor.readers.text import read

    return read(str(ARTICLE))


@pytest.fixture(scope="session")
def vcr_config() -> dict[str, object]:
    """Match on the body, so that a changed prompt misses; keep nothing that tells who recorded, or when."""
    return {
        "match_on": ["method", "path", "body"],
        "filter_headers": ["authorization", "openai-organization", "openai-project", "cookie", "user-agent", "host"],
        "before_record_request": _scrub_request,
        "before_record_response": _scrub_response,
        "decode_compressed_response": True,
    }


@pytest.fixture(scope="module")
def vcr_cassette_dir(request: pytest.FixtureRequest) -> str:
    return str(ROOT / "cassettes" / request.module.__name__.rpartition(".")[2])


def _scrub_request(request):
    request.uri = "http://127.0.0.1" + request.path
    request.headers = {name: value for name, value in request.headers.items() if not name.lower().startswith("x-stainless")}
    return request


def _scrub_response(response):
    kept = ("content-type", "retry-after")
    response["headers"] = {name: value for name, value in response["headers"].items() if name.lower() in kept}
    return response


hypothesis.settings.register_profile("repeatable", derandomize=True, max_examples=200, deadline=None)
hypothesis.settings.register_profile("searching", max_examples=5_000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
