# The parts of scripts/test. Sourced, not run; needs say.sh, install.sh and postgres.sh.
#
# A part is five functions: about_ (one line), wants_ (what it needs, for people), needs_ (installs it), offers_ (0 where
# this server has what the part tests, else 1 and why, on stdout) and run_ (the tests; counts by `tally`).

parts=(rust postgres leaks harness mail browser taxii stix fuzz twoworld beside kill)
# Those that wait for browsers, relays and rates more than they work run this many at a time, in this order: the longest
# first.
parts_that_wait=(twoworld browser beside stix fuzz mail kill taxii harness)
AT_ONCE=2

# offer WHAT: whether the server offers it. Asked once in a run: a demo council is started, looked at and ended.
offer() {
    local offer=$ended/offer
    if [ ! -e "$offer" ]; then
        python3 tests/support/offer.py >"$offer" 2>"$logs/offer.err" || say "nothing" >"$offer"
    fi
    grep -qx "$1" "$offer"
}

# python PROGRAM…: in the environment of tests/clients/requirements.txt.
python() { "$venv/bin/python" "$@"; }

# counted FILE COMMAND…: runs it, shows and keeps what it says.
counted() {
    local file=$1
    shift
    "$@" 2>&1 | tee "$file"
    return "${PIPESTATUS[0]}"
}

# ---- rust ------------------------------------------------------------------------------------------------------------

about_rust() { say "format, lints and the workspace's own tests, on SQLite"; }
wants_rust() { say "cargo with rustfmt and clippy, Debian's cvc5"; }
offers_rust() { true; }
needs_rust() {
    command -v cargo >/dev/null || { complain "there is no cargo: install Rust by rustup"; return 1; }
    cargo fmt --version >/dev/null 2>&1 || { complain "missing: rustup component add rustfmt"; return 1; }
    [ -x "$lints" ] || { complain "missing: rustup component add clippy"; return 1; }
    need_cvc5
}
run_rust() {
    local failed=0
    if cargo fmt --all --check >"$logs/fmt.log" 2>&1; then
        tally 1 0
    else
        tally 0 1; failed=1
        grep '^Diff in' "$logs/fmt.log" | head -n 20
        complain "not formatted: run cargo fmt --all"
    fi
    # Cargo tells a warning again for as long as it is one, whether it compiles anew or not.
    if cargo test --quiet --no-run --workspace >"$logs/build.log" 2>&1 && ! grep -qE '^(warning|error)' "$logs/build.log"; then
        tally 1 0
    else
        tally 0 1; failed=1
        cat "$logs/build.log"
    fi
    (unset NOROSHI_TEST_POSTGRES; cargo_tests "$logs/rust.log" --workspace) || failed=1
    doc_tests || failed=1
    return $failed
}

# cargo_tests LOG ARGUMENT…: by nextest where it is, else by cargo test.
cargo_tests() {
    local log=$1 code
    shift
    if cargo nextest --version >/dev/null 2>&1; then
        # They wait for disks and servers, too: one more at a time than there are processors keeps those busy.
        counted "$log" cargo nextest run --no-fail-fast --status-level slow --final-status-level fail --no-tests fail \
            --test-threads $(($(nproc) + 1)) "$@"
        code=$?
        tally_from "$log" 's/.* tests\{0,1\} run: \([0-9]*\) passed.*/\1/p' \
            's/.* tests\{0,1\} run: .* \([0-9]*\) failed.*/\1/p'
    else
        counted "$log" cargo test --no-fail-fast --lib --bins --tests "$@"
        code=$?
        tally_from "$log" 's/^test result: .* \([0-9]*\) passed; .*/\1/p' 's/^test result: .* \([0-9]*\) failed; .*/\1/p'
    fi
    return "$code"
}

doc_tests() {
    local log=$logs/doc.log code
    counted "$log" cargo test --quiet --no-fail-fast --workspace --doc >/dev/null
    code=$?
    tally_from "$log" 's/^test result: .* \([0-9]*\) passed; .*/\1/p' 's/^test result: .* \([0-9]*\) failed; .*/\1/p'
    [ "$code" = 0 ] || cat "$log"
    return "$code"
}

# tally_from LOG PASSED FAILED: adds up what two sed programs find in a log.
tally_from() {
    tally "$(sed -n "$2" "$1" | awk '{n += $1} END {print n + 0}')" "$(sed -n "$3" "$1" | awk '{n += $1} END {print n + 0}')"
}

# ---- postgres --------------------------------------------------------------------------------------------------------

