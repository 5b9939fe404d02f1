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

/// Whether two names are the same: most are short, and then no call compares them.
#[inline]
pub(crate) fn same_name(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    // The first and the last bytes overlap where there are fewer than two words.
    if one.len() <= 16
        && let (Some(start), Some(end)) = (one.first_chunk::<8>(), one.last_chunk::<8>())
    {
        return other.first_chunk() == Some(start) && other.last_chunk() == Some(end);
    }
    if one.len() < 8
        && let (Some(start), Some(end)) = (one.first_chunk::<4>(), one.last_chunk::<4>())
    {
        return other.first_chunk() == Some(start) && other.last_chunk() == Some(end);
    }
    one == other
}

#[cfg(test)]
mod tests {
    use super::{first_of, same_name};

    #[test]
    fn names_differ_wherever_they_differ() {
        for length in 0..20 {
            let name = vec![b'a'; length];
            assert!(same_name(&name, &name.clone()));
            assert!(!same_name(&name, &[name.as_slice(), b"a"].concat()));
            for place in 0..length {
                let mut other = name.clone();
                other[place] = b'b';
                assert!(!same_name(&name, &other), "{length} {place}");
            }
        }
    }

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
