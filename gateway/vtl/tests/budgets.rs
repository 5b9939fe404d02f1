//! What a hostile template costs: it is refused or fails, it never hangs or overflows the stack.

#![cfg(test)]

use fanlight_vtl::{ErrorKind, Input, Limits, Parameters, Scope, Template, Util};
use std::time::{Duration, Instant};

/// A guard against hanging, far above what even an unoptimised build on a busy machine takes.
const PATIENCE: Duration = Duration::from_secs(20);

fn outcome_with(template: &str, body: &str) -> Result<String, ErrorKind> {
    let start = Instant::now();
    let parameters = Parameters::default();
    let result = Template::parse(template).and_then(|template| {
        let mut scope = Scope::new();
        scope.object("input", Input::new(body, &parameters));
        scope.object("util", Util);
        template.render(scope)
    });
    let taken = start.elapsed();
    let shown: String = template.chars().take(80).collect();
    assert!(taken < PATIENCE, "{shown} took {taken:?}");
    result.map_err(|error| error.kind())
}

fn outcome(template: &str) -> Result<String, ErrorKind> {
    outcome_with(template, "")
}

#[test]
fn loops_end() {
    let nested = "#foreach($a in [1..1000])#foreach($b in [1..1000])#foreach($c in [1..1000])x#end#end#end";
    assert_eq!(outcome(nested), Err(ErrorKind::StepBudget));
    assert_eq!(outcome("#foreach($i in [1..5000])x#end").unwrap().len(), 1000);
    assert_eq!(outcome("#foreach($i in [0..999])x#end").unwrap().len(), 1000);
    assert_eq!(outcome("#foreach($i in [1..1000])#if(!$foreach.hasNext)$i#end#end").unwrap(), "1000");
}

#[test]
fn texts_stay_small() {
    let doubling = "#set($s=\"a\")#foreach($i in [1..40])#set($s=\"$s$s\")#end$s";
    assert_eq!(outcome(doubling), Err(ErrorKind::MemoryBudget));
    let adding = "#set($s='a')#foreach($i in [1..40])#set($s=$s+$s)#end$s";
    assert_eq!(outcome(adding), Err(ErrorKind::MemoryBudget));
    assert_eq!(outcome("#set($s='ab')$s.repeat(1000000000)"), Err(ErrorKind::MemoryBudget));
    assert_eq!(outcome("#set($r=[1..2000000000])$r.size()"), Err(ErrorKind::StepBudget));
    let lists = "#set($l=[1])#foreach($i in [1..60])$l.addAll($l)#end";
    assert!(matches!(outcome(lists), Err(ErrorKind::MemoryBudget | ErrorKind::StepBudget)));
    let powers = "#set($n=999999999)#foreach($i in [1..60])#set($n=$n*$n)#end$n";
    assert_eq!(outcome(powers), Err(ErrorKind::Evaluation));
    // A text that grows step by step is no attack.
    let growing = "#set($s='')#foreach($i in [1..1000])#set($s=\"$s,item number $i\")#end$s.length()";
    assert_eq!(outcome(growing).unwrap(), "15893");
}

#[test]
fn nesting_ends() {
    let conditions = format!("{}x{}", "#if(true)".repeat(20_000), "#end".repeat(20_000));
    assert_eq!(outcome(&conditions), Err(ErrorKind::Nesting));
    for (open, close) in [("(", ")"), ("[", "]"), ("!", ""), ("{'a':", "}")] {
        let expression = format!("#set($x={}1{})", open.repeat(40_000), close.repeat(40_000));
        assert_eq!(outcome(&expression), Err(ErrorKind::Nesting), "{open}");
    }
    let calls = format!("{}1{}", "$x.get(".repeat(30_000), ")".repeat(30_000));
    assert_eq!(outcome(&calls), Err(ErrorKind::Nesting));
    let blocks: String = (0..3000).map(|i| format!("#define($a{i})$a{}#end", i + 1)).collect();
    assert_eq!(outcome(&format!("{blocks}$a0")), Err(ErrorKind::Nesting));
    assert_eq!(outcome("#set($m={})#set($m.m=[$m])$m"), Err(ErrorKind::Nesting));
    assert_eq!(outcome("#set($m={})#set($m.m=$m)$m").unwrap(), "{m=(this Map)}");
    assert_eq!(outcome("#set($l=[])#set($q=$l.add($l))$l").unwrap(), "[(this Collection)]");
}

