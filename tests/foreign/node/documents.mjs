// Files that a person hands in: taken when they are what they call themselves, and shown to nobody else.
import { randomUUID } from "node:crypto";

import { written } from "./calendar.mjs";
import { NotJson, parse, sha256 } from "./json.mjs";
import { Problem, inBody, invalid, missing } from "./problem.mjs";

const LARGEST = 10 * 1024 * 1024;
const begins = (bytes, ...signs) => signs.every((sign, index) => bytes[index] === sign);
const KINDS = {
  "application/pdf": (bytes) => bytes.subarray(0, 5).toString("latin1") === "%PDF-",
  "image/jpeg": (bytes) => begins(bytes, 0xff, 0xd8, 0xff),
  "image/png": (bytes) => begins(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
  "application/xml": (bytes) => /^(\ufeff)?\s*<[?!A-Za-z_]/.test(bytes.subarray(0, 200).toString("utf8")),
  "application/json": (bytes) => isJson(bytes),
};

function isJson(bytes) {
  try {
    parse(bytes);
    return true;
  } catch (error) {
    if (error instanceof NotJson) return false;
    throw error;
  }
}

export class Documents {
  constructor(contract, clock, policy) {
    Object.assign(this, { contract, clock, policy });
    this.kept = new Map();
  }

  /** What is wrong with the parts of an upload, before the schema is asked. */
  read(found) {
    const file = found.get("file");
    if (file !== undefined) {
      if (file.bytes.length > LARGEST) throw new Problem("payload-too-large");
      if (KINDS[file.media]?.(file.bytes) !== true) throw new Problem("unsupported-media-type");
    }
    const value = {};
    for (const [name, part] of found) value[name] = name === "file" ? "" : part.bytes.toString("utf8").normalize("NFC");
    return { value, file, print: file && sha256(file.bytes) };
  }

  upload({ caller, body, file, print }) {
    if (body.sha256 !== undefined && body.sha256 !== print) throw invalid([inBody("/sha256", "digest-mismatch")]);
    const id = randomUUID();
    const href = this.contract.at(`/documents/${id}/content`);
    const shown = { id, type: body.type, title: body.title, mediaType: file.media, size: file.bytes.length, sha256: print,
      scanStatus: "clean", href, createdAt: written(this.clock.now()) };
    this.kept.set(id, { owner: caller.subject, shown, bytes: file.bytes });
    return { body: shown, headers: { ETag: '"clean"', Location: this.contract.at(`/documents/${id}`) } };
  }

  find(id, caller) {
    const found = this.kept.get(id);
    if (found === undefined || found.owner !== caller.subject) throw missing();
    return found;
  }

  show({ caller, parameters }) {
    const { shown } = this.find(parameters.id, caller);
    return { body: shown, headers: { ETag: `"${shown.scanStatus}"` } };
  }

  content({ caller, parameters, accepts }) {
    const { shown, bytes } = this.find(parameters.id, caller);
    if (accepts([shown.mediaType]) === undefined) throw new Problem("not-acceptable");
    if (shown.scanStatus !== "clean") throw new Problem("conflict");
    const headers = { ETag: `"${shown.sha256.slice(0, 32)}"`, "Content-Disposition": 'attachment; filename="document"' };
    return { bytes, media: shown.mediaType, headers };
  }

  /** Refuses what cannot be attached: what is not there or not the caller's looks the same. */
  attachable(ids, caller) {
    for (const [pointer, id] of ids) {
      const found = this.kept.get(id);
      if (found === undefined || !this.policy.mayAttach(found, caller)) throw invalid([inBody(pointer, "not-allowed-here")]);
      if (found.shown.scanStatus !== "clean") throw new Problem("conflict");
    }
  }

  scanned(id, scanStatus) {
    const found = this.kept.get(id);
    if (found !== undefined) found.shown = { ...found.shown, scanStatus };
    return found !== undefined;
  }
}
