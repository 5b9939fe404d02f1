//! What people read when a template is wrong: the text is part of the contract.

#![cfg(test)]

use fanlight_vtl::{ErrorKind, Scope, Template};

fn refused(source: &str) -> String {
    Template::parse(source).unwrap_err().render(source, "t.vtl")
}

fn failed(source: &str) -> String {
    let template = Template::parse(source).unwrap();
    template.render(Scope::new()).unwrap_err().render(source, "t.vtl")
}

#[test]
fn a_comparison_with_one_sign() {
    let expected = "\
error: unexpected `=`
 --> t.vtl:2:8
  |
2 | #if($x = 1)yes#end
  |        ^
  = help: `=` stands in `#set(..)` only; compare with `==`
";
    assert_eq!(refused("{\n#if($x = 1)yes#end\n}"), expected);
}

#[test]
fn a_missing_end() {
    let expected = "\
error: unexpected end of the template
 --> t.vtl:1:16
  |
1 | #if($x == 1)yes
  |                ^
  = help: is an `#end` or a `)` missing?
";
    assert_eq!(refused("#if($x == 1)yes"), expected);
}

#[test]
fn a_sign_at_the_end() {
    let expected = "\
error: unexpected end of the template
 --> t.vtl:1:7
  |
1 | Hello $
  |       ^
  = help: AWS refuses a template whose last character begins a reference or directive
";
    assert_eq!(refused("Hello $"), expected);
}

#[test]
fn an_error_inside_of_a_string_points_into_it() {
    let expected = "\
error: unexpected `#end`
 --> t.vtl:1:13
  |
1 | #set($x = \"a#end\")
  |             ^^^^
  = help: there is no open `#if`, `#foreach` or `#define` to end
";
    assert_eq!(refused("#set($x = \"a#end\")"), expected);
}

#[test]
fn arithmetic_between_arguments() {
    assert!(refused("$s.substring(1 + 1)").contains("unreadable `+`"));
    assert!(refused("#set($n = $x -1)").contains("put a blank between the operator and its operand"));
}

#[test]
fn a_method_that_fails() {
    let expected = "\
error: begin 0, end 9, length 3
 --> t.vtl:2:5
  |
2 | [$s $s.substring(0, 9)]
  |     ^^^^^^^^^^^^^^^^^^
  = help: `substring` fails beyond the end; ask for `length()` first
";
    assert_eq!(failed("#set($s = 'abc')\n[$s $s.substring(0, 9)]"), expected);
}

#[test]
fn an_index_out_of_range() {
    let expected = "\
error: Index 3 out of bounds for length 3
 --> t.vtl:1:23
  |
1 | #set($l = [1, 2, 3])é $l[3]
  |                       ^^^^^
  = help: AWS fails here as well; compare with `size()` first
";
    assert_eq!(failed("#set($l = [1, 2, 3])é $l[3]"), expected);
}

#[test]
fn kinds_tell_failures_apart() {
    assert_eq!(Template::parse("#end").unwrap_err().kind(), ErrorKind::Syntax);
    let template = Template::parse("#set($l = [])$l[0]").unwrap();
    assert_eq!(template.render(Scope::new()).unwrap_err().kind(), ErrorKind::Evaluation);
}
