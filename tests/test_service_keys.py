"""Keys: made, found, revoked, kept, and never lost without a word."""

import errno
import hashlib
import json
import os
import random
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import ConfigurationError, StorageError
from extractor.service.callers import OPEN
from extractor.service.keyfile import KeyFile
from extractor.service.keys import Keys

WRONG = st.one_of(
    st.text(max_size=80),
    st.from_regex(r"ck_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", fullmatch=True),
    st.sampled_from(["", "ck_", "ck__", "Bearer", "\ud800", "ck_" + "0" * 10_000]),
)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "service"


@pytest.fixture
def keys(folder: Path):
    with closing(Keys.open(folder)) as opened:
        yield opened


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_a_key_is_found_by_its_secret_and_carries_its_limits(keys):
    assert not keys.any()
    key, secret = keys.add("news desk", rate=60, in_flight=8, tokens_a_day=1_000_000)
    found = keys.find(secret)
    assert (found.id, found.name, found.rate, found.in_flight, found.tokens_a_day) == (key.id, "news desk", 60, 8, 1_000_000)
    assert keys.any()
    assert keys.list() == (key,)


def test_a_secret_has_the_form_that_scanners_know_and_enough_of_chance(keys):
    made = [keys.add("x") for _ in range(20)]
    for key, secret in made:
        assert re.fullmatch(rf"ck_{key.id}_[A-Za-z0-9_-]{{43}}", secret)  # 43 characters of base64 are 32 bytes
        assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", key.webhook_secret)
    assert len({secret.rpartition(key.id)[2] for key, secret in made}) == 20
    assert len({key.webhook_secret for key, _ in made}) == 20


def test_neither_the_secret_nor_a_webhooks_secret_is_shown_or_kept_where_it_need_not_be(keys, folder):
    key, secret = keys.add("desk")
    assert key.webhook_secret not in repr(key)
    content = b"".join(file.read_bytes() for file in files(folder))
    assert secret.encode() not in content
    assert secret[-43:].encode() not in content
    assert hashlib.sha256(secret.encode()).digest() in content


@given(WRONG)
def test_nobody_is_found_by_what_is_no_key(wrong):
    assert KEYS.find(wrong) is None


def test_a_key_that_differs_in_one_character_is_none(keys):
    _, secret = keys.add("desk")
    other, _ = keys.add("other")
    for place in range(len(secret)):
        changed = secret[:place] + ("A" if secret[place] != "A" else "B") + secret[place + 1 :]
        assert keys.find(changed) is None
    assert keys.find(f"ck_{other.id}_{secret[-43:]}") is None
    assert keys.find(secret + "=") is None
    assert keys.find(secret + "\n") is None


def test_an_unknown_id_a_wrong_secret_and_a_revoked_key_are_compared_alike(keys, monkeypatch):
    _, secret = keys.add("desk")
    key, revoked = keys.add("gone")
    keys.revoke(key.id)
    compared = []
    monkeypatch.setattr("extractor.service.keys.hmac.compare_digest", lambda a, b: compared.append((len(a), len(b))) or a == b)
    for wrong in (secret[:-1] + "-", f"ck_{'0' * 12}_{secret[-43:]}", revoked, "nonsense", ""):
        keys.find(wrong)
    assert compared == [(32, 32)] * 5


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "a\x1b[31m", "\u202eabc", "\ud800", "a\0"])
def test_a_name_is_printable_and_short(keys, name):
    with pytest.raises(ConfigurationError, match="1 to 100 printable characters"):
        keys.add(name)
    assert not keys.any()


@pytest.mark.parametrize("limit", ["rate", "in_flight", "tokens_a_day"])
@pytest.mark.parametrize("value", [0, -1, 2**63])
def test_a_limit_is_at_least_one_and_can_be_kept(keys, limit, value):
    with pytest.raises(ConfigurationError, match="whole number from 1"):
        keys.add("desk", **{limit: value})
    assert not keys.any()


