"""Extraction tasks by name: ours from the table, a user's from its module."""

import pytest

from extractor import profiles
from extractor.errors import ConfigurationError
from extractor.profiles.claims import CLAIMS


def test_ours_is_in_the_table_and_yours_in_a_module():
    assert profiles.resolve("claims") is CLAIMS
    assert profiles.resolve("evals.profiles.isaf:ISAF").name == "isaf"
    assert profiles.resolve("extractor.profiles.claims:CLAIMS") is CLAIMS


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nonsense", "there is no profile 'nonsense'; known are claims"),
        ("no_such_module:X", "cannot be imported"),
        ("evals.profiles.isaf:NOTHING", "cannot be imported"),
        (":X", "cannot be imported"),
        ("json:loads", "'json:loads' is a function and no Profile"),
    ],
)
def test_a_name_that_leads_nowhere_is_told(name, told):
    with pytest.raises(ConfigurationError, match=told):
        profiles.resolve(name)
