# Building with SwiftPM, with progress; the compiler's errors are shown, its other output is in a log.
# shellcheck shell=bash

# build LOG ARGUMENT...: swift build with the arguments.
build() {
    local log=$1
    shift
    say "building with: swift build $* (the first time takes several minutes: it fetches and compiles the libraries too)"
    progress "build" "$log" swift build "$@" && return 0
    if grep -q 'error:' "$log"; then
        grep -E 'error:' "$log" | sort -u | head -n 40
        say "  (all of it in $log)"
    else
        tail_of "$log" 30
    fi
    return 1
}

# products ARGUMENT...: where `swift build` with the same arguments puts the executables.
products() { swift build "$@" --show-bin-path 2>/dev/null; }
