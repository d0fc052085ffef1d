"""``extractor mcp``: the extractor as a tool of an assistant."""

from __future__ import annotations

from typing import Annotated

import typer


def mcp(
    model: Annotated[str | None, typer.Option(help="Model to ask; see 'extractor models list'.", envvar="EXTRACTOR_MODEL")] = None,
) -> None:
    r"""Serve assistants by MCP, the Model Context Protocol, on standard input and output.

    An assistant starts it by itself, given this in its configuration (Claude Desktop, Claude Code, Cursor and others alike):

    {"mcpServers": {"claims": {"command": "extractor", "args": ["mcp"]}}}

    It then has one tool, extract_claims: an article in, its claims out, every slot quoted with its place. By default the embedded
    model is asked and no article leaves this machine; 'extractor models pull' fetches it beforehand, so that the first call need not.

    It needs the extras of the package: pip install 'claim-extractor\[local,mcp]'
    """
    import signal

    import anyio

    from extractor.pipeline import Extractor
    from extractor.service.mcp import serve
    from extractor.settings import load

    settings = load(model=model)
    # Ctrl-C ends it at once: reading standard input cannot be interrupted, and there is nothing to save.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

    async def run() -> None:
        await serve(Extractor.from_settings(settings), most=settings.max_bytes)

    anyio.run(run)
