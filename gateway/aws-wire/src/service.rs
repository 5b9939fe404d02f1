//! The services and what each of them speaks.
//!
//! AWS: <https://smithy.io/2.0/aws/protocols/index.html>

/// A service that integrations and SDKs can call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Amazon SQS
    Sqs,
    /// Amazon SNS
    Sns,
    /// Amazon DynamoDB
    DynamoDb,
    /// Amazon Kinesis Data Streams
    Kinesis,
    /// Amazon EventBridge
    EventBridge,
    /// AWS Step Functions
    StepFunctions,
    /// Amazon S3
    S3,
    /// AWS Systems Manager
    Ssm,
}

/// How operations, inputs and outputs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// `X-Amz-Target: PREFIX.Operation` and a JSON document.
    Json {
        /// `1.0` or `1.1`, of `application/x-amz-json-1.0`.
        version: &'static str,
        /// Before the operation's name.
        target: &'static str,
    },
    /// `Action=Operation` and a form; the answer is XML, or JSON when that is accepted.
    Query {
        /// `Version`, and part of the XML namespace.
        version: &'static str,
    },
    /// Method, path and headers.
    RestXml,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Sqs,
        Self::Sns,
        Self::DynamoDb,
        Self::Kinesis,
        Self::EventBridge,
        Self::StepFunctions,
        Self::S3,
        Self::Ssm,
    ];

    /// The name in signatures, in host names, and in integration URIs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqs => "sqs",
            Self::Sns => "sns",
            Self::DynamoDb => "dynamodb",
            Self::Kinesis => "kinesis",
            Self::EventBridge => "events",
            Self::StepFunctions => "states",
            Self::S3 => "s3",
            Self::Ssm => "ssm",
        }
    }

    /// The service of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }

    /// What its SDKs speak today. SQS also takes the Query protocol that it spoke before.
    #[must_use]
    pub const fn protocol(self) -> Protocol {
        match self {
            Self::Sqs => Protocol::Json { version: "1.0", target: "AmazonSQS" },
            Self::Sns => Protocol::Query { version: "2010-03-31" },
            Self::DynamoDb => Protocol::Json { version: "1.0", target: "DynamoDB_20120810" },
            Self::Kinesis => Protocol::Json { version: "1.1", target: "Kinesis_20131202" },
            Self::EventBridge => Protocol::Json { version: "1.1", target: "AWSEvents" },
            Self::StepFunctions => Protocol::Json { version: "1.0", target: "AWSStepFunctions" },
            Self::S3 => Protocol::RestXml,
            Self::Ssm => Protocol::Json { version: "1.1", target: "AmazonSSM" },
        }
    }
}
