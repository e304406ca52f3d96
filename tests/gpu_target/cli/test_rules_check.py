"""gpu-target rules check: what it shows, in which form, and what it mends."""

from __future__ import annotations

from pathlib import Path

import pytest

from gpu_target.cli.findings_shown import Format, shown
from gpu_target.language.codes import CODES
from gpu_target.language.diagnostics import Diagnostic
from tests.gpu_target.cli.conftest import Call

DOUBTFUL = """ruleset: doubtful
record: declaration-item
lists:
  # goes with it
  idle: [XA]
rules:
  - id: WIDE
    when: duty_rate > 3 AND duty_rate > 1
    lane: red
    offices: [0309]
  - id: NARROW
    when: duty_rate > 5
    lane: yellow
    offices: ['0309']
"""
WRONG = "ruleset: wrong\nrecord: declaration-item\nrules:\n  - {id: A, when: 'dutty_rate > 3, 5', lane: red}\n"


@pytest.fixture
def doubtful(here: Path) -> Path:
    file = here / "doubtful.yaml"
    file.write_text(DOUBTFUL)
    return file


def test_findings_are_shown_with_their_places_and_exit_with_one(doubtful: Path, call: Call) -> None:
    found = call("rules", "check", "doubtful.yaml")
    assert found.code == 1
    assert found.err == ""
    assert "warning[RT205]: `duty_rate > 1` adds nothing to `WIDE`\n --> doubtful.yaml:8:29\n" in found.out
    assert "^^^^^^^^^^^^^ implied by `duty_rate > 3`" in found.out
    assert "= note: `WIDE` stands at doubtful.yaml:7:9" in found.out
    assert found.out.endswith(
        "doubtful: 2 rules\nNames and types checked against the record type declaration-item.\n"
        "4 findings, 2 of which --fix can mend.\nWhat a code means: gpu-target rules check --explain RT209\n"
    )


def test_quiet_leaves_the_findings(doubtful: Path, call: Call) -> None:
    found = call("rules", "check", "doubtful.yaml", "--quiet")
    assert found.code == 1
    assert "warning[RT204]" in found.out
    assert "Names and types" not in found.out


def test_concise_is_one_line_for_each(doubtful: Path, call: Call) -> None:
    found = call("rules", "check", "doubtful.yaml", "--format", "concise")
    assert found.code == 1
    assert found.out.splitlines() == [
        "doubtful.yaml:5:3: RT209 the list `@idle` is never used: no rule reads it",
        "doubtful.yaml:8:29: RT205 `duty_rate > 1` adds nothing to `WIDE`: implied by `duty_rate > 3`",
        "doubtful.yaml:10:15: RT407 other programs read 0309 as 309: a code without quotes",
        "doubtful.yaml:11:9: RT204 `NARROW` is covered by `WIDE`: yellow, rate 100; `WIDE` selects all of it: red, "
        "rate 100",
    ]


@pytest.mark.parametrize("how", [("--json",), ("--format", "json"), ("--format", "json", "--json")])
def test_json_is_one_document(how: tuple[str, ...], doubtful: Path, call: Call) -> None:
    found = call("rules", "check", "doubtful.yaml", *how)
    assert (found.code, found.err) == (1, "")
    facts = found.document["findings"]
    assert [each["code"] for each in facts] == ["RT209", "RT205", "RT407", "RT204"]
    assert facts[1] == {
        "code": "RT205", "message": "`duty_rate > 1` adds nothing to `WIDE`", "file": "doubtful.yaml", "line": 8,
        "column": 29, "end_line": 8, "end_column": 42, "label": "implied by `duty_rate > 3`",
        "remedy": "delete it, or write what was meant", "rule": "WIDE", "fixable": False,
    }  # fmt: skip
    assert facts[3]["related"] == [{"what": "`WIDE`", "file": "doubtful.yaml", "line": 7, "column": 9}]
    assert facts[3]["notes"] == ["`WIDE` stands at doubtful.yaml:7:9"]
    assert [each["fixable"] for each in facts] == [True, False, True, False]
    assert found.document["mended"] == []


def test_github_takes_annotations(doubtful: Path, call: Call) -> None:
    found = call("rules", "check", "doubtful.yaml", "--format", "github")
    assert found.code == 1
    first, *_, last = found.out.splitlines()
    assert first == (
        "::warning title=RT209,file=doubtful.yaml,line=5,endLine=5,col=3,endColumn=7::"
        "the list `@idle` is never used: no rule reads it%0Ado: use it, or delete it (--fix does)"
    )
    assert last.startswith("::warning title=RT204,file=doubtful.yaml,line=11,")
    assert "%0A`WIDE` stands at doubtful.yaml:7:9%0Ado: " in last


