"""A PostgreSQL that somebody has started, by its own psql."""

import os
import secrets
import subprocess
import urllib.parse
from pathlib import Path


def named(url: str, name: str) -> str:
    """The URL of another database beside the one of a URL."""
    return urllib.parse.urlunsplit(urllib.parse.urlsplit(url)._replace(path="/" + name))


def psql(url: str, words: str) -> str:
    """What a database answers. Raises RuntimeError where it refuses."""
    path = os.environ.get("PATH", "") + "".join(f":{found}" for found in Path("/usr/lib/postgresql").glob("*/bin"))
    done = subprocess.run(["psql", "-XAtqc", words, url], capture_output=True, text=True, check=False,
                          env={**os.environ, "PATH": path})
    if done.returncode:
        raise RuntimeError(f"psql: {done.stderr.strip()}")
    return done.stdout


def fresh(url: str) -> str:
    """Makes an empty database beside the one of a URL; its URL."""
    name = "noroshi_" + secrets.token_hex(6)
    psql(url, f"create database {name}")
    return named(url, name)


def drop(url: str) -> None:
    """Removes a database that `fresh` made, whoever is connected to it."""
    name = urllib.parse.urlsplit(url).path.lstrip("/")
    psql(named(url, "postgres"), f"drop database {name} with (force)")
