//! What a scenario asks for: things to set up, and steps in order.

use crate::{
    Outcome,
    scenario::{Block, Scenario, Tag},
    token,
};

/// A scenario, sorted and checked.
#[derive(Debug)]
pub struct Plan {
    /// The definition, if there is one, with the name of its file.
    pub definition: Option<(&'static str, String)>,
    /// The sample function that is served in its place.
    pub sample: Option<String>,
    /// Flags of `fanlight serve`.
    pub flags: Vec<String>,
    /// Other files and their texts.
    pub files: Vec<(String, String)>,
    /// Functions.
    pub functions: Vec<Function>,
    /// Web servers.
    pub upstreams: Vec<Upstream>,
    /// Tokens, by their names.
    pub tokens: Vec<Block>,
    /// The session.
    pub steps: Vec<Step>,
    /// Why the scenario must fail.
    pub xfail: Option<String>,
    /// What only the binary can show, if anything.
    pub binary_only: Option<&'static str>,
    /// Whether it needs the fake clock, which the binary has not.
    pub fake_clock: bool,
}

/// A function.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// What it does.
    pub code: Code,
    /// `timeout=1` and the like, as keys of `x-fanlight-functions`.
    pub settings: Vec<(String, String)>,
}

/// What a function does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// Returns this JSON.
    Returns(String),
    /// Returns the event as the body of a proxy response.
    ReturnsEvent,
    /// Returns the request's body as its payload.
    ReturnsBody,
    /// Fails with this error document.
    Fails(String),
    /// Never answers.
    Never,
    /// Source text, in the file of this name.
    Source(&'static str, String),
}

/// A web server.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// Its name.
    pub name: String,
    /// What it does.
    pub script: Script,
}

/// What a web server does with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Script {
    /// Answers with this response.
    Answers(String),
    /// Answers 200 with the request as JSON.
    Echo,
    /// Answers 200 with the request's body as it comes.
    Mirror,
    /// Nobody listens.
    Refuses,
    /// Closes the connection without an answer.
    Closes,
    /// Takes the request and never answers.
    Silent,
}

/// A step of the session.
#[derive(Debug)]
pub struct Step {
    /// What to do.
    pub action: Action,
    /// The block that holds the expectation, or the deed.
    pub block: Block,
}

/// What to do.
#[derive(Debug)]
pub enum Action {
    /// Let time pass.
    Clock,
    /// Run commands and compare what they print.
    Console,
    /// Compare what is wrong with the definition.
    Diagnostics,
    /// Compare the event of a function.
    Event,
    /// Send the request and compare the response.
    Exchange(Block),
    /// Compare the growth of the host's memory.
    Memory,
    /// Compare what a web server got.
    Received,
    /// End the host and start it again on the same data.
    Restart,
    /// Save a file.
    Save,
    /// Wait for lines on standard output.
    Stdout,
    /// Talk on a connection of its own.
    Wire,
}

/// Sorts the blocks of a scenario.
///
/// # Errors
/// When blocks do not fit together.
pub fn of(scenario: &Scenario) -> Outcome<Plan> {
    let mut plan = Plan {
        definition: None,
        sample: None,
        flags: Vec::new(),
        files: Vec::new(),
        functions: Vec::new(),
        upstreams: Vec::new(),
        tokens: Vec::new(),
        steps: Vec::new(),
        xfail: None,
        binary_only: (!["rest/", "http/", "definition/"].iter().any(|folder| scenario.name.starts_with(folder)))
            .then_some("the whole host"),
        fake_clock: false,
    };
    let mut request: Option<Block> = None;
    for block in &scenario.blocks {
        if let (Some(request), true) = (&request, block.tag != Tag::Response) {
            return Err(format!("line {}: the request has no response after it", request.line));
        }
        let action = match block.tag {
            Tag::Request => {
                if block.has("h2") {
                    plan.binary_only = Some("HTTP/2");
                }
                request = Some(block.clone());
                continue;
            }
            Tag::Response => {
                let request = request.take().ok_or_else(|| format!("line {}: no request before it", block.line))?;
                Action::Exchange(request)
            }
            tag => match action(tag) {
                Some(action) => action,
                None => {
                    set_up(&mut plan, block)?;
                    continue;
                }
            },
        };
        match action {
            Action::Clock => plan.fake_clock = true,
            Action::Console | Action::Memory | Action::Restart | Action::Save | Action::Stdout | Action::Wire => {
                plan.binary_only = Some("what the process does")
            }
            Action::Diagnostics | Action::Event | Action::Exchange(_) | Action::Received => {}
        }
        plan.steps.push(Step { action, block: block.clone() });
    }
    if let Some(request) = request {
        return Err(format!("line {}: the request has no response after it", request.line));
    }
    finish(plan)
}

/// What a block does by itself; `None` for those that set something up.
const fn action(tag: Tag) -> Option<Action> {
    Some(match tag {
        Tag::Clock => Action::Clock,
        Tag::Console => Action::Console,
        Tag::Diagnostics => Action::Diagnostics,
        Tag::Event => Action::Event,
        Tag::Memory => Action::Memory,
        Tag::Received => Action::Received,
        Tag::Restart => Action::Restart,
        Tag::Save => Action::Save,
        Tag::Stdout => Action::Stdout,
        Tag::Wire => Action::Wire,
        Tag::Api
        | Tag::Files
        | Tag::Function
        | Tag::Request
        | Tag::Response
        | Tag::Sam
        | Tag::Sample
        | Tag::Serve
        | Tag::Serverless
        | Tag::Settings
        | Tag::Token
        | Tag::Upstream
        | Tag::Xfail => return None,
    })
}

