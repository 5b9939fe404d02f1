//! The first of a few bytes in a text, eight bytes at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// How many bytes there are before the first of those sought: all of them, if there is none.
#[inline]
pub(crate) fn first_of<const N: usize>(text: &[u8], sought: [u8; N]) -> usize {
    let patterns = sought.map(|byte| ONES * u64::from(byte));
    let (words, rest) = text.as_chunks::<8>();
    for (place, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // The lowest byte that is zero shows as the lowest high bit.
        let found = patterns.iter().fold(0, |found, pattern| {
            let zeros = word ^ pattern;
            found | (zeros.wrapping_sub(ONES) & !zeros & HIGHS)
        });
        if found != 0 {
            return place * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let before = rest.iter().position(|byte| sought.contains(byte)).unwrap_or(rest.len());
    text.len() - rest.len() + before
}

#[cfg(test)]
mod tests {
    use super::first_of;

    #[test]
    fn the_first_one_is_found_wherever_it_stands() {
        let text: Vec<u8> = (0..40).map(|place| if place % 3 == 0 { 0x80 } else { b'#' - 1 }).collect();
        assert_eq!(first_of(&text, [b'$', b'#']), 40);
        for place in 0..40 {
            for byte in [b'$', b'#'] {
                let mut text = text.clone();
                text[place] = byte;
                text[place..].iter_mut().skip(3).for_each(|later| *later = b'$');
                assert_eq!(first_of(&text, [b'$', b'#']), place);
            }
        }
    }
}