def test_an_annotation_is_escaped_as_the_runner_reads_it() -> None:
    found = shown(Format.github, Diagnostic("RT020", "50 %\r\nof it: a, b", place="c:\\a,b%.yaml"))
    assert found == "::error title=RT020,file=c%3A\\a%2Cb%25.yaml::50 %25%0D%0Aof it: a, b"


@pytest.mark.parametrize("form", ["concise", "github", "text", "json"])
def test_errors_come_in_the_same_form_and_exit_with_two(form: str, here: Path, call: Call) -> None:
    (here / "wrong.yaml").write_text(WRONG)
    found = call("rules", "check", "wrong.yaml", "--format", form)
    assert found.code == 2
    if form == "concise":
        assert found.out.startswith("wrong.yaml:4:34: RT004 ")
    elif form == "github":
        assert found.out.startswith("::error title=RT004,file=wrong.yaml,line=4,endLine=4,col=34,endColumn=35::")
    elif form == "json":
        assert found.error_codes == ["RT004"]
    else:
        assert "error[RT004]" in found.err


def test_an_error_without_a_place_in_a_text_names_its_file(here: Path, call: Call) -> None:
    found = call("rules", "check", "none.yaml", "--format", "concise")
    assert (found.code, found.out) == (2, "none.yaml: RT020 none.yaml does not exist\n")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--select", "RT20"), ["RT209", "RT205", "RT204"]),
        (("--select", "RT205,RT407"), ["RT205", "RT407"]),
        (("--select", "RT2", "--ignore", "RT204", "--ignore", "rt209"), ["RT205"]),
        (("--ignore", "RT"), []),
        (("--select", "RT402"), ["RT402", "RT402"]),
    ],
)
def test_codes_are_selected_and_ignored(
    options: tuple[str, ...], expected: list[str], doubtful: Path, call: Call
) -> None:
    found = call("rules", "check", "doubtful.yaml", "--json", *options)
    assert [each["code"] for each in found.document["findings"]] == expected
    assert found.code == (1 if expected else 0)


@pytest.mark.parametrize("option", ["--select", "--ignore"])
@pytest.mark.parametrize("word", ["RT9", "nonsense", "RT001"])
def test_a_word_that_begins_no_code_is_wrong_usage(option: str, word: str, doubtful: Path, call: Call) -> None:
    found = call("rules", "check", "doubtful.yaml", option, word, "--json")
    assert (found.code, found.error_codes) == (2, ["US022"])


def test_two_forms_at_once_contradict_each_other(doubtful: Path, call: Call) -> None:
    found = call("rules", "check", "doubtful.yaml", "--json", "--format", "github")
    assert (found.code, found.error_codes) == (2, ["US023"])


def test_rules_that_ended_are_told_on_a_day(here: Path, call: Call) -> None:
    rule = "{id: A, when: duty_rate > 3, lane: red, valid: {until: 2024-01-31}}"
    (here / "old.yaml").write_text(f"ruleset: r\nrecord: declaration-item\nrules:\n  - {rule}\n")
    assert call("rules", "check", "old.yaml", "--as-of", "2024-01-31").code == 0
    found = call("rules", "check", "old.yaml", "--as-of", "2024-02-01")
    assert (found.code, "warning[RT301]: `A` ended on 2024-01-31" in found.out) == (1, True)


def test_without_types_what_needs_none_is_told(here: Path, call: Call) -> None:
    (here / "bare.yaml").write_text(
        DOUBTFUL.replace("record: declaration-item\n", "").replace("    offices: [0309]\n", "")
    )
    found = call("rules", "check", "bare.yaml", "--format", "concise")
    assert [line.split(": ")[1][:5] for line in found.out.splitlines()] == ["RT209"]
    assert call("rules", "check", "bare.yaml", "--fix").code == 2, "without types a mend cannot be proven"


# -- mending ----------------------------------------------------------------------------------------------------------

MENDED = DOUBTFUL.replace("lists:\n  # goes with it\n  idle: [XA]\n", "").replace("[0309]", "['0309']")


def test_a_difference_is_shown_and_nothing_written(doubtful: Path, call: Call) -> None:
    found = call("rules", "check", "doubtful.yaml", "--diff", "--quiet")
    assert found.code == 1
    assert doubtful.read_text() == DOUBTFUL
    assert found.out.splitlines()[:7] == [
        "--- doubtful.yaml", "+++ doubtful.yaml", "@@ -1,13 +1,10 @@", " ruleset: doubtful",
        " record: declaration-item", "-lists:", "-  # goes with it",
    ]  # fmt: skip
    assert "+    offices: ['0309']" in found.out
    assert "warning" not in found.out
    facts = call("rules", "check", "doubtful.yaml", "--diff", "--json").document
    assert [each["file"] for each in facts["mendable"]] == ["doubtful.yaml"]
    assert (facts["mended"], len(facts["findings"])) == ([], 4)
    assert doubtful.read_text() == DOUBTFUL


