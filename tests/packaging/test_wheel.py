"""The wheel holds what it should, and works in a clean environment outside of the tree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WHEELS = os.environ.get("GPU_TARGET_WHEELS")  # the libraries as wheels; `make test` fills and names the folder
OURS = {"gpu_target", "synthetic"}

pytestmark = pytest.mark.xdist_group("wheel")  # one worker builds it, once


def run(*command: str | Path, cwd: Path, expect: int = 0) -> str:
    # nothing of the tree, of this environment or of the user may leak into the clean one
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "COV_"))}
    done = subprocess.run(
        [str(each) for each in command],
        cwd=cwd,
        env={**kept, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == expect, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="hatchling builds the wheel: pip install 'gpu-target[dev]'")
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def members(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_installs_no_top_level_name_but_ours(members: set[str]) -> None:
    top = {name.split("/")[0] for name in members}
    assert {name for name in top if not name.endswith(".dist-info")} == OURS


def test_the_wheel_carries_every_python_file_of_the_tree(members: set[str]) -> None:
    expected = {path.relative_to(ROOT).as_posix() for package in OURS for path in (ROOT / package).rglob("*.py")}
    assert len(expected) > 20
    assert expected - members == set()


def test_the_wheel_carries_every_rule_pack(members: set[str]) -> None:
    packs = [path for path in (ROOT / "rules").rglob("*") if path.is_file()]
    assert packs
    assert {f"gpu_target/{path.relative_to(ROOT).as_posix()}" for path in packs} - members == set()


def test_the_wheel_carries_the_profiles_and_other_data_of_the_packages(members: set[str]) -> None:
    data = {
        path.relative_to(ROOT).as_posix()
        for package in OURS
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".yaml", ".json", ".csv", ".cu", ".j2", ".md", ".typed"}
    }
    assert {"gpu_target/py.typed", "synthetic/py.typed"} <= data
    assert any(name.startswith("synthetic/profiles/") for name in data)
    assert "gpu_target/starter/files/.github/workflows/rules.yaml" in data
    assert data - members == set()


def test_the_wheel_carries_licence_and_notice(members: set[str]) -> None:
    assert {name.rsplit("/", 1)[-1] for name in members if "/licenses/" in name} == {"LICENSE", "NOTICE"}


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a new environment that has the wheel and its libraries, and nothing else of ours."""
    if WHEELS is None:
        pytest.skip("GPU_TARGET_WHEELS names no folder of wheels: `make test` fills one and runs this")
    home = tmp_path_factory.mktemp("clean")
    run(sys.executable, "-m", "venv", home / "env", cwd=home)
    programs = home / "env" / "bin"
    pip = (programs / "python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-compile")
    run(*pip, "--no-index", "--find-links", WHEELS, wheel, cwd=home)
    return programs


def test_the_installed_package_is_not_the_tree(installed: Path, tmp_path: Path) -> None:
    where = run(
        installed / "python",
        "-c",
        "import gpu_target, synthetic; print(gpu_target.__file__, synthetic.__file__)",
        cwd=tmp_path,
    )
    assert all(name.startswith(str(installed.parent)) for name in where.split())


def test_the_installed_requirements_agree(installed: Path, tmp_path: Path) -> None:
    run(installed / "python", "-m", "pip", "check", cwd=tmp_path)


def test_the_installed_command_answers(installed: Path, tmp_path: Path) -> None:
    assert "Usage" in run(installed / "gpu-target", "--help", cwd=tmp_path)
    assert "0.1.0" in run(installed / "gpu-target", "--version", cwd=tmp_path)


def test_the_installed_command_writes_a_folder_to_start_from(installed: Path, tmp_path: Path) -> None:
    run(installed / "gpu-target", "init", "start", cwd=tmp_path)
    run(installed / "gpu-target", "rules", "test", "rules", cwd=tmp_path / "start")


def test_the_installed_command_runs_a_shipped_pack_on_generated_data(installed: Path, tmp_path: Path) -> None:
    command = installed / "gpu-target"
    run(command, "generate", "morocco-2024", "--declarations", "500", "--seed", "1", "--out", "year", cwd=tmp_path)
    packs = (
        Path(run(installed / "python", "-c", "import gpu_target; print(*gpu_target.__path__)", cwd=tmp_path).strip())
        / "rules"
    )
    goods = [pack for pack in sorted(packs.iterdir()) if pack.is_dir() and "declaration-item" in _text_of(pack)]
    assert goods, "no shipped pack reads declarations"
    found = json.loads(run(command, "run", goods[0], "year", "--json", cwd=tmp_path))
    assert found["rows"] > 500
    assert sum(found["lanes"].values()) == 500
    assert found["backend"] in {"cpu", "cuda"}
    assert found["out"] is None


def _text_of(pack: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(pack.rglob("*.yaml")))
