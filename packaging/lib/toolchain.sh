# shellcheck shell=bash
# Finds the Swift toolchain and builds with it as the person who called sudo, so that .build stays theirs.
# Sourced after steps.sh. Needs ROOT, the checkout.

# Who builds: the caller of sudo, if there is one; else whoever runs this.
BUILDER=''
BUILDER_HOME=$HOME
if [ "$(id -u)" = 0 ] && [ -n "${SUDO_UID:-}" ] && [ "$SUDO_UID" != 0 ]; then
    BUILDER=$(getent passwd "$SUDO_UID" | cut -d : -f 1)
    BUILDER_HOME=$(getent passwd "$SUDO_UID" | cut -d : -f 6)
    [ -n "$BUILDER" ] || die "sudo was called by uid $SUDO_UID, which has no account" "Run this as root itself instead."
fi
SWIFT='' SWIFT_VERSION=''

as_builder() { # as_builder COMMAND…: runs it as whoever builds, with swift in PATH
    local path=/usr/local/bin:/usr/bin:/bin
    if [ -n "$SWIFT" ]; then path=${SWIFT%/*}:$path; fi
    if [ -n "$BUILDER" ]; then
        runuser -u "$BUILDER" -- env HOME="$BUILDER_HOME" USER="$BUILDER" LOGNAME="$BUILDER" PATH="$path" "$@"
    else
        env PATH="$path:$PATH" "$@"
    fi
}

swift_version() { # swift_version PATH: "6.3.1", or nothing if it cannot be run
    as_builder "$1" --version 2>/dev/null </dev/null | sed -n 's/.*Swift version \([0-9.]*[0-9]\).*/\1/p' | head -n 1
}

# find_swift: sets SWIFT and SWIFT_VERSION to the first toolchain that is new enough for Package.swift. sudo shortens PATH, so that of
# the builder's login shell is asked too, then the places where installers put it.
find_swift() {
    local needed candidate version candidates=() older=''
    needed=$(sed -n '1s/.*swift-tools-version: *\([0-9.]*\).*/\1/p' "$ROOT/Package.swift")
    candidates+=("$(command -v swift || :)")
    if [ -n "$BUILDER" ]; then
        # A login shell may print a greeting: only its last line is the answer.
        # shellcheck disable=SC2016
        candidates+=("$(runuser -l "$BUILDER" -c 'command -v swift' 2>/dev/null </dev/null | tail -n 1 || :)")
    fi
    candidates+=("$BUILDER_HOME"/.local/share/swiftly/bin/swift "$BUILDER_HOME"/.swiftly/bin/swift
        /opt/swift/usr/bin/swift /opt/swift*/usr/bin/swift /usr/share/swift/usr/bin/swift /usr/libexec/swift/*/bin/swift
        /usr/local/swift*/usr/bin/swift "$BUILDER_HOME"/swift*/usr/bin/swift)
    for candidate in "${candidates[@]}"; do
        case $candidate in /*) ;; *) continue ;; esac
        [ -x "$candidate" ] || continue
        version=$(swift_version "$candidate")
        [ -n "$version" ] || continue
        if [ "$(printf '%s\n' "$needed" "$version" | sort -V | head -n 1)" = "$needed" ]; then
            SWIFT=$candidate
            # shellcheck disable=SC2034 # for the caller to show
            SWIFT_VERSION=$version
            return
        fi
        older="$older $candidate is $version;"
    done
    die "no Swift $needed or newer was found.${older:+ Too old:$older}" \
        "Install it from https://www.swift.org/install/linux/ (swiftly does it in one line), then run this again."
}

condense_build() { # condense_build LOG: where `swift build` is, from its own count
    local line
    # Its notes on warnings of dependencies are none of the reader's.
    line=$(tr '\r' '\n' <"$1" | grep -E '^(\[|Fetch|Comput|Creat|Work|Build|Plan)' | tail -n 1 | cut -c 1-80)
    echo "${line:-starting}"
}

show_build_errors() { # show_build_errors LOG: the errors of a failed build, else its end
    local errors
    # The numbered lines are the compiler's own, if it crashed: what it was at.
    errors=$(grep -E -A 3 'error:|^[0-9]+\.[[:space:]]' "$1" | grep -vE '^--$|Program arguments' | awk '!seen[$0]++' |
        cut -c 1-240 | head -n 40 || :)
    printf '%s\n' "${errors:-$(tail -n 25 "$1")}" | sed 's/^/      /' >&2
}

# build LOG ARGUMENT…: `swift build ARGUMENT…` in the checkout, with progress; ends the script if it fails.
build() {
    local log=$1
    shift
    if [ -e "$ROOT/.build" ] && ! as_builder test -w "$ROOT/.build"; then
        die "$ROOT/.build can't be written by ${BUILDER:-$(id -un)}, who builds" \
            "Somebody else built here before: chown it, or remove it."
    fi
    local status=0
    attempt "$log" condense_build as_builder "$SWIFT" build --package-path "$ROOT" "$@" || status=$?
    if [ "$status" = 0 ]; then return; fi
    show_build_errors "$log"
    rm -f "$log"
    if [ "$status" -gt 128 ]; then die "swift build $* was ended by signal $((status - 128)); run this again"; fi
    die "swift build $* failed, see above"
}
