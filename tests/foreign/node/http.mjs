// From a request to an answer: address, verb, media types, token, parameters, body, key; then the handler.
import { randomBytes, randomUUID } from "node:crypto";

import { NotJson, canonical, parse, sha256 } from "./json.mjs";
import { parts } from "./multipart.mjs";
import { language, mediaType } from "./negotiation.mjs";
import { Problem, invalid, malformed, missing } from "./problem.mjs";
import { Sandbox } from "./sandbox.mjs";
import { at, composed } from "./values.mjs";

const LARGEST_JSON = 1024 * 1024;
const LARGEST_UPLOAD = 10 * 1024 * 1024 + 64 * 1024;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const TRACE = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const SAFE = {
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
  "Referrer-Policy": "no-referrer",
};

export class Host {
  constructor(service) {
    this.service = service;
    this.sandbox = new Sandbox(service);
  }

  /** Answers one request of node:http. */
  async answer(request, response) {
    const about = this.#about(request);
    try {
      send(response, request, about, await this.#answered(request, about));
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem("internal-error");
      if (problem !== error) console.error(error);
      send(response, request, about, written(problem, this.service, about));
    }
  }

  #about(request) {
    const { contract } = this.service;
    const { languages, defaultLanguage } = contract.profile;
    const sent = request.headers["correlation-id"];
    const trace = TRACE.exec(request.headers.traceparent ?? "")?.[1] ?? randomBytes(16).toString("hex");
    return {
      correlationId: UUID.test(sent) ? sent : randomUUID(),
      language: language(request.headers["accept-language"], languages.value, defaultLanguage.value),
      trace: `00-${trace}-${randomBytes(8).toString("hex")}-01`,
      version: contract.version,
    };
  }

  async #answered(request, about) {
    const [path, query = ""] = request.url.split(/\?(.*)/s);
    const method = request.method === "HEAD" ? "GET" : request.method;
    const own = this.#ofTheHost(path);
    if (own !== undefined) return this.#hostAnswer(own, method, request);
    const found = this.service.contract.route(path);
    if (found === undefined) throw missing();
    const operation = only(found.methods, method);
    const accepts = (offered) => mediaType(request.headers.accept, offered);
    if (accepts(operation.produces) === undefined) throw new Problem("not-acceptable");
    const now = Math.floor(this.service.clock.now() / 1000);
    const caller = this.service.guard.caller(operation, request.headers.authorization, now);
    const call = { operation, path, caller, accepts, parameters: found.parameters, language: about.language };
    call.query = this.#query(operation, query);
    Object.assign(call, headers(operation, request.headers, this.service.policy));
    Object.assign(call, await this.#body(operation, request));
    return this.#once(call, () => {
      this.#judge(call);
      return this.#handled(call, request);
    });
  }

  #ofTheHost(path) {
    const { manifest, keys } = this.service;
    const fixed = { "/.well-known/istmo": manifest, "/.well-known/jwks.json": keys.published };
    return path in fixed ? { GET: () => ({ body: fixed[path] }) } : this.sandbox.routes[path];
  }

  async #hostAnswer(own, method, request) {
    const answer = only(own, method);
    const bytes = await read(request, LARGEST_JSON);
    return { status: 200, media: "application/json", ...answer(bytes.length > 0 ? json(bytes) : {}) };
  }

  #handled(call, request) {
    const { operation } = call;
    const limited = operation.failureLimit;
    const address = `${operation.id} ${request.socket.remoteAddress}`;
    if (limited !== undefined) this.#waits(limited, address);
    try {
      const found = this.service.handlers[operation.id](call);
      const answer = { status: operation.success, media: operation.produces[0], ...found };
      const unchanged = request.headers["if-none-match"];
      const etag = answer.headers?.ETag;
      if (operation.method === "GET" && unchanged && etag && this.service.policy.isUnchanged(unchanged, etag)) {
        return { status: 304, headers: { ETag: etag } };
      }
      return answer;
    } catch (error) {
      if (limited?.status === 404 && error.code === "not-found") this.service.failures.get(address).push(this.service.clock.now());
      throw error;
    }
  }

  #waits({ count, seconds }, address) {
    const since = this.service.clock.now() - seconds * 1000;
    const recent = (this.service.failures.get(address) ?? []).filter((moment) => moment > since);
    this.service.failures.set(address, recent);
    if (recent.length < count) return;
    throw new Problem("too-many-requests", {}, { "Retry-After": String(Math.ceil((recent[0] - since) / 1000)) });
  }

  /** The first answer again for a key that was used; whatever was refused may be tried again. */
  #once(call, handle) {
    if (call.key === undefined) return handle();
    const { answered, policy } = this.service;
    const name = policy.keyOf(call.caller, call.key);
    const print = sha256(canonical([call.operation.id, call.path, call.print ?? null, call.sent ?? null]));
    const stored = answered.get(name);
    if (stored !== undefined) {
      if (!policy.isReplay(stored, print)) throw new Problem("idempotency-key-reused");
      return { ...stored.answer, headers: { ...stored.answer.headers, "Idempotency-Replayed": "true" } };
    }
    const answer = handle();
    answered.set(name, { print, answer: { ...answer, body: structuredClone(answer.body) } });
    return answer;
  }

  #query(operation, text) {
    const found = {};
    for (const [name, value] of text === "" ? [] : text.split("&").map(pair)) {
      const parameter = operation.query.get(name);
      if (parameter === undefined) throw invalid([{ in: "query", name: "?", code: "unknown-property" }], "unknown-parameter");
      if (name in found || value === undefined) throw malformed("query", name);
      found[name] = this.#parameter(parameter, value);
    }
    return found;
  }

  #parameter(parameter, text) {
    const schema = this.service.contract.resolve(parameter.schema);
    if (schema.type === "integer" && !/^-?[0-9]{1,15}$/.test(text)) throw malformed("query", parameter.name);
    const value = schema.type === "integer" ? Number(text) : text;
    const { errors } = this.service.contract.judge.judge(schema, value);
    if (errors.length > 0) throw invalid([{ in: "query", name: parameter.name, code: errors[0].code }]);
    return value;
  }

  async #body(operation, request) {
    if (operation.body === undefined) return {};
    const { "content-type": type, "content-encoding": encoding = "identity" } = request.headers;
    const media = type?.split(";")[0].trim().toLowerCase();
    const schema = operation.body.media[media ?? "application/json"]?.schema;
    if (encoding !== "identity" || (type !== undefined && schema === undefined)) throw new Problem("unsupported-media-type");
    const several = media === "multipart/form-data";
    const bytes = await read(request, several ? LARGEST_UPLOAD : LARGEST_JSON);
    if (bytes.length === 0 && !operation.body.required) return {};
    if (schema === undefined) throw new Problem("unsupported-media-type");
    return several ? { schema, ...this.#upload(bytes, type) } : { schema, sent: json(bytes) };
  }

  #upload(bytes, type) {
    const found = parts(bytes, type);
    if (found === undefined) throw invalid([{ in: "body", pointer: "", code: "wrong-format" }]);
    const { value, file, print } = this.service.documents.read(found);
    return { sent: value, file, print };
  }

  /** Refuses a body for everything that is wrong with it; what fits is kept as the handler reads it. */
  #judge(call) {
    if (call.schema === undefined) return;
    const { contract, values, policy } = this.service;
    call.body = composed(call.sent);
    const { errors, places } = contract.judge.judge(call.schema, call.body);
    const own = errors.length > 0 ? [] : values.violations(call.body, places);
    const found = [...errors.map((one) => ({ in: "body", ...one })), ...own];
    if (found.length > 0) throw invalid(policy.violations(found).map((one) => ({ ...one, value: at(call.body, one.pointer) })));
    call.places = places;
  }
}

