"""Where the files of a table are: one file, a folder of part files, or a table of a generated folder."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from gpu_target.inputs.parts import unreadable, wrong
from gpu_target.language.paths import meant
from gpu_target.language.suggest import did_you_mean

MANIFEST = "manifest.json"
PARTIAL = ".generating-"  # begins the name of the folder in which a generator writes until all is there
KINDS = {".parquet": "parquet", ".csv": "csv", ".arrow": "arrow", ".feather": "arrow"}
PACKED = (".gz", ".bz2", ".zst", ".lz4")  # of CSV files alone: the others pack their own columns


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generated folder says of itself: its main table, and every table it has."""

    folder: Path
    main: str
    tables: tuple[str, ...]
    label: str | None = None  # that the data is synthetic


def kind_of(path: Path) -> str | None:
    """``parquet``, ``csv`` or ``arrow`` by the file's name, or None."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in PACKED:
        suffixes.pop()
        return "csv" if suffixes and suffixes[-1] == ".csv" else None
    return KINDS.get(suffixes[-1]) if suffixes else None


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a generated folder; None where the folder has none. Raises DataError with DT115 or DT118."""
    path = folder / MANIFEST
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(path, error) from error
    remedy = "generate the folder again, or give the file of a table as DATA"
    try:
        content = json.loads(raw)
        main, tables = content["main"], tuple(content["tables"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise wrong("DT115", "the manifest does not name the folder's tables", path, remedy) from error
    if not isinstance(main, str) or main not in tables or any(Path(name).name != name for name in tables):
        raise wrong("DT115", "the manifest does not name the folder's tables", path, remedy)
    label = content.get("label")
    return Manifest(folder, main, tables, label if isinstance(label, str) else None)


def table_files(manifest: Manifest, name: str) -> tuple[Path, ...]:
    """The files of a table of a generated folder. Raises DataError with DT116, or as ``data_files``."""
    if name not in manifest.tables:
        remedy = did_you_mean(name, manifest.tables)
        raise wrong("DT116", f"there is no table `{name}` in the generated folder", manifest.folder, remedy)
    if (manifest.folder / name).is_dir():
        return data_files(manifest.folder / name)
    found = [path for path in _entries(manifest.folder) if path.name.split(".")[0] == name and kind_of(path)]
    if len(found) != 1:
        what = f"the manifest names the table `{name}`, and the folder has {len(found)} files for it"
        raise wrong("DT115", what, manifest.folder, "generate the folder again")
    return tuple(found)


def data_files(path: Path) -> tuple[Path, ...]:
    """The file itself, or a folder's part files in byte order of their names.

    Names that begin with ``.`` or ``_`` are marks of other tools, and files of other kinds are no data. Raises
    DataError with DT101, DT102, DT103 or DT118, and with DT115 for a generated folder that is not whole.
    """
    if not path.exists():
        raise wrong("DT101", "there is no such file or folder", path, meant(path))
    if not path.is_dir():
        if kind_of(path) is None:
            known = ", ".join([*KINDS, *(f".csv{packed}" for packed in PACKED)])
            raise wrong("DT102", "the name does not say what kind of file this is", path, f"data files end in {known}")
        return (path,)
    entries = _entries(path)
    if any(entry.name.startswith(PARTIAL) for entry in entries):
        what = "the generated folder is not whole: it has no manifest.json, and its generator was cut off or still runs"
        raise wrong("DT115", what, path, "wait until it has ended, or generate the folder again")
    entries = [entry for entry in entries if not entry.name.startswith((".", "_"))]
    found = [entry for entry in entries if kind_of(entry) and entry.is_file()]
    kinds = sorted({str(kind_of(entry)) for entry in found})
    if len(kinds) > 1:
        what = f"the folder holds files of several kinds: {', '.join(kinds)}"
        raise wrong("DT103", what, path, "give one file, or a folder with part files of one kind")
    if not found:
        inside = "; its subfolders are not read: give one of them" if any(entry.is_dir() for entry in entries) else ""
        raise wrong("DT103", "the folder holds no data files", path, f"data files end in {', '.join(KINDS)}{inside}")
    return tuple(found)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir(), key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        raise unreadable(folder, error) from error
