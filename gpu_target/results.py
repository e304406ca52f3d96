"""Result files: written whole or not at all.

Everything is first written under a temporary name in the same folder and renamed at the end, ``run.json`` last. A
process killed at any moment leaves no half file under a final name, and what it left under temporary names is removed
by the next run. A power cut is not guarded against.
"""

from __future__ import annotations

import errno
import fcntl
import glob
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

from gpu_target.language.diagnostics import Diagnostic, GpuTargetError, UnfitError, UsageError

if TYPE_CHECKING:
    from gpu_target.engine import Result

COUNTS, MATCHES, LANES, SUMMARY = "counts.parquet", "matches.parquet", "lanes.parquet", "run.json"
PROBE = "probe"
FILES = (COUNTS, MATCHES, LANES, SUMMARY)
PREFIX, SUFFIX = ".gpu-target-", ".tmp"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NOT_ALLOWED = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENOENT,
    errno.ENAMETOOLONG, errno.EINVAL,
}  # fmt: skip


class ResultFolder:
    """A folder that receives the files of one run; nothing of it can be seen before ``commit``.

    ``files`` are all that a run may write there, the summary last.
    """

    def __init__(self, path: Path, files: Sequence[str] = FILES) -> None:
        self.path, self.files = path, files
        self._written: dict[str, Path] = {}

    def add(self, result: Result, label: str | None = None) -> None:
        """Write the tables of a result under temporary names: counts, and lanes and matches where they were asked for.

        ``label`` says in every file that the data is synthetic.
        """
        counts = result.counts
        ids = pa.array(counts.index.to_list(), pa.string())
        self.add_table(COUNTS, pa.table({"rule_id": ids, "matches": pa.array(counts.to_numpy())}), label)
        if result.lane_table is not None:
            self.add_table(LANES, result.lane_table, label)
        if result.pieces is not None:
            self.add_table(MATCHES, result.match_keys(), label)

    def commit(self, summary: Mapping[str, object]) -> None:
        """Give every file its final name and remove result files of an earlier run that this one does not write.

        While files are exchanged the folder has no summary: where it stands, the files belong together.
        """
        last = self.files[-1]
        with _explained(self.path):
            text = json.dumps(summary, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
            self._temporary(last).write_text(text, encoding="utf-8")
            for name in (last, *(name for name in self.files if name not in self._written)):
                (self.path / name).unlink(missing_ok=True)
            for name in self.files:
                if name in self._written:
                    self._written.pop(name).replace(self.path / name)

    def discard(self) -> None:
        for path in self._written.values():
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def add_table(self, name: str, table: pa.Table, label: str | None) -> None:
        """Write a table under a temporary name, as CSV where its name ends so and else as Parquet."""
        if label:
            table = table.replace_schema_metadata({"label": label})
        with _explained(self.path):
            if name.endswith(".csv"):
                csv.write_csv(table, self._temporary(name))
            else:
                pq.write_table(table, self._temporary(name))

    def _temporary(self, name: str) -> Path:
        self._written[name] = _temporary(self.path, name)
        return self._written[name]


@contextmanager
def result_folder(path: str | Path, files: Sequence[str] = FILES) -> Iterator[ResultFolder]:
    """Open a folder for the ``files`` of one run, and make it where it does not exist.

    Raises UsageError with US020 where it cannot be written and US021 where another run is writing to it, UnfitError
    with EN410 where the disk is full and EN412 where it fails.
    """
    path = Path(path)
    with _explained(path):
        made = _make(path)
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    folder = ResultFolder(path, files)
    try:
        with _explained(path):
            _lock(lock, path)
            _remove_stale(path, (*files, PROBE))
            _temporary(path, PROBE).touch()  # a folder that cannot be written is told before the work
            _temporary(path, PROBE).unlink()
        yield folder
    finally:
        folder.discard()
        os.close(lock)
        for each in made:
            with suppress(OSError):  # it holds the files of a run that succeeded
                each.rmdir()


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its place when the block ends without an error.

    Raises as ``result_folder`` does.
    """
    with _explained(path):
        _make(path.parent)
        _remove_stale(path.parent, (path.name,))
        temporary = _temporary(path.parent, path.name)
        try:
            yield temporary
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def no_room(error: BaseException) -> bool:
    """Whether an error of the operating system, or Arrow's words for it, say that the disk is full."""
    return isinstance(error, OSError) and (error.errno in NO_ROOM or "No space left on device" in str(error))


def disk_full(place: Path | str) -> UnfitError:
    """What to say then."""
    remedy = "free some space, or choose a folder on another disk; nothing half-written was left"
    return UnfitError(Diagnostic("EN410", "the disk is full", place=str(place), remedy=remedy))


def _make(path: Path) -> list[Path]:
    """Make a folder and those above it; those that were made, the deepest first."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    path.mkdir(parents=True, exist_ok=True)
    return missing


def _lock(folder: int, path: Path) -> None:
    """Keep other runs out until the folder is closed, also by a kill; not every file system can."""
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        what, remedy = "another run is writing to this folder", "wait until it has ended, or choose another folder"
        raise UsageError(Diagnostic("US021", what, place=str(path), remedy=remedy)) from None
    except OSError:
        return


def _remove_stale(folder: Path, names: tuple[str, ...]) -> None:
    """Remove what killed processes left under the temporary names of these files."""
    for name in names:
        for path in folder.glob(f"{PREFIX}*-{glob.escape(name)}{SUFFIX}"):
            owner = path.name.removeprefix(PREFIX).split("-")[0]
            if not (owner.isdigit() and _is_running(int(owner))):
                path.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it belongs to someone else
        return True
    return True


def _temporary(folder: Path, name: str) -> Path:
    return folder / f"{PREFIX}{os.getpid()}-{name}{SUFFIX}"


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _explanation(error, path) from error


def _in_the_way(error: OSError, path: Path) -> tuple[str, str]:
    """Message and remedy where nothing can be written; what stands in the place of a folder or a file is named."""
    if error.errno == errno.EISDIR:
        return f"{path} is a folder, and a file is needed there", f"name a file, such as {path / 'rules.yaml'}"
    with suppress(OSError, ValueError, StopIteration):
        found = next(each for each in (path, *path.parents) if each.exists())
        if not found.is_dir():
            return f"{found} is a file, and a folder is needed there", "name another folder for --out"
    why = os.strerror(error.errno) if error.errno else str(error)
    return f"nothing can be written there: {why}", "choose another place for --out"


def _explanation(error: OSError, path: Path) -> GpuTargetError:
    if no_room(error):
        return disk_full(path)
    why = os.strerror(error.errno) if error.errno else str(error)
    if error.errno in NOT_ALLOWED:
        message, remedy = _in_the_way(error, path)
        return UsageError(Diagnostic("US020", message, place=str(path), remedy=remedy))
    return UnfitError(Diagnostic("EN412", f"writing failed: {why}", place=str(path), remedy="check the disk"))
