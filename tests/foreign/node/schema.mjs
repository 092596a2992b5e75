// The part of JSON Schema 2020-12 that the bundled document uses; every keyword that is met must be known.
import { instant, isDate } from "./calendar.mjs";

const TYPES = {
  object: (it) => it !== null && typeof it === "object" && !Array.isArray(it),
  array: Array.isArray,
  string: (it) => typeof it === "string",
  number: (it) => typeof it === "number",
  integer: (it) => Number.isInteger(it),
  boolean: (it) => typeof it === "boolean",
  null: (it) => it === null,
};
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
// ISO 7064 MOD 97-10: letters count from A=10, and the whole leaves a remainder of one.
const checked = (it) => BigInt([...it.replaceAll("-", "")].map((one) => parseInt(one, 36)).join("")) % 97n === 1n;
const FORMATS = {
  "istmo-reference": (it) => /^[A-Z0-9-]+$/.test(it) && checked(it),
  uuid: (it) => UUID.test(it),
  date: isDate,
  "date-time": (it) => instant(it) !== undefined,
  email: (it) => /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(it),
  uri: (it) => URL.canParse(it),
  "uri-reference": (it) => URL.canParse(it, "https://example.invalid"),
  "json-pointer": (it) => /^(\/([^~]|~[01])*)?$/.test(it),
  binary: () => true,
};
const TELLING = new Set([
  "title", "description", "examples", "example", "default", "$schema", "$defs", "readOnly", "writeOnly", "discriminator",
]);
const length = (text) => [...text].length;
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const token = (name) => String(name).replaceAll("~", "~0").replaceAll("/", "~1");

/** Judges one value; `errors` are violations, `places` say where a named schema or a format was met. */
export class Judge {
  constructor(document) {
    this.document = document;
    this.patterns = new Map();
  }

  judge(schema, value) {
    const found = { errors: [], places: [] };
    this.walk(schema, value, "", found);
    return found;
  }

  /** Adds to `found` and returns the names of the members that some part of the schema knows. */
  walk(schema, value, at, found) {
    const known = new Set();
    if (schema === true) return known;
    const fail = (code, where = at) => void found.errors.push({ pointer: where, code });
    if (schema === false) {
      fail("not-allowed-here");
      return known;
    }
    for (const keyword of Object.keys(schema)) {
      if (TELLING.has(keyword) || keyword.startsWith("x-") || keyword === "unevaluatedProperties") continue;
      const rule = RULES[keyword];
      if (rule === undefined) throw new Error(`unknown keyword ${keyword}`);
      for (const name of rule.call(this, schema, value, at, found, fail) ?? []) known.add(name);
    }
    if (schema.unevaluatedProperties === false && TYPES.object(value)) {
      for (const name of Object.keys(value)) if (!known.has(name)) fail("unknown-property", `${at}/${token(name)}`);
    }
    return known;
  }

  follow(reference) {
    return reference.slice(2).split("/").reduce((node, part) => node[part.replaceAll("~1", "/")], this.document);
  }

  /** Whether a value fits, what it knows and where, without a word about what does not fit. */
  attempt(schema, value, at) {
    const found = { errors: [], places: [] };
    const known = this.walk(schema, value, at, found);
    return { fits: found.errors.length === 0, known, ...found };
  }

  pattern(source) {
    if (!this.patterns.has(source)) this.patterns.set(source, new RegExp(source, "u"));
    return this.patterns.get(source);
  }
}

const onText = (check) => (schema, value, at, found, fail) => void (typeof value === "string" && check(schema, value, fail));
const onNumber = (check) => (schema, value, at, found, fail) => void (typeof value === "number" && check(schema, value, fail));
const onList = (check) => (schema, value, at, found, fail) => void (Array.isArray(value) && check(schema, value, fail));

