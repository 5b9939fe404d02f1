//! Identifiers in AWS's shape that are the same at each start.

use crate::intrinsics::Scope;

/// The id of an API: ten lower-case letters and digits.
pub(crate) fn rest_api(file_stem: &str, logical_id: &str) -> String {
    letters(&[file_stem, logical_id], 0, 10)
}

/// The id of an API key: ten lower-case letters and digits.
pub(crate) fn api_key(file_stem: &str, logical_id: &str) -> String {
    letters(&[file_stem, "ApiKey", logical_id], 0, 10)
}

/// The id of anything else in a template that has one: six lower-case letters and digits.
pub(crate) fn other(file_stem: &str, kind: &str, logical_id: &str) -> String {
    letters(&[file_stem, kind, logical_id], 0, 6)
}

/// The id of a resource: six lower-case letters and digits. `attempt` grows until the id is free within the API.
pub(crate) fn resource(api_id: &str, path: &str, attempt: u64) -> String {
    letters(&[api_id, path], attempt, 6)
}

/// The name of a model that has none: AWS's `MODEL` and six letters and digits. `attempt` grows until it is free.
pub(crate) fn model(api_id: &str, schema: &str, attempt: u64) -> String {
    format!("MODEL{}", letters(&[api_id, schema], attempt, 6))
}

/// The id of an authorizer: six lower-case letters and digits. The word keeps it apart from the resource of a like path.
pub(crate) fn authorizer(api_id: &str, name: &str) -> String {
    letters(&[api_id, "authorizer", name], 0, 6)
}

/// The id of a function URL: thirty-two lower-case letters and digits.
pub(crate) fn function_url(file_stem: &str, logical_id: &str) -> String {
    (0..4).map(|part| letters(&[file_stem, "Url", logical_id], part, 8)).collect()
}

/// `arn:aws:lambda:{region}:{account}:function:{name}`.
pub(crate) fn function_arn(region: &str, account_id: &str, name: &str) -> String {
    format!("arn:aws:lambda:{region}:{account_id}:function:{name}")
}

/// What a reference to a layer of a template resolves to: the ARN of its first version.
pub(crate) fn layer_arn(scope: &Scope, logical_id: &str) -> String {
    format!("arn:aws:lambda:{}:{}:layer:{logical_id}:1", scope.region, scope.account_id)
}

fn letters(parts: &[&str], attempt: u64, length: usize) -> String {
    let mut rest = hash(parts, attempt);
    let mut id = String::with_capacity(length);
    for _ in 0..length {
        let digit = u32::try_from(rest % 36).unwrap_or_default();
        id.push(char::from_digit(digit, 36).unwrap_or('0'));
        rest /= 36;
    }
    id
}

/// FNV-1a with a final mix (that of splitmix64), because FNV's low bits alone follow the last letters.
fn hash(parts: &[&str], attempt: u64) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64 ^ attempt;
    for part in parts {
        // A byte that no text has separates the parts.
        for byte in part.bytes().chain([0xff]) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::{resource, rest_api};

    #[test]
    fn has_the_shape_of_aws_and_is_stable() {
        let id = rest_api("template", "ServerlessRestApi");
        assert_eq!(id.len(), 10);
        assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
        assert_eq!(id, rest_api("template", "ServerlessRestApi"));
        assert_ne!(id, rest_api("template", "Api"));
        assert_ne!(rest_api("a", "bc"), rest_api("ab", "c"));
        assert_ne!(resource(&id, "/", 0), resource(&id, "/", 1));
        assert_eq!(resource(&id, "/", 0).len(), 6);
    }
}
