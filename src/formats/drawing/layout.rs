//! Where boxes and arrows lie: in rows, importers above what they import, as few crossings as a few sweeps leave.
//!
//! The usual steps: turn round the arrows that close circles, put each box a row below all that import it, let long
//! arrows pass every row between, order the rows by their neighbours' middles, then place them.

use std::cmp::Reverse;

use crate::report::drawing::Arrow;

/// Between boxes of a row.
const GAP: f64 = 28.0;
/// What an arrow takes that passes a row.
const LANE: f64 = 18.0;
/// From one row to the next.
const ROW: f64 = 118.0;
/// Sweeps over the rows; more change next to nothing.
const SWEEPS: usize = 12;

/// Where everything lies.
#[derive(Debug)]
pub(super) struct Layout {
    /// The middle of each box.
    pub(super) boxes: Vec<(f64, f64)>,
    /// The points of each arrow, in its own direction; the ends lie in the middle of its boxes.
    pub(super) ways: Vec<Vec<(f64, f64)>>,
    /// How wide and how high it all is.
    pub(super) size: (f64, f64),
}

/// One thing in a row: a box, or a point that a long arrow passes.
struct Item {
    width: f64,
    x: f64,
    above: Vec<usize>,
    below: Vec<usize>,
}

/// Lays out boxes of these widths.
pub(super) fn layout(widths: &[f64], arrows: &[Arrow]) -> Layout {
    let order = order(widths.len(), arrows);
    let down: Vec<(usize, usize)> = arrows
        .iter()
        .map(|arrow| {
            if order[arrow.from] < order[arrow.to] { (arrow.from, arrow.to) } else { (arrow.to, arrow.from) }
        })
        .collect();
    let row_of = rows(widths.len(), &order, &down);
    let count = row_of.iter().max().map_or(0, |row| row + 1);
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut items: Vec<Item> = widths
        .iter()
        .map(|width| Item { width: *width, x: 0.0, above: Vec::new(), below: Vec::new() })
        .collect();
    let mut boxes: Vec<usize> = (0..widths.len()).collect();
    boxes.sort_by_key(|at| (order[*at], *at));
    for at in boxes {
        rows[row_of[at]].push(at);
    }
    let mut ways: Vec<Vec<usize>> = Vec::with_capacity(arrows.len());
    for (from, to) in &down {
        let mut way = vec![*from];
        for row in rows.iter_mut().take(row_of[*to]).skip(row_of[*from] + 1) {
            row.push(items.len());
            way.push(items.len());
            items.push(Item { width: LANE, x: 0.0, above: Vec::new(), below: Vec::new() });
        }
        way.push(*to);
        for step in way.windows(2) {
            items[step[0]].below.push(step[1]);
            items[step[1]].above.push(step[0]);
        }
        ways.push(way);
    }
    sort_rows(&mut items, &mut rows);
    place(&mut items, &rows);
    let left = items.iter().map(|item| item.x - item.width / 2.0).fold(f64::INFINITY, f64::min);
    let left = if left.is_finite() { left } else { 0.0 };
    let right = items.iter().map(|item| item.x + item.width / 2.0).fold(left, f64::max);
    let mut row_of_item = vec![0; items.len()];
    for (row, inside) in rows.iter().enumerate() {
        for at in inside {
            row_of_item[*at] = row;
        }
    }
    let middle = |at: usize| (items[at].x - left, row_of_item[at] as f64 * ROW);
    let ways = ways.into_iter().zip(arrows).map(|(way, arrow)| {
        let mut points: Vec<(f64, f64)> = way.iter().map(|at| middle(*at)).collect();
        if way.first() != Some(&arrow.from) {
            points.reverse();
        }
        points
    });
    Layout {
        ways: ways.collect(),
        boxes: (0..widths.len()).map(middle).collect(),
        size: (right - left, (count.max(1) - 1) as f64 * ROW),
    }
}

