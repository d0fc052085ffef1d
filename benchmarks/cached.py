"""What an article costs whose answers are remembered: stage by stage, from the memo, as an archive, as a process.

hosted: articles of 3 KB with 12 claims each, made here, answered once by a script; the second pass over them is measured, then the same
from finished extractions remembered. embedded: the English articles of the project's own gold and example, their trees drawn once by the
parser (or taken from the folder given), every other doubtful figure called an event. archive: ``extractor batch`` over the hosted articles,
from JSONL through to Parquet, as a process. start: ``extractor extract`` of one of them, as a process.

Usage: python benchmarks/cached.py [hosted|embedded|archive|start] [--articles 300] [--trees ~/.cache/claim-extractor/answers] [--profile]
"""

from __future__ import annotations

import argparse
import cProfile
import hashlib
import json
import os
import pstats
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final

import anyio

from extractor import answers, segmentation
from extractor.caches.base import MemoryCache
from extractor.caches.disk import DiskCache
from extractor.documents import Document
from extractor.exchange import Exchange, Given
from extractor.extraction import Extraction
from extractor.grounding import Haystack
from extractor.maker import code
from extractor.memo import Memo
from extractor.parsers.reading import with_trees
from extractor.pipeline import Extractor
from extractor.providers.scripted import ScriptedProvider
from extractor.readers.archives.inputs import Inputs
from extractor.readers.text import read
from extractor.requests import Completion, Request, Usage
from extractor.settings import Settings

_ROOT: Final = Path(__file__).parent.parent
_NAMES: Final = "Arden Brask Calder Dorna Elmin Farrow Gorsk Halm Istra Jorvik Kestrel Lumen Morvo Narrow Ostrel Pelusk Quill Resko".split()
_NOUNS: Final = "soldiers drones tanks civilians houses vehicles fighters guns trucks miners boats passengers".split()
_VERBS: Final = "killed destroyed lost wounded captured shot down damaged".replace("shot down", "shot_down").split()
_DAYS: Final = "on Monday,on Tuesday,overnight,over the past day,on 3 March,last week,since January,this month".split(",")
_CUES: Final = "said claimed reported announced stated".split()
_FILLER: Final = (
    "The road between the two towns has been closed to all but military traffic for several weeks.",
    "Residents who stayed behind described long queues for water and bread in the old quarter.",
    "Neither side has shown much interest in the talks that were proposed by the neighbouring states.",
)
_HEAD: Final = re.compile(r'"(?:[^"\\]|\\.)*"(?= \("event")')


def article(number: int) -> tuple[Document, str]:
    """Return the ``number``-th article of 3 KB, and the answer with its 12 claims."""
    draw = random.Random(number)

    def name() -> str:
        return draw.choice(_NAMES) + draw.choice(("a", "ov", "in", "ek", "er", "um"))

    sentences, drafts = [f"Dispatch {number} from the {name()} valley."], []
    for _ in range(12):
        source, side, place, when = f"{name()}'s Defence Ministry", f"{name()} forces", name(), draw.choice(_DAYS)
        figure, verb = f"{draw.randint(2, 990)} {draw.choice(_NOUNS)}", draw.choice(_VERBS).replace("_", " ")
        text = f"At least {figure} were {verb} by {side} near {place} {when}, {source} {draw.choice(_CUES)} in a statement."
        sentences.append(text)
        drafts.append(
            {
                "sentence": len(sentences), "source": source, "subject": side, "outcome": f"were {verb}", "quantity": f"At least {figure}",
                "target": figure.split()[1], "time": when, "place": f"near {place}", "type": "military_action",
            }
        )  # fmt: skip
        sentences.append(draw.choice(_FILLER))
    text = "\n\n".join(" ".join(sentences[at : at + 4]) for at in range(0, len(sentences), 4))
    answer = json.dumps({"claims": drafts}, separators=(",", ":"))
    known = {"id": f"dispatch-{number}", "published": "2026-03-11", "title": f"Dispatch {number}"}
    return Document.model_validate({"text": text, **known}), answer


def english() -> list[Document]:
    """Return the English articles of the gold and of the example."""
    lines = (_ROOT / "evals/gold/own.jsonl").read_text("utf-8").splitlines()
    found = [Document.model_validate(json.loads(line)["document"]) for line in lines]
    example = Document(text=(_ROOT / "examples/dispatch.txt").read_text("utf-8"))
    return [document for document in (*found, example) if document.language.startswith("en")]


def events(request: Request) -> str:
    """Return an answer to the question about doubtful figures: some are events, some are not, by their own digest."""
    heads = [json.loads(found) for found in _HEAD.findall(request.constraint["grammar"])]
    said = ("event" if hashlib.sha256(head.encode()).digest()[0] % 2 else "description" for head in heads)
    return '{"figures":[' + ",".join(f'{head}{word}"}}' for head, word in zip(heads, said, strict=True)) + "]}"


