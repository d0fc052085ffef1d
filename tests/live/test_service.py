"""The service really extracts with the embedded model, and says what the command line says."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from platformdirs import user_cache_dir

from extractor.settings import APPLICATION

ARTICLE = """---
published: 2026-03-11
---
Ostrava's military said on Wednesday that Velorian forces lost 310 soldiers.

Heavy snow crushed 25 greenhouses in the upper valley.
"""
"""The second figure is the outlet's own, so the model is asked about it."""
_LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Folders of its own that share only the downloaded model."""
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "models").symlink_to(Path(user_cache_dir(APPLICATION)) / "models")
    own = {"EXTRACTOR_CACHE_DIR": str(tmp_path / "cache"), "EXTRACTOR_SERVICE_FOLDER": str(tmp_path / "service"), "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **own}


def test_an_article_and_a_job_are_extracted_over_http(environment, tmp_path):
    command = [sys.executable, "-m", "extractor", "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            url = re.search(r"http://\S+?(?=,)", server.stderr.readline())[0]
            _until(lambda: _get(f"{url}/readyz") is not None)
            found = _post(f"{url}/v1/extract", {"text": ARTICLE})
            job = _post(f"{url}/v1/jobs", {"articles": [{"text": ARTICLE}]})
            _until(lambda: _get(f"{url}/v1/jobs/{job['id']}")["state"] == "done")
            line = _get(f"{url}/v1/jobs/{job['id']}/results")
        finally:
            server.send_signal(signal.SIGTERM)
            server.stderr.read()
    assert server.returncode == 0
    assert found["usage"]["requests"] == 1
    assert {claim["quantity"]["value"] for claim in found["claims"]} == {310, 25}
    assert all(ARTICLE[s["start"] : s["end"]] == s["text"] for claim in found["claims"] for s in (*claim["evidence"], claim["quantity"]))
    assert [claim["id"] for claim in line["extraction"]["claims"]] == [claim["id"] for claim in found["claims"]]
    assert line["extraction"]["usage"]["requests"] == 0
    article = tmp_path / "article.txt"
    article.write_text(ARTICLE)
    said = [sys.executable, "-m", "extractor", "extract", str(article), "--format", "json"]
    alone = json.loads(subprocess.run(said, env=environment, capture_output=True, check=True).stdout)
    assert [claim["id"] for claim in alone["claims"]] == [claim["id"] for claim in found["claims"]]
    assert alone["usage"]["requests"] == 0


def _until(done) -> None:
    ends = time.monotonic() + 180
    while not done():
        assert time.monotonic() < ends, "it was not so within three minutes"
        time.sleep(0.2)


def _get(address: str):
    try:
        return json.load(_LOCAL.open(address, timeout=60))
    except urllib.error.HTTPError as error:
        if error.code != 503:
            raise
        return None


def _post(address: str, body: dict):
    request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
    return json.load(_LOCAL.open(request, timeout=180))
