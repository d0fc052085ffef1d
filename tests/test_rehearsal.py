"""What is rehearsed before somebody waits for it."""

import threading
from dataclasses import replace

import pytest

from extractor import Extractor, MemoryCache, ScriptedProvider
from extractor.profiles import PROFILES


@pytest.mark.anyio
async def test_what_takes_the_processor_is_rehearsed_in_a_thread_so_that_others_are_answered(known_settings):
    own, threads = PROFILES["claims"], {}

    class Provider(ScriptedProvider):
        async def prepare(self, request):
            threads["prepare"] = threading.get_ident()

    def seen(name, work):
        def work_seen(*args, **fields):
            threads[name] = threading.get_ident()
            return work(*args, **fields)

        return work_seen

    profile = replace(own, finish=seen("finish", own.finish), shown=seen("shown", own.shown))
    chosen = known_settings.model_copy(update={"model": "openai/x"})
    await Extractor.from_settings(chosen, profile=profile, provider=Provider([]), cache=MemoryCache()).prepare()
    assert threads["prepare"] == threading.get_ident()
    assert threading.get_ident() not in {threads["shown"], threads["finish"]}
