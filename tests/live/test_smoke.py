"""The embedded model really extracts: its file, its server, the grammar, the kept prompt, the cache."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from platformdirs import user_cache_dir

from extractor.settings import APPLICATION

ARTICLE = """---
published: 2026-03-11
---
Velorian forces lost 310 soldiers and 14 armored vehicles over the past day, Ostrava's military said on Wednesday.

Veloria's Defense Ministry claimed that at least 23 drones were shot down near Halm overnight.

It was not possible to independently verify either count.

Flood water drowned 40 cattle on a farm below the dam.
"""
"""The last figure is the outlet's own, so the model is asked about it."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder of its own that shares only the downloaded model."""
    found = tmp_path_factory.mktemp("cache")
    (found / "models").symlink_to(Path(user_cache_dir(APPLICATION)) / "models")
    return found


def run(folder: Path, article: Path) -> tuple[dict, float]:
    began = time.monotonic()
    command = [sys.executable, "-m", "extractor", "extract", str(article), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "EXTRACTOR_CACHE_DIR": str(folder)}, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout), time.monotonic() - began


def test_an_article_is_extracted_and_the_second_time_is_free(folder, tmp_path):
    article = tmp_path / "article.txt"
    article.write_text(ARTICLE)
    found, seconds = run(folder, article)
    assert found["usage"]["requests"] == 1
    said = {c["quantity"]["value"]: c["attribution"]["sources"] for c in found["claims"] if c["quantity"]}
    figures = {(value, sources[0]["text"] if sources else None) for value, sources in said.items()}
    assert figures == {(40, None), (310, "Ostrava's military"), (14, "Ostrava's military"), (23, "Veloria's Defense Ministry")}
    told = [c for c in found["claims"] if c["quantity"] and c["attribution"]["sources"]]
    assert all(c["verification"]["status"] == "not_verified" for c in told)
    assert all(
        ARTICLE[s["start"] : s["end"]] == s["text"] for c in found["claims"] for s in (*c["evidence"], c["outcome"], c["quantity"]) if s
    )
    assert found["provenance"]["endpoint"].startswith("sha256:cc324af0")
    (folder / "models").rename(folder / "models-away")  # a second run must not even look for the model
    again, cached = run(folder, article)
    (folder / "models-away").rename(folder / "models")
    assert again["usage"]["requests"] == 0
    assert [c["id"] for c in again["claims"]] == [c["id"] for c in found["claims"]]
    print(f"\nfirst run {seconds:.1f} s, {found['usage']}; cached run {cached:.2f} s")


def test_a_kept_prompt_is_used_again(folder, tmp_path):
    states = sorted((folder / "slots").glob("*.bin"))
    assert len(states) == 1
    article = tmp_path / "other.txt"
    article.write_text("Ferries took 120 villagers across the river.\n")
    found, _ = run(folder, article)
    assert found["usage"]["cached_input_tokens"] > 350
    states[0].write_bytes(b"damaged")
    article.write_text("Mud buried 15 trucks on the road to the pass.\n")
    found, _ = run(folder, article)
    assert found["usage"]["cached_input_tokens"] > 350
