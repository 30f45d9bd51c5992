"""`twoparks run`: both parks and their workers on one machine, under one supervisor."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from twoparks.site.certificate import certificate
from twoparks.site.greeting import greeting
from twoparks.site.places import PLAYED_IN, Place, demonstration, environment, places, remember

STOP_GRACE_S = 10
RESTARTS, RESTART_WINDOW_S = 3, 60
START_LIMIT_S = 60


@dataclass(frozen=True)
class Start:
    """How one process is started."""

    words: tuple[str, ...]
    env: Mapping[str, str]
    log: Path


@dataclass
class Children:
    """Processes of one run: started again when they end by themselves, ended together."""

    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    starts: dict[str, Start] = field(default_factory=dict)
    restarted_at: dict[str, list[float]] = field(default_factory=dict)

    def start(self, name: str, start: Start) -> None:
        """Start one process in a session of its own: Ctrl-C reaches only the supervisor, and its end ends them."""
        start.log.parent.mkdir(parents=True, exist_ok=True)
        self.starts[name] = start
        with start.log.open("ab") as sink:
            self.running[name] = subprocess.Popen(
                start.words,
                env={**os.environ, **start.env},
                stdout=sink,
                stderr=sink,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )

    def ended(self) -> str | None:
        """Name of a process that ended by itself, if any."""
        return next((name for name, child in self.running.items() if child.poll() is not None), None)

    def restart(self, name: str, now: float) -> bool:
        """Start it again; False when it ended too often to be worth it."""
        recent = [at for at in self.restarted_at.get(name, []) if now - at < RESTART_WINDOW_S]
        if len(recent) >= RESTARTS:
            return False
        self.restarted_at[name] = [*recent, now]
        self.start(name, self.starts[name])
        return True

    def stop(self) -> None:
        """Ask all to end, then insist."""
        for child in self.running.values():
            if child.poll() is None:
                _signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + STOP_GRACE_S
        for child in self.running.values():
            try:
                child.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal_group(child, signal.SIGKILL)
                child.wait()


def run(argv: Sequence[str]) -> int:
    """Prepare both parks, start them, say where they are, and stop all on Ctrl-C."""
    options = _options(argv)
    all_places = places(options.var, _ports(options), "https" if options.https else "http")
    busy = [p for p in all_places.values() if _port_in_use(p.port)]
    if busy:
        print(
            f"port {busy[0].port} is in use; stop what listens there or choose another with --port {busy[0].park}=NUMBER"
        )
        return 1
    children = Children()
    for stop in (signal.SIGINT, signal.SIGTERM):  # also where the shell started us with SIGINT ignored
        signal.signal(stop, signal.default_int_handler)
    try:
        remember(options.var, all_places)
        _play_history(options.var, all_places)
        people = _prepare_all(all_places)
        _start_all(all_places, children, options.https)
        print(greeting(all_places, people), flush=True)
        return _watch(children)
    except KeyboardInterrupt:
        print("\nstopping both parks; nothing is lost", flush=True)
        return 0
    except SetupFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        children.stop()


class SetupFailed(RuntimeError):
    """A step of the set-up failed; the message says which and shows its last words."""


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="twoparks run")
    parser.add_argument(
        "--var",
        type=Path,
        default=Path(os.environ.get("TWOPARKS_VAR", "var")),
        help="folder for databases and keys",
    )
    parser.add_argument("--port", type=_park_port, action="append", default=[], metavar="PARK=NUMBER")
    parser.add_argument("--https", action="store_true", help="serve with a certificate made here, for phones")
    return parser.parse_args(argv)


def _ports(options: argparse.Namespace) -> dict[str, int]:
    """Ports as asked for, else the zone file's: a run without --port never inherits an earlier one's."""
    return {**{place.park: place.port for place in places(Path(os.devnull)).values()}, **dict(options.port)}


def _park_port(text: str) -> tuple[str, int]:
    park, _, number = text.partition("=")
    if not number.isdigit() or not 1024 <= int(number) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r}: write PARK=NUMBER with a number from 1024 to 65535")
    return park, int(number)


def _peer(place: Place, all_places: dict[str, Place]) -> Place:
    return next(p for p in all_places.values() if p.park != place.park)


def _play_history(var: Path, all_places: dict[str, Place]) -> None:
    """At first start, two months of fictitious history for both parks; only into SQLite files below `var`."""
    wanted = demonstration() == "full" and "TWOPARKS_DATABASE_URL" not in os.environ
    begun = (var / PLAYED_IN).exists()
    if not wanted or (not begun and any(place.home.exists() for place in all_places.values())):
        return
    print("  both parks: two months of fictitious history, at first start only …", flush=True)
    words = [sys.executable, "-m", "twoparks.site.command", "demonstration", "--var", str(var)]
    ends_with_us = _end_with_parent if sys.platform == "linux" else None
    if subprocess.run(words, check=False, preexec_fn=ends_with_us).returncode != 0:
        raise SetupFailed("the history could not be played; TWOPARKS_DEMONSTRATION=small starts without it")


def _prepare_all(all_places: dict[str, Place]) -> dict[str, str]:
    """Both steps for both parks; what the last step says of each park's people, for the greeting."""
    said = {}
    for step, says in (("base", "database and keys"), ("peer", "trust and demonstration data")):
        for place in all_places.values():
            print(f"  {place.park}: {says} …", flush=True)
            words = [sys.executable, "-m", "twoparks.site.command", "prepare", "--park", place.park, step]
            env = {**os.environ, **environment(place, _peer(place, all_places))}
            done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise SetupFailed(f"{place.park}: {says} failed\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
            said[place.park] = done.stdout.rstrip()
    return said


def _start_all(all_places: dict[str, Place], children: Children, https: bool) -> None:
    for place in all_places.values():
        env = environment(place, _peer(place, all_places))
        fictitious = env["TWOPARKS_DEMONSTRATION"] != "none"
        env["TWOPARKS_WAIVE_SECOND_FACTOR"] = "1" if fictitious else "0"  # nothing else sets it
        serve = [sys.executable, "-m", "granian", *_web_words(place, https), "twoparks.site.wsgi:application"]
        children.start(f"{place.park} web", Start(tuple(serve), env, place.home / "log" / "web.log"))
        work = [sys.executable, "-m", "twoparks.site.command", "worker", "--park", place.park]
        children.start(f"{place.park} worker", Start(tuple(work), env, place.home / "log" / "worker.log"))
    for place in all_places.values():
        _await(place, children)


def _web_words(place: Place, https: bool) -> list[str]:
    words = [
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(place.port),
        "--blocking-threads",
        "4",
        "--no-ws",
    ]
    if https:
        cert, key = certificate(place.home.parent)
        words += ["--ssl-certificate", str(cert), "--ssl-keyfile", str(key)]
    return words


def _await(place: Place, children: Children) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if name := children.ended():
            raise SetupFailed(f"{name} ended by itself; its last words are in {place.home.parent}/*/log/")
        if _port_in_use(place.port):
            return
        time.sleep(0.1)
    raise SetupFailed(
        f"{place.park} did not answer on {place.origin} within {START_LIMIT_S} s; see {place.home / 'log'}"
    )


def _port_in_use(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _watch(children: Children) -> int:
    while True:
        time.sleep(0.5)
        if name := children.ended():
            where = children.starts[name].log
            if not children.restart(name, time.monotonic()):
                print(
                    f"{name} ended {RESTARTS + 1} times within {RESTART_WINDOW_S} s; stopping. See {where}",
                    file=sys.stderr,
                )
                return 1
            print(f"{name} ended by itself and was started again; its last words are in {where}", flush=True)


def _end_with_parent() -> None:
    """Linux: when the supervisor dies, however it dies, the kernel asks its children to end."""
    import ctypes

    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)
