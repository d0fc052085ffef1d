import subprocess
import sys

import pytest

import extractor


def test_all_is_sorted_complete_and_there():
    assert extractor.__all__ == sorted(extractor.__all__)
    assert set(extractor.__all__) == {*extractor._HOMES, "__version__"}
    assert dir(extractor) == extractor.__all__
    for name in extractor.__all__:
        assert getattr(extractor, name) is not None


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="nope"):
        _ = extractor.nope


def test_help_and_cached_runs_import_no_sdk():
    code = (
        "import sys, extractor.cli.main, extractor.pipeline, extractor.caches.disk, extractor.sinks.json;"
        "print(sorted({'openai', 'instructor', 'httpx2', 'xllamacpp', 'huggingface_hub'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_help_imports_neither_pydantic_nor_the_pipeline():
    code = "import sys, extractor.cli.main; print(sorted({'pydantic', 'anyio', 'diskcache', 'extractor.pipeline'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_every_error_says_what_it_is_for():
    from extractor import errors

    for name, kind in vars(errors).items():
        if isinstance(kind, type):
            assert name in (errors.__doc__ or "")
            assert kind.__doc__
            assert 1 <= kind.exit_code <= 6