/// A place in line for each box, so that few imports run backwards: what imports more than it is imported comes early.
fn order(boxes: usize, arrows: &[Arrow]) -> Vec<usize> {
    let mut left: Vec<bool> = vec![true; boxes];
    let mut place = vec![0; boxes];
    let (mut first, mut last) = (0, boxes);
    let weight = |at: usize, left: &[bool]| {
        let (mut outgoing, mut incoming) = (0_i64, 0_i64);
        for arrow in arrows {
            if arrow.from == at && left[arrow.to] && arrow.to != at {
                outgoing += i64::from(arrow.imports);
            }
            if arrow.to == at && left[arrow.from] && arrow.from != at {
                incoming += i64::from(arrow.imports);
            }
        }
        (outgoing, incoming)
    };
    while first < last {
        let rest: Vec<usize> = (0..boxes).filter(|at| left[*at]).collect();
        // What imports nothing goes to the end, what nobody imports to the front, else the greatest surplus.
        let sink = rest.iter().rev().find(|at| weight(**at, &left).0 == 0);
        let source = rest.iter().find(|at| weight(**at, &left).1 == 0);
        let most = rest.iter().max_by_key(|at| {
            let (outgoing, incoming) = weight(**at, &left);
            (outgoing - incoming, Reverse(**at))
        });
        let (at, at_end) = match (sink, source, most) {
            (Some(sink), _, _) => (*sink, true),
            (None, Some(source), _) => (*source, false),
            (None, None, Some(most)) => (*most, false),
            (None, None, None) => break,
        };
        left[at] = false;
        if at_end {
            last -= 1;
            place[at] = last;
        } else {
            place[at] = first;
            first += 1;
        }
    }
    place
}

/// The row of each box: below all that import it, and no further from what it imports than it must.
fn rows(boxes: usize, order: &[usize], down: &[(usize, usize)]) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..boxes).collect();
    sorted.sort_by_key(|at| order[*at]);
    let mut row = vec![0_usize; boxes];
    for at in &sorted {
        let above = down.iter().filter(|(_, to)| to == at).map(|(from, _)| row[*from] + 1);
        row[*at] = above.max().unwrap_or(0);
    }
    // What nobody imports comes down to just above what it imports.
    for at in sorted.iter().rev() {
        let lone = !down.iter().any(|(_, to)| to == at);
        let below = down.iter().filter(|(from, _)| from == at).map(|(_, to)| row[*to]).min();
        if let (true, Some(below)) = (lone, below) {
            row[*at] = below.saturating_sub(1);
        }
    }
    row
}

/// Orders each row by the middles of its neighbours, downwards and upwards in turn.
fn sort_rows(items: &mut [Item], rows: &mut [Vec<usize>]) {
    let number = |items: &mut [Item], row: &[usize]| {
        for (at, item) in row.iter().enumerate() {
            items[*item].x = at as f64;
        }
    };
    for row in rows.iter() {
        number(items, row);
    }
    for sweep in 0..SWEEPS {
        let downwards = sweep % 2 == 0;
        let each: Vec<usize> =
            if downwards { (0..rows.len()).collect() } else { (0..rows.len()).rev().collect() };
        for at in each {
            let row = &mut rows[at];
            let mut keyed: Vec<(f64, usize)> = row
                .iter()
                .map(|item| {
                    let near = if downwards { &items[*item].above } else { &items[*item].below };
                    (middle_of(items, near).unwrap_or(items[*item].x), *item)
                })
                .collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            *row = keyed.into_iter().map(|(_, item)| item).collect();
            number(items, row);
        }
    }
}

/// Places the rows: each item as near to its neighbours' middle as its row leaves room.
fn place(items: &mut [Item], rows: &[Vec<usize>]) {
    for row in rows {
        let mut x = 0.0;
        for at in row {
            items[*at].x = x + items[*at].width / 2.0;
            x += items[*at].width + GAP;
        }
        let whole = x - GAP;
        for at in row {
            items[*at].x -= whole / 2.0;
        }
    }
    for sweep in 0..SWEEPS {
        let downwards = sweep % 2 == 0;
        let each: Vec<&Vec<usize>> =
            if downwards { rows.iter().collect() } else { rows.iter().rev().collect() };
        for row in each {
            let wanted: Vec<f64> = row
                .iter()
                .map(|at| {
                    let near = if downwards { &items[*at].above } else { &items[*at].below };
                    middle_of(items, near).unwrap_or(items[*at].x)
                })
                .collect();
            let widths: Vec<f64> = row.iter().map(|at| items[*at].width + GAP).collect();
            for (at, x) in row.iter().zip(apart(&wanted, &widths)) {
                items[*at].x = x;
            }
        }
    }
}