class Stages:
    """Seconds of processor time spent by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Count what happens inside to ``name``."""
        began = time.process_time()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - began

    def table(self, articles: int) -> str:
        """Return milliseconds an article, by stage."""
        rows = [f"  {name:<26}{1000 * seconds / articles:8.3f} ms" for name, seconds in self.seconds.items()]
        return "\n".join([*rows, f"  {'together':<26}{1000 * sum(self.seconds.values()) / articles:8.3f} ms"])


async def staged(extractor: Extractor, lines: Sequence[str], stages: Stages) -> None:
    """Take articles along the pipeline by hand, each stage timed."""
    exchange = extractor._exchange  # noqa: SLF001  # stages are looked at from inside
    assert isinstance(exchange, Exchange)
    for line in lines:
        with stages("read"):
            document = Document.model_validate_json(line)
        with stages("sentences"):
            split = segmentation.sentences(document)
        with stages("trees"):
            split = with_trees(document, split, extractor._parser)  # noqa: SLF001  # the same
        task = extractor._parsed if split[0].tree is not None else extractor._task  # noqa: SLF001  # the same
        with stages("windows"):
            windows = task.windows(document, split)
        given = []
        for window in windows:
            with stages("screen"):
                asked = not extractor.model.screen or task.profile.asks(window)
            if not asked:
                given.append(answers.Answer(outcome="skipped"))
                continue
            with stages("request"):
                request = task.request(window, endpoint=extractor.endpoint)
            with stages("key"):
                key = request.key
            with stages("cache get"):
                value = exchange._cache.get(key)  # noqa: SLF001  # the same
            assert value is not None
            with stages("completion"):
                completion = Completion.model_validate_json(value).model_copy(update={"cached": True, "usage": Usage()})
            remembered = Given(completion, exchange.provider)
            with stages("validate and ground"):
                given.append(await answers.answer(remembered, request, task.profile, Haystack(window)))
        with stages("finish and assemble"):
            extraction = extractor._assemble(task, document, split, windows, given, None)  # noqa: SLF001  # the same
        with stages("dump"):
            extraction.model_dump_json()


async def measure(extractor: Extractor, documents: Sequence[Document], folder: Path, *, profiled: bool) -> list[Extraction]:
    """Answer all articles once, print what the second pass costs, and return what it made."""
    extractor._memo = None  # noqa: SLF001  # the stages are what is measured; the memo comes by itself
    lines = [document.model_dump_json() for document in documents]
    async with extractor:
        first = [await extractor.extract(document) for document in documents]
        size = sum(len(extraction.model_dump_json()) for extraction in first) // len(first)
        claims = sum(len(extraction.claims) for extraction in first) / len(first)
        length = sum(len(document.text) for document in documents) // len(documents)
        print(f"{len(documents)} articles of {length} characters and {claims:.1f} claims; an extraction is {size / 1000:.1f} KB of JSON")
        again: list[Extraction] = []

        async def whole() -> None:
            for line in lines:
                extraction = await extractor.extract(Document.model_validate_json(line))
                extraction.model_dump_json()
                again.append(extraction)

        took = await _timed(whole)
        print(f"  in all {1000 * took / len(lines):.3f} ms an article, {len(lines) / took:.0f} articles/s")
        assert all(extraction.usage == Usage() for extraction in again)
        stages = Stages()
        await staged(extractor, lines, stages)
        print(stages.table(len(lines)))
        from_memo(DiskCache(folder / "memo"), lines, again)
        if profiled:
            profile = cProfile.Profile()
            profile.enable()
            await whole()
            profile.disable()
            pstats.Stats(profile).sort_stats("tottime").print_stats(45)
    return again


def from_memo(cache: DiskCache, lines: Sequence[str], made: Sequence[Extraction]) -> None:
    """Print what the same costs where finished extractions are remembered."""
    began = time.process_time()
    code.__wrapped__()
    print(f"from the memo (once a process {1000 * (time.process_time() - began):.1f} ms for the digest of the code)")
    memo = Memo(cache, "benchmark")
    stages = Stages()
    for line, extraction in zip(lines, made, strict=True):
        document = Document.model_validate_json(line)
        with stages("keep, on the first pass"):
            memo.keep(document, extraction)
    print(stages.table(len(lines)))
    stages = Stages()
    for line, extraction in zip(lines, made, strict=True):
        with stages("read"):
            document = Document.model_validate_json(line)
        with stages("as a line of JSON"):
            kept = memo.line(document, source="archive.jsonl, line 17")
        assert kept is not None
        assert kept.claims == len(extraction.claims)
    print(stages.table(len(lines)))
    stages = Stages()
    for line, extraction in zip(lines, made, strict=True):
        document = Document.model_validate_json(line)
        with stages("as an Extraction"):
            again = memo.extraction(document)
        assert again == extraction
    print(stages.table(len(lines)))
    size = sum(len(cache.get(key) or b"") for key in cache.keys())  # noqa: SIM118  # no mapping
    print(f"  {size / len(lines) / 1000:.1f} KB an article")
    cache.close()


