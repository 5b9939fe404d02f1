// An ordinary Express app. It knows nothing of Lambda: `node app.js` serves it alone.
'use strict';

const express = require('express');
const image = require('./image');
const page = require('./page');

const KINDS = ['cat', 'dog', 'owl'];
const PETS = [
  { id: 1, name: 'Mimi', kind: 'cat' },
  { id: 2, name: 'Rex', kind: 'dog' },
  { id: 3, name: 'Archimedes', kind: 'owl' },
];

// Bytes that no parser claimed are shown as base64, no bytes as null.
function readable(body) {
  if (!Buffer.isBuffer(body)) return body ?? null;
  return body.length > 0 ? { base64: body.toString('base64') } : null;
}

const app = express();
app.disable('x-powered-by');
app.use(express.json());
app.use(express.urlencoded({ extended: false }));
app.use(express.text({ type: 'text/*' }));
app.use(express.raw({ type: '*/*' }));

app.get('/', (req, res) => {
  res.type('html').send(page(req));
});

app.get('/pets', (req, res) => {
  const { kind } = req.query;
  res.json(kind ? PETS.filter((pet) => pet.kind === kind) : PETS);
});

app.get('/pets/:id', (req, res) => {
  const pet = PETS.find(({ id }) => String(id) === req.params.id);
  if (!pet) return res.status(404).json({ error: 'no such pet' });
  return res.json(pet);
});

// Answers with the pet it would store. It stores nothing: environments come and go.
app.post('/pets', (req, res) => {
  const { name, kind } = req.body ?? {};
  const problems = [];
  if (typeof name !== 'string' || name.trim() === '') problems.push('name: a non-empty string is required');
  if (!KINDS.includes(kind)) problems.push(`kind: one of ${KINDS.join(', ')} is required`);
  if (problems.length > 0) return res.status(400).json({ error: 'invalid pet', problems });
  return res.status(201).json({ id: PETS.length + 1, name, kind });
});

app.all('/echo', (req, res) => {
  res.json({ method: req.method, headers: req.headers, query: req.query, body: readable(req.body) });
});

app.get('/image.png', (req, res) => {
  res.type('png').send(image);
});

app.get('/cookies', (req, res) => {
  res.cookie('theme', 'dark');
  res.cookie('session', 'abc', { httpOnly: true, sameSite: 'lax' });
  res.json({ set: ['theme', 'session'] });
});

app.get('/boom', () => {
  throw new Error('the fuse is short');
});

// Express knows an error handler by its four parameters.
// eslint-disable-next-line no-unused-vars
app.use((error, req, res, next) => {
  const status = error.status ?? 500;
  if (status >= 500) console.error(error);
  res.status(status).json({ error: error.message });
});

module.exports = app;

if (require.main === module) {
  const port = Number(process.env.PORT ?? 8080);
  app.listen(port, () => console.log(`http://127.0.0.1:${port}/`));
}
