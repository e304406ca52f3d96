"""The files that are a rule set, and their text.

A folder is one rule set: its ``*.yaml`` files, subfolders included, in byte order of their relative paths. Files and
folders whose name begins with a point are not part of it.
"""

from __future__ import annotations

import os
from pathlib import Path

from gpu_target.language.attached import reason
from gpu_target.language.csv_text import not_utf8
from gpu_target.language.diagnostics import Diagnostic, Source
from gpu_target.language.reading import Reading, shown


def rule_files(path: Path, errors: list[Diagnostic]) -> list[Path]:
    """The rule files, in order. RT020 nothing there, RT021 no rule file in the folder, RT022 a ``.yml``."""
    try:
        if not path.is_dir():
            if not path.exists():
                remedy = "write the path of a rule file, or of a folder with rule files"
                errors.append(Diagnostic("RT020", f"{path} does not exist", place=str(path), remedy=remedy))
                return []
            return [path]
    except (OSError, ValueError) as error:
        errors.append(_unreadable(path, error))
        return []
    found: list[tuple[bytes, Path]] = []
    seen: set[str] = set()

    def unreadable(error: OSError) -> None:
        errors.append(_unreadable(Path(error.filename), error))

    for folder, subfolders, names in os.walk(path, onerror=unreadable, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:  # a link that leads back
            subfolders.clear()
            continue
        seen.add(real)
        subfolders[:] = sorted(each for each in subfolders if not each.startswith("."))
        for each in names:
            file = Path(folder, each)
            if each.startswith("."):
                continue
            if file.suffix == ".yaml":
                found.append((os.fsencode(file.relative_to(path).as_posix()), file))
            elif file.suffix.lower() in (".yml", ".yaml"):
                message = f"{file} would not be read: rule files end in .yaml"
                remedy = f"rename it {file.stem}.yaml, or move it out of the folder"
                errors.append(Diagnostic("RT022", message, place=str(file), remedy=remedy))
    if not found and not errors:
        remedy = "put a rule file into it, or write the path of one"
        errors.append(Diagnostic("RT021", f"{path} has no *.yaml file", place=str(path), remedy=remedy))
    return [file for _, file in sorted(found)]


def _unreadable(path: Path, error: OSError | ValueError) -> Diagnostic:
    message = f"{shown(str(path), 200)} cannot be read: {reason(error)}"
    return Diagnostic("RT020", message, place=shown(str(path), 200), remedy="check the path and its permissions")


def open_file(file: Path, errors: list[Diagnostic]) -> Reading | None:
    """The text of a file. RT020 where it cannot be read, RT023 where it is not UTF-8."""
    data = _bytes_of(file, errors)
    return None if data is None else open_text(file, data, errors)


def _bytes_of(file: Path, errors: list[Diagnostic]) -> bytes | None:
    try:
        if not file.is_file():
            remedy = "write the path of an ordinary file"
            errors.append(Diagnostic("RT020", f"{file} is not an ordinary file", place=str(file), remedy=remedy))
            return None
        return file.read_bytes()
    except (OSError, ValueError) as error:
        errors.append(_unreadable(file, error))
        return None


def open_text(file: Path, data: bytes, errors: list[Diagnostic]) -> Reading | None:
    """The text that a file holds, or is to hold. RT023 where it is not UTF-8."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{file} is not UTF-8 text: {not_utf8(data, error.start)}"
        errors.append(Diagnostic("RT023", message, place=str(file), remedy="save the file as UTF-8"))
        return None
    reading = Reading(Source(str(file), text), file.parent, errors)
    reading.count(file, data)
    return reading