async def _timed(work: Callable[[], Awaitable[None]]) -> float:
    began = time.process_time()
    await work()
    return time.process_time() - began


def _hosted(folder: Path, number: int) -> tuple[Extractor, list[Document]]:
    made = [article(index) for index in range(number)]
    by_title = {document.text[: document.text.index(" from")]: answer for document, answer in made}

    def answer(request: Request) -> str:
        found = re.search(r"Dispatch \d+", request.messages[-1].content)
        assert found is not None
        return by_title[found[0]]

    settings = Settings(model="openai/scripted", cache_dir=folder)
    return Extractor.from_settings(settings, provider=ScriptedProvider(answer)), [document for document, _ in made]


def _embedded(folder: Path, trees: Path | None) -> tuple[Extractor, list[Document]]:
    cache = MemoryCache()
    if trees is not None:
        kept = DiskCache(trees)
        cache.update({key: value for key in kept.keys() if (value := kept.get(key)) is not None})  # noqa: SIM118  # no mapping
        kept.close()
    return Extractor.from_settings(Settings(cache_dir=folder), provider=ScriptedProvider(events), cache=cache), english()


class _Served(ScriptedProvider):
    """Answers in the name of OpenAI, so that a process finds the answers remembered."""

    @property
    def endpoint(self) -> str:
        """That of OpenAI."""
        return "openai"


def process(folder: Path, number: int, *, whole: bool) -> None:
    """Answer the articles here, then print what a process takes that has them from remembered answers: the whole archive, or one."""
    made = [article(index) for index in range(number)]
    by_title = {document.text[: document.text.index(" from")]: answer for document, answer in made}
    archive, single = folder / "archive.jsonl", folder / "article.txt"
    archive.write_text("".join(document.model_dump_json() + "\n" for document, _ in made), "utf-8")
    single.write_text(made[0][0].text, "utf-8")
    settings = Settings(model="openai/scripted", cache_dir=folder)

    def served(request: Request) -> str:
        found = re.search(r"Dispatch \d+", request.messages[-1].content)
        assert found is not None
        return by_title[found[0]]

    common = [sys.executable, "-m", "extractor"]
    if whole:
        command = [*common, "batch", str(archive), "--out", str(folder / "out")]
    else:
        command = [*common, "extract", str(single), "--published", "2026-03-11", "--format", "jsonl", "--out", str(folder / "out")]

    async def answered() -> None:
        async with Extractor.from_settings(settings, provider=_Served(served)) as extractor:
            if not whole:
                await extractor.extract(read(str(single), published=date(2026, 3, 11), most=settings.max_bytes), source=str(single))
                return
            inputs = Inputs((str(archive),))
            for entry in inputs:
                await extractor.extract(await inputs.document(entry), source=entry.where)
            await inputs.aclose()

    anyio.run(answered)
    variables = {**os.environ, "EXTRACTOR_CACHE_DIR": str(folder), "EXTRACTOR_MODEL": "openai/scripted", "OPENAI_API_KEY": "none"}
    for _ in range(1 if whole else 5):
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(command, env=variables, check=True, capture_output=True)  # noqa: S603  # our own words
        wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"{wall:.2f} s, {spent:.2f} s of processor, {after.ru_maxrss // 1024} MB at the most", end="")
        print(f"; {number / wall:.0f} articles/s, {number / spent:.0f} a second of processor" if whole else "")


def main() -> None:
    """Print the costs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("way", nargs="?", choices=("hosted", "embedded", "archive", "start"), default="hosted")
    parser.add_argument("--articles", type=int, default=300, help="how many articles, but of the embedded way")
    parser.add_argument("--trees", type=Path, help="folder of a cache that remembers the trees")
    parser.add_argument("--profile", action="store_true", help="print where the time goes, by function")
    parser.add_argument("--out", type=Path, help="file for the extractions, to be compared with another run's")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if chosen.way in ("archive", "start"):
            process(folder, chosen.articles if chosen.way == "archive" else 1, whole=chosen.way == "archive")
            return
        if chosen.way == "hosted":
            extractor, documents = _hosted(folder, chosen.articles)
        else:
            extractor, documents = _embedded(folder, chosen.trees)
        made = anyio.run(lambda: measure(extractor, documents, folder, profiled=chosen.profile))
        if chosen.out is not None:
            chosen.out.write_text("".join(extraction.model_dump_json() + "\n" for extraction in made), "utf-8")


if __name__ == "__main__":
    main()
