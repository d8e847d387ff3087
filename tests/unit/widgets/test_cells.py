import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from widgets.cells import fit, literal


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("llama-sft", "llama-sft"),
        ("[red]not markup[/]", "[red]not markup[/]"),
        ("a\nb\tc\u2028d", "a b c d"),
        ("\x1b]52;c;x\x07", "␛]52;c;x␇"),
        ("\x7f\x9b", "␡·"),
        ("abc\u202edef", "abc·def"),
        ("資料", "資料"),
    ],
)
def test_a_cell_is_literal_and_harmless(text: str, shown: str) -> None:
    assert literal(text) == shown


@given(st.text())
def test_no_text_keeps_a_character_without_a_printed_form(text: str) -> None:
    assert literal(text).isprintable()
    assert len(literal(text)) == len(text)


@given(st.text(), st.integers(0, 40), st.sampled_from(["left", "right", "center"]))
def test_any_text_fits_any_width_exactly(text: str, width: int, align: str) -> None:
    assert cell_len(fit(literal(text), width, align)) == width  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("text", "width", "align", "shown"),
    [
        ("12", 5, "right", "   12"),
        ("12", 5, "left", "12   "),
        ("12", 5, "center", " 12  "),
        ("abcdef", 4, "left", "abc…"),
        ("資料資料", 6, "left", "資料… "),
        ("資料資料", 5, "left", "資料…"),
        ("abc", 1, "left", "…"),
        ("abc", 0, "left", ""),
    ],
)
def test_text_is_aligned_or_cut(text: str, width: int, align: str, shown: str) -> None:
    assert fit(text, width, align).rstrip() == shown.rstrip()  # pyright: ignore[reportArgumentType]


def test_a_name_is_cut_in_its_middle() -> None:
    assert fit("llama-sft-2024-11-25-0412", 12, cut="middle") == "llama-sf…412"
    assert fit("short", 12, cut="middle") == "short       "
    for width in range(1, 30):
        for text in ("N" * 40, "資料庫" * 9, "e\u0301" * 40):
            assert cell_len(fit(text, width, cut="middle")) == width