def test_a_revoked_key_is_nobodys_and_stays_in_the_list_and_needs_keys_still(keys):
    key, secret = keys.add("desk")
    revoked = keys.revoke(key.id)
    assert keys.find(secret) is None
    assert revoked.revoked is not None
    assert keys.list() == (revoked,)
    assert keys.any(), "revoking the last key would open the service"
    assert keys.revoke(key.id) == revoked


def test_a_key_can_be_revoked_by_itself_since_that_is_what_leaked(keys):
    _, secret = keys.add("desk")
    keys.revoke(secret)
    assert keys.find(secret) is None


@pytest.mark.parametrize("unknown", ["nope", "", "\ud800", "0" * 12, "ck_secretwithatypingerror"])
def test_revoking_what_is_no_key_is_told_without_repeating_it(keys, unknown):
    keys.add("desk")
    with pytest.raises(ConfigurationError) as caught:
        keys.revoke(unknown)
    assert not unknown or unknown not in str(caught.value)


def test_a_callers_jobs_are_done_at_their_expense_until_the_key_is_revoked(keys):
    key, secret = keys.add("desk", tokens_a_day=5)
    assert keys.caller(key.id) == keys.find(secret)
    assert keys.caller("open") == OPEN
    assert keys.caller("nobody") is None
    keys.revoke(key.id)
    assert keys.caller(key.id) is None


def test_webhooks_are_signed_by_the_secret_of_their_callers_key_even_a_revoked_one(keys):
    key, _ = keys.add("desk")
    assert keys.webhook_secret(key.id) == key.webhook_secret
    keys.revoke(key.id)
    assert keys.webhook_secret(key.id) == key.webhook_secret
    assert keys.webhook_secret("open") is None


def test_what_others_add_and_revoke_is_seen_after_a_second_at_the_latest(folder):
    clock = Clock()
    with closing(Keys.open(folder, clock)) as server, closing(Keys.open(folder)) as command:
        key, secret = command.add("desk")
        assert server.find(secret) is None
        clock.now += 1.0
        assert server.any()
        assert server.find(secret).id == key.id
        command.revoke(key.id)
        assert server.find(secret) is not None
        clock.now += 1.0
        assert server.find(secret) is None


def test_nothing_is_read_of_the_file_between_two_looks(folder, monkeypatch):
    clock = Clock()
    with closing(Keys.open(folder, clock)) as keys:
        _, secret = keys.add("desk")

        def reading(self):
            raise AssertionError

        monkeypatch.setattr(KeyFile, "reading", reading)
        clock.now += 0.9
        assert keys.find(secret) is not None


def test_the_file_and_a_new_folder_are_their_owners_alone(keys, folder):
    keys.add("desk")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(files(folder)) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files(folder)} == {0o600}


def test_a_folder_that_all_may_write_to_is_refused_and_one_that_all_may_read_is_left(tmp_path):
    tmp_path.chmod(0o777)
    with pytest.raises(StorageError, match="anybody may write to"):
        Keys.open(tmp_path)
    assert files(tmp_path) == []
    tmp_path.chmod(0o755)
    Keys.open(tmp_path).close()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_a_file_that_others_could_read_is_closed_to_them(folder):
    Keys.open(folder).close()
    (folder / "keys.sqlite").chmod(0o644)
    Keys.open(folder).close()
    assert stat.S_IMODE((folder / "keys.sqlite").stat().st_mode) == 0o600


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def overwritten(file: Path) -> None:
    file.write_bytes(b"\xa5" * file.stat().st_size)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def with_a_page_of_zeros(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096:8192] = bytes(4096)
    file.write_bytes(content)


def without_rows(file: Path) -> None:
    with closing(sqlite3.connect(file)) as sql:
        sql.execute("DELETE FROM keys")
        sql.commit()


def without_tables(file: Path) -> None:
    with closing(sqlite3.connect(file)) as sql:
        sql.executescript("DROP TABLE keys; DROP TABLE spending; VACUUM")


