//! The resources of one API while they are collected: what AWS refuses to create is refused here.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>

use crate::{
    Diagnostic, Place,
    diagnostic::Findings,
    identifier,
    resources::{HttpMethod, Method, Resource},
};
use indexmap::IndexMap;
use std::collections::{HashMap, HashSet};

/// Resources by their path.
#[derive(Debug, Default)]
pub(crate) struct ResourceTree {
    resources: IndexMap<String, Listed>,
    /// The variable part below each path, of which AWS allows one.
    variables: HashMap<String, Variable>,
}

#[derive(Debug)]
struct Listed {
    resource: Resource,
    /// The path as it was written, before `/pets/` became `/pets`.
    written: String,
}

#[derive(Debug)]
struct Variable {
    part: String,
    line: u32,
}

impl ResourceTree {
    /// Adds a path without methods; `None` when AWS would refuse it.
    pub(crate) fn add_path(&mut self, findings: &mut Findings, written: &str, place: &Place) -> Option<String> {
        let path = normal_path(findings, written, place)?;
        if let Some(listed) = self.resources.get(&path) {
            if listed.written != written {
                let message = format!("`{written}` is the same resource as `{}`", listed.written);
                let first = format!("the first is in line {}", listed.resource.place.line);
                findings.push(Diagnostic::error(place, message).help(first));
                return None;
            }
            return Some(path);
        }
        self.claim_variables(findings, &path, place)?;
        let resource = Resource { id: String::new(), path: path.clone(), methods: Vec::new(), place: place.clone() };
        self.resources.insert(path.clone(), Listed { resource, written: written.to_owned() });
        Some(path)
    }

    /// Adds a method to a path.
    pub(crate) fn add_method(&mut self, findings: &mut Findings, path: &str, method: Method) {
        let place = method.place.clone();
        let Some(path) = self.add_path(findings, path, &place) else { return };
        let Some(listed) = self.resources.get_mut(&path) else { return };
        let verb = method.http_method;
        if let Some(first) = listed.resource.methods.iter().find(|other| other.http_method == verb) {
            let message = format!("`{} {path}` is defined a second time", verb.as_str());
            findings
                .push(Diagnostic::error(&place, message).help(format!("the first is in line {}", first.place.line)));
            return;
        }
        listed.resource.methods.push(method);
    }

    /// Adds a method to a path that is there and has none for its verb.
    pub(crate) fn add_preflight(&mut self, path: &str, method: Method) {
        if let Some(listed) = self.resources.get_mut(path) {
            listed.resource.methods.push(method);
        }
    }

    /// The paths and their methods so far.
    pub(crate) fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.resources.values().map(|listed| &listed.resource)
    }

    /// One method so far, to be changed.
    pub(crate) fn method_mut(&mut self, written: &str, http_method: HttpMethod) -> Option<&mut Method> {
        let listed = self.resources.get_mut(trimmed(written))?;
        listed.resource.methods.iter_mut().find(|method| method.http_method == http_method)
    }

    /// The methods so far with their paths, to be changed.
    pub(crate) fn methods_mut(&mut self) -> impl Iterator<Item = (&str, &mut Method)> {
        self.resources.values_mut().flat_map(|listed| {
            let Resource { path, methods, .. } = &mut listed.resource;
            methods.iter_mut().map(|method| (path.as_str(), method))
        })
    }

    /// The resources with their ids.
    pub(crate) fn finish(self, api_id: &str) -> Vec<Resource> {
        let mut taken = HashSet::new();
        let with_id = |listed: Listed| {
            let mut resource = listed.resource;
            let mut attempt = 0;
            resource.id = identifier::resource(api_id, &resource.path, attempt);
            while !taken.insert(resource.id.clone()) {
                attempt += 1;
                resource.id = identifier::resource(api_id, &resource.path, attempt);
            }
            resource
        };
        self.resources.into_values().map(with_id).collect()
    }

    fn claim_variables(&mut self, findings: &mut Findings, path: &str, place: &Place) -> Option<()> {
        let mut parent = String::new();
        for part in path.split('/').skip(1) {
            if part.starts_with('{') {
                if let Some(first) = self.variables.get(&parent).filter(|first| first.part != part) {
                    let message = format!(
                        "a sibling of `{part}` already has a variable path part, `{}`; AWS allows one",
                        first.part
                    );
                    let help = format!("the first is in line {}", first.line);
                    findings.push(Diagnostic::error(place, message).help(help));
                    return None;
                }
                let variable = || Variable { part: part.to_owned(), line: place.line };
                self.variables.entry(parent.clone()).or_insert_with(variable);
            }
            parent.push('/');
            parent.push_str(part);
        }
        Some(())
    }
}

fn trimmed(path: &str) -> &str {
    match path.strip_suffix('/') {
        Some("") | None => path,
        Some(rest) => rest,
    }
}

fn normal_path(findings: &mut Findings, written: &str, place: &Place) -> Option<String> {
    if !written.starts_with('/') {
        let message = format!("the path `{written}` does not begin with `/`");
        findings.push(Diagnostic::error(place, message).help(format!("write `/{written}`")));
        return None;
    }
    let path = trimmed(written);
    if path == "/" {
        return Some(path.to_owned());
    }
    let mut parts = path.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        if let Some(message) = part_fault(part, parts.peek().is_some()) {
            findings.error(place, message);
            return None;
        }
    }
    Some(path.to_owned())
}

/// What is wrong with a path part, if anything.
fn part_fault(part: &str, has_children: bool) -> Option<String> {
    let name = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let (text, greedy) = match name {
        Some(name) => name.strip_suffix('+').map_or((name, false), |name| (name, true)),
        None => (part, false),
    };
    if part.is_empty() {
        return Some("the path has an empty part, which AWS refuses".to_owned());
    }
    if text.is_empty() {
        return Some(format!("the path part `{part}` has no name"));
    }
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_-.,:".contains(letter);
    if !text.chars().all(allowed) {
        return Some(format!(
            "AWS refuses the path part `{part}`: it may hold `a-zA-Z0-9_-.,:`, or be `{{name}}` or `{{name+}}` as a whole"
        ));
    }
    if greedy && has_children {
        return Some(format!("the greedy path part `{part}` must be the last"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::part_fault;

    #[test]
    fn knows_what_aws_allows_in_a_path_part() {
        for part in ["pets", "a-b_c.d,e:f", "{id}", "{proxy+}", "..", "v1.0"] {
            assert_eq!(part_fault(part, false), None, "{part}");
        }
        for part in ["", "e{id}", "{y}.png", "{}", "{+}", "a b", "ü", "{a}{b}", "{id", "id}", "a+", "%20", "$x", "*"] {
            assert!(part_fault(part, false).is_some(), "{part}");
        }
        assert!(part_fault("{proxy+}", true).is_some());
        assert_eq!(part_fault("{proxy}", true), None);
    }
}
