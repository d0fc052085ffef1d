"""A few of the fault scripts, small: the command as a process against a faulty server; all of them are run by benchmarks/faults/run.py."""

import importlib
import sys

import pytest
from conftest import ROOT

NAMES = ("length", "second-signal", "index-lost")


@pytest.fixture(scope="module")
def table():
    sys.path.insert(0, str(ROOT / "benchmarks" / "faults"))
    try:
        yield {fault.name: fault for fault in importlib.import_module("run").FAULTS}
    finally:
        sys.path.remove(str(ROOT / "benchmarks" / "faults"))


@pytest.mark.parametrize("name", NAMES)
def test_a_fault_has_the_effect_that_it_must_have(name, table, tmp_path):
    assert table[name].check(sys.modules["workshop"].Workshop(tmp_path))


def test_every_fault_has_a_name_of_its_own(table):
    assert len(table) == len(sys.modules["run"].FAULTS)
