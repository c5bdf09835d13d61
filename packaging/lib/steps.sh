# shellcheck shell=bash
# How the scripts in packaging/ speak: numbered steps, progress on long ones, a reason and a remedy on failure.
# Sourced. The caller sets STEPS (how many steps there will be) and calls step, detail, good, progress, attempt, die.

STEP=0
STEPS=${STEPS:-0}
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' GREEN=$'\e[32m' PLAIN=$'\e[0m' ERASE=$'\r\e[K'
else
    BOLD='' DIM='' RED='' GREEN='' PLAIN='' ERASE=''
fi

step() { # step TEXT: the next numbered step begins
    STEP=$((STEP + 1))
    printf '%s[%d/%d]%s %s%s%s\n' "$DIM" "$STEP" "$STEPS" "$PLAIN" "$BOLD" "$1" "$PLAIN"
}

detail() { # detail TEXT: one line about the step under way
    printf '      %s\n' "$1"
}

good() { # good TEXT: a detail that says that something was shown to work
    printf '      %s%s%s\n' "$GREEN" "$1" "$PLAIN"
}

progress() { # progress TEXT: where a long step is; overwrites itself on a terminal
    if [ -n "$ERASE" ]; then
        printf '%s      %s%.100s%s' "$ERASE" "$DIM" "$1" "$PLAIN"
    else
        printf '      %s\n' "$1"
    fi
}

die() { # die WHAT [REMEDY]: the end; what was wrong, and what to do about it
    printf '%s%serror:%s %s\n' "$ERASE" "$RED" "$PLAIN" "$1" >&2
    if [ -n "${2:-}" ]; then printf '       %s\n' "$2" >&2; fi
    exit 1
}

# The process groups of the long commands under way. See end_attempts.
ATTEMPTS=()

# begin COMMAND…: starts a long command. It has a process group of its own, so that an interrupted script can end it
# whole; its process is the last of ATTEMPTS.
begin() {
    set -m
    "$@" </dev/null &
    set +m
    ATTEMPTS+=("$!")
}

# await PROCESS: waits for a command that was begun; its status.
await() {
    local status=0 others=() attempt
    wait "$1" 2>/dev/null || status=$?
    for attempt in "${ATTEMPTS[@]}"; do
        if [ "$attempt" != "$1" ]; then others+=("$attempt"); fi
    done
    ATTEMPTS=("${others[@]}")
    return "$status"
}

logged() { # logged LOG COMMAND…: runs COMMAND with its output in LOG
    local log=$1
    shift
    "$@" >"$log" 2>&1
}

# attempt LOG CONDENSE COMMAND…: runs COMMAND with its output in LOG, showing `CONDENSE LOG` (a function that prints
# one line) while it lasts: each second on a terminal, else every ten. Returns the command's status.
attempt() {
    local log=$1 condense=$2 began=$SECONDS shown=0 pid status=0 each=10
    shift 2
    if [ -n "$ERASE" ]; then each=1; fi
    begin logged "$log" "$@"
    pid=${ATTEMPTS[-1]}
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.2
        if [ $((SECONDS - began)) -ge $((shown + each)) ]; then
            shown=$((SECONDS - began))
            progress "$shown s  $("$condense" "$log")"
        fi
    done
    await "$pid" || status=$?
    printf '%s' "$ERASE"
    return "$status"
}

# end_attempts: ends the long commands under way, if there are any; for a caller that was interrupted. SwiftPM passes
# only an interrupt on to the compilers it started, and pytest closes what its tests have opened, hence SIGINT first.
end_attempts() {
    local attempt tries=300
    for attempt in "${ATTEMPTS[@]}"; do kill -INT -- "-$attempt" 2>/dev/null || :; done
    for attempt in "${ATTEMPTS[@]}"; do
        while kill -0 -- "-$attempt" 2>/dev/null && [ $((tries -= 1)) -gt 0 ]; do sleep 0.1; done
        kill -KILL -- "-$attempt" 2>/dev/null || :
        wait "$attempt" 2>/dev/null || :
    done
    ATTEMPTS=()
}

last_line() { # last_line LOG: a condenser that shows where the output is
    tail -n 1 "$1" | tr -d '\r' | cut -c 1-90
}
