"""Reading machine code: instructions, what they are, and loops. The code is by hand, in the disassembler's form."""

from __future__ import annotations

import pytest

from tests.cuda_gate import sass


def kernel(text: str, name: str = "k") -> sass.Kernel:
    """The kernel of a few lines: `LABEL:`, or an instruction."""
    lines = [f".text.{name}:"]
    for number, line in enumerate(text.strip().splitlines()):
        line = line.strip()
        lines.append(
            line
            if line.endswith(":") or line.startswith("//")
            else f"        /*{16 * number:04x}*/                   {line} ;"
        )
    (found,) = sass.kernels("\n".join(lines))
    return found


ONE_LOOP = kernel("""
    S2R R0, SR_TID.X
    .L_x_1:
    LDS.128 R4, [R0]
    @P1 LOP3.LUT R4, R4, R8, RZ, 0xc0, !PT
    ISETP.NE.AND P0, PT, R0, RZ, PT
    @P0 BRA `(.L_x_1)
    EXIT
    .L_x_2:
    BRA `(.L_x_2)
    NOP
""")
TWO_LEVELS = kernel("""
    .L_x_1:
    MOV R1, R2
    .L_x_2:
    IADD3 R1, R1, 0x1, RZ
    @P0 BRA `(.L_x_2)
    .L_x_3:
    IADD3 R1, R1, 0x1, RZ
    IADD3 R2, R2, 0x1, RZ
    @!P0 BRA `(.L_x_3)
    @P1 BRA `(.L_x_1)
    .L_x_4:
    IADD3 R1, R1, 0x1, RZ
    IADD3 R2, R2, 0x1, RZ
    IADD3 R3, R3, 0x1, RZ
    IADD3 R4, R4, 0x1, RZ
    @!P0 BRA `(.L_x_4)
    EXIT
""")


def test_instructions_are_counted_by_kind_without_what_fills_the_room() -> None:
    assert ONE_LOOP.kinds == {"S2R": 1, "LDS": 1, "LOP3": 1, "ISETP": 1, "BRA": 1, "EXIT": 1}
    assert [each.guarded for each in ONE_LOOP.instructions] == [False, False, True, False, True, False]


def test_a_loop_is_what_lies_between_a_backward_branch_and_its_label() -> None:
    assert [sorted(loop) for loop in ONE_LOOP.loops] == [[1, 2, 3, 4]]


def test_loops_inside_loops_are_found() -> None:
    assert sorted(map(len, TWO_LEVELS.loops)) == [2, 3, 5, 7]


def test_a_loop_is_known_by_the_lines_of_the_source_that_it_is_from() -> None:
    place = '//## File "/a/b.cu", line '
    nested = kernel(f"""
        {place}10
        .L_x_1:
        MOV R1, R2
        MOV R3, R2
        {place}90 inlined at "/a/b.cu", line 21
        {place}21
        IADD3 R4, R4, 0x1, RZ
        .L_x_2:
        IADD3 R1, R1, 0x1, RZ
        {place}20
        @P0 BRA `(.L_x_2)
        {place}11
        @P1 BRA `(.L_x_1)
        EXIT
    """)
    assert [sorted(each.lines) for each in nested.instructions] == [[10], [10], [21, 90], [21, 90], [20], [11], [11]]
    assert nested.loop_of(range(20, 22)) == 2
    assert nested.loop_of(range(10, 12)) == 4  # the two of the loop inside are not its own
    assert nested.loop_of(range(90, 91)) == 4
    assert nested.loop_of(range(1, 10)) == 0


def test_code_moved_behind_the_end_makes_no_loop() -> None:
    moved = kernel("""
        @P0 BRA `(.L_x_9)
        .L_x_1:
        MOV R1, R2
        EXIT
        .L_x_9:
        MOV R3, R4
        BRA `(.L_x_1)
    """)
    assert moved.loops == []


def test_code_for_threads_gone_astray_is_no_part_of_a_loop() -> None:
    astray = kernel("""
        .L_x_1:
        BRA.DIV UR4, `(.L_x_9)
        .L_x_2:
        SHFL.IDX PT, R6, R7, R21, 0x1f
        @P0 BRA `(.L_x_1)
        EXIT
        .L_x_9:
        WARPSYNC.COLLECTIVE R4, `(.L_x_3)
        .L_x_3:
        BRA `(.L_x_2)
    """)
    assert [sorted(loop) for loop in astray.loops] == [[0, 1, 2]]


def test_a_way_out_of_the_middle_of_a_loop_does_not_belong_to_it() -> None:
    left = kernel("""
        .L_x_1:
        @P0 BRA `(.L_x_2)
        IADD3 R1, R1, 0x1, RZ
        BRA `(.L_x_1)
        .L_x_2:
        MOV R1, R2
        EXIT
    """)
    assert [sorted(loop) for loop in left.loops] == [[0, 1, 2]]


def test_a_branch_with_a_predicate_among_its_operands_may_not_be_taken() -> None:
    both = kernel("""
        .L_x_1:
        MOV R1, R2
        BRA.U UP0, `(.L_x_1)
        MOV R1, R2
        EXIT
    """)
    assert [sorted(loop) for loop in both.loops] == [[0, 1]]


def test_a_table_of_targets_is_followed() -> None:
    switch = kernel("""
        .L_x_1:
        BRX R4 -0x130 (*"BRANCH_TARGETS .L_x_2,.L_x_3"*)
        .L_x_2:
        IADD3 R1, R1, 0x1, RZ
        .L_x_3:
        @P0 BRA `(.L_x_1)
        EXIT
    """)
    assert [sorted(loop) for loop in switch.loops] == [[0, 1, 2]]


def test_a_table_that_is_not_listed_is_an_error() -> None:
    with pytest.raises(ValueError, match="not known where it leads: BRX R4"):
        _ = kernel("BRX R4 -0x130").loops


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("HFMA2.MMA R6, -RZ, RZ, 0, 0", "MOV"),
        ("HFMA2 R6, -RZ, RZ, 0, 5.9604644775390625e-08", "MOV"),
        ("HFMA2.MMA R6, R2, R4, R8", "HFMA2"),
        ("HFMA2 R6, -RZ, RZ, R2, R3", "HFMA2"),
        ("IMAD.MOV.U32 R3, RZ, RZ, RZ", "IMAD"),
        ("@!P0 DADD R2, R2, R4", "DADD"),
    ],
)
def test_a_constant_moved_by_the_floating_pipe_computes_nothing(line: str, kind: str) -> None:
    assert kernel(line).instructions[0].kind == kind


def test_a_line_of_code_that_is_not_understood_is_an_error() -> None:
    with pytest.raises(ValueError, match="not understood"):
        sass.kernels(".text.k:\n/*0000*/ ??? R1 ;")


def test_kernels_are_kept_apart() -> None:
    found = sass.kernels(".text.a:\n/*0000*/ EXIT ;\n.L_x_0:\n.text.b:\n/*0000*/ MOV R1, R2 ;\n/*0010*/ EXIT ;")
    assert [(each.name, len(each.instructions)) for each in found] == [("a", 1), ("b", 2)]
