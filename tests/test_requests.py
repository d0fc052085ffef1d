from extractor.requests import Completion, Message, Request, Usage


def request(**changes: object) -> Request:
    fields = {
        "endpoint": "sha256:abc",
        "model": "m",
        "messages": (Message(role="user", content="Hallo “Welt”"),),
        "constraint": {"grammar": "x"},
        "max_tokens": 10,
        "sampling": {"temperature": 0},
    }
    return Request.model_validate({**fields, **changes})


def test_the_key_is_that_of_everything_that_decides_the_answer():
    """Pinned: a changed key would make every remembered answer be paid again."""
    assert request().key == "b09b4b1de5a92e79aac00cb003142c34d3ff4eda86eefeda8b7952d4866f324b"
    changed = [
        request(endpoint="other"),
        request(model="n"),
        request(messages=(Message(role="user", content="x"),)),
        request(constraint={"grammar": "y"}),
        request(max_tokens=11),
        request(sampling={"temperature": 1}),
        request(repeat=1),
    ]
    assert len({r.key for r in [request(), *changed]}) == len(changed) + 1


def test_the_body_is_what_a_chat_completion_takes():
    assert request(max_tokens_field="max_completion_tokens").body() == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hallo “Welt”"}],
        "max_completion_tokens": 10,
        "temperature": 0,
        "grammar": "x",
    }


def test_usage_adds_up():
    one = Usage(requests=1, input_tokens=2, cached_input_tokens=3, output_tokens=4)
    assert one + one == Usage(requests=2, input_tokens=4, cached_input_tokens=6, output_tokens=8)


def test_a_completion_survives_the_json_round_trip():
    completion = Completion(content="😀\n\u2028", finish_reason="stop", usage=Usage())
    assert Completion.model_validate_json(completion.model_dump_json()) == completion
