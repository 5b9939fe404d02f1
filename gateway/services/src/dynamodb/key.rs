//! Keys as bytes whose order is DynamoDB's: numbers by value, strings and binary values by their bytes.
//!
//! A key begins with two bytes that spread partitions over a table, so that a scan can be parted and nobody comes to rely on
//! the order of partitions. No value's bytes are the beginning of another's, so values can stand one after the other.

use super::value::Attribute;

/// The partitions' places are numbers up to this one.
const PLACES: u64 = 1 << 16;

/// The bytes of a key: of its partition first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(pub(crate) Vec<u8>);

impl Key {
    /// The part that all items of a partition share.
    pub(crate) fn partition(hash: &Attribute) -> Self {
        let mut bytes = vec![0, 0];
        encode(hash, &mut bytes);
        let place = bytes.iter().skip(2).fold(0xcbf2_9ce4_8422_2325u64, |state, byte| {
            (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        // The upper bits of FNV-1a are the better mixed ones.
        let place = u16::try_from((place >> 32) % PLACES).unwrap_or_default();
        if let Some(front) = bytes.first_chunk_mut::<2>() {
            *front = place.to_be_bytes();
        }
        Self(bytes)
    }

    pub(crate) fn then(mut self, value: &Attribute) -> Self {
        encode(value, &mut self.0);
        self
    }

    /// Continues with what a string or binary value begins with.
    pub(crate) fn then_prefix(mut self, value: &Attribute) -> Self {
        match value {
            Attribute::S(text) => escape(text.as_bytes(), &mut self.0),
            Attribute::B(bytes) => escape(bytes, &mut self.0),
            other => encode(other, &mut self.0),
        }
        self
    }

    /// The first key that does not begin with this one.
    pub(crate) fn behind(mut self) -> Self {
        while let Some(last) = self.0.pop() {
            if last < u8::MAX {
                self.0.push(last + 1);
                break;
            }
        }
        self
    }

    /// The first key after this one.
    pub(crate) fn next(mut self) -> Self {
        self.0.push(0);
        self
    }

    /// Where a segment of a scan begins; the one after the last begins nowhere.
    pub(crate) fn segment(segment: u64, total: u64) -> Option<Self> {
        let place = (segment * PLACES).div_ceil(total.max(1));
        u16::try_from(place).ok().map(|place| Self(place.to_be_bytes().to_vec()))
    }
}

fn encode(value: &Attribute, bytes: &mut Vec<u8>) {
    match value {
        Attribute::S(text) => {
            escape(text.as_bytes(), bytes);
            bytes.extend([0, 1]);
        }
        Attribute::B(value) => {
            escape(value, bytes);
            bytes.extend([0, 1]);
        }
        Attribute::N(number) => number.encode(bytes),
        // Keys of other types are refused before.
        Attribute::Bool(_) | Attribute::Null | Attribute::Ss(_) | Attribute::Ns(_) | Attribute::Bs(_) => {}
        Attribute::L(_) | Attribute::M(_) => {}
    }
}

/// A zero is followed by 255, so that zero and one can end a value.
fn escape(value: &[u8], bytes: &mut Vec<u8>) {
    for byte in value {
        bytes.push(*byte);
        if *byte == 0 {
            bytes.push(u8::MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ranged(value: &Attribute) -> Key {
        Key::partition(&Attribute::S("p".to_owned())).then(value)
    }

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(prop_oneof![Just(0u8), Just(1), Just(255), any::<u8>()], 0..6)
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_the_bytes(one in bytes(), two in bytes()) {
            let (first, second) = (Attribute::B(one.clone()), Attribute::B(two.clone()));
            prop_assert_eq!(ranged(&first).cmp(&ranged(&second)), one.cmp(&two));
            prop_assert!(one == two || !ranged(&first).0.starts_with(&ranged(&second).0));
        }

        #[test]
        fn a_prefix_bounds_what_begins_with_it(one in bytes(), prefix in bytes()) {
            let value = Attribute::B(one.clone());
            let start = Key::partition(&Attribute::S("p".to_owned())).then_prefix(&Attribute::B(prefix.clone()));
            let within = ranged(&value) >= start && ranged(&value) < start.behind();
            prop_assert_eq!(within, one.starts_with(&prefix));
        }

        #[test]
        fn each_key_is_in_one_segment(hash in ".*", total in 1u64..2_000_000) {
            let key = Key::partition(&Attribute::S(hash));
            let place = u64::from(u16::from_be_bytes(*key.0.first_chunk::<2>().unwrap()));
            let guess = place * total / PLACES;
            let holds = |segment: u64| {
                Key::segment(segment, total).is_some_and(|start| key >= start)
                    && Key::segment(segment + 1, total).is_none_or(|end| key < end)
            };
            let found = (guess.saturating_sub(2)..(guess + 3).min(total)).filter(|segment| holds(*segment)).count();
            prop_assert_eq!(found, 1);
        }
    }
}
