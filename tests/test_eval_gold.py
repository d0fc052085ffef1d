"""Gold that cannot be used ends in one clear sentence; gold that can is read whole."""

from __future__ import annotations

import json

import pytest
from sheets import sample

from extractor.errors import GoldError
from extractor.evaluation import datasets
from extractor.evaluation.samples import canonical, digest, select


def line(change=lambda value: value) -> str:
    value = json.loads(canonical(sample()))
    return json.dumps(change(value) or value)


def write(tmp_path, *lines: str):
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_gold_written_is_gold_read(tmp_path):
    found = datasets.read(write(tmp_path, line()))
    assert found == [sample()]
    assert digest(found) == digest([sample()])


def moved(value):
    value["claims"][0]["subject"] = {"text": "Velorian forces", "start": 7, "end": 22}


def unknown(value):
    value["claims"][0]["quantiy"] = None


def misnamed(value):
    value["docment"] = value.pop("document")


def twice(value):
    value["claims"].append(dict(value["claims"][0], id="other"))


def same_id(value):
    value["claims"][1]["id"] = value["claims"][0]["id"]


def inexact(value):
    value["claims"][0]["quantity"]["high"] = 311


def open_range(value):
    value["claims"][3]["quantity"]["high"] = None


def unmeasured(value):
    value["claims"][2]["measure"] = "period"


def planted(value):
    value["planted"] = [{"spans": [{"text": "nothing such", "start": 0, "end": 12}], "wants": "silence"}]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (moved, "it stands at 0"),
        (unknown, "claims.0.quantiy is no field of the schema"),
        (misnamed, "docment is no field of the schema"),
        (twice, "are the same; keep one"),
        (same_id, "stands twice; number the claims"),
        (inexact, "an exact quantity has one value"),
        (open_range, "a range needs low and high"),
        (unmeasured, "has a measure and no quantity"),
        (planted, "it stands nowhere in the text"),
    ],
)
def test_each_fault_is_told_in_a_sentence(tmp_path, change, told):
    with pytest.raises(GoldError) as raised:
        datasets.read(write(tmp_path, line(change)))
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_article_that_stands_twice_an_empty_file_and_what_is_no_json(tmp_path):
    for lines, told in (
        ((line(), line()), "this id stands twice"),
        ((), "holds no article"),
        (("{",), "line 1: no JSON"),
        (("[]",), "line 1"),
        (("3",), "line 1"),
    ):
        with pytest.raises(GoldError, match=told):
            datasets.read(write(tmp_path, *lines))
    for path, told in ((tmp_path / "none.jsonl", "there is no file"), (tmp_path, "is a folder")):
        with pytest.raises(GoldError, match=told):
            datasets.read(path)
    broken = tmp_path / "latin.jsonl"
    broken.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(GoldError, match="UTF-8"):
        datasets.read(broken)


def test_a_record_of_another_form_is_told_by_its_line(tmp_path):
    from evals.adapters import ADAPTERS

    with pytest.raises(GoldError, match=r"line 1: the record is not of the form this suite reads \(KeyError: 'lang'\)"):
        datasets.read(write(tmp_path, '{"text": "x", "id": "1"}'), ADAPTERS["gum_news"])


def test_all_faults_are_counted(tmp_path):
    path = write(tmp_path, line(moved), line(unknown))
    _, faults = datasets.gather(path)
    assert len(faults) == 2
    with pytest.raises(GoldError, match="and 1 more"):
        datasets.read(path)


def test_a_draw_is_decided_by_its_seed_and_keeps_the_order():
    made = [sample(name=f"a{index:02}") for index in range(20)]
    first = [one.id for one in select(made, limit=8, seed=1)]
    assert first == [one.id for one in select(made, limit=8, seed=1)] == sorted(first)
    assert first != [one.id for one in select(made, limit=8, seed=2)]
    assert [one.id for one in select(made, limit=2)] == ["a00", "a01"]
    assert select(made, limit=50, seed=1) == made


def test_the_digest_is_of_the_content_and_not_of_the_order():
    made = [sample(name=f"a{index}") for index in range(3)]
    assert digest(made) == digest(made[::-1])
    assert digest(made) != digest(made[:2])
