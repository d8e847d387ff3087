"""Log lines that a terminal must not obey: escape codes, clipboard writes, bidi overrides, a megabyte."""

_LINES = (
    "\x1b[31mred\x1b[0m and \x1b[2J\x1b[1;1Hcleared",
    "\x1b]52;c;cHduZWQ=\x07 the clipboard",
    "\x1b]0;another title\x07\x1b[?1049l\x1bc reset",
    "\x9b31m C1 codes \x9d52;c;cHduZWQ=\x9c",
    "[bold red]markup[/] [link=https://example.com]click[/link] [@click=app.quit]quit[/]",
    "bidi \u202egnp.exe\u202c \u2066isolated\u2069",
    "zero\u200bwidth \ufeffmark, soft\u00adhyphen, tag \U000e0041",
    "a\u0300\u0301\u0302\u0303\u0304\u0305 combining, \u8cc7\u6599 wide, \U0001f468\u200d\U0001f469 joined",
    "progress 10%\rprogress 50%\rprogress 100%",
    "null \x00 bell \x07 backspace \x08\x08\x08 delete \x7f form \x0c",
    "not utf-8: \ufffd\ufffd\ufffd",
    "two\nlines\tand a tab",
)
_MEGABYTE_EVERY = 40


def line(number: int) -> str:
    """The hostile line of a number: each kind in turn, now and then one of a megabyte."""
    if number % _MEGABYTE_EVERY == _MEGABYTE_EVERY - 1:
        return f"{number} \x1b[31m" + "0123456789" * 100_000
    return f"{number} {_LINES[number % len(_LINES)]}"
