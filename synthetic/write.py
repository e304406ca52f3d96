"""A whole world as files, in bounded memory: generated and written chunk by chunk, by several threads.

Up to 200,000 declarations a table is one file, NAME.parquet; beyond, a folder NAME of part-00000.parquet and on, each
with the rows of 200,000 declarations. The files are the same for any number of threads. They are written under a
temporary name inside the folder and appear together at the end, ``manifest.json`` last: a folder without it is not
whole. A run that is cut off while the files appear leaves its temporary folder, whose manifests tell the next run which
files it may replace.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from synthetic.errors import Problem, ProfileError
from synthetic.formats import FORMATS, ROW_GROUP, open_writer
from synthetic.generate import CHUNK, LABEL, TABLES, VERSION, Generator, chunks, thread_count
from synthetic.profile import Profile, profile_sha256

MANIFEST = "manifest.json"
EARLIER = "earlier-manifest.json"
PARTIAL = ".generating-"
PART = 2 * CHUNK  # declarations in one part file
MAIN = "items"
STATEMENT = (
    "Synthetic. Calibrated to public aggregates listed in the profile (source, year, value). No real declaration, "
    "importer or officer is represented. Marginals and the listed conditionals follow the profile; joint structure "
    "beyond them, and all fraud behaviour, are assumptions. Detection results on this data compare systems; they do "
    "not predict results in an administration."
)
Progress = Callable[[int], None]


class Part(NamedTuple):
    """One part: its declarations, and how many rows each of its tables got."""

    number: int
    start: int
    stop: int


def write_dataset(
    profile: str | Path | Profile,
    declarations: int,
    seed: int,
    out: str | Path,
    format: str = "parquet",
    threads: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write a world to the folder ``out`` and return its manifest.

    format: ``parquet`` (zstd; dictionary columns come back as such, times in milliseconds because Parquet knows no
    seconds), ``csv`` (lists joined by semicolons) or ``arrow``. threads: one for each core unless given; about 250 MB
    each for the largest profile. progress is called with the number of declarations done, from the writing threads, one
    at a time. The files of an earlier run in ``out`` are replaced once the new ones are whole; after a failure or an
    interruption before that they stand as before.

    Errors: PR001 to PR006 and PR011 as ``generate``; PR012 unknown format, PR013 other files are in the way, PR014
    the folder cannot be written.
    """
    if format not in FORMATS:
        raise ProfileError(
            Problem("PR012", f"there is no format {format!r}", "", f"the formats are {', '.join(FORMATS)}")
        )
    workers = thread_count(threads)
    generator = Generator(profile, declarations, seed)
    folder = Path(out)
    try:
        with _made(folder):
            old = _earlier_files(folder)
            temporary = folder / f"{PARTIAL}{os.getpid()}"
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir()
            try:
                rows, files = _write_all(generator, temporary, format, workers, progress)
            except BaseException:
                shutil.rmtree(temporary, ignore_errors=True)
                raise
            manifest = _manifest(generator, rows, files, format)
            _publish(folder, temporary, old, manifest)
        for each in (temporary, *_cut_off(folder)):
            shutil.rmtree(each, ignore_errors=True)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise ProfileError(
            Problem(
                "PR014",
                f"the folder cannot be written: {_in_the_way(folder) or error.strerror or error}",
                str(folder),
                "make room or choose another folder" if full else "name another folder for --out",
            )
        ) from error
    return manifest


def _in_the_way(folder: Path) -> str:
    """That a file stands where the folder or one above it would, if one does."""
    for each in (folder, *folder.parents):
        if each.is_file():
            return f"{each} is a file"
    return ""


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Make a folder and those above it; after a failure those that were made are gone, unless something is in them."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for each in missing:
            with suppress(OSError):
                each.rmdir()
        raise


