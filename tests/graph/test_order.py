"""Orders and cycles of plain graphs, against a slow and simple count."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from nnstudio.graph import Edge
from nnstudio.graph.order import cycles, is_ordered, reachable, reaches, topological_order

IDS = tuple("abcdefg")
edge_lists = st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(IDS)), max_size=14).map(
    lambda pairs: [Edge(a, b, str(index)) for index, (a, b) in enumerate(pairs)]
)


def in_a_cycle(node: str, edges: list[Edge]) -> bool:
    return any(edge.source == node and reaches(edge.target, node, edges) for edge in edges)


def test_reachable_goes_along_edges_only():
    edges = [Edge("a", "b", "p"), Edge("b", "c", "p"), Edge("d", "c", "p")]
    assert reachable(["a"], edges) == {"a", "b", "c"}
    assert not reaches("a", "d", edges)


@given(edge_lists)
def test_the_order_holds_all_that_no_cycle_leads_to(edges: list[Edge]):
    order = topological_order(IDS, edges)
    place = {key: index for index, key in enumerate(order)}
    assert all(place[e.source] < place[e.target] for e in edges if e.source in place and e.target in place)
    knotted = [node for node in IDS if in_a_cycle(node, edges)]
    behind = reachable(knotted, edges)
    assert set(order) == set(IDS) - behind
    if is_ordered(IDS, edges):
        assert order == IDS


@given(edge_lists)
def test_every_knot_is_found_once_and_untied(edges: list[Edge]):
    found = cycles(IDS, edges)
    knots = {
        frozenset(other for other in IDS if reaches(node, other, edges) and reaches(other, node, edges))
        for node in IDS
        if in_a_cycle(node, edges)
    }
    assert len(found) == len(knots)
    for ring, closing in found:
        assert len(closing) >= 1
        pairs = {(edge.source, edge.target) for edge in edges}
        assert all(pair in pairs for pair in itertools.pairwise([*ring, ring[0]]))
        assert any(set(ring) <= knot for knot in knots)
        left = [edge for edge in edges if edge not in closing]
        assert not any(in_a_cycle(node, left) for node in ring)
