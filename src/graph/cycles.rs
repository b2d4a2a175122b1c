//! Cycles of a weighted directed graph: its strongly connected components, a small set of links without which none is
//! left, and shortest ways. Knows neither modules nor imports: nodes are indices.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

/// Nodes `0..len` and weighted links between them.
#[derive(Debug)]
pub struct Digraph {
    /// Sorted by (from, to), no two alike.
    pub links: Vec<Link>,
    /// Where each node's links begin, and one more for the end.
    first: Vec<usize>,
}

/// One link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it begins.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// What it costs to take it away.
    pub weight: u32,
}

impl Digraph {
    /// A graph of that many nodes; links from a node to itself are left out.
    pub fn new(nodes: usize, weights: &BTreeMap<(usize, usize), u32>) -> Self {
        let links: Vec<Link> = weights
            .iter()
            .filter(|((from, to), _)| from != to)
            .map(|(&(from, to), &weight)| Link { from, to, weight })
            .collect();
        let first = (0..=nodes).map(|node| links.partition_point(|link| link.from < node)).collect();
        Self { links, first }
    }

    /// A node's links with their indices.
    fn outgoing(&self, node: usize) -> impl Iterator<Item = (usize, &Link)> {
        let range = self.first[node]..self.first[node + 1];
        range.clone().zip(&self.links[range])
    }

    /// The number of each node's strongly connected component (Tarjan, with a stack of its own: a chain of imports
    /// may be as long as the project).
    pub fn components(&self) -> Vec<usize> {
        const NONE: usize = usize::MAX;
        let nodes = self.first.len() - 1;
        let mut order = vec![NONE; nodes];
        let mut low = vec![0; nodes];
        let mut component = vec![NONE; nodes];
        let mut visited = 0;
        let mut components = 0;
        let mut open = Vec::new();
        let mut calls: Vec<(usize, usize)> = Vec::new();
        for start in 0..nodes {
            if order[start] != NONE {
                continue;
            }
            calls.push((start, self.first[start]));
            while let Some((node, next)) = calls.pop() {
                if order[node] == NONE {
                    order[node] = visited;
                    low[node] = visited;
                    visited += 1;
                    open.push(node);
                }
                if next < self.first[node + 1] {
                    calls.push((node, next + 1));
                    let to = self.links[next].to;
                    if order[to] == NONE {
                        calls.push((to, self.first[to]));
                    } else if component[to] == NONE {
                        low[node] = low[node].min(order[to]);
                    }
                    continue;
                }
                if low[node] == order[node] {
                    while let Some(member) = open.pop() {
                        component[member] = components;
                        if member == node {
                            break;
                        }
                    }
                    components += 1;
                }
                if let Some((caller, _)) = calls.last() {
                    low[*caller] = low[*caller].min(low[node]);
                }
            }
        }
        component
    }

    /// Indices of links that, taken away together, leave no cycle: few and light, though not always the fewest.
    ///
    /// Eades, Lin and Smyth, "A fast and effective heuristic for the feedback arc set problem" (1993), with weights: the
    /// nodes are laid in a line, sinks from its end, sources from its start, and where there is neither the node whose
    /// outgoing links outweigh its incoming ones most; ties by index. What then points backwards is the set, but for
    /// links that prove needless beside the others.
    pub fn breaking(&self, component: &[usize]) -> Vec<usize> {
        let place = Line::new(self, component).lay();
        let backwards = |link: &Link| place[link.from] > place[link.to];
        let inner = |link: &Link| component[link.from] == component[link.to];
        let mut broken: Vec<bool> = self.links.iter().map(|link| inner(link) && backwards(link)).collect();
        self.restore(&mut broken, component);
        (0..broken.len()).filter(|at| broken[*at]).collect()
    }

    /// Takes links back, the heaviest first, that close no cycle with what is kept. Each try is a search, so only the
    /// heaviest are tried.
    fn restore(&self, broken: &mut [bool], component: &[usize]) {
        const TRIES: usize = 1000;
        let mut heaviest: Vec<usize> = (0..broken.len()).filter(|at| broken[*at]).collect();
        heaviest.sort_by_key(|at| Reverse(self.links[*at].weight));
        let mut seen_by = vec![usize::MAX; component.len()];
        let mut stack = Vec::new();
        for at in heaviest.into_iter().take(TRIES) {
            let Link { from, to, .. } = self.links[at];
            seen_by[to] = at;
            stack.push(to);
            while let Some(node) = stack.pop() {
                for (next, link) in self.outgoing(node) {
                    if !broken[next] && component[link.to] == component[from] && seen_by[link.to] != at {
                        seen_by[link.to] = at;
                        stack.push(link.to);
                    }
                }
            }
            broken[at] = seen_by[from] == at;
        }
    }

