//! Finds any of a growing set of texts: the leftmost first, of those that start at one place the longest.
//!
//! A run learns secrets all along, so that an automaton, which is made anew for each of them, costs more than the run.
//! Entry point: [`Needles`].

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

/// How many bytes of a text tell where it may start; shorter texts are not taken.
pub(super) const START: usize = 4;

type Start = [u8; START];

/// Texts to look for, each with what belongs to it.
#[derive(Debug)]
pub(super) struct Needles<T> {
    by_start: HashMap<Start, Vec<(Vec<u8>, T)>>,
    /// A bit for each hash of a start: most places need no further look.
    hashes: Vec<u64>,
}

impl<T> Default for Needles<T> {
    fn default() -> Self {
        Self { by_start: HashMap::new(), hashes: vec![0; 1 << (HASH_BITS - 6)] }
    }
}

const HASH_BITS: u32 = 16;

fn hash(start: Start) -> usize {
    // Fibonacci hashing: the high bits of the product depend on all bits of the start.
    (u32::from_le_bytes(start).wrapping_mul(2_654_435_769) >> (u32::BITS - HASH_BITS)) as usize
}

impl<T: Copy + Ord> Needles<T> {
    /// Takes a text; of equal texts the one with the smallest companion counts.
    pub(super) fn insert(&mut self, text: &str, companion: T) {
        let Some(start) = text.as_bytes().first_chunk() else { return };
        let bit = hash(*start);
        self.hashes[bit / 64] |= 1 << (bit % 64);
        let same = self.by_start.entry(*start).or_default();
        same.push((text.as_bytes().to_vec(), companion));
        same.sort_by_key(|(text, companion)| (Reverse(text.len()), *companion));
    }

    /// The hits in these bytes that do not overlap, among the texts whose companion is `wanted`.
    pub(super) fn find(&self, bytes: &[u8], wanted: impl Fn(T) -> bool) -> Vec<(Range<usize>, T)> {
        let mut hits = Vec::new();
        let mut at = 0;
        while let Some(start) = bytes.get(at..).and_then(<[u8]>::first_chunk::<START>) {
            let bit = hash(*start);
            let is_possible = self.hashes[bit / 64] & (1 << (bit % 64)) != 0;
            let same = self.by_start.get(start).filter(|_| is_possible);
            let hit = same.and_then(|same| {
                same.iter().find(|(text, companion)| bytes[at..].starts_with(text) && wanted(*companion))
            });
            match hit {
                Some((text, companion)) => {
                    hits.push((at..at + text.len(), *companion));
                    at += text.len();
                }
                None => at += 1,
            }
        }
        hits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(needles: &Needles<usize>, text: &str) -> Vec<(String, usize)> {
        let hits = needles.find(text.as_bytes(), |companion| companion != 9);
        hits.into_iter().map(|(range, companion)| (text[range].to_owned(), companion)).collect()
    }

    #[test]
    fn the_leftmost_and_longest_is_found_whatever_came_first() {
        let mut needles = Needles::default();
        for (i, text) in ["abcd", "abcdef", "cdefgh", "abc", "abcdefghij"].into_iter().enumerate() {
            needles.insert(text, if i == 4 { 9 } else { i });
        }
        assert_eq!(
            found(&needles, "xabcdefgh abcd abcdefghij"),
            [("abcdef".to_owned(), 1), ("abcd".to_owned(), 0), ("abcdef".to_owned(), 1),]
        );
        assert_eq!(found(&needles, "abc"), []);
        assert_eq!(found(&needles, ""), []);
    }

    #[test]
    fn of_equal_texts_the_smallest_companion_counts() {
        let mut needles = Needles::default();
        needles.insert("geheim", 2);
        needles.insert("geheim", 1);
        assert_eq!(found(&needles, "geheim"), [("geheim".to_owned(), 1)]);
    }
}