def _write_all(
    generator: Generator, folder: Path, kind: str, workers: int, progress: Progress | None
) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Rows and files of each table."""
    total = generator.declarations
    parts = [Part(i, start, min(start + PART, total)) for i, start in enumerate(range(0, max(total, 1), PART))]
    stop, lock, done = threading.Event(), threading.Lock(), [0]

    def advance(count: int) -> None:
        if progress is not None:
            with lock:
                done[0] += count
                progress(done[0])

    rows = dict.fromkeys(TABLES, 0)
    files = {name: [_file_name(name, part.number, len(parts), kind) for part in parts] for name in TABLES}
    files["parties"] = [f"parties{FORMATS[kind]}"]
    for name in TABLES:
        (folder / files[name][0]).parent.mkdir(exist_ok=True)
    with ThreadPoolExecutor(workers) as pool:
        try:
            futures: list[Future[dict[str, int]]] = [pool.submit(_write_parties, generator, folder, kind)]
            futures += [pool.submit(_write_part, generator, folder, files, part, kind, stop, advance) for part in parts]
            wait(futures, return_when=FIRST_EXCEPTION)
            for future in futures:
                if future.done():
                    for name, count in future.result().items():
                        rows[name] += count
        except BaseException:  # an interruption too: the threads end at their next chunk
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
    return rows, files


def _file_name(table: str, number: int, parts: int, kind: str) -> str:
    return f"{table}{FORMATS[kind]}" if parts == 1 else f"{table}/part-{number:05d}{FORMATS[kind]}"


def _write_parties(generator: Generator, folder: Path, kind: str) -> dict[str, int]:
    table = generator.parties()
    with open_writer(folder / f"parties{FORMATS[kind]}", table.schema, kind) as writer:
        writer.write_table(table)
    return {"parties": table.num_rows}


def _write_part(
    generator: Generator,
    folder: Path,
    files: dict[str, list[str]],
    part: Part,
    kind: str,
    stop: threading.Event,
    advance: Progress,
) -> dict[str, int]:
    rows: dict[str, int] = {}
    with ExitStack() as stack:
        writers: dict[str, Any] = {}
        for start, end in chunks(part.start, part.stop):
            if stop.is_set():
                break
            for name, table in generator.slice(start, end).items():
                if name not in writers:
                    path = folder / files[name][part.number]
                    writers[name] = stack.enter_context(open_writer(path, table.schema, kind))
                _write(writers[name], table, kind)
                rows[name] = rows.get(name, 0) + table.num_rows
            advance(end - start)
    return rows


def _write(writer: Any, table: pa.Table, kind: str) -> None:
    if kind == "parquet":
        writer.write_table(table, row_group_size=ROW_GROUP)
    else:
        writer.write_table(table)


def _manifest(generator: Generator, rows: dict[str, int], files: dict[str, list[str]], kind: str) -> dict[str, Any]:
    profile = generator.profile
    return {
        "label": LABEL,
        "statement": STATEMENT,
        "profile": profile.profile,
        "profile_title": profile.title,
        "profile_sha256": profile_sha256(profile),
        "seed": generator.seed,
        "declarations": generator.declarations,
        "generator_version": VERSION,
        "main": MAIN,
        "format": kind,
        "tables": {name: {"rows": rows[name], "files": files[name]} for name in TABLES},
    }


def _earlier_files(folder: Path) -> list[Path]:
    """Files of an earlier run, to be replaced. Errors: PR013 where a name is taken by a file that is none of them."""
    wanted = {name + end for name in TABLES for end in ("", *FORMATS.values())}
    taken = sorted(each for each in folder.iterdir() if each.name in wanted)
    ours = _listed(folder, folder / MANIFEST)
    if (folder / MANIFEST).exists() and not ours:
        taken.append(folder / MANIFEST)
    for each in folder.glob(f"{PARTIAL}*"):
        ours |= _listed(folder, each / MANIFEST) | _listed(folder, each / EARLIER)
    found: list[Path] = []
    foreign: list[Path] = []
    for each in taken:
        for file in [each] if each.is_file() else sorted(each.iterdir()):
            (found if file in ours else foreign).append(file)
    if foreign:
        raise ProfileError(
            Problem(
                "PR013",
                f"{foreign[0].relative_to(folder)} was not written by an earlier run of the generator",
                str(folder),
                "choose an empty folder, or move the file away",
            )
        )
    for each in _cut_off(folder):
        if not (each / MANIFEST).exists():  # it had not begun to put its files in place
            shutil.rmtree(each, ignore_errors=True)
    return found


def _cut_off(folder: Path) -> list[Path]:
    """Temporary folders of runs that were killed; one that still runs has its process."""
    return [each for each in folder.glob(f"{PARTIAL}*") if not _runs(each.name.removeprefix(PARTIAL))]


def _listed(folder: Path, manifest: Path) -> set[Path]:
    """The files of the folder that a manifest of ours names."""
    try:
        content = json.loads(manifest.read_bytes())
        if content["label"] != LABEL:
            return set()
        return {folder / file for table in content["tables"].values() for file in table["files"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()


def _runs(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _publish(folder: Path, temporary: Path, old: list[Path], manifest: dict[str, Any]) -> None:
    """Take the old files away and put the new ones in their place, the manifest last."""
    (temporary / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    data = sorted(each for each in temporary.iterdir() if each.name != MANIFEST)
    if (folder / MANIFEST).exists():
        os.replace(folder / MANIFEST, temporary / EARLIER)
    for file in old:
        file.unlink(missing_ok=True)
    for name in TABLES:
        if (folder / name).is_dir():
            (folder / name).rmdir()
    for each in data:
        os.replace(each, folder / each.name)
    os.replace(temporary / MANIFEST, folder / MANIFEST)