fn set_up(plan: &mut Plan, block: &Block) -> Outcome<()> {
    match block.tag {
        Tag::Api => plan.definition = Some(("openapi.yaml", block.text.clone())),
        Tag::Sam => plan.definition = Some(("template.yaml", block.text.clone())),
        Tag::Serverless => plan.definition = Some(("serverless.yml", block.text.clone())),
        Tag::Files => plan.files.push((block.name()?.to_owned(), token::keys(&block.text)?)),
        Tag::Token => plan.tokens.push(block.clone()),
        Tag::Settings => plan.files.push(("fanlight.toml".to_owned(), block.text.clone())),
        Tag::Sample => plan.sample = Some(block.text.trim().to_owned()),
        Tag::Serve => plan.flags = block.text.split_whitespace().map(ToOwned::to_owned).collect(),
        Tag::Xfail => plan.xfail = Some(block.words.join(" ")),
        Tag::Function => {
            let code = code(block)?;
            if matches!(code, Code::Source(..)) {
                plan.binary_only = Some("a real runtime");
            }
            let pair = |word: &String| word.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
            let settings = block.words.iter().filter_map(pair).collect();
            plan.functions.push(Function { name: block.name()?.to_owned(), code, settings });
        }
        Tag::Upstream => {
            let script = match block.text.as_str() {
                "echo" => Script::Echo,
                "mirror" => Script::Mirror,
                "refuses" => Script::Refuses,
                "closes" => Script::Closes,
                "silent" => Script::Silent,
                text => Script::Answers(token::keys(text)?),
            };
            plan.upstreams.push(Upstream { name: block.name()?.to_owned(), script });
        }
        Tag::Clock
        | Tag::Console
        | Tag::Diagnostics
        | Tag::Event
        | Tag::Memory
        | Tag::Received
        | Tag::Request
        | Tag::Response
        | Tag::Restart
        | Tag::Save
        | Tag::Stdout
        | Tag::Wire => {}
    }
    Ok(())
}

fn code(block: &Block) -> Outcome<Code> {
    let text = block.text.clone();
    Ok(match block.language.as_str() {
        "js" => Code::Source("index.js", text),
        "mjs" => Code::Source("index.mjs", text),
        "python" => Code::Source("app.py", text),
        "wat" => Code::Source("module.wat", text),
        "json" => match text.as_str() {
            "event" => Code::ReturnsEvent,
            "body" => Code::ReturnsBody,
            "never" => Code::Never,
            _ if block.has("fails") => Code::Fails(text),
            _ => Code::Returns(text),
        },
        other => return Err(format!("line {}: functions are not written in `{other}`", block.line)),
    })
}

/// Functions belong to the definition: those that it does not declare itself are declared for it, and each must be used.
fn finish(mut plan: Plan) -> Outcome<Plan> {
    let Plan { definition, files, functions, upstreams, .. } = &mut plan;
    if let Some(("openapi.yaml", text)) = definition
        && !functions.is_empty()
        && !text.contains("x-fanlight-functions")
    {
        text.push_str("\nx-fanlight-functions:\n");
        functions.iter().for_each(|function| text.push_str(&declaration(function)));
    }
    let all = || definition.iter().map(|(_, text)| text).chain(files.iter().map(|(_, text)| text));
    for function in functions.iter() {
        let spellings = [format!("function:{}", function.name), format!("functions/{}", function.name)];
        if !spellings
            .iter()
            .any(|spelling| all().any(|text| text.replace(&declaration(function), "").contains(spelling)))
        {
            return Err(format!("the function `{}` is not used", function.name));
        }
    }
    for upstream in upstreams.iter() {
        let spelling = format!("[UPSTREAM {}]", upstream.name);
        if !all().any(|text| text.contains(&spelling)) {
            return Err(format!("the web server `{}` is not used", upstream.name));
        }
    }
    if let (Some(what), true) = (plan.binary_only, plan.fake_clock) {
        return Err(format!("`@clock` is for the target in process, and this needs {what}"));
    }
    for token in &plan.tokens {
        let spelling = format!("[TOKEN {}]", token.name()?);
        let uses = |step: &Step| matches!(&step.action, Action::Exchange(request) if request.text.contains(&spelling));
        if !plan.steps.iter().any(uses) {
            return Err(format!("the token `{}` is not used", token.name()?));
        }
    }
    if plan.steps.is_empty() {
        return Err("the scenario has no step".to_owned());
    }
    Ok(plan)
}

fn declaration(function: &Function) -> String {
    let Function { name, code, settings } = function;
    let (handler, runtime) = match code {
        Code::Source("app.py", _) => ("app.handler", "python3.11"),
        Code::Source("module.wat", _) => ("module.wat", "provided.al2023"),
        Code::Source(..) | Code::Returns(_) | Code::ReturnsEvent | Code::ReturnsBody | Code::Fails(_) | Code::Never => {
            ("index.handler", "nodejs20.x")
        }
    };
    let mut text = format!("  {name}:\n    codeUri: functions/{name}\n");
    let given = |key: &str| settings.iter().any(|(known, _)| known == key);
    for (key, value) in [("handler", handler), ("runtime", runtime)] {
        if !given(key) {
            text.push_str(&format!("    {key}: {value}\n"));
        }
    }
    settings.iter().for_each(|(key, value)| text.push_str(&format!("    {key}: {value}\n")));
    text
}
