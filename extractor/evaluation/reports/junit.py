"""A gate's conditions as JUnit XML, one test case each, for build servers."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from extractor.evaluation.comparing import Check
from extractor.sinks.escaping import visible


def junit(checks: Sequence[Check]) -> str:
    """Return ``checks`` as one JUnit test suite; a condition that does not hold is a failure with its numbers."""
    failed = sum(not check.passed for check in checks)
    suite = ET.Element("testsuite", name="extractor eval gate", tests=str(len(checks)), failures=str(failed), errors="0", skipped="0")
    for check in checks:
        case = ET.SubElement(suite, "testcase", classname="extractor.eval.gate", name=visible(check.name))
        if not check.passed:
            ET.SubElement(case, "failure", message=visible(check.detail) or "does not hold")
        elif check.detail:
            ET.SubElement(case, "system-out").text = visible(check.detail)
    ET.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suite, encoding="unicode") + "\n"
