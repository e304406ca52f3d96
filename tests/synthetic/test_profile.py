"""Profiles: the shipped ones load and say where each number comes from; bad ones are told by code, place and remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from synthetic import Profile, ProfileError, generate, load_profile, profile_names, profile_sha256
from synthetic.errors import Problem
from synthetic.profile import FOLDER
from synthetic.profile_model import Param
from tests.synthetic.worlds import HEAD, write_profile

SHIPPED = ["example", "morocco-2024", "tiny"]


def problems(profile: str | Path) -> list[Problem]:
    with pytest.raises(ProfileError) as caught:
        load_profile(profile)
    return list(caught.value.problems)


def problem(profile: str | Path) -> Problem:
    (only,) = problems(profile)
    return only


def params(model: Any, path: str = "") -> Iterator[tuple[str, Param[Any]]]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, Param):
            yield f"{path}{name}", value
        elif hasattr(type(value), "model_fields"):
            yield from params(value, f"{path}{name}.")


def test_the_shipped_profiles_are_listed() -> None:
    assert profile_names() == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_profile_loads_and_carries_its_name(name: str) -> None:
    profile = load_profile(name)
    assert profile.profile == name
    assert generate(profile, 20)["declarations"].num_rows == 20


@pytest.mark.parametrize("name", SHIPPED)
def test_every_parameter_names_a_source_or_says_that_it_is_assumed(name: str) -> None:
    profile = load_profile(name)
    found = dict(params(profile))
    assert len(found) > 60
    keys = set(profile.sources)
    unsourced = [
        path
        for path, param in found.items()
        if not re.match(r"(assumed|derived)\b", param.source) and param.source.split()[0].strip(",;") not in keys
    ]
    assert not unsourced


def test_every_source_is_used_and_can_be_looked_up() -> None:
    profile = load_profile("morocco-2024")
    said = " ".join(param.source for _, param in params(profile))
    assert [key for key in profile.sources if not re.search(rf"\b{key}\b", said)] == []
    assert sum("https://" in each for each in profile.sources.values()) >= len(profile.sources) - 1


def test_the_example_explains_itself_and_what_its_rows_hold() -> None:
    text = (FOLDER / "example.yaml").read_text(encoding="utf-8")
    assert text.startswith("# A profile to copy and edit")
    for list_of_rows in ("regimes", "offices"):
        assert re.search(rf"  {list_of_rows}: # \[\w+(, \w+)+\]", text), list_of_rows
    assert "the word assumed" in text


def test_a_copy_of_the_example_loads_from_anywhere_as_the_same_profile(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes((FOLDER / "example.yaml").read_bytes())
    assert load_profile(path) == load_profile("example")
    assert load_profile(str(path)) == load_profile("example")


def test_a_loaded_profile_is_taken_as_it_is() -> None:
    profile = load_profile("tiny")
    assert isinstance(profile, Profile)
    assert load_profile(profile) is profile


def test_what_is_not_given_comes_from_the_profile_that_is_extended(tmp_path: Path) -> None:
    changed = load_profile(write_profile(tmp_path, "fraud:\n  base_rate: {value: 0.2, source: assumed}\n"))
    base = load_profile("tiny")
    assert changed.fraud.base_rate.value == 0.2
    assert changed.fraud.typologies == base.fraud.typologies
    assert changed.places == base.places
    assert changed.title == "A changed profile"


def test_profiles_extend_files_beside_them(tmp_path: Path) -> None:
    write_profile(tmp_path, "fraud:\n  base_rate: {value: 0.2, source: assumed}\n", "base.yaml")
    path = tmp_path / "top.yaml"
    path.write_text("profile: top\nextends: base.yaml\n", encoding="utf-8")
    found = load_profile(path)
    assert (found.profile, found.title, found.fraud.base_rate.value) == ("top", "A changed profile", 0.2)


def test_a_file_may_extend_the_shipped_profile_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tiny.yaml").write_text("profile: tiny\ntitle: Mine\nextends: tiny\n", encoding="utf-8")
    assert load_profile("tiny.yaml").title == "Mine"
    assert load_profile("tiny").title != "Mine"


def test_the_hash_sees_values_and_sources_but_not_the_layout(tmp_path: Path) -> None:
    one = write_profile(tmp_path, "fraud:\n  base_rate: {value: 0.2, source: assumed}\n", "one.yaml")
    same = write_profile(tmp_path, "\n# a comment\nfraud: {base_rate: {source: assumed, value: 0.20}}\n", "same.yaml")
    value = write_profile(tmp_path, "fraud:\n  base_rate: {value: 0.3, source: assumed}\n", "value.yaml")
    source = write_profile(tmp_path, "fraud:\n  base_rate: {value: 0.2, source: assumed twice}\n", "source.yaml")
    hashes = [profile_sha256(load_profile(each)) for each in (one, same, value, source)]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3
    assert re.fullmatch("[0-9a-f]{64}", hashes[0])


def test_a_name_that_no_profile_has_is_told_with_the_nearest() -> None:
    found = problem("moroco-2024")
    assert (found.code, found.place) == ("PR001", "profile")
    assert found.message == "no profile is called 'moroco-2024'"
    shipped = "example, morocco-2024, tiny"
    assert found.remedy == (
        f"did you mean morocco-2024? The profiles here are {shipped}; a profile of your own ends in .yaml"
    )


def test_a_file_that_is_not_there_is_told_by_its_path(tmp_path: Path) -> None:
    found = problem(tmp_path / "none.yaml")
    assert (found.code, found.message) == ("PR001", f"there is no file {tmp_path / 'none.yaml'}")
    assert found.remedy == "give a file that exists or one of example, morocco-2024, tiny"


@pytest.mark.parametrize("base", ["nowhere.yaml", "nobody"])
def test_a_base_that_is_not_there_is_told_at_the_line_that_names_it(tmp_path: Path, base: str) -> None:
    path = tmp_path / "top.yaml"
    path.write_text(f"profile: top\nextends: {base}\n", encoding="utf-8")
    found = problem(path)
    assert (found.code, found.place) == ("PR001", f"{path}:2")


def test_text_that_is_not_utf8_is_told_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("title: Tétouan\n".encode("latin-1"))
    found = problem(path)
    assert (found.code, found.place) == ("PR002", str(path))
    assert found.message == "the profile cannot be read: it is not UTF-8 text"
    assert found.remedy == "give a readable file in UTF-8"


def test_a_folder_is_no_profile(tmp_path: Path) -> None:
    path = tmp_path / "folder.yaml"
    path.mkdir()
    assert (problem(path).code, problem(path).message) == ("PR002", "the profile cannot be read: Is a directory")


@pytest.mark.parametrize("name", ["a" * 5_000, "a\0b.yaml"], ids=["too long", "with a zero byte"])
def test_a_name_that_no_file_can_have_is_told(tmp_path: Path, name: str) -> None:
    assert problem(name).code == "PR002"
    path = tmp_path / "top.yaml"
    path.write_text(f"extends: {name!r}\n".replace("'", '"').replace("\\x00", "\\0"), encoding="utf-8")
    assert problem(path).code == "PR002"


def test_a_value_out_of_range_is_told_with_its_line(tmp_path: Path) -> None:
    path = write_profile(tmp_path, "fraud:\n  base_rate:\n    value: 7\n    source: assumed\n")
    found = problem(path)
    assert (found.code, found.place, found.remedy) == ("PR004", f"{path}:6", "correct the value")
    assert found.message == "fraud.base_rate.value is '7': Input should be less than or equal to 1"


def test_an_unknown_key_is_told_with_the_nearest(tmp_path: Path) -> None:
    path = write_profile(tmp_path, "fraud:\n  base_rat: {value: 0.1, source: assumed}\n")
    found = problem(path)
    assert (found.code, found.place, found.remedy) == ("PR004", f"{path}:5", "did you mean base_rate?")
    assert found.message == "unknown key fraud.base_rat"


def test_an_unknown_key_like_no_other_is_told_with_all(tmp_path: Path) -> None:
    found = problem(write_profile(tmp_path, "fraud:\n  base_rate: {value: 0.1, source: assumed, zzz: 1}\n"))
    assert (found.message, found.remedy) == ("unknown key fraud.base_rate.zzz", "the keys here are value, source")


def test_a_parameter_without_a_source_is_told_in_the_file_that_gives_it(tmp_path: Path) -> None:
    path = write_profile(tmp_path, "fraud:\n  base_rate: {value: 0.1}\n")
    found = problem(path)
    assert (found.code, found.place) == ("PR004", f"{path}:5")
    assert found.message == "fraud.base_rate.source is missing"
    assert found.remedy == "every parameter is {value: ..., source: ...}"


@pytest.mark.parametrize("text", ["fraud: 7\n", "fraud:\n", "fraud: []\n", "fraud: {base_rate: 0.1}\n"])
def test_a_part_that_is_no_mapping_is_told_at_its_line(tmp_path: Path, text: str) -> None:
    path = write_profile(tmp_path, text)
    assert (problem(path).code, problem(path).place) == ("PR004", f"{path}:4")


def test_extends_is_a_name(tmp_path: Path) -> None:
    path = tmp_path / "top.yaml"
    path.write_text("profile: top\nextends: [tiny]\n", encoding="utf-8")
    found = problem(path)
    assert (found.code, found.place) == ("PR004", f"{path}:2")
    assert found.message == "extends is ['tiny'], expected the name of a profile"
    assert found.remedy == "write one of example, morocco-2024, tiny, or the path of a YAML file"


def test_a_profile_that_stands_alone_needs_every_part(tmp_path: Path) -> None:
    path = tmp_path / "alone.yaml"
    path.write_text(HEAD.replace("extends: tiny\n", ""), encoding="utf-8")
    missing = [each.message.removesuffix(" is missing") for each in problems(path)]
    assert missing == [
        "country", "currency", "sources", "calendar", "declarations", "places", "goods", "traders", "fraud",
    ]  # fmt: skip


@pytest.mark.parametrize("spelling", ["a.yaml", "./a.yaml", "../{folder}/a.yaml"])
def test_a_profile_that_extends_itself_is_told_however_it_writes_its_path(tmp_path: Path, spelling: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"profile: a\nextends: {spelling.format(folder=tmp_path.name)}\n", encoding="utf-8")
    found = problem(path)
    assert (found.code, found.place, found.remedy) == ("PR006", f"{path}:2", "let one of them stand on its own")
    assert found.message.startswith(f"{path} extends ")


def test_a_circle_of_profiles_is_told_link_by_link(tmp_path: Path) -> None:
    for name, base in (("a", "b"), ("b", "c"), ("c", "a")):
        (tmp_path / f"{name}.yaml").write_text(f"profile: {name}\n\nextends: {base}.yaml\n", encoding="utf-8")
    found = problem(tmp_path / "a.yaml")
    assert (found.code, found.place) == ("PR006", f"{tmp_path / 'c.yaml'}:3")
    assert found.message == " extends ".join(str(tmp_path / f"{each}.yaml") for each in "abca")
