"""The tree itself: lengths of files, sizes, and words that belong to one machine or to one day."""

from __future__ import annotations

import re

import pytest

from tests.architecture.tree import PACKAGES, ROOT, python_files, text_files

LONGEST = 500  # lines; by then a file has found a second subject
LARGEST = 2 * 1024 * 1024  # bytes; data is generated or kept outside
HOME_OF_A_MACHINE = re.compile(r"(?<![\w.*])/(home|root|Users|work|farm|mnt|tmp)/\w")
UNFINISHED = re.compile(r"\b(T[O]DO|F[I]XME|X[X]X|NotImpl[e]mentedError)\b")


@pytest.mark.parametrize("folder", [*PACKAGES, "tests"])
def test_files_hold_one_subject(folder: str) -> None:
    long = [
        f"{file.relative_to(ROOT)}: {count} lines"
        for file in python_files(folder)
        if (count := len(file.read_text(encoding="utf-8").splitlines())) > LONGEST
    ]
    assert not long, "\n".join(long)


def test_no_file_names_a_folder_of_one_machine() -> None:
    found = list(text_files())
    assert len(found) > 50, "the scan found too few files to prove anything"
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path, text in found
        for number, line in enumerate(text.splitlines(), 1)
        if HOME_OF_A_MACHINE.search(line)
    ]
    assert not wrong, "\n".join(wrong)


def test_nothing_is_left_for_later_in_the_code() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path, text in text_files()
        if path.suffix in {".py", ".cu", ".yaml"}
        for number, line in enumerate(text.splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_file_is_large() -> None:
    wrong = [f"{path.relative_to(ROOT)}: {len(text)} characters" for path, text in text_files() if len(text) > LARGEST]
    assert not wrong, "\n".join(wrong)


def test_both_packages_are_marked_as_typed() -> None:
    assert [package for package in PACKAGES if not (ROOT / package / "py.typed").is_file()] == []
