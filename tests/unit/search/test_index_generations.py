"""Generations on disk: one writer, one current, nothing half-built."""

from __future__ import annotations

import pytest

from search.backend import EngineBusy, EngineUnavailable
from search.generations import Generations

VERSION = {"schema": "1", "tokenizer": "a"}


@pytest.fixture
def generations(tmp_path):
    return Generations(tmp_path / "index", lambda: VERSION)


def activated(generations):
    with generations.writing():
        folder = generations.begin()
        generations.activate(folder)
    return folder


def test_nothing_yet(generations):
    assert generations.current() is None


def test_a_generation_counts_only_once_activated(generations):
    with generations.writing():
        folder = generations.begin()
        assert generations.current() is None
        generations.activate(folder)
    assert generations.current() == folder
    assert generations.is_up_to_date(folder)


def test_the_one_before_stays_and_older_ones_go(generations):
    first, second = activated(generations), activated(generations)
    assert first.exists()
    third = activated(generations)
    assert not first.exists()
    assert second.exists()
    assert generations.current() == third
    assert len({first.name, second.name, third.name}) == 3


def test_leftovers_of_a_killed_rebuild_are_removed(generations):
    current = activated(generations)
    with generations.writing():
        abandoned = generations.begin()
        (abandoned / "half").write_text("x")
    with generations.writing():
        generations.begin()
    assert not (abandoned / "half").exists()
    assert generations.current() == current


def test_one_writer_at_a_time(generations):
    with generations.writing(), pytest.raises(EngineBusy), generations.writing():
        pytest.fail("two writers at once")
    with generations.writing():
        pass


def test_versions(generations, tmp_path):
    folder = activated(generations)
    other_dictionary = Generations(generations.root, lambda: {**VERSION, "tokenizer": "b"})
    assert other_dictionary.is_readable(folder)
    assert not other_dictionary.is_up_to_date(folder)
    assert not Generations(generations.root, lambda: {**VERSION, "schema": "2"}).is_readable(folder)
    (folder / "version.json").write_text("broken")
    assert not generations.is_readable(folder)
    assert generations.stored_version(folder) is None


@pytest.mark.parametrize("content", ["", "../elsewhere", "generation-999999"])
def test_a_pointer_to_nowhere_is_no_index(generations, content):
    activated(generations)
    (generations.root / "CURRENT").write_text(content)
    assert generations.current() is None


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path):
    (tmp_path / "file").write_text("x")
    with (
        pytest.raises(EngineUnavailable),
        Generations(tmp_path / "file" / "index", lambda: VERSION).writing(),
    ):
        pytest.fail("wrote below a file")
