'use strict';

// The handler of both sides: an event in, a response with JSON out.
exports.handler = async (event) => {
  const name = event.queryStringParameters?.name ?? 'nobody';
  const agent = event.headers['user-agent'] ?? event.headers['User-Agent'];
  const body = { message: `hello ${name}`, method: event.httpMethod, path: event.path, agent };
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
};
