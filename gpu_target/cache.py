"""Plans kept between runs, so that rules which have not changed are not compiled again.

A *note* says of a rule file or folder what its files held, each by its SHA-256, when they were compiled; a *plan* lies
under a key of that content, the schema and everything else that it depends on, this code included. Both are checked
whenever they are read, and whatever is not exactly as it should be counts as not there. Files are written under
another name and renamed, so that processes do not disturb each other; the ones used longest ago go first.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from gpu_target.language.diagnostics import Diagnostic, RuleError
from gpu_target.language.files import load_rules
from gpu_target.language.folder import rule_files
from gpu_target.language.model import Content, RuleSet, hash_of
from gpu_target.plan.bind import bind
from gpu_target.plan.plan import Plan, Typed
from gpu_target.plan.process import compiling
from gpu_target.plan.stored import DIGEST, Unreadable, decode, encode

VARIABLE = "GPU_TARGET_CACHE_DIR"  # a folder, or ``off``
MOST_BYTES = 256 << 20  # of all files together
OLDEST_UNFINISHED = 3600  # seconds; a file under a temporary name is then of a process that was killed
PARTS = ("language", "columns", "selection", "plan")  # packages of this code that a plan depends on,
MODULES = ("__init__", "held", "immutable")  # and modules beside them
NOTE, PLAN, UNFINISHED = ".note", ".plan", ".unfinished"


class Known(NamedTuple):
    """What a note says of a rule set: that its files hold now what they held when it was compiled."""

    path: Path
    name: str
    record: str | None
    sha256: str


def folder() -> Path | None:
    """Where plans are kept; None where the cache is off, or there is no home to keep them in."""
    given = os.environ.get(VARIABLE, "")
    if given.lower() == "off" or not Path(__file__).is_file():  # without its text this code has no fingerprint
        return None
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "gpu-target"
    except RuntimeError:
        return None


def look(rules: Path) -> Known | None:
    """The rule set of a file or folder, from its note; None where there is none, or something has changed."""
    place = folder()
    if place is None:
        return None
    path = place / _note_name(rules)
    try:
        note = json.loads(_checked(path))
        if (note["code"], note["rule_files"]) != (fingerprint(), _absolute(rule_files(rules, []))):
            return None
        contents = [Content(Path(each), hashlib.sha256(Path(each).read_bytes()).digest()) for each in note["files"]]
        if hash_of(contents) != note["sha256"]:
            return None
        _touch(path)
        return Known(rules, note["name"], note["record"], note["sha256"])
    except (OSError, ValueError, LookupError, TypeError, Unreadable):
        return None


def load(known: Known, schema: pa.Schema, key: tuple[str, ...] | None, roles: Mapping[str, str] | None) -> Plan | None:
    """The plan of such a rule set for a schema; None where there is none. ``key`` and ``roles`` as for ``compile``."""
    place = folder()
    if place is None:
        return None
    about = _about(known.sha256, schema, key, roles)
    path = place / _plan_name(about)
    try:
        plan = decode(path.read_bytes(), about, partial(_typed, known, schema, roles))
    except (OSError, Unreadable):
        return None
    _touch(path)
    return plan


def keep(
    rules: Path,
    ruleset: RuleSet,
    plan: Plan,
    schema: pa.Schema,
    key: tuple[str, ...] | None,
    roles: Mapping[str, str] | None,
) -> None:
    """Keep a plan that was compiled, where that is possible.

    One that depends on tables of the data is not kept, and neither is anything where nothing can be written.
    """
    place = folder()
    if place is None or any(table.data is not None for table in ruleset.tables.values()):
        return
    files, listed = _absolute(each.path for each in ruleset.contents), _absolute(rule_files(rules, []))
    if not set(listed) <= set(files):
        return  # a file has come into the folder after the rules were read
    about = _about(ruleset.sha256, schema, key, roles)
    note = {
        "code": fingerprint(),
        "rule_files": listed,
        "files": files,
        "name": ruleset.name,
        "record": ruleset.record,
        "sha256": ruleset.sha256,
    }
    text = json.dumps(note).encode()
    with suppress(OSError):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(place, _plan_name(about), encode(plan, about))
        _write(place, _note_name(rules), hashlib.sha256(text).digest() + text)
        _make_room(place)


def size(place: Path) -> tuple[int, int]:
    """How many plans lie in a folder, and the bytes of all files there."""
    files = _files(place)
    return sum(path.suffix == PLAN for _, _, path in files), sum(size for _, size, _ in files)


@cache
def fingerprint() -> str:
    """SHA-256 of the code that plans depend on, and of the versions of the libraries that hold their arrays."""
    digest = hashlib.sha256(f"{np.__version__} {pa.__version__}".encode())
    for file in code_files():
        data = file.read_bytes()
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()


def code_files() -> list[Path]:
    """The files that plans depend on."""
    root = Path(__file__).parent
    modules = [root / f"{name}.py" for name in MODULES]
    return sorted([*modules, *(file for part in PARTS for file in (root / part).rglob("*.py"))])


def _typed(known: Known, schema: pa.Schema, roles: Mapping[str, str] | None) -> Typed:
    """The typed rules of a plan from the cache; they are read where something asks for them."""
    ruleset = load_rules(known.path)
    if ruleset.sha256 != known.sha256:
        remedy = "run the command again"
        message = "the rules were changed while they were being used"
        raise RuleError(Diagnostic("RT053", message, place=str(known.path), remedy=remedy))
    with compiling():
        bound = bind(ruleset, {field.name: field.type for field in schema}, roles=roles)
    return Typed(bound.rules, bound.lists)


def _about(
    sha256: str, schema: pa.Schema, key: tuple[str, ...] | None, roles: Mapping[str, str] | None
) -> dict[str, str]:
    """Everything that a plan depends on."""
    types = hashlib.sha256(schema.remove_metadata().serialize()).hexdigest()
    return {
        "code": fingerprint(),
        "rules": sha256,
        "schema": types,
        "key": json.dumps(key),
        "roles": json.dumps(sorted(roles.items()) if roles else None),
    }


def _plan_name(about: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(about).encode()).hexdigest() + PLAN


def _note_name(rules: Path) -> str:
    return hashlib.sha256(os.fsencode(rules.absolute())).hexdigest() + NOTE


def _absolute(paths: Iterable[Path]) -> list[str]:
    return [str(each.absolute()) for each in paths]


def _checked(path: Path) -> bytes:
    data = path.read_bytes()
    if hashlib.sha256(data[DIGEST:]).digest() != data[:DIGEST]:
        raise Unreadable("the bytes are not those that were written")
    return data[DIGEST:]


def _write(place: Path, name: str, data: bytes) -> None:
    """Write a file so that it is there as a whole or not at all."""
    handle, temporary = tempfile.mkstemp(suffix=UNFINISHED, dir=place)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, place / name)
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _touch(path: Path) -> None:
    with suppress(OSError):
        os.utime(path)


def _files(place: Path) -> list[tuple[float, int, Path]]:
    """When each of our files was used last, its size, its path; the oldest first."""
    found = []
    for path in place.glob("*"):
        if path.suffix in (NOTE, PLAN, UNFINISHED):
            with suppress(OSError):  # another process has removed it
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
    return sorted(found)


def _make_room(place: Path) -> None:
    files = _files(place)
    whole = sum(size for _, size, _ in files)
    for used, size, path in files:
        killed = path.suffix == UNFINISHED and time.time() - used > OLDEST_UNFINISHED
        if killed or (whole > MOST_BYTES and path.suffix != UNFINISHED):
            with suppress(OSError):
                path.unlink()
            whole -= size