about_postgres() { say "the integration tests of the server once more, on a PostgreSQL of their own"; }
wants_postgres() { say "Debian's postgresql-15 and cvc5"; }
offers_postgres() { true; }
needs_postgres() { need_postgres && need_cvc5; }
run_postgres() {
    local code
    pg_start || return 1
    cargo_tests "$logs/rust-postgres.log" --package noroshi
    code=$?
    pg_stop
    return $code
}

# ---- leaks -----------------------------------------------------------------------------------------------------------

about_leaks() { say "the gate broken on purpose, in one way after another: each is caught"; }
wants_leaks() { say "cargo"; }
offers_leaks() { true; }
needs_leaks() { command -v cargo >/dev/null || { complain "there is no cargo: install Rust by rustup"; return 1; }; }
run_leaks() {
    local log=$logs/leaks.log code
    counted "$log" ./scripts/leaks
    code=$?
    tally_from "$log" 's/^\([0-9]*\) passed, .*/\1/p' 's/.* \([0-9]*\) failed$/\1/p'
    return "$code"
}

# ---- harness ---------------------------------------------------------------------------------------------------------

about_harness() { say "the test tools themselves: each finds the faults that a toy server is given"; }
wants_harness() { say "Python 3.11 with venv"; }
offers_harness() { true; }
needs_harness() { need_venv; }
run_harness() { python -m unittest discover --start-directory tests/support --pattern 'test_*.py' 2>&1 | unittest_tally; }

# unittest_tally: shows what unittest says on stdin and counts it; fails where it does.
unittest_tally() {
    local log=$logs/unittest.log ran bad
    tee "$log"
    ran=$(sed -n 's/^Ran \([0-9]*\) tests\{0,1\} in.*/\1/p' "$log" | awk '{n += $1} END {print n + 0}')
    bad=$(grep -cE '^(FAIL|ERROR): ' "$log")
    tally $((ran > bad ? ran - bad : 0)) "$bad"
    [ "$bad" = 0 ] && grep -q '^OK' "$log"
}

# ---- mail ------------------------------------------------------------------------------------------------------------

about_mail() { say "notices through a real relay: who gets one, and that none carries what it is about"; }
wants_mail() { say "Python 3.11 with venv, Debian's postfix, root"; }
offers_mail() { true; }
needs_mail() { need_venv && need_postfix && need_server; }
run_mail() {
    local failed=0
    python -m unittest discover --start-directory tests/support --pattern relay_test.py 2>&1 | unittest_tally || failed=1
    if offer demo; then
        python tests/clients/mail.py || failed=1
    else
        say "no test: there is no 'noroshi demo' yet"
    fi
    return $failed
}

# ---- browser ---------------------------------------------------------------------------------------------------------

about_browser() { say "pages in a real browser: accessibility, console, network, layout, people side by side"; }
wants_browser() { say "Debian's chromium and fonts-noto-cjk, node 18 with npm"; }
offers_browser() { true; }
needs_browser() { need_python && need_chromium && need_node; }
run_browser() {
    local failed=0
    node_tests "$logs/browser-harness.log" tests/browser/harness.test.mjs || failed=1
    if need_server && offer pages; then
        # Two at a time: a browser waits for what is to happen as long as it works.
        (
            failed=0
            browser_tests "updated --year" year || failed=1
            browser_tests empty story || failed=1
            exit $failed
        ) &
        local waiting=$!
        browser_tests updated pages people || failed=1
        browser_tests asked feedback || failed=1
        python3 tests/support/with_server.py --until raised -- python3 tests/clients/weight.py || failed=1
        wait "$waiting" || failed=1
    else
        say "no test: the server has no pages yet"
    fi
    return $failed
}

# browser_tests STAGE NAME…: tests in a browser beside a demo council whose story has come this far; --year after the stage
# lets it have lived through the year before.
browser_tests() {
    local stage=$1 files=()
    shift
    files=("${@/#/tests/browser/}")
    # shellcheck disable=SC2086 # the stage may have an option after it
    python3 tests/support/with_server.py --until $stage -- \
        bash -c 'source scripts/lib/say.sh; source scripts/lib/parts.sh; node_tests "$@"' \
        - "$logs/browser-${stage// /}.log" "${files[@]/%/.test.mjs}"
}

# node_tests LOG FILE…: node's own runner, one browser at a time.
node_tests() {
    local log=$1 code
    shift
    counted "$log" node --test --test-reporter=tap "$@" | grep -E '^ *(not ok|#|  *(error|message|expected|actual):|Bail)' | grep -vE '^# (Subtest|suites|cancelled|skipped|todo|duration)'
    code=${PIPESTATUS[0]}
    tally "$(sed -n 's/^# pass \([0-9]*\).*/\1/p' "$log")" "$(sed -n 's/^# fail \([0-9]*\).*/\1/p' "$log")"
    return "$code"
}

