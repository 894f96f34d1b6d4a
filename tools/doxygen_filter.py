#!/usr/bin/env python3
"""Prints a header as Doxygen is to read it (docs/reference/Doxyfile). Doxygen would run the indented
lines of a comment, formulas and tables, into the sentence before: here they become verbatim, for
which the /// of the whole comment have to become /** … */. The lines of a list item or of a command
such as @param are indented too; they are left alone. Defaulted comparisons, which say nothing, are
dropped. Lines keep their numbers."""

import pathlib
import re
import sys

COMMENT = re.compile(r"^(\s*)///(?!<)(.*)$")
DEFAULTED = re.compile(r"^\s*bool operator==\(const \w+&\) const = default;\s*$")
OPENS_ITEM = re.compile(r"^ *(- |@(param|return|throws|tparam)\b)")


def with_formulas(texts):
    """The lines of one comment, each run of formulas enclosed in @verbatim … @endverbatim."""
    marked, in_item, in_formula = [], False, False
    for text in texts:
        opens = OPENS_ITEM.match(text) is not None
        indented = text.startswith("   ")
        in_item = opens or (in_item and indented)
        formula = indented and not in_item
        if in_formula and not formula:
            marked[-1] += " @endverbatim"
        marked.append(f" @verbatim{text}" if formula and not in_formula else text)
        in_formula = formula
    if in_formula:
        marked[-1] += " @endverbatim"
    return marked


def as_block(indent, texts):
    lines = with_formulas(texts)
    lines[0] = f"{indent}/**{lines[0]}"
    lines[-1] += " */"
    return lines


def filtered(lines):
    result, comment, indent = [], [], ""
    for line in lines:
        match = COMMENT.match(line)
        if match:
            indent = match.group(1)
            comment.append(match.group(2))
            continue
        if comment:
            result += as_block(indent, comment)
            comment = []
        result.append("" if DEFAULTED.match(line) else line)
    return result


def main():
    lines = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").split("\n")
    sys.stdout.write("\n".join(filtered(lines)))


main()
