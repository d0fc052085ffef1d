import sys
from pathlib import Path

import pytest
from words import WEDNESDAY, answer

from extractor import Document, Extractor, MemoryCache, ScriptedProvider, maker, settings
from extractor.errors import StorageError
from extractor.extraction import Extraction
from extractor.memo import Memo, free
from extractor.models import EMBEDDED
from extractor.normalise.parties import Party
from extractor.profiles import CLAIMS
from extractor.requests import Completion, Usage

pytestmark = pytest.mark.anyio
TEXT = "Russian forces lost 470 troops over the past day, Kyiv's military said on Wednesday.\n\nMoscow denied that any vehicles were lost."
TROOPS = {
    "sentence": 1,
    "source": "Kyiv's military",
    "subject": "Russian forces",
    "outcome": "lost",
    "quantity": "470 troops",
    "time": "over the past day",
    "type": "human_losses",
}
DENIED = {"sentence": 2, "source": "Moscow", "subject": "any vehicles", "outcome": "were lost", "type": "equipment_losses"}


@pytest.fixture
def document() -> Document:
    return Document.model_validate({"text": TEXT, "published": WEDNESDAY, "title": 'A "source":null in the title'})


async def twice(known_settings, document: Document, *answers) -> tuple[Extraction, Extraction]:
    """Return what a first run makes of a document, and what a second makes of the answers remembered."""
    chosen = settings.load(cache_dir=known_settings.cache_dir, model="openai/x", attempts=1)
    async with Extractor.from_settings(chosen, provider=ScriptedProvider(answers), cache=MemoryCache()) as extractor:
        return await extractor.extract(document, source="a.txt"), await extractor.extract(document)


@pytest.mark.parametrize(
    "answers",
    [
        [answer(TROOPS, DENIED)],
        [answer({**TROOPS, "place": "Halm"}), answer({**TROOPS, "place": "Halm"})],
        [answer()],
        [Completion(content=answer(TROOPS)[:-3], finish_reason="length", usage=Usage(requests=1))],
        [Completion(content="I will not", finish_reason="refusal", usage=Usage(requests=1))],
    ],
    ids=["claims", "rejections", "nothing", "cut off", "refused"],
)
async def test_what_is_remembered_is_what_a_run_from_remembered_answers_returns(known_settings, document, answers):
    first, second = await twice(known_settings, document, *answers)
    memo = Memo(MemoryCache(), "maker")
    memo.keep(document, first)
    kept = memo.line(document)
    assert kept.line.decode() == second.model_dump_json()
    assert (kept.claims, kept.complete) == (len(second.claims), second.complete)
    assert memo.extraction(document) == second


async def test_the_source_is_that_of_the_later_run(known_settings, document):
    first, _ = await twice(known_settings, document, answer(TROOPS))
    memo = Memo(MemoryCache(), "maker")
    memo.keep(document, first)
    place = 'feeds "b"/ü.jsonl, line 7'
    assert memo.extraction(document, source=place).document.source == place
    assert memo.extraction(document, source=place).document.title == document.title
    assert Extraction.model_validate_json(memo.line(document, source=place).line) == memo.extraction(document, source=place)
    assert memo.extraction(document).document.source is None


async def test_another_document_maker_or_repeat_is_not_remembered(known_settings, document):
    first, _ = await twice(known_settings, document, answer(TROOPS))
    cache = MemoryCache()
    Memo(cache, "maker").keep(document, first, repeat=1)
    assert Memo(cache, "maker").line(document, repeat=1) is not None
    assert Memo(cache, "maker").line(document) is None
    assert Memo(cache, "another").line(document, repeat=1) is None
    others = {
        "text": TEXT + " ",
        "id": "b",
        "published": None,
        "title": "b",
        "publisher": "b",
        "language": "de",
        "url": "b",
        "body_start": 1,
    }
    for field, value in others.items():
        assert Memo(cache, "maker").line(document.model_copy(update={field: value}), repeat=1) is None


async def test_a_failed_window_is_not_remembered(known_settings, document):
    failed, _ = await twice(known_settings, document)
    assert [window.outcome for window in failed.windows] == ["failed"]
    cache = MemoryCache()
    Memo(cache, "maker").keep(document, failed)
    assert not cache


async def test_what_is_left_when_the_re_ask_failed_is_not_remembered(known_settings, document):
    first, _ = await twice(known_settings, document, answer({**TROOPS, "place": "Halm"}, DENIED))
    assert first.complete
    assert first.claims
    cache = MemoryCache()
    Memo(cache, "maker").keep(document, first)
    assert not cache


async def test_records_of_a_users_profile_are_not_remembered(known_settings, document):
    first, _ = await twice(known_settings, document, answer(TROOPS))
    cache = MemoryCache()
    Memo(cache, "maker").keep(document, first.model_copy(update={"records": ({"a": 1},)}))
    assert not cache