const RULES = {
  $ref(schema, value, at, found) {
    const name = schema.$ref.split("/").at(-1);
    found.places.push({ kind: name, pointer: at });
    return this.walk(this.follow(schema.$ref), value, at, found);
  },
  type(schema, value, at, found, fail) {
    if (![schema.type].flat().some((name) => TYPES[name](value))) fail("wrong-type");
  },
  enum(schema, value, at, found, fail) {
    if (!schema.enum.some((one) => same(one, value))) fail("not-in-list");
  },
  const(schema, value, at, found, fail) {
    if (!same(schema.const, value)) fail("not-in-list");
  },
  required(schema, value, at, found, fail) {
    if (!TYPES.object(value)) return;
    for (const name of schema.required) if (!(name in value)) fail("missing-property", `${at}/${token(name)}`);
  },
  properties(schema, value, at, found) {
    if (!TYPES.object(value)) return [];
    const names = Object.keys(schema.properties).filter((name) => name in value);
    for (const name of names) this.walk(schema.properties[name], value[name], `${at}/${token(name)}`, found);
    return names;
  },
  additionalProperties(schema, value, at, found) {
    if (!TYPES.object(value)) return [];
    const others = Object.keys(value).filter((name) => !(name in (schema.properties ?? {})));
    for (const name of others) this.walk(schema.additionalProperties, value[name], `${at}/${token(name)}`, found);
    return others;
  },
  propertyNames(schema, value, at, found, fail) {
    if (!TYPES.object(value)) return;
    for (const name of Object.keys(value)) {
      if (!this.attempt(schema.propertyNames, name, at).fits) fail("wrong-format", `${at}/${token(name)}`);
    }
  },
  items(schema, value, at, found) {
    if (Array.isArray(value)) value.forEach((item, index) => this.walk(schema.items, item, `${at}/${index}`, found));
  },
  allOf(schema, value, at, found) {
    return schema.allOf.flatMap((part) => [...this.walk(part, value, at, found)]);
  },
  anyOf(schema, value, at, found, fail) {
    const fitting = schema.anyOf.map((part) => this.attempt(part, value, at)).filter((it) => it.fits);
    if (fitting.length === 0) fail("not-a-variant");
    fitting.forEach((it) => found.places.push(...it.places));
    return fitting.flatMap((it) => [...it.known]);
  },
  oneOf(schema, value, at, found, fail) {
    const meant = schema.discriminator?.mapping[value?.[schema.discriminator.propertyName]];
    if (meant !== undefined) return this.walk({ $ref: meant }, value, at, found);
    const fitting = schema.oneOf.map((part) => this.attempt(part, value, at)).filter((it) => it.fits);
    if (fitting.length !== 1) fail("not-a-variant");
    fitting.forEach((it) => found.places.push(...it.places));
    return fitting.flatMap((it) => [...it.known]);
  },
  not(schema, value, at, found, fail) {
    if (this.attempt(schema.not, value, at).fits) fail("not-a-variant");
  },
  if(schema, value, at, found) {
    const condition = this.attempt(schema.if, value, at);
    const branch = condition.fits ? schema.then : schema.else;
    const names = branch === undefined ? [] : this.walk(branch, value, at, found);
    return condition.fits ? [...condition.known, ...names] : names;
  },
  then() {},
  else() {},
  pattern(schema, value, at, found, fail) {
    if (typeof value === "string" && !this.pattern(schema.pattern).test(value)) fail("wrong-format");
  },
  format(schema, value, at, found, fail) {
    if (typeof value !== "string") return;
    if (FORMATS[schema.format] === undefined) throw new Error(`unknown format ${schema.format}`);
    if (!FORMATS[schema.format](value)) return fail("wrong-format");
    found.places.push({ kind: schema.format, pointer: at });
  },
  minLength: onText((schema, value, fail) => length(value) < schema.minLength && fail("too-short")),
  maxLength: onText((schema, value, fail) => length(value) > schema.maxLength && fail("too-long")),
  minimum: onNumber((schema, value, fail) => value < schema.minimum && fail("too-small")),
  maximum: onNumber((schema, value, fail) => value > schema.maximum && fail("too-large")),
  minItems: onList((schema, value, fail) => value.length < schema.minItems && fail("too-few-items")),
  maxItems: onList((schema, value, fail) => value.length > schema.maxItems && fail("too-many-items")),
  uniqueItems: onList((schema, value, fail) => {
    const texts = value.map((item) => JSON.stringify(item));
    if (schema.uniqueItems && new Set(texts).size < texts.length) fail("repeated-item");
  }),
  minProperties(schema, value, at, found, fail) {
    if (TYPES.object(value) && Object.keys(value).length < schema.minProperties) fail("too-few-items");
  },
};
