"""An assistant really has an article read by the embedded model, over the pipe that it speaks through."""

import json
import os
import sys
from pathlib import Path

import anyio
import pytest
from mcp import StdioServerParameters
from mcp.client.client import Client
from platformdirs import user_cache_dir

from extractor.claims import Statement
from extractor.service.mcp import TOOL
from extractor.settings import APPLICATION

ARTICLE = """---
published: 2026-03-11
---
Ostrava's military said on Wednesday that Velorian forces lost 310 soldiers.

A landslide buried 35 sheds in the lower valley.
"""
"""The second figure is the outlet's own, so the model is asked about it."""


@pytest.mark.anyio
async def test_an_assistant_gets_what_the_command_line_says(tmp_path):
    cache, article = tmp_path / "cache", tmp_path / "article.txt"
    cache.mkdir()
    (cache / "models").symlink_to(Path(user_cache_dir(APPLICATION)) / "models")
    environment = {**os.environ, "EXTRACTOR_CACHE_DIR": str(cache)}
    server = StdioServerParameters(command=sys.executable, args=["-m", "extractor", "mcp"], env=environment)
    async with Client(server) as client:
        tools = (await client.list_tools()).tools
        result = await client.call_tool(TOOL, {"text": ARTICLE})
    assert [tool.name for tool in tools] == [TOOL]
    assert not result.is_error
    found = result.structured_content
    assert found["complete"]
    assert {claim["quantity"]["value"] for claim in found["claims"]} == {310, 35}
    assert all(ARTICLE[s["start"] : s["end"]] == s["text"] for claim in found["claims"] for s in (*claim["evidence"], claim["quantity"]))
    article.write_text(ARTICLE)
    command = [sys.executable, "-m", "extractor", "extract", str(article), "--format", "json"]
    said = json.loads((await anyio.run_process(command, env=environment)).stdout)
    assert [window["cached"] for window in said["windows"] if window["requests"]] == [True]  # the assistant's server has asked the same
    assert [claim["id"] for claim in said["claims"]] == [claim["id"] for claim in found["claims"]]
    told = [{name: claim[name] for name in Statement.model_fields} for claim in said["claims"]]
    assert [Statement.model_validate(claim) for claim in told] == [Statement.model_validate(claim) for claim in found["claims"]]