/// The places nearest to the wanted ones, in their order, at which things of these widths do not overlap: groups that
/// would are put side by side around the middle of what they want.
fn apart(wanted: &[f64], widths: &[f64]) -> Vec<f64> {
    struct Group {
        first: usize,
        len: usize,
        width: f64,
        /// The sum of where its first item should begin by the wish of each.
        wish: f64,
    }
    let mut groups: Vec<Group> = Vec::new();
    for (at, (wanted, width)) in wanted.iter().zip(widths).enumerate() {
        let mut group = Group { first: at, len: 1, width: *width, wish: wanted - width / 2.0 };
        while let Some(before) = groups.pop() {
            if before.wish / before.len as f64 + before.width <= group.wish / group.len as f64 {
                groups.push(before);
                break;
            }
            group = Group {
                first: before.first,
                len: before.len + group.len,
                wish: before.wish + group.wish - before.width * group.len as f64,
                width: before.width + group.width,
            };
        }
        groups.push(group);
    }
    let mut places = Vec::with_capacity(wanted.len());
    for group in groups {
        let mut x = group.wish / group.len as f64;
        for width in &widths[group.first..group.first + group.len] {
            places.push(x + width / 2.0);
            x += width;
        }
    }
    places
}

fn middle_of(items: &[Item], near: &[usize]) -> Option<f64> {
    (!near.is_empty()).then(|| near.iter().map(|at| items[*at].x).sum::<f64>() / near.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrow(from: usize, to: usize) -> Arrow {
        Arrow { from, to, imports: 1, findings: 0 }
    }

    #[test]
    fn importers_lie_above_what_they_import() {
        let arrows = [arrow(2, 1), arrow(1, 0), arrow(2, 0)];
        let layout = layout(&[50.0; 3], &arrows);
        let row = |at: usize| layout.boxes[at].1;
        assert!(row(2) < row(1) && row(1) < row(0));
        // The long arrow passes the row between.
        assert_eq!(layout.ways[2].len(), 3);
        assert_eq!(layout.ways[0], [layout.boxes[2], layout.boxes[1]]);
    }

    #[test]
    fn of_a_circle_the_lightest_arrow_runs_upwards() {
        let mut arrows = [arrow(0, 1), arrow(1, 0)];
        arrows[0].imports = 9;
        let layout = layout(&[50.0; 2], &arrows);
        assert!(layout.boxes[0].1 < layout.boxes[1].1);
        assert_eq!(layout.ways[1], [layout.boxes[1], layout.boxes[0]]);
    }

    #[test]
    fn no_boxes_overlap() {
        let mut arrows = Vec::new();
        for from in 0..12 {
            for to in 0..12 {
                if (from * 7 + to * 5) % 4 == 0 && from != to {
                    arrows.push(arrow(from, to));
                }
            }
        }
        let widths: Vec<f64> = (0..12).map(|at| 40.0 + f64::from(at) * 10.0).collect();
        let layout = layout(&widths, &arrows);
        for a in 0..12 {
            for b in 0..a {
                let ((ax, ay), (bx, by)) = (layout.boxes[a], layout.boxes[b]);
                let apart = (ay - by).abs() > 1.0 || (ax - bx).abs() >= f64::midpoint(widths[a], widths[b]);
                assert!(apart, "{a} {b}");
            }
        }
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert_eq!(layout(&[], &[]).size, (0.0, 0.0));
        assert_eq!(layout(&[80.0], &[]).size, (80.0, 0.0));
    }
}
