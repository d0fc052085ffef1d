"""The Dockerfile carried out without a container engine, and the image run as compose.yaml runs it: a proof where there is no engine.

Usage, as root: python benchmarks/service/image.py [--model local/qwen2.5-coder-1.5b] [--base FOLDER]

Each RUN is really run, in a file system of its own: a bare Debian, with Debian's Python where the image has the one of python.org. So a
library that the image lacks is missing here too. Then the ENTRYPOINT's command is run as the image's user, without capabilities and
without a network but its own loopback, with all of the tree read-only but the volumes and /tmp; the HEALTHCHECK's command is run beside
it, and SIGTERM must end it with code 0. What is not shown: what the engine itself does, and the very base image.

It needs debootstrap, unshare and nsenter, and what the Dockerfile itself fetches: Debian's packages and those of the lock.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self

import yaml

sys.path.insert(0, str(Path(__file__).parents[2]))  # for benchmarks

from benchmarks.service.verdict import Row, told

ROOT: Final = Path(__file__).parents[2]
_RELEASE: Final = "bookworm"
_PACKAGES: Final = ("ca-certificates", "netbase", "tzdata", "python3-pip", "python3-venv")
"""What the base image has beyond a bare Debian."""
_REACH: Final = ("etc/resolv.conf", "etc/hosts", "etc/apt", "etc/pip.conf", "etc/ssl/certs")
"""How this machine reaches registries; an engine gives its builds the like."""
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_UNTIL: Final = 60.0
_STEP: Final = 0.2
_ARTICLE: Final = "Ostrava's military said on Wednesday that Velorian forces lost 310 soldiers.\n\nMud buried 35 sheds."
_TMPFS: Final = "mode=1777,noexec,nosuid,nodev"
"""What an engine mounts a tmpfs with where nothing else is asked."""
_WRITE: Final = """
for at in / /opt/claim-extractor/bin /etc /tmp $EXTRACTOR_CACHE_DIR $EXTRACTOR_SERVICE_FOLDER; do
  touch $at/written 2>/dev/null && echo $at
