# Words to the person who runs a script. Sourced, not run.

# say LINE…: one plain line.
say() { printf '%s\n' "$*"; }

# head_line LINE…: where a part begins.
head_line() { printf '\n== %s\n' "$*"; }

# complain LINE…: something is wrong, and what to do about it.
complain() { printf 'scripts/%s: %s\n' "${0##*/}" "$*" >&2; }

# tally PASSED FAILED: adds to the counts of the part that runs now.
tally() { printf '%s %s\n' "$1" "$2" >>"$NOROSHI_TALLY"; }
