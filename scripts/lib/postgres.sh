# A PostgreSQL of one's own in a temporary folder on a free loopback port. Sourced, not run; needs say.sh and install.sh.

_pg_folder=""
_pg_as=()

# pg_start: sets NOROSHI_TEST_POSTGRES to a URL whose role may create databases, and NOROSHI_TEST_POSTGRES_CERT to the
# certificate that the server shows over TLS.
pg_start() {
    local bin port
    bin=$(pg_bin) || return 1
    _pg_folder=$(mktemp -d "${TMPDIR:-/tmp}/noroshi-pg.XXXXXX") || return 1
    if [ "$(id -u)" = 0 ]; then
        # PostgreSQL refuses to run as root.
        chown postgres "$_pg_folder" || return 1
        _pg_as=(setpriv --reuid=postgres --regid="$(id -g postgres)" --init-groups)
    fi
    port=$(free_port) || return 1
    (cd "$_pg_folder" && "${_pg_as[@]}" "$bin/initdb" -D data -U noroshi --auth=trust --encoding=UTF8 --locale=C.UTF-8) \
        >"$logs/postgres.log" 2>&1 || { complain "initdb failed, see $logs/postgres.log"; return 1; }
    # It can be reached over TLS as well, under a certificate of its own that nothing else trusts.
    (cd "$_pg_folder/data" && "${_pg_as[@]}" openssl req -new -x509 -days 2 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
        -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE -keyout server.key -out server.crt) \
        >>"$logs/postgres.log" 2>&1 || { complain "openssl failed, see $logs/postgres.log"; return 1; }
    # fsync stays on: what a test calls durable is durable.
    if ! (cd "$_pg_folder" && "${_pg_as[@]}" "$bin/pg_ctl" -D data -l server.log -w -t 60 \
        -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$_pg_folder -c ssl=on -c fsync=on -c max_connections=200" start) \
        >>"$logs/postgres.log" 2>&1; then
        cat "$_pg_folder/server.log" >>"$logs/postgres.log" 2>/dev/null
        complain "PostgreSQL did not start, see $logs/postgres.log"
        return 1
    fi
    cp "$_pg_folder/data/server.crt" "$tools/postgres.crt" || return 1
    export NOROSHI_TEST_POSTGRES="postgres://noroshi@127.0.0.1:$port/postgres" NOROSHI_TEST_POSTGRES_CERT=$tools/postgres.crt
    say "$("$bin/postgres" --version) on 127.0.0.1:$port"
}

# pg_stop: ends it and removes its folder. May be called at any time.
pg_stop() {
    [ -n "$_pg_folder" ] || return 0
    if [ -f "$_pg_folder/data/postmaster.pid" ]; then
        (cd "$_pg_folder" && "${_pg_as[@]}" "$(pg_bin)/pg_ctl" -D data -m immediate -w stop) >/dev/null 2>&1
    fi
    rm -rf "$_pg_folder"
    _pg_folder=""
    unset NOROSHI_TEST_POSTGRES NOROSHI_TEST_POSTGRES_CERT
}

# free_port: a loopback port that nobody listens on, without needing Python.
free_port() {
    local port
    for _ in $(seq 200); do
        port=$((20000 + RANDOM % 12000))
        # A connection that is refused shows that nobody is there.
        (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { printf '%s\n' "$port"; return 0; }
    done
    complain "no free port found on 127.0.0.1"
    return 1
}
