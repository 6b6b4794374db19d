# An operator's way from an assessment to credit: save a profile, run the daemon, look at status, break the profile.
# SPDX-License-Identifier: Apache-2.0
import contextlib
import json
import os
import shutil
import signal
import subprocess
import threading
import time

from support import PATIENCE, Unexpected, sha256

CLAIM = 0.5


class Daemon:
    """`wellspring run` in a folder of its own, killed and reaped at the latest at the end of the run."""

    def __init__(self, run, folder, environment):
        self.run, self.control = run, folder / "run" / "control.sock"
        configuration = folder / "wellspring.yaml"
        lines = ["user: nobody"] if os.getuid() == 0 else []
        lines += [
            f'control: {{path: {self.control}, mode: "0666"}}',
            f"listeners:\n  egd: {{path: {folder}/run/egd.sock}}",
            "sources:\n  jitter: {}",
        ]
        configuration.write_text("\n".join(lines) + "\n")
        self.lines, self._news, self._ended = [], threading.Condition(), False
        self.child = subprocess.Popen(
            # Should this process be killed, so is the daemon.
            ["setpriv", "--pdeathsig", "KILL", "--", run.program, "run", "--no-feeder", "--config", configuration],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, "SWIFT_BACKTRACE": "enable=no", **environment},
        )
        run.cleanup(self._kill)
        threading.Thread(target=self._read, daemon=True).start()
        self.await_line("wellspring is up")

    def _read(self):
        for line in self.child.stdout:
            with self._news:
                self.lines.append(line.decode(errors="replace").rstrip())
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _kill(self):
        with contextlib.suppress(ProcessLookupError):
            self.child.kill()
        self.child.wait()

    def await_line(self, words):
        end = time.monotonic() + PATIENCE
        with self._news:
            while not any(words in line for line in self.lines):
                left = end - time.monotonic()
                if self._ended or left <= 0:
                    raise Unexpected(f"the daemon did not say '{words}': {' | '.join(self.lines[-5:])}")
                self._news.wait(left)

    def status(self):
        """The answer as JSON, and as text."""
        words = ["status", "--socket", self.control]
        return self.run.ask(*words, "--json"), self.run.ask(*words)

    def end(self):
        self.child.terminate()
        try:
            return self.child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Unexpected("the daemon did not end on SIGTERM")


def check(run):
    folder = run.folder / "profile"
    for place in (folder, folder / "state", folder / "run"):
        place.mkdir(mode=0o755)
    if os.getuid() == 0:
        # The daemon becomes this user, who removes its sockets in the end.
        shutil.chown(folder / "run", "nobody")
    environment = {"STATE_DIRECTORY": str(folder / "state"), "RUNTIME_DIRECTORY": str(folder / "run")}
    saved = run.ask(
        "assess", "--source", "jitter", "--claim", CLAIM, "--save-profile", "--json", environment=environment
    )
    path = folder / "state" / "assessments" / "jitter.json"
    if saved.status != 0 or not path.exists():
        raise Unexpected(f"{saved}: exit status {saved.status}, no profile: {saved.errors}")
    text = path.read_bytes()
    profile, digest = json.loads(text), sha256(text)
    run.claim(
        "profile saved", profile["claim"] == CLAIM and digest in saved.errors,
        f"claim {profile['claim']} of jitter, of {CLAIM} wanted; its SHA-256 is said",
    )
    daemon = Daemon(run, folder, environment)
    answer, screen = daemon.status()
    (source,) = answer.json()["sources"]
    assessment = source.get("assessment", {})
    wanted = {"origin": "this machine", "sha256": digest, "date": profile["created"][:10]}
    run.claim(
        "profile used", source["claimedBitsPerSample"] == CLAIM and assessment == wanted,
        f"status --json has the claim {source['claimedBitsPerSample']} and {assessment}",
    )
    shown = screen.output.decode()
    run.claim(
        "profile shown", digest in shown and wanted["date"] in shown, "status shows date and SHA-256 of the profile"
    )

    path.chmod(0o666)
    daemon.child.send_signal(signal.SIGHUP)
    daemon.await_line("reloaded")
    answer, screen = daemon.status()
    report = answer.json()
    (source,) = report["sources"]
    warning = "the stored assessment of jitter is not used"
    run.claim(
        "profile others may write to", any(warning in text for text in report["warnings"])
        and warning in screen.output.decode() and answer.status == screen.status == 1
        and source.get("assessment", {}).get("origin") != "this machine",
        f"status warns, exit status {answer.status}: {report['warnings']}",
    )
    path.chmod(0o644)
    status = daemon.end()
    left = [item.name for item in (folder / "run").iterdir()]
    run.claim("profile daemon", status == 0 and left == [], f"ended with {status}, left sockets: {left or 'none'}")