    /// Indices of the links of a shortest way from one node to another inside their component; empty if there is none.
    pub fn way(&self, from: usize, to: usize, component: &[usize]) -> Vec<usize> {
        let mut before: BTreeMap<usize, usize> = BTreeMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(node) = queue.pop_front() {
            if node == to {
                break;
            }
            for (at, link) in self.outgoing(node) {
                let next = link.to;
                if next != from && component[next] == component[from] && !before.contains_key(&next) {
                    before.insert(next, at);
                    queue.push_back(next);
                }
            }
        }
        let mut way = Vec::new();
        let mut node = to;
        while let Some(at) = before.get(&node) {
            way.push(*at);
            node = self.links[*at].from;
        }
        way.reverse();
        way
    }
}

/// The line that nodes are laid in, and what is left to lay.
struct Line<'a> {
    outgoing: Vec<Vec<&'a Link>>,
    incoming: Vec<Vec<&'a Link>>,
    /// Links to and from nodes that are not laid yet.
    out_left: Vec<usize>,
    in_left: Vec<usize>,
    /// Outgoing less incoming weight among nodes that are not laid yet.
    excess: Vec<i64>,
    laid: Vec<bool>,
    sinks: Vec<usize>,
    sources: Vec<usize>,
    heaviest: BinaryHeap<(i64, Reverse<usize>)>,
}

impl<'a> Line<'a> {
    fn new(graph: &'a Digraph, component: &[usize]) -> Self {
        let nodes = component.len();
        let mut outgoing = vec![Vec::new(); nodes];
        let mut incoming = vec![Vec::new(); nodes];
        let mut excess = vec![0; nodes];
        for link in graph.links.iter().filter(|link| component[link.from] == component[link.to]) {
            outgoing[link.from].push(link);
            incoming[link.to].push(link);
            excess[link.from] += i64::from(link.weight);
            excess[link.to] -= i64::from(link.weight);
        }
        let out_left: Vec<usize> = outgoing.iter().map(Vec::len).collect();
        let in_left: Vec<usize> = incoming.iter().map(Vec::len).collect();
        Self {
            sinks: (0..nodes).filter(|node| out_left[*node] == 0).collect(),
            sources: (0..nodes).filter(|node| in_left[*node] == 0).collect(),
            heaviest: excess.iter().enumerate().map(|(node, excess)| (*excess, Reverse(node))).collect(),
            outgoing,
            incoming,
            out_left,
            in_left,
            excess,
            laid: vec![false; nodes],
        }
    }

    /// The place of each node.
    fn lay(mut self) -> Vec<usize> {
        let nodes = self.laid.len();
        let mut place = vec![0; nodes];
        let (mut start, mut end) = (0, nodes);
        while start < end {
            let at_end = self.sinks.pop();
            let Some(node) = at_end.or_else(|| self.sources.pop()).or_else(|| self.take_heaviest()) else {
                break;
            };
            if std::mem::replace(&mut self.laid[node], true) {
                continue;
            }
            if at_end.is_some() {
                end -= 1;
                place[node] = end;
            } else {
                place[node] = start;
                start += 1;
            }
            self.release(node);
        }
        place
    }

    /// Entries of the heap that have been overtaken are passed over.
    fn take_heaviest(&mut self) -> Option<usize> {
        while let Some((excess, Reverse(node))) = self.heaviest.pop() {
            if !self.laid[node] && self.excess[node] == excess {
                return Some(node);
            }
        }
        None
    }

