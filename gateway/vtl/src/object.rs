//! How the world outside gives templates objects with methods.

use crate::jsonpath;
use crate::value::Value;
use crate::value::heap::{Failure, Heap};

/// A call of a host object's method.
#[derive(Debug, Clone, Copy)]
pub struct Call<'c, 'a> {
    /// The method's name.
    pub name: &'c str,
    /// What stands between the parentheses.
    pub arguments: &'c [Value<'a>],
    /// The argument of `path` and `json` compiled with the template, where it is a literal.
    pub(crate) path: Option<&'c jsonpath::Path>,
}

/// An object of the host that templates can reach by a name: `$clock.now('UTC')`.
///
/// ```
/// use fanlight_vtl::{Call, Failure, Heap, Object, Scope, Template, Value};
///
/// struct Greeter;
///
/// impl<'a> Object<'a> for Greeter {
///     fn call(&mut self, heap: &mut Heap<'a>, call: Call<'_, 'a>) -> Result<Option<Value<'a>>, Failure> {
///         match (call.name, call.arguments) {
///             ("greet", [name]) => {
///                 let text = format!("Hello, {}!", heap.to_text(name)?);
///                 heap.text(text).map(Some)
///             }
///             _ => Ok(None),
///         }
///     }
/// }
///
/// let template = Template::parse("$greeter.greet('Ann') $greeter.nothing()").unwrap();
/// let mut scope = Scope::new();
/// scope.object("greeter", Greeter);
/// assert_eq!(template.render(scope).unwrap(), "Hello, Ann! ");
/// ```
pub trait Object<'a> {
    /// `$object.method(arguments)`; none where there is no such method.
    ///
    /// # Errors
    /// A failure ends the render, as an exception does on AWS.
    fn call(&mut self, heap: &mut Heap<'a>, call: Call<'_, 'a>) -> Result<Option<Value<'a>>, Failure>;

    /// `$object.name`; none where there is no such property.
    ///
    /// # Errors
    /// A failure ends the render, as an exception does on AWS.
    fn property(&mut self, heap: &mut Heap<'a>, name: &str) -> Result<Option<Value<'a>>, Failure> {
        let _ = (heap, name);
        Ok(None)
    }
}
