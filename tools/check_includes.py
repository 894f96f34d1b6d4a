#!/usr/bin/env python3
"""Checks the direction of dependency (CONTRIBUTING.md): no include upwards or sideways between
components, no circle between files. Run by `./dev style`; prints the measures of the house with
--measures."""

import collections
import pathlib
import re
import subprocess
import sys

# component: what it may include besides itself
MAY_INCLUDE = {
    "core": set(),
    "solver": {"core"},
    "models": {"core"},
    "rates": {"core", "models", "solver"},
    "petsc": {"core", "models", "solver", "rates"},
    "analysis": {"core", "models", "solver", "rates"},
    "examples/runner": {"core", "models", "solver", "rates", "analysis"},
    "python": {"core", "models", "solver", "rates", "analysis"},
    "examples/runner/mpi": {"core", "models", "solver", "rates", "petsc", "examples/runner"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.MULTILINE)


def component_of(path):
    candidates = [c for c in MAY_INCLUDE if path.startswith(c + "/")]
    return max(candidates, key=len, default=None)


def sources():
    listed = subprocess.run(["git", "ls-files", "*.h", "*.cc"], capture_output=True, text=True, check=True)
    return [p for p in listed.stdout.split("\n") if p]


def resolve(path, name, known):
    """The file of the project that an include means, or None."""
    folder = pathlib.PurePosixPath(path).parent
    component = component_of(path)
    candidates = [str(folder / name)]
    candidates += [f"{c}/{kind}/{name}" for c in MAY_INCLUDE for kind in ("include", "internal")]
    if component:
        candidates += [f"{component}/src/{name}", f"{component}/{name}"]
    for candidate in candidates:
        normal = pathlib.PurePosixPath(candidate)
        parts = []
        for part in normal.parts:
            if part == "..":
                parts.pop()
            else:
                parts.append(part)
        if "/".join(parts) in known:
            return "/".join(parts)
    return None


def includes_of(files):
    known = set(files)
    graph = {}
    for path in files:
        names = INCLUDE.findall(pathlib.Path(path).read_text(encoding="utf-8"))
        graph[path] = [target for target in (resolve(path, n, known) for n in names) if target]
    return graph


def wrong_arrows(graph):
    for path, targets in graph.items():
        here = component_of(path)
        if here is None:
            continue  # tests, tools and bench see everything
        for target in targets:
            there = component_of(target)
            if there is None:
                yield f"{path} includes {target}, which belongs to no component"
            elif there != here and there not in MAY_INCLUDE[here]:
                yield f"{path} includes {target}: {here} may not use {there}"


def interface_faults(files):
    """What a public header owes to other people's builds."""
    for path in files:
        if "/include/nuphi/" not in path or path.endswith(("core/eigen.h", "core/export.h", "nuphi/nuphi.h")):
            continue
        text = pathlib.Path(path).read_text(encoding="utf-8")
        if "<Eigen/Core>" in text:
            yield f"{path}: a public header includes <nuphi/core/eigen.h>, not <Eigen/Core>"
        if "NUPHI_PUBLIC" not in text:
            yield f"{path}: a public header opens `namespace NUPHI_PUBLIC nuphi {{` (core/export.h)"


def circles(graph):
    """Strongly connected components of more than one file (Tarjan)."""
    index, low, stack, on_stack, found = {}, {}, [], set(), []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        on_stack.add(node)
        for target in graph[node]:
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in on_stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            group = []
            while True:
                member = stack.pop()
                on_stack.discard(member)
                group.append(member)
                if member == node:
                    break
            if len(group) > 1 or node in graph[node]:
                found.append(sorted(group))

    for node in graph:
        if node not in index:
            visit(node)
    return found


def measures(files):
    lines = collections.Counter()
    types = headers = 0
    for path in files:
        if path.startswith(("tests/", "build/")):
            continue
        text = pathlib.Path(path).read_text(encoding="utf-8")
        lines[path.split("/")[0]] += text.count("\n")
        if "/include/nuphi/" in path:
            headers += 1
            types += len(re.findall(r"^(?:struct|class|enum class)\s+\w+[^;]*\{", text, re.MULTILINE))
    print("lines of C++ outside tests:", sum(lines.values()), dict(lines))
    print("public headers:", headers)
    print("public types:", types)


def main():
    files = sources()
    if "--measures" in sys.argv:
        measures(files)
    graph = includes_of(files)
    faults = list(wrong_arrows(graph)) + list(interface_faults(files))
    faults += ["circle of includes: " + " ".join(c) for c in circles(graph)]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