# ---- taxii, stix, fuzz -----------------------------------------------------------------------------------------------

about_taxii() { say "taxii2-client, unmodified, and OpenCTI's way of using it"; }
wants_taxii() { say "Python 3.11 with venv"; }
offers_taxii() { offer taxii || { say "GET /taxii2/ is not served yet"; return 1; }; }
needs_taxii() { need_venv && need_server; }
run_taxii() { python tests/support/with_server.py --until updated -- "$venv/bin/python" tests/clients/taxii.py; }

about_stix() { say "every object that the server gives is valid STIX 2.1, and real corpora come out as they went in"; }
wants_stix() { say "Python 3.11 with venv"; }
offers_stix() { offer taxii || { say "GET /taxii2/ is not served yet"; return 1; }; }
needs_stix() { need_venv && need_server; }
run_stix() {
    local failed=0
    python tests/support/with_server.py --until updated -- "$venv/bin/python" tests/clients/stix.py || failed=1
    if offer import; then
        python tests/clients/corpus.py || failed=1
    else
        say "no test: there is no 'noroshi import' yet"
    fi
    return $failed
}

about_fuzz() { say "the API keeps what its OpenAPI document says, whatever schemathesis sends"; }
wants_fuzz() { say "Python 3.11 with venv"; }
offers_fuzz() { offer openapi || { say "GET /api/openapi.json is not served yet"; return 1; }; }
needs_fuzz() { need_venv && need_server; }
run_fuzz() { python tests/support/with_server.py --until answered -- "$venv/bin/python" tests/clients/fuzz.py; }

# ---- twoworld -------------------------------------------------------------------------------------------------------

about_twoworld() { say "two servers that differ in one hidden thing answer everybody outside it alike, over HTTP"; }
wants_twoworld() { say "Python 3.11 with venv"; }
offers_twoworld() { offer openapi || { say "GET /api/openapi.json is not served yet"; return 1; }; }
needs_twoworld() { need_venv && need_server; }
# two_worlds SCENARIO…: one comparison; what it says is shown whole.
two_worlds() {
    local said code
    said=$("$venv/bin/python" tests/twoworld/twoworld.py "$@" 2>&1)
    code=$?
    printf '%s\n' "$said"
    return "$code"
}
# worlds [--prove]: every comparison, all at once: each waits most of the time for the rates of its accounts. With --prove
# each that says of whom is made once more, to show that it would find something.
worlds() {
    export venv
    export -f two_worlds
    {
        printf '%s\n' tests/twoworld/scenarios/*.json
        [ "${1:-}" != --prove ] || grep -l '"prove":' tests/twoworld/scenarios/*.json | sed 's/$/ --prove/'
    } | xargs -P 6 -L 1 bash -c 'two_worlds "$@"' -
}
run_twoworld() { worlds --prove; }

# ---- beside, kill ----------------------------------------------------------------------------------------------------

about_beside() { say "the same programs, browser and worlds once more, beside servers on PostgreSQL"; }
wants_beside() { say "Python 3.11 with venv, Debian's postgresql-15 and chromium, node 18 with npm"; }
offers_beside() { offer taxii || { say "GET /taxii2/ is not served yet"; return 1; }; }
needs_beside() { need_venv && need_postgres && need_chromium && need_node && need_server; }
run_beside() {
    local failed=0
    # Every council that is started from here on has a database of its own there (tests/support/rig/server.py).
    pg_start || return 1
    # The comparisons wait most of the time, and say what they have to say at the end.
    worlds >"$logs/worlds.log" 2>&1 &
    local comparing=$!
    (
        failed=0
        # What a page looks like does not depend on what keeps its words: every page is walked on SQLite only.
        browser_tests empty story || failed=1
        browser_tests updated people || failed=1
        browser_tests asked feedback || failed=1
        exit $failed
    ) &
    local browsing=$!
    run_taxii || failed=1
    run_stix || failed=1
    run_fuzz || failed=1
    python tests/clients/mail.py || failed=1
    wait "$browsing" || failed=1
    wait "$comparing" || failed=1
    cat "$logs/worlds.log"
    pg_stop
    return $failed
}

about_kill() { say "kill -9 at any moment loses nothing that was acknowledged, and doubles nothing"; }
wants_kill() { say "Python 3.11, Debian's postgresql-15"; }
offers_kill() { offer openapi || { say "GET /api/openapi.json is not served yet"; return 1; }; }
needs_kill() { need_python && need_postgres && need_server; }
run_kill() {
    local failed=0
    python3 tests/kill/kill.py || failed=1
    pg_start || return 1
    python3 tests/kill/kill.py --database "$NOROSHI_TEST_POSTGRES" || failed=1
    pg_stop
    return $failed
}
