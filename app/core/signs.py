"""Signs that draw nothing: names that differ only in them look the same."""

from __future__ import annotations

import unicodedata

# Default_Ignorable_Code_Point of the Unicode Character Database, and the blank pattern of braille.
INVISIBLE = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
# Marks that go on any letter; scripts that stack marks of their own (Burmese, Thai) need more than two.
GENERAL_MARKS = ((0x0300, 0x036F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F))
MOST_GENERAL_MARKS, MOST_MARKS = 2, 5


def is_invisible(sign: str) -> bool:
    return any(first <= ord(sign) <= last for first, last in INVISIBLE)


def is_overloaded(text: str) -> bool:
    """Whether marks are heaped on one letter until they cover the lines around it."""
    general = marks = 0
    for sign in unicodedata.normalize("NFD", text):
        is_mark = unicodedata.category(sign).startswith("M")
        marks = marks + 1 if is_mark else 0
        is_general = any(first <= ord(sign) <= last for first, last in GENERAL_MARKS)
        general = general + is_general if is_mark else 0
        if general > MOST_GENERAL_MARKS or marks > MOST_MARKS:
            return True
    return False