@pytest.mark.parametrize("damage", [emptied, overwritten, cut, with_a_page_of_zeros, without_rows, without_tables])
def test_a_damaged_file_is_told_of_and_never_taken_for_one_without_keys(folder, damage):
    with closing(Keys.open(folder)) as keys:
        keys.add("desk")
    damage(folder / "keys.sqlite")
    before = (folder / "keys.sqlite").read_bytes()
    with pytest.raises(StorageError, match=r"keys\.sqlite are damaged; restore") as caught:
        Keys.open(folder)
    assert "\n" not in str(caught.value)
    assert (folder / "keys.sqlite").read_bytes() == before, "it is left as it is"


@pytest.mark.parametrize("place", range(0, 20_480, 512))
def test_wherever_a_file_is_overwritten_no_key_is_forgotten(folder, tmp_path, place):
    with closing(Keys.open(folder)) as keys:
        keys.add("desk")
    content = bytearray((folder / "keys.sqlite").read_bytes())
    assert len(content) == 20_480
    content[place : place + 512] = random.Random(place).randbytes(512)
    (folder / "keys.sqlite").write_bytes(content)
    try:
        with closing(Keys.open(folder)) as keys:
            assert keys.any()
    except StorageError:
        pass


def test_a_row_that_nobody_here_wrote_is_damage(keys, folder):
    keys.add("desk")
    with closing(sqlite3.connect(folder / "keys.sqlite")) as sql:
        sql.execute("UPDATE keys SET created = 'today'")
        sql.commit()
    with pytest.raises(StorageError, match="damaged"):
        keys.list()


def test_a_file_of_another_program_or_version_is_left_alone(folder):
    folder.mkdir()
    with closing(sqlite3.connect(folder / "keys.sqlite")) as sql:
        sql.execute("CREATE TABLE others (x)")
        sql.commit()
    with pytest.raises(StorageError, match="file of another program"):
        Keys.open(folder)
    (folder / "keys.sqlite").unlink()
    Keys.open(folder).close()
    with closing(sqlite3.connect(folder / "keys.sqlite")) as sql:
        sql.execute("PRAGMA user_version = 9")
    with pytest.raises(StorageError, match=r"another version of the service \(9, not 1\)"):
        Keys.open(folder)


def test_a_file_that_goes_missing_while_it_is_used_is_told_of_until_it_is_back(folder, tmp_path):
    clock = Clock()
    with closing(Keys.open(folder, clock)) as keys:
        _, secret = keys.add("desk")
        shutil.move(folder / "keys.sqlite", tmp_path / "aside")
        clock.now += 1.0
        for _ in range(2):
            with pytest.raises(StorageError, match="is gone; put it back"):
                keys.any()
        shutil.move(tmp_path / "aside", folder / "keys.sqlite")
        assert keys.find(secret) is not None


def test_a_file_that_takes_the_place_of_another_is_read(folder, tmp_path):
    clock = Clock()
    with closing(Keys.open(folder, clock)) as keys, closing(Keys.open(tmp_path / "other")) as others:
        _, old = keys.add("desk")
        _, new = others.add("desk")
        shutil.copy(tmp_path / "other" / "keys.sqlite", folder / "incoming")
        for log in ("keys.sqlite-wal", "keys.sqlite-shm"):
            (folder / log).unlink()
        (folder / "incoming").replace(folder / "keys.sqlite")
        clock.now += 1.0
        assert keys.find(old) is None
        assert keys.find(new) is not None


def test_a_copy_of_the_file_alone_has_every_key(keys, folder, tmp_path):
    _, kept = keys.add("desk")
    key, revoked = keys.add("gone")
    keys.revoke(key.id)
    (tmp_path / "copy").mkdir()
    shutil.copy(folder / "keys.sqlite", tmp_path / "copy")
    with closing(Keys.open(tmp_path / "copy")) as copied:
        assert copied.find(kept) is not None
        assert copied.find(revoked) is None


