//! What a template may cost. AWS documents 300 KB per template and 1,000 `#foreach` iterations
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>); the rest keeps an
//! adversarial template from costing more than a quarter of a second or a few tens of megabytes.

/// Bounds of parsing and rendering. The default values are AWS's where AWS has one.
///
/// ```
/// use fanlight_vtl::{ErrorKind, Limits, Scope, Template};
///
/// let template = Template::parse("#foreach($i in [1..900])aaaa#end").unwrap();
/// let limits = Limits { output_bytes: 100, ..Limits::default() };
/// let error = template.render_within(&limits, Scope::new()).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::OutputBudget);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Longest template text, in bytes: 300 KB on AWS.
    pub template_bytes: usize,
    /// Deepest nesting of directives, parentheses, literals and strings, at load and when rendering.
    pub nesting: usize,
    /// Rounds of one `#foreach`; the loop ends silently, as on AWS.
    pub iterations: usize,
    /// Evaluated nodes; every 32 bytes copied count as one.
    pub steps: u64,
    /// Length of the output.
    pub output_bytes: usize,
    /// Memory held by values that the template made.
    pub memory_bytes: usize,
    /// Memory held by the parsed body.
    pub document_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            template_bytes: 300 * 1024,
            nesting: 100,
            iterations: 1000,
            steps: 3_000_000,
            output_bytes: 10 * 1024 * 1024,
            memory_bytes: 8 * 1024 * 1024,
            document_bytes: 64 * 1024 * 1024,
        }
    }
}