@pytest.mark.parametrize(
    "damage",
    [lambda v: v[:-5], lambda v: b"", lambda v: b"{}" + v, lambda v: v[:40] + b"\0" + v[41:]],
    ids=["torn", "empty", "foreign", "changed"],
)
async def test_a_damaged_entry_is_a_miss(known_settings, document, damage):
    first, _ = await twice(known_settings, document, answer(TROOPS))
    cache = MemoryCache()
    memo = Memo(cache, "maker")
    memo.keep(document, first)
    [key] = cache
    cache[key] = damage(cache[key])
    assert memo.line(document) is None
    assert not cache
    assert memo.extraction(document) is None


async def test_an_entry_of_an_unknown_form_is_a_miss(document):
    import zlib

    cache = MemoryCache()
    memo = Memo(cache, "maker")
    for content in (b"", b"1\n{}", b"one 1\n{}", b"1 1 1\n{}"):
        cache[memo._key(document, 0)] = zlib.compress(content)
        assert memo.line(document) is None
    cache[memo._key(document, 0)] = zlib.compress(b"1 1\n{}")
    assert memo.extraction(document) is None


async def test_a_full_disk_costs_nothing_but_the_entry(known_settings, document):
    class Full(MemoryCache):
        def set(self, key, value):
            msg = "the disk is full"
            raise StorageError(msg)

    first, _ = await twice(known_settings, document, answer(TROOPS))
    Memo(Full(), "maker").keep(document, first)


async def test_a_free_extraction_stays_as_it_is(known_settings, document):
    _, second = await twice(known_settings, document, answer(TROOPS))
    assert free(second) == second


def made(**changes) -> str | None:
    known = {
        "model": next(iter(EMBEDDED.values())),
        "endpoint": "scripted",
        "profile": CLAIMS,
        "prompts": (),
        "parser": None,
        "parties": {"Velor": Party(names=("Velorian",))},
    }
    return maker.maker(**{**known, **changes})


def test_whatever_decides_a_result_is_part_of_its_maker():
    from extractor import prompts

    others = [
        made(),
        made(model=list(EMBEDDED.values())[1]),
        made(endpoint="https://other/v1"),
        made(prompts=(prompts.load("claims@1"),)),
        made(parser="spacy"),
        made(parties={}),
        made(parties={"Velor": Party(names=("Velorian", "Ostrava"))}),
    ]
    assert None not in others
    assert len(set(others)) == len(others)
    assert made() == made()


def test_a_profile_that_is_not_ours_has_no_known_maker():
    from dataclasses import replace

    assert made(profile=replace(CLAIMS)) is None
    assert made(profile=replace(CLAIMS, name="mine")) is None


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of one file that counts and one that does not, read anew each time."""
    (tmp_path / "normalise").mkdir()
    (tmp_path / "cli").mkdir()
    (tmp_path / "normalise" / "times.py").write_text("A = 1\n")
    (tmp_path / "cli" / "main.py").write_text("A = 1\n")
    (tmp_path / "claims.py").write_text("A = 1\n")
    monkeypatch.setattr(maker, "_PACKAGE", tmp_path)
    return tmp_path


def test_code_is_known_by_its_content(package):
    code = maker.code.__wrapped__
    was = code()
    (package / "cli" / "main.py").write_text("A = 2\n")
    assert code() == was
    (package / "normalise" / "times.py").write_text("A = 2\n")
    changed = code()
    assert changed != was
    (package / "normalise" / "times.py").rename(package / "normalise" / "dates.py")
    assert code() not in {was, changed}


def test_without_source_files_or_libraries_the_code_is_not_known(package, monkeypatch):
    code = maker.code.__wrapped__
    monkeypatch.setattr(maker, "_LIBRARIES", ("no-such-library",))
    assert code() is None
    monkeypatch.undo()
    monkeypatch.setattr(maker, "_PACKAGE", package / "cli" / "none")
    assert code() is None
    (package / "empty").mkdir()
    monkeypatch.setattr(maker, "_PACKAGE", package / "empty")
    assert code() is None


def test_everything_that_an_extraction_runs_through_is_part_of_the_code():
    ours = {path.relative_to(maker._PACKAGE).as_posix() for path in maker._sources(maker._PACKAGE)}
    deciding = (
        "claims",
        "documents",
        "extraction",
        "grounding",
        "normalise",
        "parsers",
        "profiles",
        "prompts",
        "segmentation",
        "syntax",
        "tasks",
    )
    for name, module in list(sys.modules.items()):
        parts = name.split(".")
        if parts[0] == "extractor" and len(parts) > 1 and parts[1] in deciding and (file := getattr(module, "__file__", None)):
            assert Path(file).relative_to(maker._PACKAGE).as_posix() in ours
    assert "pipeline.py" in ours
