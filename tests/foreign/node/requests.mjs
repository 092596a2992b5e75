// Stage 3: requests for certificates, as drafts and handed in against a receipt. Officers decide elsewhere.
import { randomBytes, randomUUID } from "node:crypto";

import { written } from "./calendar.mjs";
import { canonical, sha256 } from "./json.mjs";
import { page } from "./paging.mjs";
import { Problem, missing } from "./problem.mjs";
import { check } from "./rules.mjs";

const DAY = 86_400_000;
const ENDED = new Set(["withdrawn", "expired", "discarded"]);
const action = (operation) => operation.path.split("/").at(-1);

export class Requests {
  constructor(parts) {
    Object.assign(this, parts); // contract, calendar, clock, documents, fees, keys, policy, values, origin
    this.kept = new Map();
    this.receipts = new Map();
    const offered = [...this.contract.operations.values()].flatMap(({ methods }) => Object.values(methods));
    this.actions = offered.filter((one) => one.transition?.role === "owner");
    this.replacing = offered.find((one) => one.id === "replaceRequest");
  }

  // ------------------------------------------------------------------ reading

  list(call) {
    const { status } = call.query;
    const found = [...this.kept.values()].map((record) => this.#ripe(record))
      .filter((one) => one.status !== "discarded" && this.policy.mayList(one, call.caller))
      .filter((one) => status === undefined || this.policy.hasStatus(one, status));
    const { body, headers } = page(found, call, this.policy);
    return { body: { ...body, items: body.items.map((one) => this.#shown(one, call)) }, headers };
  }

  show(call) {
    return this.#answer(this.#find(call, this.policy.maySee), call);
  }

  #find({ parameters, caller }, may) {
    const record = this.kept.get(parameters.id);
    if (record === undefined || !may(this.#ripe(record), caller)) throw missing();
    if (record.status === "discarded") throw new Problem("gone");
    return record;
  }

  /** A draft that nobody has touched for the published days has ended. */
  #ripe(record) {
    const end = record.touched + this.contract.setting("draftDays") * DAY;
    if (record.status === "draft" && this.policy.isOver(end, this.clock.now())) this.#move(record, "expired", "system");
    return record;
  }

  #answer(record, call) {
    return { body: this.#shown(record, call), headers: { ETag: record.etag } };
  }

  #shown(record, call) {
    const { id, reference, status, history, facts, evidence, fees, holds, receipt, late, onceKnown } = record;
    return {
      ...facts, ...(evidence && { evidence }), id, reference, service: this.contract.kebab, type: facts.certificateType,
      status, statusHistory: history, channel: "web", late, fees: this.fees.titled(fees, call.language),
      holds, outputs: [], availableActions: this.#available(record, call.caller), ...onceKnown, ...(receipt && { receipt }),
    };
  }

  /** What the reader may do now: what the status allows and the token is good for. */
  #available(record, caller) {
    if (record.owner !== caller.subject) return [];
    const href = this.contract.at(`/requests/${record.id}`);
    const found = this.#allowed(record).filter((one) => caller.may(one))
      .map((one) => ({ name: action(one), method: "POST", href: this.policy.addressOf(href, action(one)), requiredScope: one.scopes[0] }));
    if (record.status === "draft" && caller.may(this.replacing)) {
      found.push({ name: "replace", method: "PUT", href, requiredScope: this.replacing.scopes[0] });
    }
    return found;
  }

  #allowed(record) {
    return this.actions.filter((one) => one.transition.from.includes(record.status));
  }

  // ------------------------------------------------------------------ writing

  create(call) {
    const written = this.#written(call);
    const id = randomUUID();
    const ordinal = this.kept.size + 1;
    const year = this.calendar.day(this.clock.now()).slice(0, 4);
    const record = {
      id, ordinal, reference: reference(this.contract.country, this.contract.service.code, year, ordinal),
      owner: call.caller.subject, version: 0, history: [], fees: [], holds: [], late: false,
      onceKnown: { paymentRequestIds: [] }, ...written,
    };
    this.#move(record, "draft", "owner");
    record.onceKnown.createdAt = record.onceKnown.updatedAt;
    this.kept.set(id, record);
    const answer = this.#answer(record, call);
    return { ...answer, headers: { ...answer.headers, Location: this.contract.at(`/requests/${id}`) } };
  }

  replace(call) {
    const record = this.#changeable(call);
    if (record.status !== "draft") this.#refuse(record);
    Object.assign(record, this.#written(call, record));
    this.#touch(record);
    return this.#answer(record, call);
  }

  submit(call) {
    const record = this.#act(call);
    const lines = this.#bill(record);
    const quote = call.body?.feeQuoteId ?? record.facts.feeQuoteId;
    if (quote !== undefined) this.fees.hold(quote, lines);
    this.#refuseDuplicate(record);
    this.documents.attachable((record.facts.documents ?? []).map((id, index) => [`/documents/${index}`, id]), call.caller);
    if (quote !== undefined) record.facts = { ...record.facts, feeQuoteId: quote };
    this.#move(record, "submitted", "owner");
    const submittedAt = record.onceKnown.updatedAt;
    record.fees = lines;
    record.submittedAt = submittedAt;
    const due = lines.some((one) => Number(one.amount.amount) > 0);
    if (due) record.holds = [{ code: "fee-unpaid", blocks: ["issue"], since: submittedAt }];
    const dueBy = written(this.calendar.due(this.clock.now(), this.contract.setting("processingDays")));
    const paymentRequestIds = due ? [randomUUID()] : [];
    record.onceKnown = { ...record.onceKnown, submittedAt, dueBy, paymentRequestIds };
    record.receipt = this.#receipt(record);
    return this.#answer(record, call);
  }

  withdraw(call) {
    const record = this.#act(call);
    this.#move(record, "withdrawn", "owner", call.body?.reason);
    return this.#answer(record, call);
  }

  discard(call) {
    const record = this.#act(call);
    this.#move(record, "discarded", "owner", call.body?.reason);
    const others = [...this.kept.values()].filter((one) => one.status !== "discarded");
    const used = new Set(others.flatMap((one) => one.facts.documents ?? []));
    for (const id of record.facts.documents ?? []) if (!used.has(id)) this.documents.kept.delete(id);
    return this.#answer(record, call);
  }

  verifyReceipt({ parameters }) {
    const record = this.receipts.get(parameters.code);
    if (record === undefined) throw missing();
    return { body: this.policy.verification(record.receipt, record) };
  }

  /** The request that an action is about, when the caller, the tag and the status allow it. */
  #act(call) {
    const record = this.#changeable(call);
    if (!this.#allowed(record).some((one) => one.id === call.operation.id)) this.#refuse(record);
    return record;
  }

  #changeable(call) {
    const record = this.#find(call, this.policy.mayChange);
    if (call.condition !== undefined && !this.policy.isCurrent(call.condition, record)) throw new Problem("precondition-failed");
    return record;
  }

  #refuse(record) {
    const { code, ...members } = this.policy.illegal(record, this.#allowed(record).map(action));
    throw new Problem(code, members);
  }

  /** What the owner wrote, checked, and in the form in which it is kept. */
  #written(call, before) {
    const { evidence, ...facts } = this.values.normalised(call.body, call.places, call.caller);
    if (facts.applicant.id !== call.caller.subject) throw new Problem("mandate-required");
    check({ ...facts, evidence }, this.contract, this.policy, this.calendar.day(this.clock.now()));
    const files = (facts.documents ?? []).map((id, index) => [`/documents/${index}`, id]);
    const proofs = (evidence ?? []).map((one, index) => [`/evidence/${index}/documentId`, one.documentId]);
    this.documents.attachable([...files, ...proofs.filter(([, id]) => id !== undefined)], call.caller);
    const known = evidence?.map((one, index) => ({ id: before?.evidence?.[index]?.id ?? randomUUID(), obtainedVia: "upload", ...one }));
    return { facts, evidence: known, sent: call.sent };
  }

