"""The writing contract: idempotent batches, rebuilds that swap, and what reconcile and matching read."""

from __future__ import annotations

from contextlib import suppress

import pytest

from search.backend import (
    EngineBusy,
    EngineUnavailable,
    IndexEntry,
    MatchText,
    SearchEngine,
    WeightedTerm,
)
from search.documents import doc_id
from search.likeness import text_weights
from search.query import SearchRequest

PUBLIC = ("public",)


def found(engine, text=""):
    return sorted(hit.listing_id for hit in engine.search(SearchRequest(scopes=PUBLIC, text=text)).hits)


def names(engine):
    return sorted(entry.doc_id for entry in engine.entries())


def test_it_is_a_search_engine(engine):
    assert isinstance(engine, SearchEngine)


def test_before_the_first_write_everything_is_empty(engine):
    assert found(engine, "涂层") == []
    assert engine.count() == engine.document_count("achievement") == 0
    assert list(engine.entries()) == []
    assert engine.candidates("achievement", [WeightedTerm("涂", 1.0)], PUBLIC, 10) == []
    assert engine.match_texts("achievement", [1]) == []
    assert engine.document_frequencies("achievement", ["涂"]) == {"涂": 0}
    assert engine.needs_rebuild


def test_one_batch_is_visible_at_once(engine, listing):
    engine.apply([listing(1), listing(2, "钛粉", kind="demand")])
    assert names(engine) == ["achievement:1", "demand:2"]
    assert found(engine) == [1, 2]
    assert not engine.needs_rebuild


def test_applying_again_changes_nothing(engine, listing):
    for _ in range(3):
        engine.apply([listing(1), listing(2)])
    assert engine.count() == 2
    assert found(engine, "耐磨涂层") == [1, 2]


def test_an_update_replaces(engine, listing):
    engine.apply([listing(1, "耐磨涂层")])
    engine.apply([listing(1, "稀土电机", revision_id=2)])
    assert found(engine, "涂层") == []
    assert found(engine, "电机") == [1]
    (entry,) = engine.entries()
    assert entry == IndexEntry("achievement:1", 2, listing(1, "稀土电机", revision_id=2).fingerprint())


def test_kinds_do_not_share_names(engine, listing):
    engine.apply([listing(1), listing(1, kind="demand")])
    engine.apply([], [doc_id("demand", 1)])
    assert names(engine) == ["achievement:1"]


def test_deletes_win_and_unknown_ones_are_no_error(engine, listing):
    engine.apply([listing(1), listing(2)])
    engine.apply([listing(1, "新")], ["achievement:1", "achievement:77"])
    assert names(engine) == ["achievement:2"]


def test_the_last_of_several_upserts_wins(engine, listing):
    engine.apply([listing(1, "旧涂层"), listing(1, "新电机")])
    assert engine.count() == 1
    assert found(engine, "电机") == [1]


def test_an_empty_batch_is_nothing(engine):
    engine.apply([])
    assert engine.count() == 0


def test_a_foreign_name_is_refused_before_anything_is_written(engine, listing):
    with pytest.raises(ValueError, match="not a document id"):
        engine.apply([listing(1)], ["nonsense"])
    assert engine.count() == 0


def test_rebuild_replaces_everything(engine, listing):
    engine.apply([listing(1), listing(2)])
    assert engine.rebuild(iter([listing(2, "改"), listing(3), listing(3, "后来")])) == 2
    assert names(engine) == ["achievement:2", "achievement:3"]
    assert found(engine, "后来") == [3]
    assert engine.rebuild([]) == 0
    assert engine.count() == 0
    assert not engine.needs_rebuild


def test_a_failed_rebuild_leaves_the_old_index(engine, listing):
    engine.apply([listing(1)])

    def broken():
        yield listing(2)
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        engine.rebuild(broken())
    assert names(engine) == ["achievement:1"]
    engine.apply([listing(3)])
    assert names(engine) == ["achievement:1", "achievement:3"]


def test_readers_see_the_old_index_while_the_new_one_is_built(engine, engine_maker, listing):
    engine.apply([listing(1)])
    reader = engine_maker()
    seen = []

    def documents():
        for number in range(2, 5):
            seen.append(names(reader))
            yield listing(number)

    engine.rebuild(documents())
    assert seen == [["achievement:1"]] * 3
    assert len(names(reader)) == 3


def test_another_reader_sees_each_batch(engine, engine_maker, listing):
    reader = engine_maker()
    assert reader.count() == 0
    for number in range(1, 4):
        engine.apply([listing(number)])
        assert reader.count() == number


def test_the_generation_changes_with_every_change(engine, listing):
    states = [engine.generation]
    engine.apply([listing(1)])
    states.append(engine.generation)
    assert engine.generation == states[-1]
    engine.apply([], ["achievement:1"])
    states.append(engine.generation)
    engine.rebuild([listing(1)])
    states.append(engine.generation)
    assert len(set(states)) == len(states)


@pytest.mark.parametrize("title", ["坏\ud800字", "\x00空", "", "长" * 5_000, "<script>", "𬭎𫟹"])
def test_odd_titles_can_be_stored(engine, listing, title):
    engine.apply([listing(1, title)])
    assert names(engine) == ["achievement:1"]
    assert [text.listing_id for text in engine.match_texts("achievement", [1])] == [1]


