"""A folder to start from: rules, a list, tables, a map, declarations and a page, copied to where a user wants them.

What is copied stands in ``files`` beside this module. The JSON Schemas are written from the models that read the files,
so that an editor knows the keys of this very version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from gpu_target.inputs import map_schema
from gpu_target.language.diagnostics import Diagnostic, UsageError
from gpu_target.language.schema import json_schema
from gpu_target.language.suggest import one_of
from gpu_target.results import replaced

FILES = Path(__file__).parent / "files"
SHOWN = 5  # files that a message names


def starter_files() -> dict[str, bytes]:
    """The content of every file by its path in the folder, the page that explains them last."""
    found = {
        path.relative_to(FILES).as_posix(): path.read_bytes()
        for path in sorted(FILES.rglob("*"))
        if path.is_file() and path.suffix != ".pyc"
    }
    for name, schema in (("rules", json_schema()), ("map", map_schema())):
        found[f"schemas/{name}.schema.json"] = (json.dumps(schema, indent=2) + "\n").encode()
    found["README.md"] = found.pop("README.md")
    return found


def write_starter(folder: Path, force: bool = False) -> tuple[list[Path], list[Path]]:
    """Write the starter into ``folder``, which is made where it does not exist: the files, and those it replaced.

    Nothing is written where one of the files is there already, unless ``force`` is true; other files stay as they are.
    Raises UsageError with US024 for files that are there and US020 where nothing can be written, UnfitError with EN410
    for a full disk and EN412 where writing fails. After an error no file of the starter that is new is left.
    """
    above = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    if above.is_file():
        message = f"{above} is a file, and a folder is needed there"
        raise UsageError(Diagnostic("US020", message, place=str(folder), remedy="name another folder"))
    contents = starter_files()
    there = [name for name in contents if (folder / name).exists()]
    if there and not force:
        raise UsageError(_in_the_way(folder, there))
    _write_all(folder, contents)
    return [folder / name for name in contents], [folder / name for name in there]


def _in_the_way(folder: Path, there: list[str]) -> Diagnostic:
    named = one_of(there, SHOWN)
    message = f"{named} {'is' if len(there) == 1 else 'are'} there already"
    remedy = "choose another folder, or add --force to replace them"
    return Diagnostic("US024", message, place=str(folder), remedy=remedy)


def _write_all(folder: Path, contents: Mapping[str, bytes]) -> None:
    targets = [folder / name for name in contents]
    above = {parent for target in targets for parent in target.parents}
    new = [each for each in (*targets, *above) if not each.exists()]
    try:
        for target, content in zip(targets, contents.values(), strict=True):
            with replaced(target) as temporary:
                temporary.write_bytes(content)
    except UsageError as error:  # its remedy names an option that other commands have
        told = (replace(each, place=str(folder), remedy="name another folder") for each in error.diagnostics)
        _remove(new)
        raise UsageError(*told) from error
    except BaseException:
        _remove(new)
        raise


def _remove(new: list[Path]) -> None:
    """Remove what was not there before, the deepest first."""
    for each in sorted(new, key=lambda path: len(path.parts), reverse=True):
        with suppress(OSError):
            each.rmdir() if each.is_dir() else each.unlink()
