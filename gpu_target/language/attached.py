"""Files that a rule file names: found relative to it, read once, counted in the rule set's hash. Nothing is fetched."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from gpu_target.language.paths import meant
from gpu_target.language.reading import Reading, scalar, shown
from gpu_target.language.yaml_nodes import YamlNode

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


@dataclass(frozen=True, slots=True)
class Attached:
    """``name`` is for messages: the path as the rule file's own name and the path in it give it."""

    path: Path
    name: str
    data: bytes

    @property
    def kind(self) -> str:
        """The ending in small letters, such as ``.csv``."""
        return self.path.suffix.lower()


def attach(reading: Reading, node: YamlNode, what: str, kinds: tuple[str, ...]) -> Attached | None:
    """Read the file that ``node`` names. DT203 where it cannot be read, DT211 where its ending is none of ``kinds``."""
    written = scalar(reading, node, what)
    if written is None:
        return None
    value = written.value
    if _URL.match(value):
        remedy = "download it, put it beside the rule file and write its path"
        reading.note("DT203", "files are not fetched from the network", written, f"found {shown(value)}", remedy)
        return None
    path = reading.folder / value
    problem, remedy = "", "paths are relative to the file they stand in"
    try:
        if path.is_dir():
            problem = "is a folder"
            remedy = "write the path of one file"
        elif not path.exists():
            problem = "does not exist"
            if path.suffix:
                remedy = meant(path, remedy, reading.folder)
            elif what.startswith("lists: "):
                remedy = f"a list of this one value is written [{shown(value)}]"
        elif not path.is_file():
            problem = "is not an ordinary file"
        elif path.suffix.lower() not in kinds:
            expected = " or ".join(kinds)
            label = f"expected a name that ends in {expected}"
            reading.note("DT211", f"the kind of {shown(value)} is not known", written, label, f"save it as {kinds[0]}")
            return None
        else:
            data = path.read_bytes()
            reading.count(path, data)
            return Attached(path, os.path.join(os.path.dirname(reading.source.name), value), data)
    except (OSError, ValueError) as error:
        problem = f"cannot be read: {reason(error)}"
    reading.note("DT203", f"the file {shown(value)} {problem}", written, f"looked for {shown(str(path), 200)}", remedy)
    return None


def reason(error: OSError | ValueError) -> str:
    """Why a file cannot be read, in the operating system's words."""
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return (reason or "unknown reason").lower()
