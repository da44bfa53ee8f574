//! A collection of items. Most have one item or none, and those take no memory of their own.

use std::iter::Chain;
use std::ops::Deref;
use std::ops::DerefMut;
use std::option;
use std::slice;
use std::vec;

use crate::fhir::path::item::Item;

/// What an expression yields, in order.
#[derive(Clone, Debug, Default)]
pub enum Items<'a> {
    /// None.
    #[default]
    None,
    /// One.
    One(Item<'a>),
    /// Any number.
    Many(Vec<Item<'a>>),
}

impl<'a> Items<'a> {
    /// Adds an item at the end.
    pub fn push(&mut self, item: Item<'a>) {
        match self {
            Items::None => *self = Items::One(item),
            Items::Many(items) => items.push(item),
            Items::One(_) => {
                if let Items::One(first) = std::mem::take(self) {
                    *self = Items::Many(vec![first, item]);
                }
            }
        }
    }

    /// Keeps the items that pass the test.
    pub fn retain(&mut self, mut test: impl FnMut(&Item<'a>) -> bool) {
        match self {
            Items::None => {}
            Items::One(item) if test(item) => {}
            Items::One(_) => *self = Items::None,
            Items::Many(items) => items.retain(test),
        }
    }

    /// The item at this place, if there is one; the others go.
    pub fn take(self, at: usize) -> Option<Item<'a>> {
        self.into_iter().nth(at)
    }
}

impl<'a> Deref for Items<'a> {
    type Target = [Item<'a>];

    fn deref(&self) -> &[Item<'a>] {
        match self {
            Items::None => &[],
            Items::One(item) => slice::from_ref(item),
            Items::Many(items) => items,
        }
    }
}

impl DerefMut for Items<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        match self {
            Items::None => &mut [],
            Items::One(item) => slice::from_mut(item),
            Items::Many(items) => items,
        }
    }
}

impl<'a> From<Item<'a>> for Items<'a> {
    fn from(item: Item<'a>) -> Items<'a> {
        Items::One(item)
    }
}

impl<'a> From<Option<Item<'a>>> for Items<'a> {
    fn from(item: Option<Item<'a>>) -> Items<'a> {
        item.map_or(Items::None, Items::One)
    }
}

impl<'a> From<Vec<Item<'a>>> for Items<'a> {
    fn from(items: Vec<Item<'a>>) -> Items<'a> {
        Items::Many(items)
    }
}

impl<'a> From<Items<'a>> for Vec<Item<'a>> {
    fn from(items: Items<'a>) -> Vec<Item<'a>> {
        match items {
            Items::None => Vec::new(),
            Items::One(item) => vec![item],
            Items::Many(items) => items,
        }
    }
}

impl<'a> Extend<Item<'a>> for Items<'a> {
    fn extend<I: IntoIterator<Item = Item<'a>>>(&mut self, more: I) {
        if let Items::Many(items) = self {
            return items.extend(more);
        }
        more.into_iter().for_each(|item| self.push(item));
    }
}

impl<'a> FromIterator<Item<'a>> for Items<'a> {
    fn from_iter<I: IntoIterator<Item = Item<'a>>>(all: I) -> Items<'a> {
        let mut items = Items::None;
        items.extend(all);
        items
    }
}

impl<'a> IntoIterator for Items<'a> {
    type Item = Item<'a>;
    type IntoIter = Chain<option::IntoIter<Item<'a>>, vec::IntoIter<Item<'a>>>;

    fn into_iter(self) -> Self::IntoIter {
        let (one, many) = match self {
            Items::None => (None, Vec::new()),
            Items::One(item) => (Some(item), Vec::new()),
            Items::Many(items) => (None, items),
        };
        one.into_iter().chain(many)
    }
}

impl<'i, 'a> IntoIterator for &'i Items<'a> {
    type Item = &'i Item<'a>;
    type IntoIter = slice::Iter<'i, Item<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(items: &Items<'_>) -> Vec<i64> {
        items.iter().filter_map(Item::integer).collect()
    }

    #[test]
    fn grows_and_shrinks_in_order() {
        let mut items = Items::default();
        for number in 0..4 {
            assert_eq!(numbers(&items), (0..number).collect::<Vec<_>>());
            items.push(Item::Integer(number));
        }
        items.retain(|item| item.integer() != Some(1));
        assert_eq!(numbers(&items), [0, 2, 3]);
        assert_eq!(items.clone().take(2).and_then(|item| item.integer()), Some(3));
        assert!(items.clone().take(3).is_none());
        let mut one = Items::from(Item::Integer(7));
        one.extend(items.clone());
        assert_eq!((numbers(&one), Vec::from(one).len()), (vec![7, 0, 2, 3], 4));
        items.extend(Items::from(Item::Integer(9)));
        assert_eq!(numbers(&items.into_iter().rev().collect()), [9, 3, 2, 0]);
        let mut one = Items::from(Item::Integer(7));
        one.retain(|item| item.integer() != Some(7));
        assert!(one.is_empty() && one.into_iter().next().is_none());
    }
}
