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

from extractor.service.mcp import TOOL
from extractor.settings import APPLICATION

TEXT = "Ostrava's military said on Wednesday that Velorian forces lost 310 soldiers.\n\nA landslide buried 35 sheds in the lower valley."
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
        result = await client.call_tool(TOOL, {"text": TEXT, "published": "2026-03-11"})
    assert [tool.name for tool in tools] == [TOOL]
    assert not result.is_error
    found = result.structured_content
    assert {claim["quantity"]["value"] for claim in found["claims"]} == {310, 35}
    assert all(TEXT[claim["quantity"]["start"] : claim["quantity"]["end"]] == claim["quantity"]["text"] for claim in found["claims"])
    article.write_text(f"---\npublished: 2026-03-11\n---\n{TEXT}")
    command = [sys.executable, "-m", "extractor", "extract", str(article), "--format", "json"]
    said = json.loads((await anyio.run_process(command, env=environment)).stdout)
    assert said["usage"]["requests"] == 0  # the answer is remembered: the question was the same
    assert [claim["quantity"]["text"] for claim in said["claims"]] == [claim["quantity"]["text"] for claim in found["claims"]]
