const fs = require('fs');

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

exports.handler = async (event) => {
  fs.appendFileSync(calls, 'x');
  const decision = event.type === 'TOKEN' ? event.authorizationToken.replace(/^Bearer /, '') : 'allow-all';
  const [api, stage] = event.methodArn.split('/');
  const here = `${api}/${stage}`;
  const allow = (members) => ({ Effect: 'Allow', Action: 'execute-api:Invoke', ...members });
  const deny = (members) => ({ ...allow(members), Effect: 'Deny' });
  const answer = (statements, context) => ({
    principalId: decision,
    policyDocument: { Version: '2012-10-17', Statement: statements },
    context,
  });
  switch (decision) {
    case 'allow-geta':
    case 'allow-star-literal':
      return answer([allow({ Resource: `${here}/GET/a` })]);
    case 'allow-and-deny':
      return answer([allow({ Resource: `${api}/*/*` }), deny({ Resource: `${here}/GET/a` })]);
    case 'deny-everything':
      return answer([deny({ Resource: '*' })]);
    case 'allow-otherapi':
      return answer([allow({ Resource: `${api.replace(/[^:]+$/, 'otherapi00')}/*` })]);
    case 'condition-ip':
      return answer([allow({ Resource: '*', Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } })]);
    case 'notresource':
      return answer([allow({ NotResource: `${here}/GET/a` })]);
    case 'malformed':
      return 'yes';
    case 'ctxobject':
      return answer([allow({ Resource: '*' })], { a: { b: 1 } });
    case 'throw-unauthorized':
      throw new Error('Unauthorized');
    case 'throw-other':
      throw new Error('db down');
    case 'hang':
      await pause(60000);
      return null;
    case 'sigkill':
      process.kill(process.pid, 'SIGKILL');
      return pause(1000);
    case 'allow-all-slow':
      await pause(300);
      return answer([allow({ Resource: `${here}/*` })]);
    default:
      return answer([decision.startsWith('allow-') ? allow({ Resource: `${here}/*` }) : deny({ Resource: '*' })]);
  }
};
