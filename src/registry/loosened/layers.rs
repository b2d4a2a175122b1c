//! The order of layers: which name may import another now.

use std::collections::BTreeMap;

use super::{Compare, Loosening, Subject};
use crate::registry::{Layer, Member};

/// Where a name stands: its layer from the top, and whether those of one layer may not import each other.
#[derive(Clone, Copy)]
struct Place<'a> {
    layer: usize,
    independent: bool,
    member: &'a Member,
}

impl Compare<'_> {
    pub(super) fn order(&mut self, subject: Subject, before: &[Layer], now: &[Layer]) {
        let key = "order";
        let (old, new) = (places(before), places(now));
        // Of the names so far, the one that now stands lowest; those of an upper layer before those of a lower.
        let mut lowest: Option<(Place, &str)> = None;
        for layer in before {
            let mut below = lowest;
            for member in &layer.members {
                let name = member.name.text.as_str();
                let Some(place) = new.get(name).copied() else {
                    let message = format!("`order` no longer holds `{name}`");
                    self.add(subject, Loosening::Narrowed, key, message, Some(member.name.line));
                    continue;
                };
                let at = Subject { line: Some(place.member.name.line), entry: None, ..subject };
                if place.member.optional && old.get(name).is_some_and(|old| !old.member.optional) {
                    let message = format!("`{name}` is optional in `order`");
                    self.add(at, Loosening::Narrowed, key, message, Some(member.name.line));
                }
                if let Some((upper, above)) = lowest
                    && (upper.layer > place.layer || (upper.layer == place.layer && !place.independent))
                {
                    let message = format!("`{name}` may import `{above}` now");
                    self.add(at, Loosening::Narrowed, key, message, Some(member.name.line));
                }
                if below.is_none_or(|(below, _)| below.layer < place.layer) {
                    below = Some((place, name));
                }
            }
            lowest = below;
            self.parted(subject, layer, &new);
        }
    }

    /// Names of one layer that may not import each other must still stand in one.
    fn parted(&mut self, subject: Subject, layer: &Layer, new: &BTreeMap<&str, Place>) {
        if !layer.independent {
            return;
        }
        let placed: Vec<(&str, Place)> = layer
            .members
            .iter()
            .filter_map(|member| Some((member.name.text.as_str(), *new.get(member.name.text.as_str())?)))
            .collect();
        let Some((first, rest)) = placed.split_first() else { return };
        for (name, place) in rest {
            let together = place.layer == first.1.layer;
            if together && place.independent {
                continue;
            }
            // The upper of two layers may import the lower.
            let (upper, lower) =
                if place.layer < first.1.layer { (*name, first.0) } else { (first.0, *name) };
            let message = if together {
                format!("`{upper}` and `{lower}` may import each other now")
            } else {
                format!("`{upper}` may import `{lower}` now")
            };
            let at = Subject { line: Some(place.member.name.line), entry: None, ..subject };
            let base_line = layer.members.first().map(|member| member.name.line);
            self.add(at, Loosening::Narrowed, "order", message, base_line);
        }
    }
}

fn places(order: &[Layer]) -> BTreeMap<&str, Place<'_>> {
    let layers = order.iter().enumerate();
    layers
        .flat_map(|(layer, of)| {
            of.members.iter().map(move |member| {
                (member.name.text.as_str(), Place { layer, independent: of.independent, member })
            })
        })
        .collect()
}
