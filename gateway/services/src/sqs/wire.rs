//! How SQS writes its members in the Query protocol, and what it calls its errors there.
//!
//! AWS: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests.html>

use fanlight_aws_wire::protocol::{
    json::ErrorStyle,
    query::{Dialect, Member, Shape},
};

/// In the Query protocol.
pub const DIALECT: Dialect = Dialect {
    namespace: "http://queue.amazonaws.com/doc/2012-11-05/",
    shown: &[
        (
            "SendMessage",
            &[
                "MD5OfMessageAttributes",
                "MD5OfMessageBody",
                "MD5OfMessageSystemAttributes",
                "MessageId",
                "SequenceNumber",
            ],
        ),
        ("ReceiveMessage", &["messages"]),
    ],
    members: &[
        list("Entries", "*RequestEntry", "Entries"),
        list("Successful", "*ResultEntry", "Successful"),
        list("Failed", "BatchResultErrorEntry", "Failed"),
        list("Messages", "Message", "messages"),
        list("QueueUrls", "QueueUrl", "queueUrls"),
        list("queueUrls", "QueueUrl", "queueUrls"),
        list("AttributeNames", "AttributeName", "AttributeNames"),
        list("MessageAttributeNames", "MessageAttributeName", "MessageAttributeNames"),
        list("MessageSystemAttributeNames", "MessageSystemAttributeName", "MessageSystemAttributeNames"),
        list("TagKeys", "TagKey", "TagKeys"),
        pairs("Attributes", "Attribute", "Name"),
        pairs("MessageAttributes", "MessageAttribute", "Name"),
        // AWS reads that too.
        pairs("MessageAttributes", "MessageAttributes", "Name"),
        pairs("MessageSystemAttributes", "MessageSystemAttribute", "Name"),
        pairs("Tags", "Tag", "Key"),
    ],
};

const fn list(name: &'static str, wire: &'static str, answered: &'static str) -> Member {
    Member { name, wire, answered, shape: Shape::List { item: None } }
}

const fn pairs(name: &'static str, wire: &'static str, key: &'static str) -> Member {
    Member { name, wire, answered: name, shape: Shape::Pairs { key, value: "Value" } }
}

/// In AWS JSON.
pub const ERRORS: ErrorStyle = ErrorStyle { namespace: Some("com.amazonaws.sqs"), query_compatible: true };

/// The error's code in the Query protocol, where it has another one.
#[must_use]
pub fn query_code(code: &str) -> &str {
    match code {
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue",
        "QueueNameExists" => "QueueAlreadyExists",
        "BatchEntryIdsNotDistinct" => "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
        "BatchRequestTooLong" => "AWS.SimpleQueueService.BatchRequestTooLong",
        "EmptyBatchRequest" => "AWS.SimpleQueueService.EmptyBatchRequest",
        "InvalidBatchEntryId" => "AWS.SimpleQueueService.InvalidBatchEntryId",
        "MessageNotInflight" => "AWS.SimpleQueueService.MessageNotInflight",
        "PurgeQueueInProgress" => "AWS.SimpleQueueService.PurgeQueueInProgress",
        "TooManyEntriesInBatchRequest" => "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        "UnsupportedOperation" => "AWS.SimpleQueueService.UnsupportedOperation",
        code => code,
    }
}