done; true
"""
_ASK: Final = """
import json, sys
from urllib.request import ProxyHandler, Request, build_opener
key, text = sys.argv[1:]
headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
asked = Request("http://127.0.0.1:8000/v1/extract", json.dumps({"text": text}).encode(), headers)
print(json.dumps([claim["quantity"]["value"] for claim in json.load(build_opener(ProxyHandler({})).open(asked, timeout=300))["claims"]]))
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the build, as far as it has come.

    Attributes:
        root: Its file system.
        variables: Of its environment.
        user: Number of its user and group, ``10001:10001``.
        folder: Where its commands are run.
        said: What its other instructions say, by their names.
    """

    root: Path
    variables: Mapping[str, str] = field(default_factory=lambda: {"PATH": _PATH})
    user: str = "0:0"
    folder: str = "/"
    said: Mapping[str, str] = field(default_factory=dict)

    def words(self, command: Sequence[str]) -> list[str]:
        """Return the words that run ``command`` in its file system, by its user and without capabilities unless that is root."""
        owner, _, group = self.user.partition(":")
        rights = ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"] if owner != "0" else []
        inside = ["setpriv", f"--reuid={owner}", f"--regid={group}", "--clear-groups", *rights, *command]
        clean = ["env", "-i", *(f"{name}={value}" for name, value in self.variables.items())]
        return [*clean, "chroot", str(self.root), "env", f"--chdir={self.folder}", *inside]


@dataclass(frozen=True, slots=True)
class Build:
    """What the Dockerfile is carried out with.

    Attributes:
        place: Folder of the stages.
        base: File system that stands for the base image.
        arguments: Values of ARG, by their names.
    """

    place: Path
    base: Path
    arguments: Mapping[str, str]

    def image(self, dockerfile: str) -> Stage:
        """Carry out all instructions and return the last stage.

        Raises:
            ValueError: An instruction is not known here.
            subprocess.CalledProcessError: A command failed.
        """
        stages: dict[str, Stage] = {}
        asked: dict[str, str] = {}
        stage, called = Stage(self.base), ""
        for name, rest in instructions(dockerfile):
            print(f"{name} {rest[:120]}", flush=True)
            match name:
                case "FROM":
                    origin, _, called = rest.partition(" AS ")
                    stage = self._begun(stages.get(origin), called or "image")
                case "RUN":
                    apart(_ordinary(stage.root), replace(stage, variables={**stage.variables, **asked}).words(["sh", "-c", rest]))
                case "COPY":
                    self._copy(stage, stages, rest.split())
                case "ENV":
                    given = dict(pair.split("=", 1) for pair in shlex.split(rest))
                    known = {name: value.replace("$PATH", stage.variables["PATH"]) for name, value in given.items()}
                    stage = replace(stage, variables={**stage.variables, **known})
                case "ARG":
                    argument, _, usual = rest.partition("=")
                    asked[argument] = self.arguments.get(argument, usual.strip('"'))
                case "USER":
                    stage = replace(stage, user=rest)
                case "WORKDIR":
                    (stage.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
                    stage = replace(stage, folder=rest)
                case "VOLUME" | "EXPOSE" | "HEALTHCHECK" | "ENTRYPOINT" | "CMD":
                    stage = replace(stage, said={**stage.said, name: rest})
                case _:
                    msg = f"the instruction {name} is not known here"
                    raise ValueError(msg)
            stages[called] = stage
        return stage

    def _begun(self, origin: Stage | None, called: str) -> Stage:
        root = self.place / called
        _run("cp", "--archive", "--reflink=auto", str(origin.root if origin is not None else self.base), str(root))
        return replace(origin, root=root) if origin is not None else Stage(root)

    @staticmethod
    def _copy(stage: Stage, stages: Mapping[str, Stage], words: Sequence[str]) -> None:
        """Copy as COPY does; from the context, only what .dockerignore lets through."""
        origin = ROOT
        if words[0].startswith("--from="):
            origin, words = stages[words[0].removeprefix("--from=")].root, words[1:]
        *sources, target = words
        into = stage.root / (target if target.startswith("/") else f"{stage.folder}/{target}").lstrip("/")
        for source in sources:
            found = origin / source.lstrip("/")
            if origin == ROOT:
                assert f"!{source}" in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines(), f"{source} is not let through"
            if found.is_dir():
                left_out = shutil.ignore_patterns("__pycache__", "*.egg-info") if origin == ROOT else None
                shutil.copytree(found, into, symlinks=True, ignore=left_out, dirs_exist_ok=True)
            else:
                into.mkdir(parents=True, exist_ok=True)
                shutil.copy(found, into)


def instructions(dockerfile: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each instruction and the rest of it, continued lines joined."""
    lines = [line for line in dockerfile.splitlines() if not line.startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            name, rest = line.split(None, 1)
            yield name, " ".join(rest.split()) if name != "RUN" else rest


def _ordinary(root: Path) -> list[str]:
    """Return the commands that give a file system what programs expect to find."""
    return [f"mount --types proc proc {root}/proc", f"mount --rbind /dev {root}/dev"]


def apart(before: Sequence[str], command: Sequence[str]) -> None:
    """Run a command with mounts of its own, which end with it: none is left behind, whatever happens.

    Args:
        before: Commands of the shell that mount.
        command: What is then run.

    Raises:
        subprocess.CalledProcessError: One of them failed.
    """
    _run("unshare", "--mount", "sh", "-c", " && ".join([*before, 'exec "$@"']), "sh", *command)


def debian(root: Path) -> None:
    """Make a bare Debian with Python, which answers to the names that the base image's has."""
    mirror = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)"], capture_output=True, text=True, check=True).stdout  # noqa: S607  # Debian's own
    _run(
        "unshare", "--mount", "debootstrap", "--variant=minbase", f"--include={','.join(_PACKAGES)}", _RELEASE, str(root), mirror.split()[0]
    )
    for name in _REACH:
        if (there := Path("/") / name).is_dir():
            shutil.rmtree(root / name, ignore_errors=True)
            shutil.copytree(there, root / name, symlinks=False, ignore_dangling_symlinks=True)
        elif there.exists():
            shutil.copy(there, root / name)
    (root / "usr/local/bin/python").symlink_to("/usr/bin/python3")


