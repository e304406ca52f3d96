"""Profiles: every parameter of a synthetic world with its value and its source.

A profile is a YAML file. ``load_profile`` takes the name of a shipped one or a path, follows ``extends``, checks
everything and reports all problems at once with file and line.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from synthetic.errors import Problem, ProfileError
from synthetic.profile_checks import contradictions
from synthetic.profile_model import Profile
from synthetic.profile_yaml import Lines, read

__all__ = ["Profile", "load_profile", "profile_names", "profile_sha256"]

_read = lru_cache(maxsize=16)(read)  # a shipped profile takes 0.1 s; what is read is never changed
FOLDER = resources.files("synthetic") / "profiles"


def profile_names() -> list[str]:
    """Names of the shipped profiles."""
    return sorted(each.name.removesuffix(".yaml") for each in FOLDER.iterdir() if each.name.endswith(".yaml"))


def load_profile(profile: str | Path | Profile) -> Profile:
    """A checked profile, from the name of a shipped one or the path of a YAML file.

    Errors: PR001 no such profile, PR002 and PR003 unreadable, PR004 and PR005 wrong values, PR006 circular ``extends``.
    """
    if isinstance(profile, Profile):
        return profile
    text = _text(str(profile), None, "")
    values, lines = _resolve(text, (text,))
    try:
        found = Profile.model_validate(values)
    except ValidationError as error:
        raise ProfileError(*_problems(error, lines)) from None
    wrong = contradictions(found)
    if wrong:
        raise ProfileError(
            *(Problem("PR005", message, lines.place(where), "make the two agree") for where, message in wrong)
        )
    return found


def profile_sha256(profile: Profile) -> str:
    """Hash of everything that a profile says, sources included; the layout of its file does not count."""
    text = json.dumps(profile.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Text(NamedTuple):
    """The text of a profile, the name to show for it, and its file; a shipped one has none that users know."""

    name: str
    text: str
    file: Path | None

    @property
    def identity(self) -> str | Path:
        """The same for every way to write the path; a file named like a shipped profile is another one."""
        return self.name if self.file is None else self.file.resolve()


def _text(name: str, beside: Path | None, place: str) -> Text:
    """A profile by name or path. beside: the folder that relative paths start from; place: where it is named."""
    if name in profile_names():
        return Text(f"{name}.yaml", (FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), None)
    path = Path(name) if beside is None else beside / name
    shipped = ", ".join(profile_names())
    try:
        if path.suffix not in {".yaml", ".yml"} and not path.is_file():
            near = difflib.get_close_matches(name, profile_names(), 1, 0.5)
            guess = f"did you mean {near[0]}? " if near else ""
            remedy = f"{guess}The profiles here are {shipped}; a profile of your own ends in .yaml"
            raise ProfileError(Problem("PR001", f"no profile is called {name!r}", place or "profile", remedy))
        return Text(str(path), path.read_text(encoding="utf-8"), path)
    except FileNotFoundError:
        raise ProfileError(
            Problem("PR001", f"there is no file {path}", place, f"give a file that exists or one of {shipped}")
        ) from None
    except (OSError, ValueError) as error:  # a ValueError: bytes that are not UTF-8, or a path with a zero byte
        undecodable = isinstance(error, UnicodeDecodeError)
        reason = "it is not UTF-8 text" if undecodable else getattr(error, "strerror", None) or str(error)
        raise ProfileError(
            Problem("PR002", f"the profile cannot be read: {reason}", str(path), "give a readable file in UTF-8")
        ) from None


def _resolve(profile: Text, chain: tuple[Text, ...]) -> tuple[dict[str, Any], Lines]:
    """The values of a profile over those of the one it extends, and the line of each."""
    content, lines = _read(profile.name, profile.text)
    values = {key: value for key, value in content.items() if key != "extends"}
    base = content.get("extends")
    if base is None:
        return values, lines
    place = lines.place(("extends",))
    if not isinstance(base, str):
        remedy = f"write one of {', '.join(profile_names())}, or the path of a YAML file"
        raise ProfileError(Problem("PR004", f"extends is {base!r}, expected the name of a profile", place, remedy))
    extended = _text(base, None if profile.file is None else profile.file.parent, place)
    links = (*chain, extended)
    if extended.identity in {each.identity for each in chain}:
        names = " extends ".join(each.name for each in links)
        raise ProfileError(Problem("PR006", names, place, "let one of them stand on its own"))
    merged, base_lines = _resolve(extended, links)
    for section, given in values.items():
        if isinstance(given, dict) and isinstance(merged.get(section), dict):
            merged[section] = {**merged[section], **given}
        else:
            merged[section] = given
    return merged, lines.over(base_lines)


def _problems(error: ValidationError, lines: Lines) -> list[Problem]:
    found = []
    for each in error.errors():
        where = tuple(each["loc"])
        name = ".".join(str(part) for part in where)
        kind, given = each["type"], each["input"]
        if kind == "extra_forbidden":
            known = Profile.keys_beside(where)
            near = difflib.get_close_matches(str(where[-1]), known, 1, 0.65)
            remedy = f"did you mean {near[0]}?" if near else f"the keys here are {', '.join(known)}"
            found.append(Problem("PR004", f"unknown key {name}", lines.place(where), remedy))
        elif kind == "missing":
            remedy = "every parameter is {value: ..., source: ...}" if where[-1] in {"value", "source"} else "add it"
            found.append(Problem("PR004", f"{name} is missing", lines.place(where), remedy))
        else:
            text = f"{name} is {str(given)[:80]!r}: {each['msg'].removeprefix('Value error, ')}"
            found.append(Problem("PR004", text, lines.place(where), "correct the value"))
    return found
