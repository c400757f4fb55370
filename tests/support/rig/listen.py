"""Listening to the live events of a server, as one person."""

import http.client
import threading


class Listener:
    """Hears what a person is told until it is closed."""

    def __init__(self, person, path: str = "/api/v1/events"):
        self.name, self.heard = person.name, []
        self._line = http.client.HTTPConnection(person.host, person.port, timeout=60)
        headers = {"Accept": "text/event-stream"}
        if person.token:
            headers["Authorization"] = f"Bearer {person.token}"
        self._line.request("GET", path, headers=headers)
        self._response = self._line.getresponse()
        self.status = self._response.status
        self._thread = threading.Thread(target=self._hear, daemon=True)
        self._thread.start()

    def _hear(self) -> None:
        event = []
        try:
            for raw in self._response:
                line = raw.decode("utf-8", "replace").rstrip("\r\n")
                if line and not line.startswith(":"):
                    event.append(line)
                elif not line and event:
                    self.heard.append("\n".join(event))
                    event = []
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            # Closed, by either side.
            return

    def close(self) -> None:
        """Hangs up."""
        sock = self._line.sock
        self._line.close()
        if sock is not None:
            sock.close()
