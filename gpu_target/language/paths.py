"""A path at which nothing stands: what was probably meant."""

from __future__ import annotations

from pathlib import Path

from gpu_target.language.suggest import nearest


def meant(path: Path, otherwise: str = "check the path", base: Path | None = None) -> str:
    """What to write in place of ``path``; paths in it are shown relative to ``base`` where they lie below it."""
    try:
        above = next(each for each in path.parents if each.exists())
        if not above.is_dir():
            return f"{_shown(above, base)} is a file, nothing stands below it: write its own path, or that of a folder"
        if above != path.parent:
            missing = path.parents[list(path.parents).index(above) - 1]
            return f"there is no folder {_shown(missing, base)}: check the path"
        guess = nearest(path.name, sorted(entry.name for entry in above.iterdir()))
    except (OSError, ValueError, StopIteration):
        return otherwise
    return f"did you mean {_shown(path.parent / guess, base)}?" if guess else otherwise


def _shown(path: Path, base: Path | None) -> Path:
    return path.relative_to(base) if base is not None and path.is_relative_to(base) else path
