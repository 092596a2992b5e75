// Strict JSON: what JSON.parse lets pass (repeated members, numbers that get rounded, any depth) is refused here.
import { createHash } from "node:crypto";

const MOST_LEVELS = 32;
const MOST_MEMBERS = 20_000;
const NUMBER = /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const BLANK = /[ \t\n\r]*/y;
const LONE_SURROGATE = /\p{Surrogate}/u;

export class NotJson extends Error {}

/** Reads bytes as one JSON document in plain UTF-8, or throws NotJson. */
export function parse(bytes) {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new NotJson("not UTF-8");
  }
  const reader = new Reader(text);
  const value = reader.value(0);
  if (reader.next() !== undefined) throw new NotJson("text after the end");
  return value;
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.members = 0;
  }

  take(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) throw new NotJson(`unexpected at ${this.at}`);
    this.at += found.length;
    return found;
  }

  next() {
    this.take(BLANK);
    return this.text[this.at];
  }

  expect(sign) {
    if (this.next() !== sign) throw new NotJson(`no ${sign} at ${this.at}`);
    this.at += 1;
  }

  value(depth) {
    if (depth > MOST_LEVELS) throw new NotJson("too deep");
    const sign = this.next();
    if (sign === "{") return this.object(depth + 1);
    if (sign === "[") return this.list(depth + 1);
    if (sign === '"') return this.string();
    for (const [word, value] of [["true", true], ["false", false], ["null", null]]) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.number();
  }

  object(depth) {
    const found = Object.create(null);
    this.each("{", "}", () => {
      if (this.next() !== '"') throw new NotJson("a name is missing");
      const name = this.string();
      if (name in found) throw new NotJson("a member stands twice");
      this.expect(":");
      found[name] = this.value(depth);
    });
    return found;
  }

  list(depth) {
    const found = [];
    this.each("[", "]", () => found.push(this.value(depth)));
    return found;
  }

  each(open, close, read) {
    this.expect(open);
    if (this.next() === close) return void (this.at += 1);
    for (;;) {
      if (++this.members > MOST_MEMBERS) throw new NotJson("too many members");
      read();
      if (this.next() === close) return void (this.at += 1);
      this.expect(",");
    }
  }

  string() {
    const text = JSON.parse(this.take(TEXT));
    if (LONE_SURROGATE.test(text)) throw new NotJson("half a character");
    return text;
  }

  number() {
    const found = Number(this.take(NUMBER));
    if (!Number.isFinite(found)) throw new NotJson("a number without end");
    if (Number.isInteger(found) && !Number.isSafeInteger(found)) throw new NotJson("a number that would be rounded");
    return found;
  }
}

/** The canonical form of RFC 8785; numbers and texts of JavaScript are already written as it asks. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${members.join(",")}}`;
}

export const sha256 = (data) => createHash("sha256").update(data).digest("hex");
