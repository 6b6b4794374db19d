# What the checks share: claims, a folder that goes in the end, the program, data from a seed, deviations.
# SPDX-License-Identifier: Apache-2.0
import concurrent.futures
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

# Bits per sample: the least that is called entropy (docs/health-tests.md); below, the exit status is 2.
FAINTEST = 0.05
TESTS = pathlib.Path(__file__).resolve().parent.parent
# Seconds for one call of a program: only one that hangs needs so long.
PATIENCE = 120


class Answer:
    """What a program said, and its exit status."""

    def __init__(self, words, done):
        self.words = words
        self.status = done.returncode
        self.output = done.stdout
        self.errors = done.stderr.decode(errors="replace")

    def json(self):
        try:
            return json.loads(self.output)
        except ValueError as error:
            said = self.errors.strip() or "nothing"
            raise Unexpected(f"{self}: exit status {self.status}, no JSON ({error}), said: {said}")

    def __str__(self):
        return " ".join(str(word) for word in self.words)


class Unexpected(Exception):
    """The check cannot go on."""


class Run:
    """All checks of one call: `with Run(PROGRAMS) as run`."""

    def __init__(self, programs):
        self.program = programs / "wellspring"
        self.claims = 0
        self.failures = 0
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        if not os.access(self.program, os.X_OK):
            sys.exit(f"{self.program} is missing: run 'make build'")
        signal.signal(signal.SIGTERM, ended_from_outside)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="wellspring-assess."))
        # A daemon becomes another user, who must reach its files.
        self.folder.chmod(0o755)
        self._stack.callback(shutil.rmtree, self.folder)
        return self

    def __exit__(self, kind, error, trace):
        self._stack.close()

    def perform(self, name, check):
        """Runs one check; what it did not expect is a failed claim, and the others go on."""
        began = time.monotonic()
        try:
            check(self)
        except Unexpected as error:
            self.claim(name, False, str(error))
        except Exception:
            self.claim(name, False, traceback.format_exc())
        print(f"-- {name}: {time.monotonic() - began:.1f} s", flush=True)

    def claim(self, name, holds, text):
        self.claims += 1
        self.failures += not holds
        print(f"{'PASS' if holds else 'FAIL'} {name}: {text}", flush=True)

    def claim_none(self, name, text, faults, shown=12):
        """Holds if there is no fault; else names the first of them."""
        if faults:
            more = [f"... and {len(faults) - shown} more"] if len(faults) > shown else []
            text += "".join(f"\n     {fault}" for fault in [*map(str, faults[:shown]), *more])
        self.claim(name, not faults, text)

    def cleanup(self, call, *arguments):
        """To be called in the end, before the folder goes."""
        self._stack.callback(call, *arguments)

    def file(self, name, data=None):
        """A file in the folder, with these bytes."""
        path = self.folder / name
        if data is not None:
            path.write_bytes(data)
        return path

    def ask(self, *words, **options):
        """Runs `wellspring WORDS`."""
        return ask(self.program, *words, **options)


def ended_from_outside(number, _):
    # timeout(1) sends it twice; the second must not interrupt the tidying.
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


def ask(program, *words, data=None, environment=None):
    """Runs a program to its end, with `data` as its standard input."""
    words = [str(program), *map(str, words)]
    variables = {"SWIFT_BACKTRACE": "enable=no", "LC_ALL": "C.UTF-8", **(environment or {})}
    try:
        done = subprocess.run(
            words,
            # None is no input at all; b"" is an empty one.
            **({"stdin": subprocess.DEVNULL} if data is None else {"input": data}),
            capture_output=True,
            env={**os.environ, **variables},
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise Unexpected(f"{' '.join(words)} did not end within {PATIENCE} s")
    except OSError as error:
        raise Unexpected(f"{words[0]} cannot be run: {error}")
    return Answer([pathlib.Path(program).name, *words[1:]], done)


def side_by_side(call, items):
    """[call(item) for item in items], as many at once as there are processors."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(call, items))


def installed(name):
    """A program that scripts/setup.sh brings."""
    path = shutil.which(name)
    if path is None:
        raise Unexpected(f"{name} is not installed: run scripts/setup.sh test")
    return path


def fetched(name):
    """A program that Tests/Guest/fetch.sh unpacks, since its package would start a service."""
    done = subprocess.run([TESTS / "Guest" / "fetch.sh", name], stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise Unexpected(f"{name} could not be fetched: Tests/Guest/fetch.sh {name}")
    return f"{done.stdout.decode().split()[-1]}/{name}"


def vector(path):
    """The JSON of a reference result; a missing file fails the check."""
    try:
        return json.loads((TESTS / path).read_text())
    except OSError as error:
        raise Unexpected(str(error))


def vectors(folder):
    """The names of the reference results in a folder."""
    names = sorted(path.stem for path in (TESTS / folder).glob("*.json"))
    if not names:
        raise Unexpected(f"there are no reference results in Tests/{folder}")
    return names


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Deviation:
    """The largest relative deviation from reference values, and all that exceed a limit."""

    def __init__(self, limit):
        self.limit = limit
        self.largest = 0.0
        self.place = "none"
        self.compared = 0
        self.faults = []

    def compare(self, place, value, expected):
        self.compared += 1
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            self.faults.append(f"{place}: {value!r} is no number, expected {expected!r}")
            return
        difference = abs(value - expected)
        relative = difference / abs(expected) if expected else difference
        if relative > self.largest:
            self.largest, self.place = relative, place
        # Written so that what is not a number fails.
        if not relative <= self.limit:
            self.faults.append(f"{place}: {value!r}, expected {expected!r}, off by {relative:.3g}")

    def compare_all(self, place, values, expected):
        """Dictionaries of numbers, which must have the same keys."""
        for name in sorted(values.keys() - expected.keys()):
            self.faults.append(f"{place}: {name} is {values[name]!r}, which the reference does not have")
        for name, number in expected.items():
            if name in values:
                self.compare(f"{place}: {name}", values[name], number)
            else:
                self.faults.append(f"{place}: {name} is missing, expected {number!r}")

    def __str__(self):
        return f"{self.compared} values, largest deviation {self.largest:.2g} ({self.place})"
