import pytest

from extractor import models, settings
from extractor.errors import ConfigurationError
from extractor.profiles import resolve as resolve_profile


def test_the_default_is_the_embedded_model_even_with_a_key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    assert models.resolve(settings.load()).name == models.DEFAULT == "local/qwen2.5-coder-1.5b"


def test_openai_and_compatible_servers():
    hosted = models.resolve(settings.load(model="openai/gpt-x"))
    assert (hosted.served_as, hosted.provider, hosted.window) == ("gpt-x", "openai", None)
    own = models.resolve(settings.load(model="my/model", base_url="http://127.0.0.1:1/v1"))
    assert (own.served_as, own.provider) == ("my/model", "openai")


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"model": "nope"}, "there is no model 'nope'; known are local/"),
        ({"base_url": "http://x/v1"}, "no model is named"),
        ({"model": "openai/"}, "there is no model"),
    ],
)
def test_a_wrong_model_is_a_clear_error(chosen, message):
    with pytest.raises(ConfigurationError, match=message):
        models.resolve(settings.load(**chosen))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("DEADLINE", "soon", "EXTRACTOR_DEADLINE is wrong"),
        ("ATTEMPTS", "0", "EXTRACTOR_ATTEMPTS"),
        ("PARALLEL", "-1", "EXTRACTOR_PARALLEL"),
    ],
)
def test_a_wrong_setting_names_its_variable(monkeypatch, name, value, message):
    monkeypatch.setenv(f"EXTRACTOR_{name}", value)
    with pytest.raises(ConfigurationError, match=message):
        settings.load()


def test_keys_are_not_shown():
    assert "sk-secret" not in repr(settings.load(api_key="sk-secret"))
    assert settings.load(api_key="sk-secret").key == "sk-secret"


def test_openais_key_goes_to_nobody_else(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai")
    assert settings.load().key == "sk-openai"
    assert settings.load(base_url="http://127.0.0.1:1/v1").key is None
    assert settings.load(base_url="http://127.0.0.1:1/v1", api_key="mine").key == "mine"


def test_an_unknown_profile_is_a_clear_error():
    with pytest.raises(ConfigurationError, match="known are claims"):
        resolve_profile("nope")
