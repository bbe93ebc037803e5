"""Mutations by rule, for scripts/mutate: every place of a source file where an operator, a number, a choice or a statement can be another."""

import re

# What is replaced by what. A blank on both sides keeps off templates, pointers, references and signs.
TOKENS = [
    (" < ", " <= "), (" <= ", " < "), (" > ", " >= "), (" >= ", " > "), (" == ", " != "), (" != ", " == "),
    (" + ", " - "), (" - ", " + "), (" * ", " + "), (" / ", " * "), (" % ", " + "), (" += ", " -= "), (" -= ", " += "),
    (" && ", " || "), (" || ", " && "), ("std::max", "std::min"), ("std::min", "std::max"), ("if (!", "if ("),
]
NUMBER = re.compile(r"(?<![\w.'])(\d{1,6})(?![\w.'])")
STATEMENT = re.compile(r"^\s+(?:[\w.\[\]]|->|\(\))+(?:\s*[-+*/|&^]?=\s.*|\(.*\)|\+\+|--);$")
KEYWORDS = ("return", "throw", "const", "using", "static", "delete", "break", "continue", "case")


def code_of(line):
    """The line without its comment and with blanks in place of what is in quotes: positions stay."""
    line = re.sub(r'"(?:[^"\\]|\\.)*"', lambda text: " " * len(text[0]), line)
    at = line.find("//")
    return line if at < 0 else line[:at]


def mutations_of(text):
    """(line's number from 0, the line as it becomes, what that is), in the order of the text."""
    found = []
    for number, line in enumerate(text.split("\n")):
        code = code_of(line)
        if not line.startswith(" ") or "static_assert" in code:
            continue  # declarations, preprocessor, templates
        for present, changed in TOKENS:
            at = code.find(present)
            while at >= 0:
                found.append((number, line[:at] + changed + line[at + len(present):], f"{present.strip()} becomes {changed.strip()}"))
                at = code.find(present, at + 1)
        for match in NUMBER.finditer(code):
            more = str(int(match[1]) + 1)
            found.append((number, line[:match.start()] + more + line[match.end():], f"{match[1]} becomes {more}"))
        if STATEMENT.match(code.rstrip()) and code.split()[0] not in KEYWORDS:
            found.append((number, "", "the statement is left out"))
    return found
