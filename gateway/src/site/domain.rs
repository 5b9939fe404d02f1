//! Custom domains: host and longest base path to a stage.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html>

use super::{Destination, Mounted};
use fanlight_definition::resources::DomainName;
use std::sync::Arc;

/// A custom domain with its mappings, the longest base path first.
#[derive(Debug)]
pub(crate) struct Domain {
    /// The host name in lower case; `*.example.com` stands for any one label before the rest.
    name: String,
    mappings: Vec<Mapping>,
    /// With a mapping of several levels AWS matches texts, not segments, and headers lose their spelling.
    levels: Levels,
}

/// Whether any mapping of a domain has a base path of several segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Levels {
    /// None has.
    Single,
    /// One has.
    Multiple,
}

#[derive(Debug)]
struct Mapping {
    base_path: Arc<str>,
    api_id: String,
    stage: Option<String>,
}

impl Domain {
    pub(super) fn new(domain: &DomainName) -> Self {
        let mut mappings: Vec<Mapping> = domain
            .mappings
            .iter()
            .map(|mapping| Mapping {
                base_path: mapping.base_path.as_str().into(),
                api_id: mapping.api_id.clone(),
                stage: mapping.stage.clone(),
            })
            .collect();
        mappings.sort_by_key(|mapping| std::cmp::Reverse(mapping.base_path.len()));
        let multiple = mappings.iter().any(|mapping| mapping.base_path.contains('/'));
        let levels = if multiple { Levels::Multiple } else { Levels::Single };
        Self { name: domain.name.to_ascii_lowercase(), mappings, levels }
    }

    /// The domain of a host name without its port: the one of that name before one with a wildcard.
    pub(super) fn of<'a>(domains: &'a [Self], name: &str) -> Option<&'a Self> {
        let exact = domains.iter().find(|domain| domain.name.eq_ignore_ascii_case(name));
        let wildcard = || {
            let (_, parent) = name.split_once('.')?;
            let covers = |domain: &&Self| {
                domain.name.strip_prefix("*.").is_some_and(|covered| covered.eq_ignore_ascii_case(parent))
            };
            domains.iter().find(covers)
        };
        exact.or_else(wildcard)
    }

    /// Where a path of this domain leads. Only base paths decide, never routes.
    pub(super) fn find<'a>(&'a self, apis: &'a [Mounted], path: &str) -> Option<Destination<'a>> {
        let start = path.len() - path.trim_start_matches('/').len();
        let rest = path.get(start..)?;
        let mapping = self.mappings.iter().find(|mapping| self.covers(&mapping.base_path, rest))?;
        let api = apis.iter().find(|api| api.id == mapping.api_id)?;
        let end = start + mapping.base_path.len();
        // `(none)` strips nothing.
        let end = if mapping.base_path.is_empty() { 0 } else { end };
        let destination = match &mapping.stage {
            Some(name) => {
                let stage = api.stages.iter().find(|stage| stage.name == *name)?;
                Destination { stage, path_start: end, domain: None }
            }
            None => {
                let after = path.get(end..)?;
                let slashes = after.len() - after.trim_start_matches('/').len();
                api.explicit_stage(path, end + slashes)?
            }
        };
        Some(Destination { domain: Some((Arc::clone(&mapping.base_path), self.levels)), ..destination })
    }

    fn covers(&self, base_path: &str, path: &str) -> bool {
        let after = path.strip_prefix(base_path);
        match self.levels {
            Levels::Multiple => after.is_some(),
            Levels::Single => {
                base_path.is_empty() || after.is_some_and(|after| after.is_empty() || after.starts_with('/'))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(base_paths: &[&str]) -> Domain {
        let mapping = |base_path: &&str| Mapping {
            base_path: Arc::from(*base_path),
            api_id: "a".to_owned(),
            stage: Some("Prod".to_owned()),
        };
        let mut mappings: Vec<_> = base_paths.iter().map(mapping).collect();
        mappings.sort_by_key(|mapping| std::cmp::Reverse(mapping.base_path.len()));
        let multiple = base_paths.iter().any(|path| path.contains('/'));
        let levels = if multiple { Levels::Multiple } else { Levels::Single };
        Domain { name: "api.example.com".to_owned(), mappings, levels }
    }

    /// The table of AWS's documentation, and its complement.
    #[test]
    fn the_longest_base_path_that_fits() {
        let multiple = ["", "orders", "orders/shop", "orders/shop/5"];
        let single = ["", "orders"];
        let rows: [(&[&str], &str, Option<&str>); 11] = [
            (&multiple, "orders", Some("orders")),
            (&multiple, "orders/shop/5/hats", Some("orders/shop/5")),
            (&multiple, "orders/shop/4", Some("orders/shop")),
            (&multiple, "ordersandmore", Some("orders")),
            (&multiple, "customer", Some("")),
            (&single, "orders/1", Some("orders")),
            (&single, "ordersandmore", Some("")),
            (&single, "Orders", Some("")),
            (&["orders"], "orders", Some("orders")),
            (&["orders"], "ordersandmore", None),
            (&["orders"], "", None),
        ];
        for (base_paths, path, expected) in rows {
            let domain = domain(base_paths);
            let found = domain.mappings.iter().find(|mapping| domain.covers(&mapping.base_path, path));
            assert_eq!(found.map(|mapping| mapping.base_path.as_ref()), expected, "{base_paths:?} {path}");
        }
    }

    #[test]
    fn a_wildcard_stands_for_one_label() {
        let domains = [Domain { name: "*.example.com".to_owned(), ..domain(&[""]) }, domain(&[""])];
        let rows = [
            ("api.example.com", Some("api.example.com")),
            ("API.example.COM", Some("api.example.com")),
            ("shop.example.com", Some("*.example.com")),
            ("a.b.example.com", None),
            ("example.com", None),
        ];
        for (name, expected) in rows {
            assert_eq!(Domain::of(&domains, name).map(|domain| domain.name.as_str()), expected, "{name}");
        }
    }
}
