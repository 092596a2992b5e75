// What is published, read once: the bundled OpenAPI document, the country profile, the cast, the code lists.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Judge } from "./schema.mjs";

const METHODS = ["get", "put", "post", "delete", "patch"];

/** Reads comma-separated values with quoted fields. */
function table(text) {
  const rows = text.trim().split(/\r?\n/).map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain));
  const [names, ...rest] = rows;
  return new Map(rest.map((row) => [row[0], Object.fromEntries(names.map((name, index) => [name, row[index]]))]));
}

export class Contract {
  /** Reads a folder of published texts; operations above `highest` are not offered, and the served document says so. */
  constructor(folder, highest) {
    const read = (name) => readFileSync(join(folder, name), "utf8");
    const json = (name) => JSON.parse(read(name));
    this.documents = { en: json("openapi.json"), es: json("openapi.es.json") };
    for (const document of Object.values(this.documents)) offerOnly(document, highest);
    this.document = this.documents.en;
    this.judge = new Judge(this.document);
    this.version = this.document.info.version;
    this.base = this.document.servers[0].url;
    this.profile = json("profile.json");
    this.service = json("service.json");
    this.slug = this.service.slug;
    this.kebab = this.slug.replaceAll("_", "-");
    this.country = this.profile.country.value;
    this.personas = json("personas.json").personas;
    this.problems = table(read("problems.csv"));
    this.violations = table(read("violations.csv"));
    this.types = table(read("certificate-types.csv"));
    this.operations = this.#operations();
  }

  /** A value of the country profile about this service. */
  setting(name) {
    return this.profile.services[this.slug][name].value;
  }

  get fees() {
    return this.profile.fees[this.slug].value;
  }

  /** The address of something below the service. */
  at(path) {
    return this.base + path;
  }

  /** The operations of an address by method, and the path parameters; undefined when the contract does not know it. */
  route(path) {
    if (!path.startsWith(`${this.base}/`)) return undefined;
    const parts = path.slice(this.base.length).split("/").slice(1).map(decoded);
    for (const { segments, methods } of this.operations.values()) {
      const parameters = {};
      const fits = segments.length === parts.length && segments.every((segment, index) => {
        const name = /^\{(.+)\}$/.exec(segment)?.[1];
        if (name === undefined) return segment === parts[index];
        parameters[name] = parts[index];
        return parts[index] !== undefined && parts[index] !== "";
      });
      if (fits) return { methods, parameters };
    }
    return undefined;
  }

  resolve(node) {
    return node?.$ref === undefined ? node : this.judge.follow(node.$ref);
  }

  /** A schema of the document with all that it refers to, as a document of its own. */
  alone(schema) {
    const needed = {};
    const copy = (node) => {
      if (Array.isArray(node)) return node.map(copy);
      if (node === null || typeof node !== "object") return node;
      return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, moved(key, value)]));
    };
    const moved = (key, value) => {
      const name = typeof value === "string" ? /^#\/components\/schemas\/(.+)$/.exec(value)?.[1] : undefined;
      if (name === undefined) return copy(value);
      if (!(name in needed)) {
        needed[name] = true;
        needed[name] = copy(this.document.components.schemas[name]);
      }
      return `#/$defs/${name}`;
    };
    const root = copy(this.resolve(schema));
    return { $schema: "https://json-schema.org/draft/2020-12/schema", ...root, $defs: needed };
  }

  #operations() {
    const found = new Map();
    for (const [path, item] of Object.entries(this.document.paths)) {
      const methods = {};
      for (const method of METHODS.filter((name) => name in item)) {
        methods[method.toUpperCase()] = this.#operation(path, method, item[method], item.parameters ?? []);
      }
      found.set(path, { segments: path.split("/").slice(1), methods });
    }
    return found;
  }

  #operation(path, method, found, shared) {
    const parameters = [...shared, ...(found.parameters ?? [])].map((one) => this.resolve(one));
    const named = (name) => parameters.find((one) => one.in === "header" && one.name === name);
    const success = Object.keys(found.responses).find((status) => status.startsWith("2"));
    const body = this.resolve(found.requestBody);
    return {
      id: found.operationId,
      path,
      method: method.toUpperCase(),
      stage: found["x-istmo-stage"],
      scopes: found["x-istmo-scopes"].map((scope) => scope.replace("{service}", this.kebab)),
      acr: found["x-istmo-acr"],
      transition: found["x-istmo-transition"],
      failureLimit: found["x-istmo-failure-limit"],
      query: new Map(parameters.filter((one) => one.in === "query").map((one) => [one.name, one])),
      key: named("Idempotency-Key"),
      condition: named("If-Match"),
      onBehalf: named("Istmo-On-Behalf-Of"),
      success: Number(success),
      produces: Object.keys(this.resolve(found.responses[success]).content ?? {}),
      body: body && { required: body.required === true, media: body.content },
    };
  }
}

function offerOnly(document, highest) {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) if (item[method]?.["x-istmo-stage"] > highest) delete item[method];
    if (!METHODS.some((method) => method in item)) delete document.paths[path];
  }
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
