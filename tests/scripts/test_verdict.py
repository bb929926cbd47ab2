"""scripts/test: when it passes, and what it says about what it could not run."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

import config


@pytest.fixture
def verdict(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(config.ROOT / "scripts" / "lib"))
    monkeypatch.delenv("CI", raising=False)
    return importlib.import_module("verdict")


def test_one_failed_step_fails_the_whole(verdict: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    run = verdict.Verdict()
    run.run("good", "-c", "pass")
    assert run.passed()
    run.run("bad", "-c", "raise SystemExit(3)")
    run.run("good again", "-c", "pass")
    run.print()
    assert not run.passed()
    shown = capsys.readouterr().out
    assert "FAILED: 3 steps" in shown
    assert [line.split()[-1] for line in shown.splitlines() if line.startswith(("good", "bad"))] == [
        "passed",
        "FAILED",
        "passed",
    ]


def test_what_is_left_out_is_loud_and_fails_a_machines_run(
    verdict: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = verdict.Verdict(left_out=["the tests in a browser (chromium is not installed)"])
    run.run("good", "-c", "pass")
    assert run.passed()
    monkeypatch.setenv("CI", "true")
    assert not run.passed()
    run.print()
    assert "!!! LEFT OUT: the tests in a browser" in capsys.readouterr().out


def test_programs_that_nobody_may_install_are_named(
    verdict: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "chromium" in verdict.install_missing_programs()


@pytest.mark.parametrize(
    ("everything", "missing", "marks"),
    [
        (False, [], ["not slow", "not slow and not browser"]),
        (True, [], ["", ""]),
        (True, ["chromium"], ["not browser", "not browser"]),
        (False, ["postgresql"], ["not slow"]),
    ],
)
def test_which_tests_run_on_which_database(
    verdict: ModuleType, monkeypatch: pytest.MonkeyPatch, everything: bool, missing: list[str], marks: list[str]
) -> None:
    commands: list[tuple[str, ...]] = []
    run = verdict.Verdict()
    monkeypatch.setattr(run, "run", lambda _name, *command: commands.append(command), raising=True)
    options = verdict.read([*(["--all"] if everything else []), "--", "-k", "wallet"])
    verdict.run_tests(run, options, missing)
    assert [command[command.index("-m", 1) + 1] for command in commands] == marks
    assert all(command[-2:] == ("-k", "wallet") for command in commands)


@pytest.mark.parametrize("everything", [False, True])
def test_what_is_the_same_on_both_databases_runs_once(
    verdict: ModuleType, monkeypatch: pytest.MonkeyPatch, everything: bool
) -> None:
    commands: list[tuple[str, ...]] = []
    run = verdict.Verdict()
    monkeypatch.setattr(run, "run", lambda _name, *command: commands.append(command), raising=True)
    verdict.run_tests(run, verdict.read(["--all"] if everything else []), [])
    on_sqlite, on_postgresql = (
        [verdict.ROOT / word.partition("=")[2] for word in command if word.startswith("--ignore")]
        for command in commands
    )
    assert on_sqlite == []
    assert len(on_postgresql) == (3 if everything else 4)
    assert all(path.exists() for path in on_postgresql)
