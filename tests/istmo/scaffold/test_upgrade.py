"""A newer kit shows what it would change, takes what nobody edited, and keeps what the nation made its own."""

from __future__ import annotations

import json
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from istmo import texts
from istmo.cli import main
from istmo.errors import KitError
from istmo.scaffold import record, upgrade

ROOM = "src/hn_civil_certificates/civil_certificates"
Older = Callable[..., Path]


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISTMO_LANG", "en")
    texts.use(None)


@pytest.fixture
def older(project: Path) -> Older:
    """The project as an older kit would have made it: some files otherwise, requirements that have changed since."""

    def change(**files: Callable[[str], str] | None) -> Path:
        base = record.read(project).files
        content = dict(base)
        for name, edit in files.items():
            path = name.replace("__", "/").replace("_py", ".py").replace("_md", ".md").replace("ROOM", ROOM)
            if edit is None:
                del content[path]
                (project / path).unlink()
            else:
                content[path] = edit(base.get(path, b"").decode("utf-8")).encode("utf-8")
                (project / path).parent.mkdir(parents=True, exist_ok=True)
                (project / path).write_bytes(content[path])
        with zipfile.ZipFile(project / ".istmo" / "base.zip", "w") as written:
            for path, data in content.items():
                written.writestr(path, data)
        return project

    return change


def edited(project: Path, path: str, old: str, new: str) -> None:
    file = project / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def kinds(plan: upgrade.Plan) -> dict[str, str]:
    return {one.path: one.kind for one in plan.changes}


def snapshot(project: Path) -> dict[str, bytes]:
    return {path.relative_to(project).as_posix(): path.read_bytes() for path in project.rglob("*") if path.is_file()}


def test_the_same_kit_would_change_nothing(project: Path) -> None:
    plan = upgrade.plan(project)

    assert plan.changes == ()
    assert plan.diff == ""
    assert not any(plan.requirements.values())


def test_edits_of_the_nation_alone_are_no_change(project: Path) -> None:
    edited(project, f"{ROOM}/rules.py", "import", "# ours\nimport")
    (project / "README.en.md").unlink()

    assert upgrade.plan(project).changes == ()


def test_what_only_the_kit_changed_is_taken(older: Older) -> None:
    project = older(ROOM__rules_py=lambda text: text + "\n# an older line\n")
    before = snapshot(project)

    plan = upgrade.plan(project)

    assert kinds(plan) == {f"{ROOM}/rules.py": "changed"}
    assert "-# an older line" in plan.diff
    assert snapshot(project) == before, "planning changes nothing"
    upgrade.apply(project, plan)
    assert "an older line" not in (project / ROOM / "rules.py").read_text(encoding="utf-8")
    assert upgrade.plan(project).changes == ()


def test_the_diff_can_be_applied_by_git(older: Older) -> None:
    project = older(
        ROOM__rules_py=lambda text: text + "\n# an older line\n", ROOM__older_py=lambda _: "old = 1\n", Makefile=None
    )
    edited(project, f"{ROOM}/rules.py", "from __future__", "# ours\nfrom __future__")

    plan = upgrade.plan(project)
    subprocess.run(["git", "init", "-q", "."], cwd=project, check=True)
    subprocess.run(["git", "apply", "-"], cwd=project, input=plan.diff.encode(), check=True)

    rules = (project / ROOM / "rules.py").read_text(encoding="utf-8")
    assert "# ours" in rules
    assert "an older line" not in rules
    assert not (project / ROOM / "older.py").exists()
    assert (project / "Makefile").is_file()


def test_both_sides_are_kept_where_they_changed_other_lines(older: Older) -> None:
    project = older(ROOM__rules_py=lambda text: text + "\n# an older line\n")
    edited(project, f"{ROOM}/rules.py", "from __future__", "# ours\nfrom __future__")

    plan = upgrade.plan(project)
    upgrade.apply(project, plan)

    rules = (project / ROOM / "rules.py").read_text(encoding="utf-8")
    assert kinds(plan) == {f"{ROOM}/rules.py": "merged"}
    assert "# ours" in rules
    assert "an older line" not in rules


def test_where_both_changed_the_same_lines_the_nation_keeps_its_own(older: Older) -> None:
    project = older(ROOM__rules_py=lambda text: text + "\nDAYS = 10\n")
    edited(project, f"{ROOM}/rules.py", "DAYS = 10", "DAYS = 7  # by law")

    plan = upgrade.plan(project)
    upgrade.apply(project, plan)

    assert [one.path for one in plan.conflicts] == [f"{ROOM}/rules.py"]
    assert "DAYS = 7  # by law" in (project / ROOM / "rules.py").read_text(encoding="utf-8")
    beside = (project / ROOM / "rules.py.istmo-new").read_text(encoding="utf-8")
    assert "DAYS" not in beside
    assert f"{ROOM}/rules.py" not in plan.diff


