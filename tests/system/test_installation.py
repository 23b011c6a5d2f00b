from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from streamer.asr.modelpack import find_pack, load_pack
from streamer.system.installation import install_command

REQUIRES = (
    "Requires-Dist: numpy>=1.26\nRequires-Dist: python-docx>=1.1; extra == 'docx'\n"
    "Requires-Dist: tensorflow-cpu>=2.16; (python_version < '3.13') and extra == 'convert'\n"
    "Requires-Dist: tf2onnx>=1.16; extra == 'convert'\n"
)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Metadata of a streamer as pip would have left it, found before the real one's."""

    def install(noted: object = None) -> None:
        folder = tmp_path / "site" / "streamer-0.1.0.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: streamer\nVersion: 0.1.0\n{REQUIRES}\n")
        if noted is not None:
            (folder / "direct_url.json").write_text(json.dumps(noted))
        monkeypatch.syspath_prepend(str(folder.parent))

    return install


def sources(extra: str) -> list[str]:
    words = shlex.split(install_command(extra))
    assert words[:4] == [sys.executable, "-m", "pip", "install"]
    return words[4:]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "a checkout"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    return folder


def test_an_editable_checkout_is_installed_again_as_such(installed, checkout):
    installed({"url": checkout.as_uri(), "dir_info": {"editable": True}})

    assert sources("docx") == ["-e", f"{checkout}[docx]"]


def test_a_checkout_is_named_by_its_path(installed, checkout):
    installed({"url": checkout.as_uri(), "dir_info": {}})

    assert sources("docx") == [f"{checkout}[docx]"]


def test_a_repository_is_named_by_its_address(installed):
    vcs = {"vcs": "git", "requested_revision": "main", "commit_id": "1234"}
    installed({"url": "https://example.org/streamer.git", "vcs_info": vcs})

    assert sources("docx") == ["streamer[docx] @ git+https://example.org/streamer.git@main"]


def test_a_wheel_from_elsewhere_is_named_by_its_address(installed):
    installed({"url": "https://example.org/streamer-0.1.0.whl", "archive_info": {}})

    assert sources("docx") == ["streamer[docx] @ https://example.org/streamer-0.1.0.whl"]


@pytest.mark.parametrize("noted", [None, {"url": "file:///gone", "dir_info": {}}, {"url": "file:///g.whl"}])
def test_where_nothing_is_left_of_the_source_the_packages_are_named(installed, noted):
    installed(noted)

    assert sources("docx") == ["python-docx>=1.1"]


def test_conditions_of_packages_are_kept(installed):
    installed()

    assert sources("convert") == ["tensorflow-cpu>=2.16; (python_version < '3.13')", "tf2onnx>=1.16"]


@pytest.mark.parametrize(("machine", "expected"), [("x86_64", "tensorflow-cpu"), ("aarch64", "tensorflow")])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_extra_convert_asks_for_the_tensorflow_that_has_wheels_there(machine: str, python: str, expected: str):
    """Servers with an NPU are mostly aarch64, for which tensorflow-cpu has none."""
    pyproject = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = map(Requirement, pyproject["project"]["optional-dependencies"]["convert"])
    there = {"platform_machine": machine, "python_version": python}

    names = [one.name for one in wanted if one.marker is None or one.marker.evaluate(there)]

    assert [name for name in names if name.startswith("tensorflow")] == [expected]


def test_the_licences_that_the_distribution_names_are_those_of_what_it_holds():
    """Whoever installs it asks its metadata, and most of it are models."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    embedded = load_pack(find_pack("zh")).manifest.licence

    assert (project["license"], embedded) == ("Apache-2.0 AND CC-BY-NC-SA-4.0", "CC-BY-NC-SA-4.0")
    assert project["license-files"] == ["LICENSE", "streamer/audio/demo/NOTICE"]


def test_no_hint_names_the_package_of_another_program():
    """PyPI's ``streamer`` is not this one."""
    root = Path(__file__).parents[2]
    found = subprocess.run(
        ["grep", "-rnE", r"pip install[^\n]*[ '\"]streamer(\[|['\" ]|$)", "--include=*.py", "streamer", "benchmarks"],
        cwd=root, capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip

    assert found == ""
