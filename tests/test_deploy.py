"""The files a service is deployed with, and docs/service.md: what linters say, and that they name what the code has."""

import ast
import datetime as dt
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import types
from ipaddress import ip_network
from pathlib import Path

import pytest
import typer
import yaml
from conftest import ROOT

from extractor.cli.main import app
from extractor.client import Client
from extractor.service import draining, signing
from extractor.service.heads import Bounds
from extractor.service.jobs.deliveries import new_id
from extractor.service.jobs.records import webhook_body
from extractor.service.jobs.webhooks import AT_ONCE, SCHEDULE, SECONDS
from extractor.service.kinds import KINDS
from extractor.service.limits import Limits
from extractor.service.schemas import ArticleIn, JobIn, JobOut
from extractor.service.streams import HEARTBEAT
from extractor.settings import Settings

DOCKERFILE = ROOT / "Dockerfile"
SCHEMA_CHECK = Path(sys.executable).parent / "check-jsonschema"
UNIT = ROOT / "docs" / "deploy" / "claim-extractor.service"
PAGE = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICE = COMPOSE["services"]["extractor"]
PORT = "8000"
SETTINGS = {f"EXTRACTOR_{name.upper()}" for name in Settings.model_fields} - {"EXTRACTOR_OPENAI_API_KEY"} | {"OPENAI_API_KEY"}
VARIABLES = SETTINGS | {f"EXTRACTOR_SERVICE_{name.upper()}" for name in Limits.model_fields}
LONGEST_STOP = Limits().grace + draining.LEFT + 2
"""Seconds after which the last worker is killed."""


def commands(command=None):
    """Every command of the command line by its words, with its options."""
    command = command or typer.main.get_command(app)
    found = {(): command}
    for name, below in getattr(command, "commands", {}).items():
        found |= {(name, *words): one for words, one in commands(below).items()}
    return found


def check_command(line):
    """Fail where a line ``extractor ...`` names a command or an option that there is not."""
    words = shlex.split(line, comments=True)
    words = words[words.index("extractor") + 1 :]
    for stop in ("|", ">", "&", ";", "&&"):
        words = words[: words.index(stop)] if stop in words else words
    known = commands()
    path = tuple(words[:2]) if tuple(words[:2]) in known else tuple(words[:1])
    assert path in known, line
    options = {name for parameter in known[path].params for name in parameter.opts}
    assert {word.partition("=")[0] for word in words if word.startswith("--")} <= options, line


