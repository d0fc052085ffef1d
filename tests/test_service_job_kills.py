"""Processes that take and do jobs are killed again and again: no job is lost, no article is done twice to whoever reads."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from job_victims import LANES, told

from extractor.service.jobs.store import Jobs
from extractor.service.schemas import ResultLine


class Reader:
    """A client that reads the results of all jobs as they come, each where it left off."""

    def __init__(self, folder: Path) -> None:
        self.jobs = Jobs.open(folder)
        self.folder = folder
        self.read: dict[str, list[int]] = {}
        self.at: dict[str, str | None] = {}

    def look(self) -> None:
        for job in told(self.folder):
            page = self.jobs.page(job, "open", cursor=self.at.get(job), limit=7)
            found = [ResultLine.model_validate_json(line) for line in page.lines()]
            assert all(line.problem is None for line in found)
            self.read.setdefault(job, []).extend(line.index for line in found)
            self.at[job] = page.cursor


def killed(folder: Path, kills: int, jobs: int, articles: int) -> dict[str, int]:
    """Kill one of two processes so many times, and see that whoever reads meanwhile gets everything once; return what it came to."""
    script = Path(__file__).with_name("job_victims.py")
    command = [sys.executable, str(script), *map(str, (folder, kills, jobs, articles))]
    reader, came = Reader(folder), {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        for line in started.stdout:
            reader.look()
            came = json.loads(line) if line.startswith("{") else came
    assert started.returncode == 0
    for _ in range(articles):
        reader.look()
    ids = told(folder)
    assert len(set(ids)) == len(ids) >= jobs
    assert {job: sorted(read) for job, read in reader.read.items()} == {job: list(range(articles)) for job in ids}
    for job in ids:
        found = reader.jobs.get(job, "open")
        assert (found.state, found.done, found.failed) == ("done", articles, 0)
    with reader.jobs.database.reading() as sql:
        assert sql.execute("SELECT count(*) FROM jobs").fetchone() == (len(ids),)
        assert sql.execute("SELECT count(*) FROM articles").fetchone() == (0,)
    reader.jobs.close()
    return came | {"jobs": len(ids), "articles": articles * len(ids)}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system that does not fork")
def test_killed_again_and_again_no_job_is_lost_and_no_article_is_told_of_twice(tmp_path):
    came = killed(tmp_path, kills=15, jobs=12, articles=8)
    assert came["killed"] == 15
    assert came["articles"] <= came["asked"] <= came["articles"] + 15 * LANES
