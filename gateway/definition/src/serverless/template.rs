//! The event that a function gets from an integration of type `lambda`, as Serverless shapes it.
//!
//! Serverless: <https://www.serverless.com/framework/docs/providers/aws/events/apigateway#lambda-integration>

/// The templates by media type; `claims` of a user pool's token come with the usual one.
pub(super) fn defaults(claims: &[String]) -> [(&'static str, String); 2] {
    [
        ("application/json", format!("{JSON_BODY}{}", event(claims))),
        ("application/x-www-form-urlencoded", format!("{FORM_BODY}{}", event(claims))),
    ]
}

const JSON_BODY: &str = r#"#set($body = $input.json("$"))
"#;

/// The fields of a form as an object of texts.
const FORM_BODY: &str = r##"#define($body){
#foreach($field in $input.path('$').split('&'))
#set($pair = $field.split('='))
#if($pair.size() >= 1)
#set($name = $util.escapeJavaScript($util.urlDecode($pair[0])))
#if($pair.size() >= 2)
#set($text = $util.escapeJavaScript($util.urlDecode($pair[1])).replaceAll("\\'", "'"))
#else
#set($text = '')
#end
"$name": "$text"#if($foreach.hasNext),#end
#end
#end
}#end
"##;

/// Every entry of a map as text.
const ENTRIES: &str = r##"#define($entries){
#foreach($key in $map.keySet())
#set($name = $util.escapeJavaScript($key))
#set($text = $util.escapeJavaScript($map.get($key)).replaceAll("\\'", "'"))
"$name": "$text"#if($foreach.hasNext),#end
#end
}#end
"##;

fn event(claims: &[String]) -> String {
    let claims: String = claims.iter().map(|claim| claim_of(claim)).collect();
    let maps = [
        ("$context.authorizer", "enhancedAuthContext"),
        ("$input.params().header", "headers"),
        ("$input.params().querystring", "query"),
        ("$input.params().path", "path"),
        ("$context.identity", "identity"),
        ("$stageVariables", "stageVariables"),
    ];
    let maps: String =
        maps.iter().map(|(value, key)| format!("#set($map = {value})\n\"{key}\": $entries,\n")).collect();
    format!(
        "{ENTRIES}{{\n\"body\": $body,\n\"method\": \"$context.httpMethod\",\n\
         \"principalId\": \"$context.authorizer.principalId\",\n\"stage\": \"$context.stage\",\n\
         \"cognitoPoolClaims\": {{{claims}\"sub\": \"$context.authorizer.claims.sub\"}},\n\
         {maps}\"requestPath\": \"$context.resourcePath\"\n}}\n"
    )
}

/// A claim such as `custom:tenant` comes without what stands before the colon.
fn claim_of(claim: &str) -> String {
    match claim.split_once(':') {
        Some((_, name)) => format!("\"{name}\": \"$context.authorizer.claims['{claim}']\", "),
        None => format!("\"{claim}\": \"$context.authorizer.claims.{claim}\", "),
    }
}