class Container:
    """The image run as compose.yaml says; it ends with the block.

    Args:
        image: What is run.
        place: Folder for the volumes.
        tmpfs: What is held in memory, as compose writes it.
    """

    def __init__(self, image: Stage, place: Path, tmpfs: Sequence[str]) -> None:
        owner, _, group = image.user.partition(":")
        lines = [f"mount --bind {image.root} {image.root}"]
        for volume in json.loads(image.said["VOLUME"]):
            kept = place / Path(volume).name / Path(volume).parent.name
            shutil.copytree(image.root / volume.lstrip("/"), kept, symlinks=True)
            _run("chown", "--recursive", f"{owner}:{group}", str(kept))
            _run("chmod", "700", str(kept))
            lines.append(f"mount --bind {kept} {image.root}{volume}")
        lines += _ordinary(image.root)
        for where, _, size in (one.partition(":") for one in tmpfs):
            lines.append(f"mount --types tmpfs -o {_TMPFS},{size} tmpfs {image.root}{where}")
        lines += [f"mount -o remount,bind,ro {image.root}", "ip link set lo up"]
        self._image, self._before = image, " && ".join(lines)
        self._process: subprocess.Popen[str] | None = None

    def once(self, *words: str) -> str:
        """Run the ENTRYPOINT with ``words`` to its end and return what it prints, as ``docker compose run --rm`` does."""
        return subprocess.run(self._words(words), stdout=subprocess.PIPE, text=True, check=True).stdout  # noqa: S603  # our own command

    def start(self) -> None:
        """Run the ENTRYPOINT with CMD."""
        self._process = subprocess.Popen(self._words(json.loads(self._image.said["CMD"])), text=True)  # noqa: S603  # our own command

    def inside(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a command beside what was started, as ``docker exec`` does."""
        assert self._process is not None
        words = ["nsenter", f"--target={self._process.pid}", "--mount", "--net", *self._image.words(command)]
        return subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603  # our own command

    def status(self) -> Mapping[str, str]:
        """Return what the kernel says of the process."""
        assert self._process is not None
        text = Path(f"/proc/{self._process.pid}/status").read_text(encoding="utf-8")
        return {name: " ".join(value.split()) for name, _, value in (line.partition(":") for line in text.splitlines())}

    def stop(self) -> int:
        """Send SIGTERM, and return the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(_UNTIL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _words(self, words: Sequence[str]) -> list[str]:
        command = self._image.words([*json.loads(self._image.said["ENTRYPOINT"]), *words])
        # All of it is exec, so that the process that is signalled is the service itself.
        return ["unshare", "--mount", "--net", "sh", "-c", f'{self._before} && exec "$@"', "sh", *command]


def proven(image: Stage, compose: Mapping[str, Any], place: Path, *, asked: bool) -> Iterator[Row]:
    """Yield what was seen of an image that runs, and what should be; ``asked`` whether its model is asked too."""
    health = json.loads(image.said["HEALTHCHECK"].partition("CMD ")[2])
    with Container(image, place, compose["tmpfs"]) as container:
        key = container.once("keys", "add", "news desk").splitlines()[0]
        yield Row("a key is made before it serves", key[:3], "ck_", key.startswith("ck_"))
        container.start()
        until = time.monotonic() + _UNTIL
        while (found := container.inside(health)).returncode and time.monotonic() < until:
            time.sleep(_STEP)
        yield Row("HEALTHCHECK while it serves", f"exit {found.returncode}", "exit 0", found.returncode == 0)
        same = compose["healthcheck"]["test"] == ["CMD", *health]
        yield Row("compose asks in the same way", str(same), "True", same)
        status = container.status()
        numbers = f"{status['Uid'].split()[0]}:{status['Gid'].split()[0]}"
        yield Row("user and group", numbers, compose["user"], numbers == compose["user"] == image.user)
        rights = f"{int(status['CapEff'], 16)}, {int(status['CapBnd'], 16)}, {status['NoNewPrivs']}"
        yield Row("capabilities had, to be had; no new privileges", rights, "0, 0, 1", rights == "0, 0, 1")
        written = container.inside(["sh", "-c", _WRITE]).stdout.split()
        wanted = [*(one.partition(":")[0] for one in compose["tmpfs"]), *json.loads(image.said["VOLUME"])]
        yield Row("where it can write", " ".join(written), " ".join(wanted), written == wanted)
        loads = container.inside(["python", "-c", "import fastapi, opentelemetry.sdk, redis, spacy, uvloop, xllamacpp"])
        yield Row("libraries of all extras load", loads.stderr[-200:] or "all", "all", loads.returncode == 0)
        if asked:
            claims = container.inside(["python", "-c", _ASK, key, _ARTICLE])
            yield Row("figures of an article", claims.stdout.strip() or claims.stderr[-200:], "[310, 35]", claims.stdout == "[310, 35]\n")
        code = container.stop()
        yield Row("exit code after SIGTERM", str(code), "0", code == 0)


def _run(*words: str) -> None:
    subprocess.run(words, check=True)  # noqa: S603  # our own words


def main() -> int:
    """Build, run and print what was seen; return 0 where all is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="", help="built into the image, as by --build-arg MODEL, and asked")
    parser.add_argument("--base", type=Path, help="a Debian that an earlier run has made, or where to keep it")
    given = parser.parse_args()
    if os.geteuid() != 0:
        parser.error("it must be run by root, who alone may change roots and mount")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="image-") as folder:
        place = Path(folder)
        base = given.base or place / "debian"
        if not base.exists():
            debian(base)
        image = Build(place, base, {"MODEL": given.model} if given.model else {}).image((ROOT / "Dockerfile").read_text(encoding="utf-8"))
        print(f"built in {time.monotonic() - began:.0f} s", flush=True)
        compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]["extractor"]
        return told("the image", list(proven(image, compose, place / "volumes", asked=bool(given.model))))


if __name__ == "__main__":
    sys.exit(main())
