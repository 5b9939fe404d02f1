//! `AWS::ApiGateway::RequestValidator`.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-requestvalidator.html>

use super::{
    draft::{self, Draft},
    template::Declared,
};
use crate::{
    intrinsics::{Scope, Target},
    read::Reading,
    resources::RequestValidation,
    shape,
    vocabulary::{
        Treatment::{Read, Silent},
        Vocabulary,
    },
};

const REQUEST_VALIDATOR: &Vocabulary =
    &[("Name", Silent), ("RestApiId", Read), ("ValidateRequestBody", Read), ("ValidateRequestParameters", Read)];

/// Reads a validator into its API.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared, drafts: &mut [Draft]) {
    let properties = declared.resolved(reading, scope, ("a request validator", REQUEST_VALIDATOR));
    let validation = RequestValidation {
        body: shape::flag(&mut reading.findings, &properties, "ValidateRequestBody"),
        parameters: shape::flag(&mut reading.findings, &properties, "ValidateRequestParameters"),
    };
    let Some(draft) = draft::of(reading, drafts, (declared, &properties)) else { return };
    if let Some(Target::Known { reference, .. }) = scope.targets.get(&declared.logical_id) {
        draft.validators.insert(reference.clone(), validation);
    }
}
