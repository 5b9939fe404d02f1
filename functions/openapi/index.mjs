// `/event` answers with the event itself, `/sum` adds numbers.

export async function handler(event) {
  switch (event.resource) {
    case '/event':
      return reply(200, event);
    case '/sum':
      return sum(event);
    default:
      return reply(404, { error: `nothing at ${event.resource}` });
  }
}

function sum({ body, isBase64Encoded }) {
  let numbers;
  try {
    const text = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
    ({ numbers } = JSON.parse(text));
  } catch {
    return reply(400, { error: 'the body must be JSON' });
  }
  if (!Array.isArray(numbers) || !numbers.every(Number.isFinite)) {
    return reply(400, { error: 'numbers: a list of numbers is required' });
  }
  return reply(200, { sum: numbers.reduce((total, number) => total + number, 0) });
}

// With a proxy integration CORS headers are the function's own business.
function reply(statusCode, value) {
  return {
    statusCode,
    headers: { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*' },
    body: JSON.stringify(value),
  };
}
