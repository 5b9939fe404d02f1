//! `Fn::Cidr` and `Fn::GetAZs`.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-cidr.html>

use super::{Scope, resolve_text};
use crate::{
    Diagnostic,
    document::{Node, Value},
    read::Reading,
};
use std::net::Ipv4Addr;

/// How many blocks `Fn::Cidr` gives at most.
const MOST_BLOCKS: u32 = 256;

/// `Fn::Cidr: [block, count, bits]`: blocks of 2^bits addresses each.
pub(super) fn cidr(reading: &mut Reading<'_>, scope: &Scope, node: &Node, argument: &Node) -> Node {
    let items = argument.as_list().filter(|items| items.len() == 2 || items.len() == 3);
    let Some(items) = items else {
        reading.findings.error(&node.place(), "expected `Fn::Cidr: [block, count, bits]`");
        return node.with(Value::Unresolved);
    };
    let texts: Option<Vec<String>> = items.iter().map(|item| resolve_text(reading, scope, item)).collect();
    let Some(texts) = texts else { return node.with(Value::Unresolved) };
    let text = |index: usize| texts.get(index).map_or("", |text| text.trim());
    let bits = if texts.len() == 3 { text(2).parse().ok() } else { Some(8) };
    let count = text(1).parse().ok();
    let blocks = count.zip(bits).and_then(|(count, bits)| blocks(text(0), count, bits));
    let Some(blocks) = blocks else {
        let message = format!("`{}` has no {} blocks of that size", text(0), text(1));
        let help = "an IPv4 block such as `10.0.0.0/16`, a count up to 256, and how many bits each block has";
        reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
        return node.with(Value::Unresolved);
    };
    node.with(Value::List(blocks.into_iter().map(|block| node.with_text(block)).collect()))
}

fn blocks(block: &str, count: u32, bits: u32) -> Option<Vec<String>> {
    let (address, prefix) = block.split_once('/')?;
    let address = u32::from(address.parse::<Ipv4Addr>().ok()?);
    let prefix: u32 = prefix.parse().ok().filter(|prefix| *prefix <= 32)?;
    let free = 32_u32.checked_sub(prefix)?.checked_sub(bits)?;
    if count == 0 || count > MOST_BLOCKS || u64::from(count) > 1_u64 << free || bits > 31 {
        return None;
    }
    let size = 1_u32 << bits;
    let start = address & u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
    let block = |index: u32| format!("{}/{}", Ipv4Addr::from(start.wrapping_add(index.wrapping_mul(size))), 32 - bits);
    Some((0..count).map(block).collect())
}

/// `Fn::GetAZs: region`: three zones, as most regions have at least.
pub(super) fn availability_zones(reading: &mut Reading<'_>, scope: &Scope, node: &Node, argument: &Node) -> Node {
    let Some(text) = resolve_text(reading, scope, argument) else { return node.with(Value::Unresolved) };
    let region = if text.is_empty() { &scope.region } else { &text };
    let zones = ["a", "b", "c"].map(|zone| node.with_text(format!("{region}{zone}")));
    node.with(Value::List(zones.into()))
}

#[cfg(test)]
mod tests {
    use super::blocks;

    #[test]
    fn cuts_blocks_as_cloudformation_does() {
        assert_eq!(
            blocks("192.168.0.0/24", 6, 5).map(|blocks| blocks.join(" ")),
            Some(
                "192.168.0.0/27 192.168.0.32/27 192.168.0.64/27 192.168.0.96/27 192.168.0.128/27 192.168.0.160/27"
                    .to_owned()
            )
        );
        assert_eq!(blocks("10.0.7.9/16", 1, 8), Some(vec!["10.0.0.0/24".to_owned()]));
        for (block, count, bits) in
            [("10.0.0.0/24", 9, 5), ("10.0.0.0/24", 0, 5), ("10.0.0.0/24", 1, 9), ("10.0.0.0", 1, 8), ("::/8", 1, 8)]
        {
            assert_eq!(blocks(block, count, bits), None, "{block} {count} {bits}");
        }
    }
}
