"""The libraries that the core needs, as pip reads them, one word each: what a clean environment is filled with."""

import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def core_requirements() -> list[str]:
    return tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]


if __name__ == "__main__":
    print(*core_requirements())  # noqa: T201  the Makefile reads it
