"""Clusters: the same whatever the order, a firm once, everybody like the centre, chains cut, groups that go on."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from search.clustering import CUT, MOST_MEMBERS, STAY, Cluster, clusters, pair


def alone(count: int) -> dict[int, int]:
    """Demands 1 … count, each of a firm of its own."""
    return {demand: demand * 10 for demand in range(1, count + 1)}


@st.composite
def markets(draw):
    """Firms of some demands, likenesses of some pairs, pairs that are kept apart."""
    firms = draw(st.dictionaries(st.integers(1, 12), st.integers(1, 8), min_size=1))
    every = list(combinations(sorted(firms), 2))
    chosen = draw(st.lists(st.sampled_from(every), unique=True)) if every else []
    values = draw(st.lists(st.floats(0.4, 1.2), min_size=len(chosen), max_size=len(chosen)))
    apart = draw(st.lists(st.sampled_from(every), unique=True, max_size=4)) if every else []
    return firms, dict(zip(chosen, values, strict=True)), apart


@given(markets(), st.randoms(use_true_random=False))
def test_the_order_of_what_comes_in_changes_nothing(market, random):
    firms, likeness, apart = market
    shuffled_firms = dict(random.sample(list(firms.items()), len(firms)))
    shuffled = {
        (b, a) if random.random() < 0.5 else (a, b): v
        for (a, b), v in random.sample(list(likeness.items()), len(likeness))
    }
    assert clusters(firms, likeness, apart=apart) == clusters(shuffled_firms, shuffled, apart=apart[::-1])


@given(markets())
def test_a_cluster_holds_what_it_promises(market):
    firms, likeness, apart = market
    found = clusters(firms, likeness, apart=apart)
    placed = [member for cluster in found for member in cluster.members]
    assert len(placed) == len(set(placed))
    for cluster in found:
        assert 2 <= len(cluster.members) <= MOST_MEMBERS
        assert len({firms[member] for member in cluster.members}) == len(cluster.members)
        to_centre = [likeness[pair(cluster.centre, m)] for m in cluster.members if m != cluster.centre]
        assert min(to_centre) == cluster.likeness >= CUT
        assert not set(apart).intersection(combinations(cluster.members, 2))


@given(markets())
def test_nothing_that_could_stand_together_is_left_alone(market):
    firms, likeness, apart = market
    placed = {member for cluster in clusters(firms, likeness, apart=apart) for member in cluster.members}
    for one, other in combinations(sorted(firms.keys() - placed), 2):
        allowed = firms[one] != firms[other] and (one, other) not in apart
        assert not (allowed and likeness.get((one, other), 0) >= CUT)


@given(markets())
def test_calculating_again_with_what_was_found_changes_nothing(market):
    firms, likeness, apart = market
    found = clusters(firms, likeness, apart=apart)
    again = clusters(firms, likeness, [cluster.members for cluster in found], apart)
    assert [set(cluster.members) for cluster in again] == [set(cluster.members) for cluster in found]


def test_a_chain_is_cut():
    chain = {(1, 2): 0.8, (2, 3): 0.8, (3, 4): 0.8, (4, 5): 0.9}
    assert clusters(alone(5), chain) == [Cluster(4, (3, 4, 5), 0.8), Cluster(1, (1, 2), 0.8)]


def test_the_likest_demand_speaks_for_a_firm():
    firms = {1: 10, 2: 20, 3: 20}
    assert clusters(firms, {(1, 2): 0.7, (1, 3): 0.9}) == [Cluster(1, (1, 3), 0.9)]


def test_a_cluster_is_bounded_and_the_rest_forms_its_own():
    many = alone(MOST_MEMBERS + 3)
    everything = dict.fromkeys(combinations(many, 2), 0.9)
    assert [len(cluster.members) for cluster in clusters(many, everything)] == [MOST_MEMBERS, 3]


def test_below_the_cut_nothing_forms_and_what_was_kept_stays_a_little_longer():
    between = {(1, 2): (CUT + STAY) / 2}
    assert clusters(alone(2), between) == []
    assert clusters(alone(2), between, [{1, 2}]) == [Cluster(1, (1, 2), between[1, 2])]
    assert clusters(alone(2), {(1, 2): STAY - 0.01}, [{1, 2}]) == []


def test_a_group_that_goes_on_keeps_its_members_though_others_are_liker():
    likeness = {(1, 2): 0.61, (2, 3): 0.95, (3, 4): 0.95}
    assert clusters(alone(4), likeness) == [Cluster(3, (2, 3, 4), 0.95)]
    assert clusters(alone(4), likeness, [{1, 2}]) == [Cluster(1, (1, 2), 0.61), Cluster(3, (3, 4), 0.95)]


def test_what_is_like_the_centre_of_a_group_joins_it_before_forming_its_own():
    likeness = {(1, 2): 0.7, (1, 3): 0.65, (3, 4): 0.95}
    assert clusters(alone(4), likeness, [{1, 2}]) == [Cluster(1, (1, 2, 3), 0.65)]


def test_a_group_loses_what_is_no_longer_like_it_and_who_is_gone():
    likeness = {(1, 2): 0.9, (1, 3): 0.2, (2, 3): 0.2}
    assert clusters(alone(3), likeness, [{1, 2, 3, 99}]) == [Cluster(1, (1, 2), 0.9)]


def test_apart_holds_also_through_a_third():
    likeness = {(1, 2): 0.9, (1, 3): 0.8, (2, 3): 0.7}
    assert clusters(alone(3), likeness, apart=[(2, 3)]) == [Cluster(1, (1, 2), 0.9)]
    assert clusters(alone(3), likeness, [{1, 2}], apart=[(2, 3)]) == [Cluster(1, (1, 2), 0.9)]


def test_what_people_placed_stays_in_its_group_however_little_alike():
    firms, likeness = alone(5), {pair(1, 2): 0.9, pair(3, 4): 0.8, pair(1, 5): 0.3}
    group = {1, 2, 3, 4}
    assert clusters(firms, likeness, [group], placed={1, 2, 3, 4}) == [Cluster(1, (1, 2, 3, 4), 0.0)]
    assert clusters(firms, likeness, [group], placed={3}) == [Cluster(1, (1, 2, 3), 0.0)], "4 goes alone"
    assert clusters(firms, likeness, [group]) == [Cluster(1, (1, 2), 0.9), Cluster(3, (3, 4), 0.8)]
    assert clusters(firms, likeness, [{1, 5}], placed={1, 5})[0] == Cluster(1, (1, 2, 5), 0.3)


def test_what_was_placed_and_is_gone_or_alone_holds_nothing_together():
    firms = alone(2)
    assert clusters(firms, {}, [{1, 2}], placed={1, 2}) == [Cluster(1, (1, 2), 0.0)]
    assert clusters({1: 10}, {}, [{1, 2}], placed={1, 2}) == []