def test_a_file_whose_mends_would_change_the_rules_is_left_alone(
    doubtful: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gpu_target.findings.mending.keeps_meaning", lambda *_: False)
    found = call("rules", "check", "doubtful.yaml", "--fix")
    assert found.code == 1
    assert "doubtful.yaml is left as it is: its mends would change what the rules do" in found.err
    assert doubtful.read_text() == DOUBTFUL


def test_fix_mends_what_is_safe_and_tells_what_is_left(doubtful: Path, call: Call) -> None:
    doubtful.chmod(0o640)
    found = call("rules", "check", "doubtful.yaml", "--fix")
    assert found.code == 1
    assert doubtful.read_text() == MENDED
    assert doubtful.stat().st_mode & 0o777 == 0o640
    assert "Mended: deleted the list `@idle`, with the comment above it.\nMended: put 0309 in quotes.\n" in found.out
    assert "2 findings.\n" in found.out
    again = call("rules", "check", "doubtful.yaml", "--fix", "--json")
    assert again.document["mended"] == []
    assert doubtful.read_text() == MENDED


def test_fix_exits_with_zero_where_nothing_is_left(doubtful: Path, call: Call) -> None:
    found = call("rules", "check", "doubtful.yaml", "--fix", "--select", "RT209,RT407", "--json")
    assert (found.code, found.document["findings"]) == (0, [])
    (mended,) = found.document["mended"]
    what = ["deleted the list `@idle`, with the comment above it", "put 0309 in quotes"]
    assert (mended["file"], mended["what"]) == ("doubtful.yaml", what)
    assert "\n+    offices: ['0309']" in mended["difference"]
    assert found.document["mendable"] == []


def test_a_link_stays_a_link(doubtful: Path, here: Path, call: Call) -> None:
    (here / "link.yaml").symlink_to(doubtful)
    call("rules", "check", "link.yaml", "--fix")
    assert (here / "link.yaml").is_symlink()
    assert doubtful.read_text() == MENDED


# -- explaining -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["RT203", "rt203"])
def test_a_code_is_explained_with_its_example(code: str, call: Call) -> None:
    found = call("rules", "check", "--explain", code)
    assert (found.code, found.err) == (0, "")
    assert found.out.startswith("RT203: rule that repeats another\n\n")
    assert max(map(len, found.out.split("Wrong:")[0].splitlines())) <= 80
    assert "\nWrong:\n\n    rules:\n      - {id: A, when: " in found.out
    assert call("rules", "check", "--explain", code, "--quiet").out == found.out


def test_any_code_is_explained(call: Call) -> None:
    for code in ("RT001", "DT101", "US022"):
        found = call("rules", "check", "--explain", code, "--json")
        assert found.document["title"] == CODES[code].title
        assert found.document["code"] == code


def test_the_beginning_of_codes_lists_them(call: Call) -> None:
    found = call("rules", "check", "--explain", "rt2")
    assert found.code == 0
    assert [line.split(":")[0] for line in found.out.splitlines()] == [code for code in CODES if code[:3] == "RT2"]
    assert "RT203" in call("rules", "check", "--explain", "RT2", "--json").document["codes"]


def test_a_code_that_is_none_is_wrong_usage(call: Call) -> None:
    found = call("rules", "check", "--explain", "RT2003")
    assert (found.code, "did you mean" in found.err) == (2, True)


def test_an_option_without_its_value_points_to_the_help_of_its_command(call: Call) -> None:
    assert "do: see gpu-target rules check --help" in call("rules", "check", "--explain").err
    assert "do: see gpu-target run --help" in call("run", "a.yaml", "b.csv", "--map").err


def test_errors_close_with_their_number_and_what_is_not_checked_yet(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "r.yaml"
    file.write_text("ruleset: s\nrecord: declaration-item\nrules:\n  - {id: A, when: a = 1, lane: rde}\n")
    closing = "1 error. Mend it first: names, types and findings are checked after that."
    assert closing in call("rules", "check", str(file)).err
    assert closing not in call("rules", "check", str(file), "--format", "concise").err
    file.write_text("ruleset: s\nrecord: declaration-item\nrules:\n  - {id: A, when: a = b + c, lane: red}\n")
    assert "Mend it first: findings are checked after that." in call("rules", "check", str(file)).err


def test_without_rules_the_usage_is_wrong(call: Call) -> None:
    found = call("rules", "check", "--json")
    assert (found.code, found.error_codes) == (2, ["US022"])