#[test]
fn chains_and_shared_parts_end() {
    let chain = format!("#set($x=1{})$x", "+1".repeat(50_000));
    assert_eq!(outcome(&chain), Err(ErrorKind::Nesting));
    assert_eq!(outcome(&format!("#set($x=1{})$x", "+1".repeat(299))).unwrap(), "300");
    let shared = "#set($l=[1])#foreach($i in [1..60])#set($l=[$l,$l])#end";
    for use_of_it in ["#if($l==$l.subList(0,2))x#end", "$l.hashCode()", "$l", "#set($context.requestOverride.x=$l)"] {
        let result = outcome(&format!("{shared}{use_of_it}"));
        let ends_well = use_of_it.starts_with('#');
        assert!(result.is_err() || ends_well, "{use_of_it}: {result:?}");
    }
    let cyclic = "#set($r=$input.path('$'))#set($r.self=$r)$input.json('$..a')";
    assert_eq!(outcome_with(cyclic, "{}"), Err(ErrorKind::Evaluation));
    let path = format!("$input.json('${}')", ".a".repeat(100_000));
    assert_eq!(outcome_with(&path, "{}"), Err(ErrorKind::Evaluation));
    let filters = format!("$input.json('$.a{}')", "[?(@.a".repeat(40_000));
    assert_eq!(outcome_with(&filters, "{}"), Err(ErrorKind::Evaluation));
    for pattern in ["*", "{2}", "[a&&", "(", "[", "|"] {
        assert!(outcome(&format!("#set($s='a')$s.matches('a{}')", pattern.repeat(50_000))).is_err() || pattern == "|");
    }
}

#[test]
fn recursion_of_blocks_ends() {
    assert_eq!(outcome("#define($x)a$x#end$x").unwrap(), "aa$x");
    let exponential = "#define($a)$b$b#end#define($b)$c$c#end#define($c)$a$a#end$a";
    assert!(outcome(exponential).is_ok());
    assert_eq!(outcome("#macro(m)#m()#end#m()").unwrap(), "#m()");
}

#[test]
fn long_templates_are_refused() {
    assert_eq!(outcome(&"a".repeat(300 * 1024 + 1)), Err(ErrorKind::TemplateSize));
    assert_eq!(outcome(&"a".repeat(300 * 1024)).unwrap().len(), 300 * 1024);
    let names: String = (0..20_000).map(|i| format!("$v{i} ")).collect();
    assert_eq!(outcome(&names).unwrap().len(), 20_000);
}

#[test]
fn hostile_bodies_end() {
    let path = "$input.path('$')";
    assert_eq!(outcome_with(path, &"[".repeat(200_000)), Err(ErrorKind::Payload));
    assert_eq!(outcome_with("$util.parseJson($input.body)", &"[".repeat(200_000)), Err(ErrorKind::Evaluation));
    assert_eq!(outcome_with(path, &"{\"a\":".repeat(200_000)), Err(ErrorKind::Payload));
    let keys: String = (0..20_000).map(|i| format!("\"k{i}\":1,")).collect();
    let looked_up = "#foreach($i in [1..1000])$input.path('$').k19999#end";
    assert_eq!(outcome_with(looked_up, &format!("{{{keys}}}")).unwrap().len(), 1000);
    let again = "#foreach($i in [1..1000])#set($x=$input.json('$'))#end";
    assert_eq!(outcome_with(again, &format!("{{{keys}}}")), Err(ErrorKind::StepBudget));
    let list = format!("[{}0]", "0,".repeat(2_000_000));
    assert!(matches!(outcome_with(path, &list), Err(ErrorKind::MemoryBudget) | Ok(_)));
}

#[test]
fn hostile_patterns_end() {
    let text = "a".repeat(40);
    let explosive = format!("#set($s='{text}b')$s.matches('(a+)+')");
    assert!(matches!(outcome(&explosive), Err(ErrorKind::StepBudget | ErrorKind::Evaluation)));
    let long = format!("#set($s='{}')$s.replaceAll('.*','x')$s.matches('.*b')", "a".repeat(100_000));
    assert_eq!(outcome(&long).unwrap(), "xxfalse");
    let pattern = format!("#set($s='a')$s.matches('{}')", "a?".repeat(50_000));
    assert!(outcome(&pattern).is_ok());
    let groups = format!("#set($s='a')$s.matches('{}')", "(".repeat(1000));
    assert_eq!(outcome(&groups), Err(ErrorKind::Evaluation));
}

#[test]
fn arithmetic_never_panics() {
    let template = "#set($m=0 - 9223372036854775807 - 1)#set($a=1/0)#set($b=$m / -1)#set($c=1%0)\
                    #set($d=$m % -1)#set($e=$m * -1)#set($f=$m - 1)[$a][$b][$c][$d][$e][$f]";
    let expected = "[][-9223372036854775808][][0][9223372036854775808][-9223372036854775809]";
    assert_eq!(outcome(template).unwrap(), expected);
}

#[test]
fn limits_can_be_tightened() {
    let limits = Limits { iterations: 3, template_bytes: 60, ..Limits::default() };
    let template = Template::parse_within(&limits, "#foreach($i in [1..9])$i#end").unwrap();
    assert_eq!(template.render_within(&limits, Scope::new()).unwrap(), "123");
    assert_eq!(Template::parse_within(&limits, &"a".repeat(61)).unwrap_err().kind(), ErrorKind::TemplateSize);
}
