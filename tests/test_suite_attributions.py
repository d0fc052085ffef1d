"""Who says what: attributions that claims imply against annotated ones, by hand and by law."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import floors
from evals.scorers.attributions import AttributionScorer, found, gold
from extractor.claims import Attribution, Source, StatedOn, Statement
from extractor.documents import Document, Mention, Span
from extractor.evaluation.samples import Sample
from extractor.evaluation.scores import Prediction
from extractor.segmentation import sentences

TEXT = (
    "The dam will hold, Mayor Ada Brandt said on Monday. We checked it twice. All gates are shut."
    " The river rose all night. According to the rivers agency, quoted by Radio Sena, twelve pumps failed."
)
SCORER = AttributionScorer()
SENTENCES = [TEXT[s.start : s.end] for s in sentences(Document(text=TEXT))]
HOLD, CHECKED, SHUT, ROSE, PUMPS = SENTENCES


def at(words, kind=Mention, text=TEXT, **known):
    start = text.index(words)
    return kind(text=words, start=start, end=start + len(words), **known)


def claim(sentence, *sources, name="c", text=TEXT, **said):
    known = {slot: at(words, StatedOn if slot == "stated_on" else Mention, text) for slot, words in said.items()}
    voice = "attributed" if sources else "outlet"
    chain = tuple(at(words, Source, text) for words in sources)
    return Statement(
        id=name, type="other", attribution=Attribution(sources=chain, voice=voice, **known), evidence=(at(sentence, Span, text),)
    )


def marked(content, source, *, cue=None, mentions=(), text=TEXT):
    """Return an attribution as gum_news has it."""
    spans = {"source": source, "cue": cue, "content": content}
    found = {slot: [at(words, Span, text).model_dump()] if words else [] for slot, words in spans.items()}
    return {**found, "quoted": False, "source_entity": {"mentions": [source, *mentions] if source else list(mentions)}}


def sample(*attributions, text=TEXT):
    return Sample(document=Document(text=text), gold={"attributions": list(attributions)})


def ratio(name, score):
    metric = next(metric for metric in SCORER.metrics if metric.name == name)
    above, below = (
        sum(weight * score.counts.get(key, 0) for key, weight in side.items()) for side in (metric.numerator, metric.denominator)
    )
    return above / below


def words(runs, text=TEXT):
    return [text[start:end] for start, end in runs]


BRANDT = marked("The dam will hold,", "Mayor Ada Brandt", cue="said", mentions=("Brandt", "she", "the mayor"))
AGENCY = marked("twelve pumps failed", "the rivers agency", cue="According to")
SAID = {"cue": "said", "stated_on": "on Monday"}


def test_the_content_is_the_sentence_without_who_says_it_how_and_when():
    (said,) = found(TEXT, [claim(HOLD, "Mayor Ada Brandt", **SAID)])
    assert words(said.content) == ["The dam will hold,"]
    (said,) = found(TEXT, [claim(PUMPS, "the rivers agency", "Radio Sena", cue="According to")])
    assert words(said.content) == ["quoted by", "twelve pumps failed."]


def test_claims_of_one_source_and_sentence_are_one_attribution():
    (said,) = found(TEXT, [claim(HOLD, "Mayor Ada Brandt", name=name, **SAID) for name in "ab"])
    assert said.label == "a+b"


def test_sentences_that_follow_each_other_under_one_source_are_one_content():
    claims = [claim(sentence, "Mayor Ada Brandt", name=sentence[:5], cue="said") for sentence in (HOLD, CHECKED, PUMPS)]
    assert [words(said.content)[-1] for said in found(TEXT, claims)] == [CHECKED, PUMPS]


def test_sources_at_two_places_are_two_attributions_though_they_are_called_alike():
    claims = [claim(HOLD, "Mayor Ada Brandt"), claim(CHECKED, "Ada Brandt")]
    assert len(found(TEXT, claims)) == 2


def test_the_outlet_attributes_nothing():
    assert found(TEXT, [claim(ROSE)]) == []


def test_both_right():
    claims = [claim(HOLD, "Mayor Ada Brandt", **SAID), claim(PUMPS, "the rivers agency", cue="According to")]
    score = SCORER.score(sample(BRANDT, AGENCY), Prediction(claims))
    assert [(row.kind, row.strict, row.errors) for row in score.rows] == [("matched", True, ())] * 2
    assert ratio("attribution_f1", score) == ratio("cue_right", score) == ratio("source_right", score) == 1


def test_one_of_two_right_and_two_made_up_is_f1_of_two_fifths():
    claims = [claim(HOLD, "Mayor Ada Brandt", **SAID), claim(ROSE, "Radio Sena"), claim(SHUT, "Mayor Ada Brandt")]
    score = SCORER.score(sample(BRANDT, AGENCY), Prediction(claims))
    assert sorted(row.kind for row in score.rows) == ["invented", "invented", "matched", "missed"]
    assert (ratio("attribution_f1", score), ratio("precision", score), ratio("recall", score)) == (2 / 5, 1 / 3, 1 / 2)


def test_the_right_content_of_another_source_is_found_and_wrong():
    score = SCORER.score(sample(BRANDT), Prediction([claim(HOLD, "Radio Sena", cue="According to")]))
    (row,) = score.rows
    assert (row.kind, row.strict, row.errors) == ("matched", False, ("wrong_source",))
    assert (ratio("attribution_f1", score), ratio("content_f1", score), ratio("source_right", score)) == (0, 1, 0)
    assert ratio("error_wrong_source", score) == 1
    assert not [name for name in score.counts if name.startswith("cue.")]  # cues are looked at where the attribution is right


def test_a_piece_of_the_source_is_cut_wrong_rather_than_another_source():
    # "Ada" is 3 of 16 characters: Dice 6/19, below a half
    score = SCORER.score(sample(BRANDT), Prediction([claim(HOLD, "Ada")]))
    assert [row.errors for row in score.rows] == [("source_cut",)]
    # "Ada Brandt" is 10 of 16: Dice 20/26
    assert SCORER.score(sample(BRANDT), Prediction([claim(HOLD, "Ada Brandt")])).counts["right"] == 1


NAMED = "The dam will hold, she said. Mayor Ada Brandt came. The mayor and she smiled."


@pytest.mark.parametrize(
    ("source", "right"),
    [("Mayor Ada Brandt", 1), ("The mayor", 1), ("she", 1), ("mayor and she", 0)],
)
def test_a_source_elsewhere_is_right_by_a_name_of_the_entity(source, right):
    annotated = marked("The dam will hold,", "she", mentions=("Mayor Ada Brandt", "the mayor"), text=NAMED)
    score = SCORER.score(sample(annotated, text=NAMED), Prediction([claim("The dam will hold, she said.", source, text=NAMED)]))
    assert score.counts["right"] == right


def test_a_pronoun_elsewhere_is_nobody():
    there = NAMED.rindex("she")
    pronoun = Source(text="she", start=there, end=there + 3)
    claimed = claim("The dam will hold, she said.", text=NAMED)
    claimed = claimed.model_copy(update={"attribution": Attribution(sources=(pronoun,), voice="attributed")})
    annotated = marked("The dam will hold,", "she", mentions=("Mayor Ada Brandt",), text=NAMED)
    assert SCORER.score(sample(annotated, text=NAMED), Prediction([claimed])).counts["right"] == 0


def test_any_source_of_the_chain_will_do():
    claims = [claim(PUMPS, "Radio Sena", "the rivers agency", cue="According to")]
    assert SCORER.score(sample(AGENCY), Prediction(claims)).counts["right"] == 1


@pytest.mark.parametrize(("longer", "same"), [(20, True), (21, False)])
def test_half_of_the_characters_in_common_are_enough(longer, same):
    # 10 characters within 10 + longer: Dice 20 / (20 + longer), a half at 20
    text = "x" * 10 + "y" * longer + ". Ann said."
    claims = [Prediction([claim("x" * 10 + "y" * longer, "Ann", text=text)])]
    score = SCORER.score(sample(marked("x" * 10, "Ann", text=text), text=text), claims[0])
    assert (score.rows[0].kind == "matched") is same


def test_a_right_pair_is_worth_more_than_any_overlap():
    # of the claim's two contents the other source's fits better, but this one's is right
    text = "Ann said aaaa bbbb cccc."
    ours = [marked("aaaa bbbb cccc", "said", text=text), marked("aaaa bbbb", "Ann", text=text)]
    score = SCORER.score(sample(*ours, text=text), Prediction([claim(text, "Ann", cue="said", text=text)]))
    assert score.counts["right"] == 1
    assert [row.shown["gold"] for row in score.rows if row.kind == "missed"] == ["said: aaaa bbbb cccc"]


def test_without_an_answer_everything_is_missed():
    score = SCORER.score(sample(BRANDT, AGENCY), Prediction())
    assert [row.kind for row in score.rows] == ["missed", "missed"]
    assert ratio("attribution_f1", score) == ratio("recall", score) == 0


GERMAN = "Der Damm, so Ada Brandt, werde halten. Es werde wohl regnen."


def quotation(quote, speaker):
    return {
        "quote_type": "Indirect",
        "speaker": [at(words, Span, GERMAN).model_dump() for words in speaker],
        "cue": [],
        "quote": [at(words, Span, GERMAN).model_dump() for words in quote],
    }


def test_german_quotations_are_read_alike_and_nobody_can_say_what_nobody_says():
    records = [quotation(["Der Damm", "werde halten"], ["Ada Brandt"]), quotation(["Es werde wohl regnen"], [])]
    annotated = Sample(document=Document(text=GERMAN, language="de"), gold={"quotations": records})
    assert [(words(said.content, GERMAN), len(said.sources)) for said in gold(annotated)] == [
        (["Der Damm", "werde halten"], 1),
        (["Es werde wohl regnen"], 0),
    ]
    claims = [claim(sentence, "Ada Brandt", name=sentence, text=GERMAN) for sentence in GERMAN.split(". ")]
    claims[1] = claims[1].model_copy(update={"attribution": Attribution(sources=(at("Brandt", Source, GERMAN),), voice="attributed")})
    score = SCORER.score(annotated, Prediction(claims))
    assert [(row.kind, row.strict, row.errors) for row in score.rows] == [("matched", True, ()), ("matched", False, ())]
    assert (ratio("recall", score), ratio("recall_sourced", score), ratio("content_f1", score)) == (1 / 2, 1, 1)


def test_gold_of_another_set_is_refused():
    with pytest.raises(KeyError, match="attributions, quotations"):
        gold(Sample(document=Document(text=TEXT), gold={"losses": []}))


POOL = [
    claim(sentence, *source, name=f"{i}{j}", **said)
    for i, sentence in enumerate(SENTENCES)
    for j, (source, said) in enumerate(
        [(("Mayor Ada Brandt",), SAID), (("the rivers agency", "Radio Sena"), {}), (("Radio Sena",), {}), ((), {})]
    )
]
MARKED = [BRANDT, AGENCY, *(marked(sentence, source) for sentence in SENTENCES for source in ("Radio Sena", "Ada Brandt", None))]


@given(st.data())
def test_the_order_of_claims_and_gold_decides_nothing(data):
    claims = data.draw(st.lists(st.sampled_from(POOL), unique_by=lambda one: one.id, max_size=8))
    records = data.draw(st.lists(st.sampled_from(MARKED), max_size=6))
    score = SCORER.score(sample(*records), Prediction(claims))
    again = SCORER.score(sample(*data.draw(st.permutations(records))), Prediction(data.draw(st.permutations(claims))))
    assert again == score
    for metric in SCORER.metrics:
        below = sum(weight * score.counts.get(key, 0) for key, weight in metric.denominator.items())
        assert below == 0 or 0 <= ratio(metric.name, score) <= 1


def test_rules_alone_find_who_says_what():
    text = "The dam will hold, Ada Brandt said on Monday. Twelve pumps failed, according to the rivers agency, which owns them. It rained."
    claims = floors.attributions(Sample(document=Document(text=text))).claims
    said = [one.attribution for one in claims]
    assert [(one.sources[0].text, one.cue.text) for one in said] == [("Ada Brandt", "said"), ("the rivers agency", "according to")]
    assert said[0].stated_on.text == "on Monday"
    assert [words(one.content, text) for one in found(text, claims)] == [
        ["The dam will hold,"],
        ["Twelve pumps failed,", "which owns them."],
    ]
