"""What only the embedded engine can do wrong: crashes, two processes, stale versions, tantivy's own ways."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from search.backend import EngineBusy, EngineUnavailable, RebuildNeeded, WeightedTerm
from search.embedded import EmbeddedEngine
from search.likeness import inverse_document_frequency
from search.query import SearchRequest

REPOSITORY = Path(__file__).parents[2]
BATCH = 40

# Writes batch after batch; batch n holds listings n·BATCH… with revision n, and is announced once committed.
WRITER = textwrap.dedent(
    """
    import sys
    from datetime import date
    from pathlib import Path
    from search.documents import ListingDocument
    from search.embedded import EmbeddedEngine

    def batch(n, size):
        day = date(2025, 1, 1)
        for i in range(size):
            yield ListingDocument(listing_id=n * size + i, kind="achievement", revision_id=n,
                                  title=f"耐磨涂层{n}", published_on=day, confirmed_on=day,
                                  scopes=("public",))

    engine, how, size = EmbeddedEngine(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
    print("ready", flush=True)
    n = 0
    while True:
        if how == "apply":
            engine.apply(batch(n, size))
        else:
            engine.rebuild(batch(n, size))
        print(n, flush=True)
        n += 1
    """
)


def start_writer(folder, how):
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", WRITER, str(folder), how, str(BATCH)],
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    )


def kill_inside_a_write(process, batches, delay):
    """Kill -9 some milliseconds after `batches` were announced; return the number of announced batches."""
    assert process.stdout.readline().strip() == "ready"
    announced = 0
    while announced < batches:
        announced = int(process.stdout.readline()) + 1
    killer = threading.Timer(delay, lambda: os.kill(process.pid, signal.SIGKILL))
    killer.start()
    for line in process.stdout:
        # The last line may be cut off by the kill.
        announced = int(line) + 1 if line.endswith("\n") else announced
    process.wait()
    process.stdout.close()
    assert process.returncode == -signal.SIGKILL
    return announced


@pytest.mark.parametrize("delay", [0.001, 0.004, 0.009, 0.015])
def test_a_kill_while_applying_leaves_whole_batches(tmp_path, listing, delay):
    announced = kill_inside_a_write(start_writer(tmp_path, "apply"), 3, delay)
    engine = EmbeddedEngine(tmp_path)
    revisions = sorted(entry.revision_id for entry in engine.entries())
    batches = len(revisions) // BATCH
    assert revisions == [n for n in range(batches) for _ in range(BATCH)]
    # Everything announced is there; the one batch that was under way may be.
    assert announced <= batches <= announced + 1
    engine.apply([listing(1_000_000)])
    assert engine.count() == len(revisions) + 1


@pytest.mark.parametrize("delay", [0.002, 0.01, 0.02])
def test_a_kill_while_rebuilding_leaves_one_whole_generation(tmp_path, listing, delay):
    announced = kill_inside_a_write(start_writer(tmp_path, "rebuild"), 2, delay)
    engine = EmbeddedEngine(tmp_path)
    revisions = {entry.revision_id for entry in engine.entries()}
    assert engine.count() == BATCH
    assert len(revisions) == 1
    assert announced - 1 <= revisions.pop() <= announced
    assert engine.rebuild([listing(1)]) == 1
    assert len(list(tmp_path.glob("generation-*"))) == 2


def test_readers_in_this_process_follow_a_writer_in_another(tmp_path):
    process = start_writer(tmp_path, "apply")
    try:
        assert process.stdout.readline().strip() == "ready"
        engine = EmbeddedEngine(tmp_path)
        for announced in (int(process.stdout.readline()) for _ in range(5)):
            result = engine.search(SearchRequest(scopes=("public",), text="涂层"))
            assert result.total >= (announced + 1) * BATCH
            assert result.total % BATCH == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_readers_survive_rebuilds_in_another_process(tmp_path):
    process = start_writer(tmp_path, "rebuild")
    try:
        assert process.stdout.readline().strip() == "ready"
        engine = EmbeddedEngine(tmp_path)
        for _ in range(6):
            process.stdout.readline()
            for _ in range(5):
                assert engine.count() == BATCH
                assert engine.search(SearchRequest(scopes=("public",), text="涂层")).total == BATCH
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_many_threads_read_while_one_writes(tmp_path, listing):
    engine = EmbeddedEngine(tmp_path)
    engine.apply([listing(0)])
    stop, errors = threading.Event(), []

    def read():
        while not stop.is_set():
            try:
                total = engine.search(SearchRequest(scopes=("public",), text="涂层")).total
                assert total >= 1
            except Exception as error:
                errors.append(error)
                return

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for number in range(1, 15):
        engine.apply([listing(number)])
    stop.set()
    for reader in readers:
        reader.join()
    assert errors == []
    assert engine.count() == 15


def test_a_second_writer_is_told_at_once(tmp_path, listing):
    engine = EmbeddedEngine(tmp_path)

    def documents():
        with pytest.raises(EngineBusy):
            EmbeddedEngine(tmp_path).apply([listing(2)])
        yield listing(1)

    assert engine.rebuild(documents()) == 1


def test_another_dictionary_may_still_be_read_but_not_written(tmp_path, listing, monkeypatch):
    EmbeddedEngine(tmp_path).apply([listing(1)])
    monkeypatch.setattr("search.embedded.engine.tokenizer_version", lambda: "another")
    engine = EmbeddedEngine(tmp_path)
    assert engine.needs_rebuild
    assert engine.count() == 1
    with pytest.raises(RebuildNeeded):
        engine.apply([listing(2)])
    assert engine.count() == 1
    engine.rebuild([listing(1), listing(2)])
    assert not engine.needs_rebuild


def test_another_schema_is_neither_read_nor_written(tmp_path, listing, monkeypatch):
    EmbeddedEngine(tmp_path).apply([listing(1)])
    monkeypatch.setattr("search.embedded.engine.SCHEMA_VERSION", "other")
    engine = EmbeddedEngine(tmp_path)
    assert engine.needs_rebuild
    for act in (engine.count, lambda: engine.apply([listing(2)]), lambda: list(engine.entries())):
        with pytest.raises(RebuildNeeded):
            act()
    assert engine.rebuild([listing(1)]) == 1
    assert engine.count() == 1


def test_a_damaged_index_is_unavailable_and_can_be_rebuilt(tmp_path, listing):
    EmbeddedEngine(tmp_path).apply([listing(1)])
    for file in tmp_path.glob("generation-*/meta.json"):
        file.write_text("{")
    engine = EmbeddedEngine(tmp_path)
    with pytest.raises(EngineUnavailable):
        engine.count()
    assert engine.rebuild([listing(1)]) == 1
    assert engine.count() == 1


def test_candidate_scores_are_the_cosine(tmp_path, listing):
    """Holds the way tantivy-py weighs a score by a field; the candidate order rests on it."""
    titles = {1: "耐磨涂层", 2: "耐磨涂层材料", 3: "涂料", 4: "电机", 5: "磨床与涂装"}
    engine = EmbeddedEngine(tmp_path)
    engine.rebuild([listing(number, title) for number, title in titles.items()])
    frequency = {c: sum(c in title for title in titles.values()) for c in set("".join(titles.values()))}

    def cosine(title):
        query = {c: inverse_document_frequency(5, frequency[c]) ** 2 for c in "耐磨涂层"}
        # Norms of a small index are computed as if it had 2,000 documents.
        length = math.sqrt(sum(inverse_document_frequency(2_000, frequency[c]) ** 2 for c in set(title)))
        return sum(value for c, value in query.items() if c in title) / length

    expected = sorted((n for n in titles if cosine(titles[n])), key=lambda n: -cosine(titles[n]))
    terms = [WeightedTerm(c, 1.0) for c in "耐磨涂层"]
    assert engine.candidates("achievement", terms, ("public",), 10) == expected