    fn release(&mut self, node: usize) {
        for link in &self.outgoing[node] {
            if !self.laid[link.to] {
                self.in_left[link.to] -= 1;
                self.excess[link.to] += i64::from(link.weight);
                self.heaviest.push((self.excess[link.to], Reverse(link.to)));
                if self.in_left[link.to] == 0 {
                    self.sources.push(link.to);
                }
            }
        }
        for link in &self.incoming[node] {
            if !self.laid[link.from] {
                self.out_left[link.from] -= 1;
                self.excess[link.from] -= i64::from(link.weight);
                self.heaviest.push((self.excess[link.from], Reverse(link.from)));
                if self.out_left[link.from] == 0 {
                    self.sinks.push(link.from);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(nodes: usize, links: &[(usize, usize, u32)]) -> Digraph {
        Digraph::new(nodes, &links.iter().map(|&(from, to, weight)| ((from, to), weight)).collect())
    }

    fn broken(graph: &Digraph) -> Vec<(usize, usize)> {
        let breaking = graph.breaking(&graph.components());
        breaking.iter().map(|at| (graph.links[*at].from, graph.links[*at].to)).collect()
    }

    fn is_acyclic_without(graph: &Digraph, breaking: &[usize]) -> bool {
        let kept = graph.links.iter().enumerate().filter(|(at, _)| !breaking.contains(at));
        let kept: BTreeMap<_, _> = kept.map(|(_, link)| ((link.from, link.to), link.weight)).collect();
        let nodes = graph.first.len() - 1;
        let mut components = Digraph::new(nodes, &kept).components();
        components.sort_unstable();
        components.dedup();
        components.len() == nodes
    }

    #[test]
    fn components_are_what_reaches_each_other() {
        let graph = graph(7, &[(0, 1, 1), (1, 2, 1), (2, 0, 1), (2, 3, 1), (3, 4, 1), (4, 3, 1), (5, 4, 1)]);
        let component = graph.components();
        assert!(component[0] == component[1] && component[1] == component[2]);
        assert_eq!(component[3], component[4]);
        let mut distinct = component.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), 4, "{component:?}: two cycles, 5 and 6 alone");
    }

    #[test]
    fn a_chain_as_long_as_the_stack_is_deep_does_not_overflow() {
        let nodes = 300_000;
        let mut links: BTreeMap<_, _> = (1..nodes).map(|node| ((node - 1, node), 2)).collect();
        links.insert((nodes - 1, 0), 1);
        let graph = Digraph::new(nodes, &links);
        assert!(graph.components().iter().all(|component| *component == 0));
        assert_eq!(broken(&graph), [(nodes - 1, 0)]);
    }

    #[test]
    fn the_lighter_direction_is_broken() {
        assert_eq!(broken(&graph(2, &[(0, 1, 1), (1, 0, 5)])), [(0, 1)]);
        assert_eq!(broken(&graph(2, &[(0, 1, 5), (1, 0, 1)])), [(1, 0)]);
        assert_eq!(broken(&graph(2, &[(0, 1, 1), (1, 0, 1)])), [(1, 0)], "a tie: the first stays first");
        assert_eq!(broken(&graph(3, &[(0, 1, 3), (1, 2, 3), (2, 0, 1)])), [(2, 0)]);
        assert_eq!(broken(&graph(3, &[(0, 1, 1), (1, 2, 1), (0, 2, 1)])), []);
    }

    #[test]
    fn a_node_in_two_cycles_loses_one_link_for_each() {
        // 0 is imported by all and imports two of them back, once each.
        let links = [(1, 0, 4), (2, 0, 4), (3, 0, 4), (0, 1, 1), (0, 2, 1)];
        assert_eq!(broken(&graph(4, &links)), [(0, 1), (0, 2)]);
    }

    #[test]
    fn without_the_breaking_set_no_cycle_is_left() {
        // A fixed linear congruential sequence: graphs of all densities, the same on every run.
        let mut state: u64 = 7;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for nodes in 2..40 {
            let links: BTreeMap<_, _> = (0..nodes * (1 + nodes % 5))
                .map(|_| ((random(nodes), random(nodes)), 1 + random(9) as u32))
                .collect();
            let graph = Digraph::new(nodes, &links);
            let component = graph.components();
            let breaking = graph.breaking(&component);
            assert!(is_acyclic_without(&graph, &breaking), "{links:?}");
            for spared in &breaking {
                let others: Vec<usize> = breaking.iter().copied().filter(|at| at != spared).collect();
                assert!(!is_acyclic_without(&graph, &others), "{links:?}: {spared} is needless");
            }
            for at in breaking {
                let Link { from, to, .. } = graph.links[at];
                assert_eq!(component[from], component[to]);
                let way = graph.way(to, from, &component);
                assert!(!way.is_empty(), "every broken link lies on a cycle");
                assert_eq!(graph.links[way[0]].from, to);
                assert_eq!(graph.links[way[way.len() - 1]].to, from);
                assert!(way.windows(2).all(|two| graph.links[two[0]].to == graph.links[two[1]].from));
            }
        }
    }

    #[test]
    fn a_way_is_shortest_and_stays_in_the_component() {
        let links = [(0, 1, 1), (1, 2, 1), (2, 3, 1), (3, 0, 1), (1, 3, 1), (0, 4, 1), (4, 5, 1)];
        let graph = graph(6, &links);
        let component = graph.components();
        let ends: Vec<_> = graph
            .way(0, 3, &component)
            .iter()
            .map(|at| (graph.links[*at].from, graph.links[*at].to))
            .collect();
        assert_eq!(ends, [(0, 1), (1, 3)]);
        assert!(graph.way(0, 5, &component).is_empty());
    }
}
