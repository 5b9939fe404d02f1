// velocityjs, measured on one thread. Arguments and commands are those of VelocityBench.java; the folder of its packages
// comes first.
"use strict";

const fs = require("fs");
const readline = require("readline");
const { createRequire } = require("module");

const [packages, file, how] = process.argv.slice(2);
const { parse, Compile } = createRequire(`${packages}/`)("velocityjs");

/** Renders between two looks at the clock. */
const BATCH = 64;

const rows = JSON.parse(fs.readFileSync(file, "utf8")).map(({ template, body, params }) => ({
  source: template,
  parsed: parse(template),
  body: Buffer.from(body),
  params,
}));

/** `$input`, with the paths that the inputs use: `$` and members of it. */
class Input {
  constructor(bytes, params) {
    this.bytes = bytes;
    this.places = params;
  }

  get body() {
    return this.bytes.toString();
  }

  path(path) {
    this.document ??= JSON.parse(this.bytes);
    return path.split(".").slice(1).reduce((value, name) => value?.[name], this.document);
  }

  json(path) {
    return JSON.stringify(this.path(path));
  }

  params(name) {
    for (const place of ["path", "querystring", "header"]) {
      const value = this.places[place]?.[name];
      if (value !== undefined) return value;
    }
    return "";
  }
}

const util = {
  urlEncode: (text) =>
    encodeURIComponent(text)
      .replace(/%20/g, "+")
      .replace(/[!'()~]/g, (character) => "%" + character.charCodeAt(0).toString(16).toUpperCase()),
};

function render(row) {
  const template = how === "once" ? row.parsed : parse(row.source);
  return new Compile(template).render({ input: new Input(row.body, row.params), util, context: {} });
}

let sink = 0;

function round(seconds) {
  const used = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) * 1000;
  };
  const start = used();
  let renders = 0;
  let now;
  do {
    for (let i = 0; i < BATCH; i++) sink += render(rows[i % rows.length]).length;
    renders += BATCH;
    now = used();
  } while (now < start + seconds * 1e9);
  return `${renders} ${now - start}`;
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const [command, seconds] = line.split(" ");
  console.log(command === "outputs" ? JSON.stringify(rows.map(render)) : round(Number(seconds)));
});