  #refuseDuplicate(record) {
    const what = ({ facts: { applicant, certificateType, about, format, delivery } }) =>
      canonical([applicant, certificateType, about, format, delivery]);
    const twin = [...this.kept.values()].some((one) =>
      one !== record && one.status !== "draft" && !ENDED.has(one.status) && what(one) === what(record));
    if (twin) throw new Problem("duplicate");
  }

  #bill({ facts: { copies, apostille }, evidence }) {
    const codes = apostille ? ["CIV-CERT", "CIV-APOSTILLE"] : ["CIV-CERT"];
    const asked = codes.flatMap((code) => this.#lines(code, copies, evidence ?? []));
    return asked.map((line) => this.fees.line(line));
  }

  /** The lines of one fee: all exempt, or the first copy, or none. */
  #lines(code, copies, evidence) {
    const proven = this.policy.provesProgramme(evidence) && this.fees.exempts(code, "social-programme");
    if (proven) return [{ code, quantity: copies, exemption: "social-programme" }];
    if (!this.fees.exempts(code, "first-copy")) return [{ code, quantity: copies }];
    const first = { code, quantity: 1, exemption: "first-copy" };
    return copies === 1 ? [first] : [first, { code, quantity: copies - 1 }];
  }

  #receipt(record) {
    const code = randomBytes(17).toString("base64url").slice(0, 22);
    const found = {
      code, caseReference: record.reference, service: this.contract.kebab, issuedAt: record.submittedAt,
      payloadDigest: sha256(canonical(record.sent)),
      verifyUrl: this.origin + this.contract.at(`/receipts/${code}/verification`),
    };
    this.receipts.set(code, record);
    return { ...found, signature: this.keys.receipts.sign(found, "receipt+jws") };
  }

  #move(record, status, byRole, reason) {
    record.status = status;
    const at = this.#touch(record);
    record.history = [...record.history, { status, at, byRole, ...(reason && { reason }) }];
  }

  /** Marks a change: a new tag, and a time that never goes back. */
  #touch(record) {
    record.version += 1;
    record.etag = `"${record.version}"`;
    record.touched = Math.max(this.clock.now(), record.touched ?? 0);
    record.onceKnown = { ...record.onceKnown, updatedAt: written(record.touched) };
    return record.onceKnown.updatedAt;
  }
}

/** A reference number with its two check digits (ISO 7064 MOD 97-10). */
function reference(country, service, year, number) {
  const padded = String(number).padStart(8, "0");
  const digits = [...`${country}${service}${year}${padded}`].map((sign) => parseInt(sign, 36)).join("");
  const check = 98n - (BigInt(`${digits}00`) % 97n);
  return `${country}-${service}-${year}-${padded}-${String(check).padStart(2, "0")}`;
}
