#!/usr/bin/env bash
# Consumers of the installed libraries under every compiler and flag: matrix.sh STATIC_PREFIX SHARED_PREFIX WORK OUTPUT.md
# Each is found by CMake and by pkg-config, compiles, links, runs, and prints the rate expected. Beside the program of
# tests/install/consumer, the README's own example. Exit 1 when any fails.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
static=$1 shared=$2 work=$3 output=$4
expected='37\.949697085[0-9]*'
failed=0
rm -rf "$work"
mkdir -p "$work"

# The README's first C++ block, with what it leaves to the reader: <iostream> and main().
readme_program() {
  sed -n '/^```cpp$/,/^```$/p' "$root/README.md" | sed '/^```cpp$/d; /^```$/q' | sed '/^```$/d' >"$work/block"
  { echo '#include <iostream>'; grep '^#' "$work/block"; echo 'int main() {'; grep -v '^#' "$work/block"; echo '}'; } >"$1"
}

# The README prints five digits.
runs() { (cd "$work" && "$@" 2>>"$work/log") >"$work/out" 2>>"$work/log"; }
check() {  # program of the consumer, program of the README
  runs "$1" "$root/examples/models/brunel2000.yaml" && grep -Eq "$expected" "$work/out" || return 1
  runs "$2" && grep -q '37\.9497' "$work/out"
}

by_cmake() {  # prefix, compiler, flags
  rm -rf "$work/cmake"
  cmake -G Ninja -S "$root/tests/install/consumer" -B "$work/cmake" -D CMAKE_PREFIX_PATH="$1" -D CMAKE_CXX_COMPILER="$2" \
    -D CMAKE_CXX_FLAGS="$3" -D README_PROGRAM="$work/readme.cc" >>"$work/log" 2>&1 &&
    cmake --build "$work/cmake" >>"$work/log" 2>&1 && check "$work/cmake/consumer" "$work/cmake/readme"
}

by_pkg_config() {  # prefix, compiler, flags
  local program source
  export PKG_CONFIG_PATH=$1/lib/pkgconfig LD_LIBRARY_PATH=$1/lib
  for program in main readme; do
    source=$work/readme.cc
    [ $program = main ] && source=$root/tests/install/consumer/main.cc
    # shellcheck disable=SC2046,SC2086 # lists of options
    "$2" $3 -o "$work/$program" "$source" $(pkg-config --cflags --libs nuphi) >>"$work/log" 2>&1 || return 1
  done
  check "$work/main" "$work/readme"
  local result=$?
  unset PKG_CONFIG_PATH LD_LIBRARY_PATH
  return $result
}

cell() {
  printf '\n== %s\n' "$*" >>"$work/log"
  if "$@"; then echo passes; else failed=1; echo '**fails**'; fi
}

readme_program "$work/readme.cc"
grep -A20 '^```yaml' "$root/README.md" | sed '1d' | sed '/^```$/,$d' >"$work/brunel.yaml"
rows=$work/rows
for library in static shared; do
  for compiler in g++ clang++; do
    command -v $compiler >/dev/null || continue
    for flags in "-O2" "-O2 -march=native" "-O0 -D_GLIBCXX_ASSERTIONS"; do
      prefix=${!library}
      cell by_cmake "$prefix" $compiler "$flags" >"$work/first"
      cell by_pkg_config "$prefix" $compiler "$flags" >"$work/second"
      grep -q fails "$work/first" "$work/second" && failed=1
      echo "| $library | \`$compiler\` | \`$flags\` | $(cat "$work/first") | $(cat "$work/second") |" | tee -a "$rows"
    done
  done
done

# Flags that change Eigen's alignment are refused by the compiler, with a message.
refused() {
  g++ -std=c++20 -I"$static/include" -I/usr/include/eigen3 "$@" -fsyntax-only "$root/tests/install/consumer/main.cc" 2>"$work/message"
  [ $? -ne 0 ] && grep -q "nuphi's interface has" "$work/message"
}
for flags in "-mavx" "-march=native" "-DEIGEN_MAX_ALIGN_BYTES=16 -DEIGEN_MALLOC_ALREADY_ALIGNED=0 -DEIGEN_MAX_STATIC_ALIGN_BYTES=0" "-DEIGEN_DONT_ALIGN"; do
  # shellcheck disable=SC2086 # lists of options
  if refused $flags; then result="refused: $(grep -o "nuphi's interface has[^:(]*" "$work/message" | head -1)"; else failed=1 result='**not refused**'; fi
  echo "| \`$flags\` | $result |" | tee -a "$work/refusals"
done

{
  echo '# Consumers under other compilers and flags'
  echo 'Written by `./dev test-consumers`: the libraries are built by g++ with the default flags and installed; the program of'
  echo '`tests/install/consumer` and the example of the README are then compiled, linked and run, found by CMake and by pkg-config.'
  echo
  echo '| libraries | compiler | flags of the consumer | CMake | pkg-config |'
  echo '|---|---|---|---|---|'
  cat "$rows"
  echo
  echo 'Without the definition that CMake and pkg-config bring along, or against it:'
  echo
  echo '| flags | the compiler |'
  echo '|---|---|'
  cat "$work/refusals"
} >"$output"
[ $failed -eq 0 ] || { echo "see $work/log" >&2; exit 1; }
