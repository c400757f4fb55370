# Puts what the tests need onto a Debian machine. Sourced, not run; needs say.sh and $tools.
#
# Every need_… answers 0 where the thing is there (it may have been installed by this very call) and 1 after one line that
# says what is missing and how to get it.

_apt_updated=""

# need_debian PACKAGE…: from Debian's archive, as root or through a sudo that asks nothing.
need_debian() {
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        if sudo -n true 2>/dev/null; then
            as_root=(sudo -n)
        else
            complain "missing: $*. As root: apt-get install --no-install-recommends $*"
            return 1
        fi
    fi
    if ! command -v apt-get >/dev/null; then
        complain "missing: $*. This is no Debian; install what your system calls so, and run this again"
        return 1
    fi
    say "installing $* (Debian)"
    # Packages with services must not start them: the tests start their own, elsewhere. PostgreSQL's must make no cluster.
    local quiet=(env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0)
    if [ -z "$_apt_updated" ]; then
        "${as_root[@]}" "${quiet[@]}" update >"$logs/apt.log" 2>&1 || complain "apt-get update failed, see $logs/apt.log"
        _apt_updated=yes
    fi
    if ! "${as_root[@]}" "${quiet[@]}" install -y --no-install-recommends "$@" >>"$logs/apt.log" 2>&1; then
        complain "apt-get install $* failed, see $logs/apt.log: $(tail -n 1 "$logs/apt.log")"
        return 1
    fi
}

# pg_bin: the folder with initdb and pg_ctl, 15 before any other version; nothing where there is none.
pg_bin() {
    local folder
    for folder in /usr/lib/postgresql/15/bin $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) "$(dirname "$(command -v pg_ctl || echo /nowhere/x)")"; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then
            printf '%s\n' "$folder"
            return 0
        fi
    done
    return 1
}

need_postgres() {
    command -v openssl >/dev/null || need_debian openssl || return 1
    pg_bin >/dev/null || need_debian postgresql-15 || need_debian postgresql || return 1
    pg_bin >/dev/null || { complain "initdb and pg_ctl are not where Debian's postgresql puts them"; return 1; }
    if [ "$(id -u)" = 0 ]; then
        id postgres >/dev/null 2>&1 || { complain "PostgreSQL does not run as root and there is no user postgres: adduser --system postgres"; return 1; }
    fi
}

need_postfix() {
    [ -x /usr/sbin/postfix ] || need_debian postfix || return 1
    if [ "$(id -u)" != 0 ]; then
        complain "postfix's master runs as root only: run this part as root, or leave it out with --without mail"
        return 1
    fi
}

need_chromium() {
    command -v chromium >/dev/null || need_debian chromium || return 1
    # Without Japanese glyphs every page would be measured with boxes.
    [ -n "$(fc-list :lang=ja family 2>/dev/null | head -n 1)" ] || need_debian fontconfig fonts-noto-cjk || return 1
}

# need_node: node 18 or later, and what tests/browser/package-lock.json names.
need_node() {
    if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
        need_debian nodejs npm || return 1
    fi
    local major
    major=$(node -p 'process.versions.node.split(".")[0]')
    [ "$major" -ge 18 ] || { complain "node is $(node --version); 18 or later is needed"; return 1; }
    local browser=tests/browser
    if ! cmp -s "$browser/package-lock.json" "$browser/node_modules/.installed-lock"; then
        say "installing playwright-core and axe-core (npm)"
        (cd "$browser" && npm ci --ignore-scripts --no-audit --no-fund) >"$logs/npm.log" 2>&1 \
            || { complain "npm ci failed in $browser, see $logs/npm.log"; return 1; }
        cp "$browser/package-lock.json" "$browser/node_modules/.installed-lock"
    fi
}

need_python() {
    command -v python3 >/dev/null || need_debian python3 || return 1
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
        || { complain "$(python3 --version) is too old; 3.11 or later is needed"; return 1; }
}

# need_venv: the Python environment of tests/clients/requirements.txt.
need_venv() {
    need_python || return 1
    local wanted=tests/clients/requirements.txt
    if ! cmp -s "$wanted" "$venv/.installed"; then
        python3 -c 'import ensurepip, venv' 2>/dev/null || need_debian python3-venv || return 1
        say "installing taxii2-client, stix2, stix2-validator, schemathesis, aiosmtpd (PyPI)"
        rm -rf "$venv"
        { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$wanted"; } \
            >"$logs/pip.log" 2>&1 || { complain "pip install failed, see $logs/pip.log: $(tail -n 1 "$logs/pip.log")"; return 1; }
        cp "$wanted" "$venv/.installed"
    fi
}

# need_cvc5: the solver that proves amendments of the charter.
need_cvc5() {
    command -v "${CVC5:-cvc5}" >/dev/null || need_debian cvc5
}

# need_server: the program itself, as the tests start it.
need_server() {
    say "building noroshi"
    # With the tests, so that what it is made of is what they were made of, and nothing is built twice.
    cargo build --quiet --package noroshi --bin noroshi --test it || { complain "noroshi does not build"; return 1; }
}
