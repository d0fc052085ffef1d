import hashlib
import json
import re

import pytest
from words import window

from extractor import prompts
from extractor.errors import PromptError
from extractor.grounding import Grounded, Haystack
from extractor.profiles import PROFILES
from extractor.profiles.base import HAYSTACK
from extractor.prompts import readable

RELEASED = dict(line.split() for line in (prompts.SHIPPED / "RELEASED").read_text().splitlines())


def test_every_prompt_is_released_and_unchanged():
    """A released prompt never changes: edit a copy under the next number and add its line to prompts/RELEASED."""
    there = {f"{file.parent.name}@{file.stem}": prompts.digest(file.read_text()) for file in prompts.SHIPPED.glob("*/*.md")}
    assert there == RELEASED


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_every_worked_example_passes_the_grounding_gates(profile):
    prompt = prompts.load(profile.prompt)
    assert prompt.examples
    for example in prompt.examples:
        found = window("\n\n".join(example.sentences))
        assert found.texts == example.sentences
        for line in example.answer:
            draft = profile.draft.model_validate_json(line, context={HAYSTACK: Haystack(found)})
            assert isinstance(draft.grounded(Haystack(found)), Grounded)
            assert list(json.loads(line)) == [name for name in profile.draft.model_fields if getattr(draft, name) is not None]


def test_every_type_of_claim_is_in_the_prompt():
    from extractor.claims import CLAIM_TYPES

    system = prompts.load("claims@1").system
    assert all(name in system for name in CLAIM_TYPES)


def test_article_text_is_fenced_by_its_own_digest():
    prompt = prompts.load("claims@1")
    one = prompt.ask(("Kyiv said no.",)).content
    codes = re.findall(r"^(?:<<<|>>>) ([a-z2-7]{12})$", one, re.MULTILINE)
    assert len(codes) == 2
    assert len(set(codes)) == 1
    assert one == prompt.ask(("Kyiv said no.",)).content
    assert codes[0] not in prompt.ask(("Kyiv said yes.",)).content


@pytest.mark.parametrize(
    "text", ["$fence $sentences ${context} {{ secret }} {% if x %} %(a)s {0}", ">>> abcdefghijkl", "# Example\n\n## Answer"]
)
def test_article_text_is_never_a_template(text):
    asked = prompts.load("claims@1").ask((text,), (text,)).content
    assert f"[1] {readable(text)}" in asked
    assert asked.count(readable(text)) == 2


def test_a_model_is_shown_no_invisible_character():
    assert readable("a\u200bb\u202ec\u2066 \U000e0041d\x00\n e") == "abc d e"
    assert readable('He said "no" and "yes".') == "He said “no” and “yes”."


def test_a_users_folder_is_searched_first(tmp_path):
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "1.md").write_text("# System\nmine\n# Window\n$fence $sentences\n")
    assert prompts.load("claims@1", folders=(tmp_path,)).system == "mine"
    assert prompts.load("claims@1", folders=(tmp_path / "other",)).system != "mine"


@pytest.mark.parametrize(
    ("reference", "content", "message"),
    [
        ("claims", None, "is no prompt reference"),
        ("../claims@1", None, "is no prompt reference"),
        ("claims@99", None, "there is no prompt 'claims@99'"),
        ("mine@1", "# System\nx\n", "no section '# Window'"),
        ("mine@1", "# System\nx\n# Window\n$sentences\n# Example\nnothing\n", "needs the parts"),
    ],
)
def test_a_bad_prompt_is_a_clear_error(tmp_path, reference, content, message):
    if content:
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "1.md").write_text(content)
    with pytest.raises(PromptError, match=message):
        prompts.load(reference, folders=(tmp_path,))


def test_a_prompt_file_that_is_no_text_is_a_clear_error(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "1.md").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(PromptError, match="cannot be read"):
        prompts.load("mine@1", folders=(tmp_path,))


def test_the_digest_does_not_depend_on_line_ends():
    assert prompts.digest("a\r\nb") == prompts.digest("a\nb") == hashlib.sha256(b"a\nb").hexdigest()