def test_what_the_nation_removed_stays_removed(older: Older) -> None:
    project = older(ROOM__rules_py=lambda text: text + "\n# an older line\n")
    (project / ROOM / "rules.py").unlink()

    plan = upgrade.plan(project)
    upgrade.apply(project, plan)

    assert kinds(plan) == {f"{ROOM}/rules.py": "kept"}
    assert not (project / ROOM / "rules.py").exists()


def test_what_the_kit_gave_up_and_nobody_edited_goes(older: Older) -> None:
    project = older(ROOM__older_py=lambda _: "old = 1\n", ROOM__mine_py=lambda _: "old = 1\n")
    edited(project, f"{ROOM}/mine.py", "old = 1", "ours = 2")

    plan = upgrade.plan(project)
    upgrade.apply(project, plan)

    assert kinds(plan) == {f"{ROOM}/older.py": "removed", f"{ROOM}/mine.py": "kept"}
    assert not (project / ROOM / "older.py").exists()
    assert (project / ROOM / "mine.py").read_text(encoding="utf-8") == "ours = 2\n"


def test_requirements_that_changed_are_named(project: Path) -> None:
    path = project / ".istmo" / "scaffold.json"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    document["requirements"]["common/others-see-nothing"] = "0" * 16
    document["requirements"]["common/given-up"] = "0" * 16
    del document["requirements"]["civil_certificates/content-equals-entry"]
    path.write_text(json.dumps(document), encoding="utf-8")

    touched = upgrade.plan(project).requirements

    assert touched == {
        "added": ("civil_certificates/content-equals-entry",),
        "changed": ("common/others-see-nothing",),
        "retired": ("common/given-up",),
    }


def test_the_wheel_of_the_older_kit_goes_and_that_of_this_one_comes(older: Older) -> None:
    project = older(ROOM__rules_py=lambda text: text + "\n# an older line\n")
    (wheel,) = (project / "vendor").glob("*.whl")
    wheel.rename(wheel.with_name("istmo-0.0.1+kit.000000000000-py3-none-any.whl"))
    (project / "vendor" / "other-1.0-py3-none-any.whl").write_bytes(b"not ours")

    upgrade.apply(project, upgrade.plan(project))

    assert {path.name for path in (project / "vendor").glob("*.whl")} == {wheel.name, "other-1.0-py3-none-any.whl"}


def test_a_full_disk_changes_nothing(older: Older, monkeypatch: pytest.MonkeyPatch) -> None:
    project = older(ROOM__rules_py=lambda text: text + "\n# an older line\n")
    plan = upgrade.plan(project)
    before = snapshot(project)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(upgrade, "_stage", full)

    with pytest.raises(KitError, match="No space left"):
        upgrade.apply(project, plan)
    assert snapshot(project) == before


def test_an_upgrade_that_was_interrupted_is_run_again(older: Older, monkeypatch: pytest.MonkeyPatch) -> None:
    project = older(
        ROOM__rules_py=lambda text: text + "\n# an older line\n", ROOM__hooks_py=lambda text: text + "\n# older\n"
    )
    plan = upgrade.plan(project)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(upgrade, "_kit", killed)
        with pytest.raises(KeyboardInterrupt):
            upgrade.apply(project, plan)
    again = upgrade.plan(project)
    upgrade.apply(project, again)

    assert again.changes == ()
    assert upgrade.plan(project).changes == ()
    assert not list((project / ".istmo").glob("upgrade-*"))


def test_the_command_tells_what_it_would_do_and_does_it(older: Older, capsys: pytest.CaptureFixture[str]) -> None:
    project = older(ROOM__rules_py=lambda text: text + "\n# an older line\n")

    assert main(["upgrade", str(project)]) == 1
    shown = capsys.readouterr().out
    assert main(["upgrade", str(project), "--apply"]) == 0
    done = capsys.readouterr().out
    assert main(["upgrade", str(project), "--json"]) == 0
    nothing = json.loads(capsys.readouterr().out)

    assert f"changed {ROOM}/rules.py" in shown
    assert "-# an older line" in shown
    assert "Done." in done
    assert nothing["changes"] == []


def test_the_command_outside_of_a_project_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upgrade", str(tmp_path)]) == 2
    assert "scaffold.json" in capsys.readouterr().err