def test_a_full_disk_is_told_of_and_no_key_is_half_made(keys):
    keys.add("first")
    keys._file._sql.execute("PRAGMA max_page_count = 1")  # SQLite takes it for the pages there are

    def fill() -> None:
        for _ in range(200):
            keys.add("x" * 100)

    with pytest.raises(StorageError, match="no room to write"):
        fill()
    assert len(keys.list()) == keys._counts[0]
    assert keys.any()


def test_threads_that_open_a_new_folder_at_once_all_see_what_each_adds(folder):
    def add(number: int) -> str:
        with closing(Keys.open(folder)) as keys:
            return keys.add(str(number))[1]

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(add, range(16)))
    with closing(Keys.open(folder)) as keys:
        assert {keys.find(secret).name for secret in made} == {str(number) for number in range(16)}
    assert [file.name for file in files(folder)] == ["keys.sqlite"]


def test_a_file_system_without_links_will_do(folder, monkeypatch):
    def refusing(self: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", refusing)
    for _ in range(2):
        with closing(Keys.open(folder)) as keys:
            keys.add("desk")
    with closing(Keys.open(folder)) as keys:
        assert len(keys.list()) == 2
    assert [file.name for file in files(folder)] == ["keys.sqlite"]


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = "from extractor.cli.keys import app; from extractor.cli.main import run; run(app)"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "EXTRACTOR_SERVICE_FOLDER": str(folder), "COLUMNS": "100"},
        timeout=60,
        check=False,
    )


def test_a_running_service_and_the_command_line_are_processes_that_agree(folder):
    clock = Clock()
    with closing(Keys.open(folder, clock)) as server:
        added = command(folder, "add", "news desk", "--rate", "60", "--tokens-a-day", "1000")
        assert added.returncode == 0, added.stderr
        secret, webhook_secret = added.stdout.splitlines()
        clock.now += 1.0
        caller = server.find(secret)
        assert (caller.name, caller.rate, caller.tokens_a_day) == ("news desk", 60, 1000)
        assert server.webhook_secret(caller.id) == webhook_secret
        assert secret not in added.stderr
        assert f"extractor keys revoke {caller.id}" in added.stderr

        [listed] = json.loads(command(folder, "list", "--format", "json").stdout)
        assert (listed["id"], listed["name"], listed["revoked"], listed["spent_today"]) == (caller.id, "news desk", None, 0)
        table = command(folder, "list")
        assert caller.id in table.stdout
        assert secret not in table.stdout + table.stderr

        revoked = command(folder, "revoke", caller.id)
        assert (revoked.returncode, revoked.stdout) == (0, "")
        clock.now += 1.0
        assert server.find(secret) is None


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("revoke", "nope"), 2, "extractor keys list"),
        (("add", "a\nb"), 2, "printable"),
        (("add", "x", "--rate", "0"), 2, "requests a minute"),
    ],
)
def test_what_goes_wrong_is_one_sentence(folder, arguments, code, word):
    done = command(folder, *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("extractor: ")
    assert len(done.stderr.splitlines()) == 1
    assert word in done.stderr


def test_a_list_of_nobody_says_how_to_begin_and_is_empty_json(folder):
    assert "extractor keys add NAME" in command(folder, "list").stderr
    assert json.loads(command(folder, "list", "--format", "json").stdout) == []


def test_the_command_needs_nothing_of_the_extra(folder):
    blocked = "import sys\nfor name in ('fastapi', 'starlette', 'uvicorn', 'prometheus_client'): sys.modules[name] = None\n"
    program = f"{blocked}from extractor.cli.keys import app; from extractor.cli.main import run; run(app)"
    environment = {**os.environ, "EXTRACTOR_SERVICE_FOLDER": str(folder)}
    done = subprocess.run([sys.executable, "-c", program, "add", "x"], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module", autouse=True)
def _known(tmp_path_factory):
    """Keys that stay open for the examples of a property."""
    global KEYS  # hypothesis wants no fixture that is made anew for every example
    with closing(Keys.open(tmp_path_factory.mktemp("keys") / "service")) as KEYS:
        KEYS.add("desk")
        KEYS.revoke(KEYS.add("gone")[0].id)
        yield