/** What answers a verb, or a refusal that says which verbs there are. */
function only(methods, method) {
  if (methods[method] !== undefined) return methods[method];
  const known = Object.keys(methods);
  throw new Problem("method-not-allowed", {}, { Allow: (known.includes("GET") ? [...known, "HEAD"] : known).join(", ") });
}

function pair(text) {
  try {
    const [name, ...value] = text.split("=").map((part) => decodeURIComponent(part.replaceAll("+", " ")));
    return [name, value.length === 0 ? undefined : value.join("=")];
  } catch {
    throw new Problem("invalid-parameter");
  }
}

/** The key, the condition and the mandate of a call, where the operation has them. */
function headers({ key, condition, onBehalf }, sent, policy) {
  const read = (parameter, absent) => {
    const value = parameter && sent[parameter.name.toLowerCase()];
    if (parameter?.required && value === undefined) throw new Problem(absent);
    if (value !== undefined && parameter.schema.pattern && !new RegExp(parameter.schema.pattern, "u").test(value)) {
      throw malformed("header", parameter.name);
    }
    return value;
  };
  const mandate = read(onBehalf);
  if (mandate !== undefined && policy.heedsMandates) throw UUID.test(mandate) ? new Problem("mandate-required") : malformed("header", onBehalf.name);
  return { key: read(key, "idempotency-key-missing"), condition: read(condition, "precondition-required") };
}

/** The bytes of a body. One that is too large is read to its end and thrown away, so that the caller hears why. */
async function read(request, most) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= most) chunks.push(chunk);
  }
  if (size > most) throw new Problem("payload-too-large");
  return Buffer.concat(chunks);
}

function json(bytes) {
  try {
    return parse(bytes);
  } catch (error) {
    throw error instanceof NotJson ? new Problem("malformed-json") : error;
  }
}

/** A refusal as an answer, in the language of who asked. */
function written(problem, { contract, policy }, { language: tongue, correlationId }) {
  const { code, members, headers: extra } = problem;
  const known = contract.problems.get(code);
  const { errors, ...others } = members;
  const body = { type: `urn:istmo:problem:${code}`, title: known[`title_${tongue}`], status: Number(known.status), code, correlationId, ...others };
  if (errors !== undefined) {
    const message = ({ code: name, value }) => policy.message(contract.violations.get(name)[`title_${tongue}`], value);
    body.errors = errors.map(({ value, ...one }) => ({ ...one, message: message({ ...one, value }) }));
  }
  return { status: Number(known.status), media: "application/problem+json", body, headers: extra };
}

function send(response, request, about, { status, media, body, bytes, headers: extra = {} }) {
  const content = bytes ?? (body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body)));
  const fields = {
    ...SAFE,
    "Correlation-Id": about.correlationId,
    "API-Version": about.version,
    "Content-Language": about.language,
    traceparent: about.trace,
    ...extra,
  };
  if (status !== 204 && status !== 304) Object.assign(fields, { "Content-Type": media, "Content-Length": content.length });
  response.writeHead(status, fields);
  response.end(request.method === "HEAD" || status === 204 || status === 304 ? undefined : content);
}
