//! How SNS writes its members.
//!
//! AWS: <https://docs.aws.amazon.com/sns/latest/api/CommonParameters.html>

use fanlight_aws_wire::protocol::query::{Dialect, Member, Shape};

/// In the Query protocol, the only one that it speaks.
pub const DIALECT: Dialect = Dialect {
    namespace: "http://sns.amazonaws.com/doc/2010-03-31/",
    shown: &[
        ("Publish", &["MessageId", "SequenceNumber"]),
        ("ListTopics", &["NextToken", "Topics"]),
        ("ListSubscriptions", &["NextToken", "Subscriptions"]),
        ("ListSubscriptionsByTopic", &["NextToken", "Subscriptions"]),
    ],
    members: &[
        list("Topics"),
        list("Subscriptions"),
        list("PublishBatchRequestEntries"),
        list("Successful"),
        list("Failed"),
        list("Tags"),
        list("TagKeys"),
        Member {
            name: "Attributes",
            wire: "Attributes",
            answered: "Attributes",
            shape: Shape::Map { key: "key", value: "value" },
        },
        Member {
            name: "MessageAttributes",
            wire: "MessageAttributes",
            answered: "MessageAttributes",
            shape: Shape::Map { key: "Name", value: "Value" },
        },
    ],
};

const fn list(name: &'static str) -> Member {
    Member { name, wire: name, answered: name, shape: Shape::List { item: Some("member") } }
}