def instructions():
    """The instructions of the Dockerfile: name and words, continued lines joined."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [line.split(None, 1) for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def of(name):
    return [words for found, words in instructions() if found == name]


# The image


def test_hadolint_finds_nothing():
    lint = subprocess.run([Path(sys.executable).parent / "hadolint", DOCKERFILE], capture_output=True, text=True, check=False)
    assert (lint.returncode, lint.stdout, lint.stderr) == (0, "", "")


def test_the_image_has_the_python_that_is_tested_and_a_full_tag():
    first, *others = of("FROM")
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-bookworm AS base", first)
    assert {other.split()[0] for other in others} == {"base"}
    minor = re.match(r"python:(3\.\d+)", first)[1]
    assert minor == PROJECT["tool"]["mypy"]["python_version"]
    assert f"Programming Language :: Python :: {minor}" in PROJECT["project"]["classifiers"]


def test_the_image_installs_extras_that_there_are_from_the_hashed_lock_alone():
    [download, install] = [line for line in of("RUN") if "pip" in line]
    assert "--require-hashes --requirement requirements.lock --dest /wheels" in download
    assert "--no-index --find-links /wheels" in install
    extras = set(re.search(r"'\.\[([a-z,]+)\]'", install)[1].split(","))
    assert {"service", "local"} <= extras <= set(PROJECT["project"]["optional-dependencies"])
    locked = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(f"--extra {extra} " in locked for extra in extras)


def test_the_image_has_the_library_that_the_embedded_model_needs():
    assert "libgomp1" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert any("install --yes --no-install-recommends libgomp1" in line for line in of("RUN"))


def test_the_wheel_has_all_it_is_built_from_and_nothing_else_gets_into_the_image():
    copied = {word for line in of("COPY") if not line.startswith("--from") for word in line.split()[:-1]}
    folders = {folder.split("/")[0] for folder in PROJECT["tool"]["setuptools"]["package-dir"].values()}
    needed = {*folders, "pyproject.toml", "requirements.lock", PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]}
    assert copied == needed
    ignored = [line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert ignored[0] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == copied
    assert not of("ADD")


def test_the_image_runs_as_a_number_that_is_not_root_and_owns_its_folders():
    [user] = of("USER")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)
    assert user == SERVICE["user"]
    owner, _, group = user.partition(":")
    [made] = [line for line in of("RUN") if line.startswith("install --directory")]
    assert f"--mode=0700 --owner={owner} --group={group}" in made
    folders = json.loads(of("VOLUME")[0])
    assert made.split()[-2:] == folders
    variables = dict(pair.split("=", 1) for pair in shlex.split(of("ENV")[0]))
    assert [variables["EXTRACTOR_CACHE_DIR"], variables["EXTRACTOR_SERVICE_FOLDER"]] == folders
    assert {name for name in variables if name.startswith("EXTRACTOR_")} <= VARIABLES
    assert {volume.split(":")[1] for volume in SERVICE["volumes"]} == set(folders)


def test_no_secret_is_in_the_image_or_its_build():
    names = [name for name, _ in (line.partition("=")[::2] for line in of("ARG"))]
    assert names == ["MODEL"]
    assert not re.search(r"KEY|SECRET|TOKEN|PASSWORD", DOCKERFILE.read_text(encoding="utf-8").replace("extractor.env", ""))


def test_the_image_serves_where_it_says():
    assert of("EXPOSE") == [PORT]
    assert json.loads(of("ENTRYPOINT")[0]) == ["extractor"]
    command = json.loads(of("CMD")[0])
    assert command[-2:] == ["--port", PORT]
    check_command(shlex.join(["extractor", *command]))


def test_image_and_compose_ask_for_health_in_the_same_way_and_it_says_so(monkeypatch):
    [check] = of("HEALTHCHECK")
    asked = json.loads(check[check.index("CMD") + 4 :])
    assert SERVICE["healthcheck"]["test"] == ["CMD", *asked]
    seen = []
    opener = types.SimpleNamespace(open=lambda url, timeout: seen.append((url, timeout)))
    monkeypatch.setattr("urllib.request.build_opener", lambda *_: opener)
    exec(asked[2], {})  # what the container would run
    assert seen == [(f"http://127.0.0.1:{PORT}/livez", 4)]


# Compose


def test_compose_is_what_its_specification_calls_valid(tmp_path):
    wrong = tmp_path / "compose.yaml"
    wrong.write_text((ROOT / "compose.yaml").read_text(encoding="utf-8").replace("cap_drop:", "cap_dorp:"), encoding="utf-8")
    for file, code in ((ROOT / "compose.yaml", 0), (wrong, 1)):
        check = [SCHEMA_CHECK, "--builtin-schema", "vendor.compose-spec", file]
        done = subprocess.run(check, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr


def test_compose_keeps_every_container_small_and_without_rights():
    for name, service in COMPOSE["services"].items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"]), name
        assert re.fullmatch(r"\d+[gm]", service["mem_limit"]), name
        assert service["pids_limit"] > 0, name
        assert service["healthcheck"]["test"][0] == "CMD", name
        assert service["restart"] == "unless-stopped", name
        assert not {"privileged", "network_mode", "pid", "ipc", "cap_add", "devices", "environment"} & set(service), name


def test_compose_names_volumes_that_it_declares_and_pinned_images():
    mounted = {volume.split(":")[0] for service in COMPOSE["services"].values() for volume in service["volumes"]}
    assert mounted == set(COMPOSE["volumes"])
    assert re.fullmatch(r"valkey/valkey:\d+\.\d+\.\d+-alpine", COMPOSE["services"]["valkey"]["image"])
    assert COMPOSE["services"]["valkey"]["profiles"] == ["shared-cache"]


def test_compose_shows_the_service_to_its_own_machine_alone():
    [port] = SERVICE["ports"]
    address, outside, inside = port.rsplit(":", 2)
    assert ip_network(address).is_loopback
    assert (outside, inside) == (PORT, PORT)


def test_what_is_in_work_is_given_its_time_before_anything_is_killed():
    assert float(SERVICE["stop_grace_period"].removesuffix("s")) > LONGEST_STOP
    assert float(unit()["Service"]["TimeoutStopSec"][0]) > LONGEST_STOP


def test_compose_keeps_secrets_in_a_file_that_is_no_part_of_the_image():
    [file] = SERVICE["env_file"]
    assert file == {"path": "extractor.env", "required": False}
    assert SERVICE["build"] == "."


# systemd


def unit():
    """The sections of the unit: each a list of values for each name."""
    found, section = {}, {}
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            section.setdefault(name, []).append(value)
    return found


def test_the_unit_starts_a_command_that_there_is_on_loopback():
    [start] = unit()["Service"]["ExecStart"]
    assert start.startswith("/opt/claim-extractor/bin/extractor serve --host 127.0.0.1 --port 8000")
    check_command(start.replace("/opt/claim-extractor/bin/", ""))
    variables = dict(pair.split("=", 1) for pair in unit()["Service"]["Environment"][0].split())
    assert {name for name in variables if name.startswith("EXTRACTOR_")} == {"EXTRACTOR_SERVICE_FOLDER", "EXTRACTOR_CACHE_DIR"}
    assert variables["EXTRACTOR_SERVICE_FOLDER"] == f"%S/{unit()['Service']['StateDirectory'][0]}"
    assert variables["EXTRACTOR_CACHE_DIR"] == f"%C/{unit()['Service']['CacheDirectory'][0]}"


def test_the_unit_starts_it_again_and_gives_it_no_rights():
    service = {name: values[-1] for name, values in unit()["Service"].items()}
    wanted = {"Restart": "on-failure", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes"}
    assert wanted.items() <= service.items()
    assert (service["CapabilityBoundingSet"], service["User"]) == ("", "claim-extractor")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path):
    there = tmp_path / UNIT.name
    there.write_text(UNIT.read_text(encoding="utf-8").replace("/opt/claim-extractor/bin/extractor", "/bin/true"), encoding="utf-8")
    found = subprocess.run(["systemd-analyze", "verify", there], capture_output=True, text=True, check=False)
    assert UNIT.name not in found.stderr
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", there], capture_output=True, text=True, check=False
    )
    if "unrecognized option" not in judged.stderr:
        assert judged.returncode == 0, judged.stdout[-300:] + judged.stderr


# docs/service.md


def table(heading):
    """The rows of the table below a heading, as lists of cells."""
    part = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("|")]
    return rows[2:]


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def shown(value):
    if isinstance(value, bool) or value is None:
        return "none"
    if isinstance(value, (int, float)):
        return f"{value:,.0f}"
    return "none" if value == () else "the user's data folder"


def test_the_table_of_limits_is_that_of_the_code():
    fields = {f"`EXTRACTOR_SERVICE_{name.upper()}`": shown(getattr(Limits(), name)) for name in Limits.model_fields}
    assert {name: default for name, default, _ in table("Limits")} == fields


def test_the_bounds_of_the_page_are_those_of_the_code():
    bounds = Bounds()
    said = f"more than {bounds.fields} fields or {bounds.head_bytes // 1024} KB is refused"
    assert said in PAGE
    assert f"sends none within {bounds.head_seconds:g} s" in PAGE
    assert f"a comment each {HEARTBEAT:g} s" in PAGE


def test_the_table_of_problems_is_that_of_the_code():
    assert table("Problems") == [[f"`{kind.name}`", str(kind.status), kind.says] for kind in KINDS.values()]


def test_the_commands_of_the_page_are_commands():
    lines = [line for block in blocks("console") for line in block.splitlines() if line.startswith("$ ")]
    own = [line.replace("/opt/claim-extractor/bin/", "") for line in lines] + re.findall(r"`(extractor [^`]+)`", PAGE)
    own = [line.replace(" claim-extractor keys", " extractor keys") for line in own]
    own = [line for line in own if re.search(r"(?<!\S)extractor [a-z]+", line)]
    assert len(own) >= 10
    for line in own:
        check_command(line)


def test_the_variables_of_the_page_are_settings():
    assert set(re.findall(r"\b(?:EXTRACTOR|OPENAI)_[A-Z_]+[A-Z]\b", PAGE)) - {"EXTRACTOR_KEY"} <= VARIABLES


def test_the_receiver_of_the_page_knows_what_the_service_signs():
    [code] = [block for block in blocks("python") if "def signed" in block]
    scope = {}
    exec(code, scope)  # what a reader would copy
    secret, body = signing.new_secret(), b'{"type":"job.done"}'
    headers = {"webhook-id": "msg_1", "webhook-timestamp": "1000", "webhook-signature": signing.sign(secret, "msg_1", 1000, body)}
    assert scope["signed"](secret, headers, body, now=1000)
    assert scope["signed"](secret, headers | {"webhook-signature": f"v1,AAAA {headers['webhook-signature']}"}, body, now=1299)
    assert not scope["signed"](secret, headers, body, now=1301)
    assert not scope["signed"](secret, headers, body + b" ", now=1000)
    assert not scope["signed"](signing.new_secret(), headers, body, now=1000)


def test_the_files_that_the_page_points_to_are_there():
    for target in re.findall(r"\]\(([^)#]+)", PAGE):
        if not target.startswith("http"):
            assert (ROOT / "docs" / target).exists(), target


def test_the_webhook_of_the_page_is_one_of_the_service():
    [shown_] = [json.loads(block) for block in blocks("json") if "job.done" in block]
    now = dt.datetime(2026, 3, 11, 18, tzinfo=dt.UTC)
    told = json.loads(webhook_body(JobOut(id=new_id("job"), state="done", created=now, ended=now, model="m", articles=1)))
    assert (shown_["type"], set(shown_)) == (told["type"], set(told))
    assert set(shown_["data"]) <= set(told["data"])
    assert len(shown_["data"]["id"]) == len(told["data"]["id"])
    dt.datetime.fromisoformat(shown_["timestamp"])


def test_the_client_of_the_page_has_what_is_called():
    [code] = [block for block in blocks("python") if "Client(" in block]
    called = set(re.findall(r"client\.(\w+)\(", code))
    assert called
    assert all(hasattr(Client, name) for name in called)
    compile(code, "page", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def test_the_schedule_of_the_page_is_that_of_the_webhooks():
    [told] = re.findall(r"sent again after (.*?) h \(", PAGE)
    times, unit_ = [], {"s": 1, "min": 60, "h": 3600}
    for number, of_ in re.findall(r"(\d+) ?(s|min)?", told):
        times.append(int(number) * unit_[of_ or "h"])
    assert tuple(times) == SCHEDULE
    assert f"within {SECONDS:g} s. Else" in PAGE
    assert f"At most {AT_ONCE} are sent at once" in PAGE


def test_what_the_page_sends_is_what_the_service_takes():
    sent = [json.loads(body) for block in blocks("console") for body in re.findall(r"--json '(\{.*?\})'", block)]
    assert len(sent) >= 2
    for body in sent:
        (JobIn if "articles" in body else ArticleIn).model_validate_json(json.dumps(body))
