#!/usr/bin/env python3
"""Prints a header as Doxygen is to read it (docs/reference/Doxyfile). Doxygen would run the indented
lines of a comment, formulas and tables, into the sentence before: they become verbatim here. The
lines of a list item or of a command such as @param are indented too; they are left alone. Defaulted
comparisons, which say nothing, are dropped. Lines keep their numbers."""

import pathlib
import re
import sys

COMMENT = re.compile(r"^(\s*///)(.*)$")
DEFAULTED = re.compile(r"^\s*bool operator==\(const \w+&\) const = default;\s*$")
OPENS_ITEM = re.compile(r"^ *(- |@(param|return|throws|tparam)\b)")


def is_formula(text, in_item):
    return text.startswith("   ") and text.strip() != "" and not in_item and not OPENS_ITEM.match(text)


def mark_formulas(lines):
    """The lines, each run of formulas enclosed in @verbatim … @endverbatim."""
    marked, in_item, in_formula = [], False, False
    for line in lines:
        comment = COMMENT.match(line)
        text = comment.group(2) if comment else ""
        if OPENS_ITEM.match(text):
            in_item = True
        elif not text.startswith("   "):
            in_item = False
        formula = comment is not None and not text.startswith("<") and is_formula(text, in_item)
        if in_formula and not formula:
            marked[-1] += " @endverbatim"
        if formula and not in_formula:
            line = f"{comment.group(1)} @verbatim{text}"
        in_formula = formula
        marked.append(line)
    return marked


def main():
    lines = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").split("\n")
    lines = ["" if DEFAULTED.match(line) else line for line in lines]
    sys.stdout.write("\n".join(mark_formulas(lines)))


main()