def test_match_texts_come_in_the_asked_order(engine, listing):
    engine.apply(
        [
            listing(1, "甲", keywords=("词",), summary="摘要"),
            listing(2, "乙"),
            listing(2, "需", kind="demand"),
        ]
    )
    texts = engine.match_texts("achievement", [2, 9, 1])
    assert [text.listing_id for text in texts] == [2, 1]
    assert texts[1] == MatchText(1, 1, text_weights("achievement", "甲\n词", "摘要"))
    assert engine.match_texts("demand", [2])[0].weights == text_weights("demand", "需", "")


def test_statistics_count_titles_and_keywords_of_one_kind(engine, listing):
    engine.apply(
        [
            listing(1, "耐磨涂层", summary="电池"),
            listing(2, "涂料", keywords=("电池",)),
            listing(3, "涂层", kind="demand"),
        ]
    )
    assert engine.document_count("achievement") == 2
    wanted = {"涂": 2, "层": 1, "涂层": 1, "电": 1, "电池": 1, "无": 0}
    assert engine.document_frequencies("achievement", wanted) == wanted
    assert engine.document_frequencies("demand", ["涂层", "电"]) == {"涂层": 1, "电": 0}


def candidates(engine, text, kind="achievement", scopes=PUBLIC, limit=10):
    return engine.candidates(kind, [WeightedTerm(token, 1.0) for token in text], scopes, limit)


def test_candidates_follow_likeness_not_length(engine, listing):
    filler = [listing(number, f"{chr(0x4E00 + number)}{chr(0x5E00 + number)}") for number in range(100, 160)]
    engine.rebuild(
        [
            listing(1, "耐磨涂层"),
            listing(2, "耐磨涂层用于高炉风口及其等离子堆焊工艺与装备成套技术开发应用"),
            listing(3, "涂料"),
            *filler,
        ]
    )
    assert candidates(engine, "耐磨涂层") == [1, 2, 3]
    assert candidates(engine, "耐磨涂层", limit=1) == [1]


def test_candidates_respect_kind_and_visibility(engine, listing):
    engine.apply([listing(1), listing(2, scopes=("org:1",)), listing(3, kind="demand")])
    assert candidates(engine, "涂层") == [1]
    assert sorted(candidates(engine, "涂层", scopes=("public", "org:1"))) == [1, 2]
    assert candidates(engine, "涂层", kind="demand") == [3]
    assert candidates(engine, "涂层", scopes=()) == []
    assert candidates(engine, "") == []


def test_a_demands_description_is_searched_too(engine, listing):
    engine.apply([listing(1, "求购", kind="demand", body="高炉风口"), listing(2, "其他", kind="demand")])
    assert candidates(engine, "风口", kind="demand") == [1]


def test_a_late_batch_does_not_replace_what_a_later_one_wrote(engine, listing):
    engine.apply([listing(1, "新电机")], version=7)
    with suppress(EngineBusy):  # an engine that cannot tell document by document asks to read again
        engine.apply([listing(1, "旧涂层")], version=6)
    with suppress(EngineBusy):
        engine.apply([], ["achievement:1"], version=5)
    assert found(engine, "电机") == [1]
    engine.apply([listing(1, "新电机")], version=7)
    engine.apply([], ["achievement:1"], version=8)
    with suppress(EngineBusy):
        engine.apply([listing(1, "新电机")], version=7)
    assert names(engine) == []


def test_what_changes_while_an_index_is_built_is_in_it_or_asks_to_be_tried_again(
    engine, engine_maker, listing
):
    engine.apply([listing(1), listing(2)], version=1)
    other, waiting = engine_maker(), []

    def documents():
        yield listing(1)
        try:
            other.apply([listing(2, "改成电机"), listing(4)], ["achievement:3"], version=3)
        except EngineBusy:
            waiting.append("again")
        yield listing(2)
        yield listing(3)

    engine.rebuild(documents(), version=2)
    if waiting:
        other.apply([listing(2, "改成电机"), listing(4)], ["achievement:3"], version=3)
    assert names(engine) == ["achievement:1", "achievement:2", "achievement:4"]
    assert found(engine, "电机") == [2]


def test_rollback_goes_back_to_the_index_before(engine, listing):
    with pytest.raises(EngineUnavailable, match="no previous index"):
        engine.rollback()
    engine.rebuild([listing(1)], version=1)
    engine.rebuild([listing(2), listing(3)], version=2)
    engine.rollback()
    assert names(engine) == ["achievement:1"]
    engine.apply([listing(2)], version=3)
    assert names(engine) == ["achievement:1", "achievement:2"]
    with pytest.raises(EngineUnavailable, match="no previous index"):
        engine.rollback()
    engine.rebuild([listing(9)], version=4)
    assert names(engine) == ["achievement:9"]


def test_a_successor_is_looked_at_before_it_is_put_into_use(engine, listing):
    engine.rebuild([listing(1)], version=1)
    counted = []

    def refuse(count):
        counted.append(count())
        raise EngineUnavailable("it does not hold what it should")

    with pytest.raises(EngineUnavailable, match="what it should"):
        engine.rebuild([listing(2), listing(3), listing(3)], version=2, approve=refuse)
    assert counted == [2]
    assert names(engine) == ["achievement:1"]
    engine.apply([listing(4)], version=3)
    assert names(engine) == ["achievement:1", "achievement:4"], "changes go to the old index alone"
    assert engine.rebuild([listing(5)], version=4, approve=lambda count: counted.append(count())) == 1
    assert counted == [2, 1] and names(engine) == ["achievement:5"]
