//! Damaged texts for the tests of the readers: the same ones each time. Entry point: [`each`].

/// Calls with so many texts, each the seed with from one to `most` bytes changed, gone or added from the alphabet.
pub fn each(seed: &[u8], alphabet: &[u8], times: u32, most: usize, mut call: impl FnMut(&[u8])) {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize
    };
    for _ in 0..times {
        let mut bytes = seed.to_vec();
        for _ in 0..1 + random() % most {
            let at = random() % bytes.len();
            match random() % 3 {
                0 => bytes[at] = alphabet[random() % alphabet.len()],
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, alphabet[random() % alphabet.len()]),
            }
        }
        call(&bytes);
    }
}
