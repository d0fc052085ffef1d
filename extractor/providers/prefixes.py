"""What the embedded model has read of a prompt's static part, kept on disk between runs.

Instructions and examples are the same for every window and every article. The server reads them once (about 13 s on two
cores), saves the state of that slot, and every slot of this and later runs begins from it (24 MB, some milliseconds).
A state that is missing, damaged or of another build is simply made again.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from extractor.requests import Message

_log = logging.getLogger(__name__)
_SECONDS = 600.0


class Prefixes:
    """Loads read prompts into the slots of a running server.

    Args:
        folder: The server's folder of slot states.
        model: Digest of the model's file.
        slots: How many slots the server has.
        address: Where it listens.
        key: Its key.
    """

    def __init__(self, folder: Path, *, model: str, slots: int, address: str, key: str) -> None:
        self._folder = folder
        self._model = model
        self._slots = slots
        self._address = address
        self._key = key

    async def load(self, messages: Sequence[Message]) -> None:
        """Make every slot begin after ``messages``; does nothing, but slower answers, where that fails."""
        import httpx2

        if not messages:
            return
        turns = [message.model_dump() for message in messages]
        known = json.dumps([self._model, version("xllamacpp"), self._slots, turns])
        name = hashlib.sha256(known.encode()).hexdigest()[:32]
        headers = {"Authorization": f"Bearer {self._key}"}
        async with httpx2.AsyncClient(base_url=self._address, headers=headers, timeout=_SECONDS) as client:
            try:
                kept = self._whole(name)
                if kept is None or not await self._restore(client, kept):
                    await self._restore(client, await self._read(client, name, turns))
            except (httpx2.HTTPError, OSError) as error:
                _log.info("the prompt is read anew in every slot: %s", type(error).__name__)

    def _whole(self, name: str) -> Path | None:
        """Return the kept state called ``name`` if its bytes are the ones that were written."""
        for file in self._folder.glob(f"{name}-*.bin"):
            if file.stem.rpartition("-")[2] == _digest(file):
                return file
            file.unlink(missing_ok=True)
        return None

    async def _restore(self, client: Any, state: Path) -> bool:
        """Put a state into every slot; the server may not take one of another build."""
        for slot in range(self._slots):
            reply = await client.post(f"/slots/{slot}?action=restore", json={"filename": state.name})
            if reply.is_error:
                return False
        return True

    async def _read(self, client: Any, name: str, turns: list[dict[str, Any]]) -> Path:
        """Have slot 0 read the turns, and keep its state under a name that holds the digest of its bytes."""
        body = {"messages": [*turns, {"role": "user", "content": ""}], "max_tokens": 1, "temperature": 0, "id_slot": 0}
        (await client.post("/v1/chat/completions", json=body)).raise_for_status()
        fresh = self._folder / f"{name}.new"
        (await client.post("/slots/0?action=save", json={"filename": fresh.name})).raise_for_status()
        kept = self._folder / f"{name}-{_digest(fresh)}.bin"
        fresh.replace(kept)
        return kept


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:32]
