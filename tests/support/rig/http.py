"""Plain HTTP/1.1 as one person: no redirects followed, nothing hidden, loopback only."""

import html
import http.client
import json
import re
import secrets
import urllib.parse


class Answer:
    """Status, headers in their order (names in lower case) and body."""

    def __init__(self, status: int, headers: list, body: bytes):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name: str):
        """The first header of this name, or None."""
        return next((value for key, value in self.headers if key == name.lower()), None)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self):
        """The body as JSON, or None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def __repr__(self):
        return f"{self.status} {self.text[:300]}"


class Person:
    """Somebody who asks a server: with a bearer token, with cookies, or as nobody."""

    def __init__(self, base: str, token: str | None = None, timeout: float = 30, name: str = "nobody"):
        parts = urllib.parse.urlsplit(base)
        if parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError(f"{base} is not on this machine")
        self.base, self.host, self.port = base.rstrip("/"), parts.hostname, parts.port or 80
        self.token, self.timeout, self.name = token, timeout, name
        self.cookies: dict = {}
        self._line = None

    def ask(self, method: str, path: str, body=None, headers=None) -> Answer:
        """One request. `body` may be bytes, or anything that is sent as JSON. Raises OSError where nobody answers."""
        sent = {"Accept-Encoding": "identity", "Accept-Language": "ja"}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{key}={value}" for key, value in self.cookies.items())
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        fresh = self._line is None
        try:
            return self._ask(method, path, body, sent)
        except (http.client.HTTPException, OSError) as error:
            self.hang_up()
            # A kept connection may have been closed meanwhile; only what changes nothing is asked a second time.
            if fresh or method not in ("GET", "HEAD"):
                raise OSError(f"{method} {path}: {error!r}") from error
            try:
                return self._ask(method, path, body, sent)
            except http.client.HTTPException as again:
                raise OSError(f"{method} {path}: {again!r}") from again

    def _ask(self, method, path, body, headers) -> Answer:
        if self._line is None:
            self._line = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
        self._line.request(method, path, body=body, headers=headers)
        response = self._line.getresponse()
        listed = [(key.lower(), value) for key, value in response.getheaders()]
        for key, value in listed:
            if key == "set-cookie":
                name, _, rest = value.partition("=")
                self.cookies[name.strip()] = rest.split(";")[0]
        if "event-stream" in (response.getheader("Content-Type") or ""):
            # It never ends; what it says is for those who listen to it, see Listener.
            self.hang_up()
            return Answer(response.status, listed, b"")
        answer = Answer(response.status, listed, response.read())
        if response.will_close:
            self.hang_up()
        return answer

    def hang_up(self) -> None:
        """Closes the connection; the next request opens another."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def get(self, path: str, **headers) -> Answer:
        return self.ask("GET", path, headers={key.replace("_", "-"): value for key, value in headers.items()})

    def post(self, path: str, body=None, key: str | None = None) -> Answer:
        """Posts JSON with an idempotency key of its own, or this one."""
        return self.ask("POST", path, body, {"Idempotency-Key": key or secrets.token_hex(12)})

    def send(self, path: str, body: bytes, kind: str = "application/x-www-form-urlencoded") -> Answer:
        """Sends a form of one of the server's own pages, with what a browser says of that."""
        return self.ask("POST", path, body, {"Content-Type": kind, "Origin": "null", "Sec-Fetch-Site": "same-origin"})


def hidden_fields(page: str, action: str) -> dict:
    """The hidden fields of the form of a page that is sent there."""
    form = re.search(rf'<form[^>]* action="{re.escape(action)}".*?</form>', page, re.S)
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form[0] if form else "")
    return {name: html.unescape(value) for name, value in fields}


def person_for(base: str, accounts: dict, short: str, **options) -> Person:
    """Somebody of the demo's cast, with the API token of demo-accounts.json."""
    return Person(base, accounts[short]["api_token"], name=short, **options)


def browser_for(base: str, accounts: dict, short: str, **options) -> Person:
    """Somebody of the demo's cast in a browser, signed in by the password of demo-accounts.json. Raises OSError where that
    does not let in."""
    person = Person(base, name=short, **options)
    form = {"email": accounts[short]["email"], "password": accounts[short]["password"]}
    answer = person.send("/sign-in", urllib.parse.urlencode(form).encode())
    if answer.status != 303 or not person.cookies:
        raise OSError(f"{short} cannot sign in: {answer}")
    return person
