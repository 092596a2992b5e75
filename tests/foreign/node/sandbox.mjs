// The sandbox of the host: reset, clock, tokens of the cast, events, faults and scans. No real data is ever here.
import { randomUUID } from "node:crypto";

import { instant, written } from "./calendar.mjs";
import { inBody, invalid, missing } from "./problem.mjs";

/** The time of the service: real, or moved; a moved clock runs on. */
export class Clock {
  constructor() {
    this.shift = 0;
  }

  now() {
    return Date.now() + this.shift;
  }

  move(moment) {
    this.shift = moment === null ? 0 : Date.parse(moment) - Date.now();
  }
}

export class Sandbox {
  constructor(service) {
    this.service = service;
    this.routes = {
      "/_sandbox/reset": { POST: () => this.#reset() },
      "/_sandbox/clock": { GET: () => this.#clock(), PUT: (order) => this.#move(order) },
      "/_sandbox/tokens": { POST: (order) => this.#token(order) },
      "/_sandbox/events": { POST: (order) => ({ status: 202, body: { id: order.id ?? randomUUID() } }) },
      "/_sandbox/faults": { PUT: () => ({ status: 204 }) },
      "/_sandbox/scans": { POST: (order) => this.#scan(order) },
    };
  }

  #reset() {
    this.service.begin();
    this.service.clock.move(null);
    return { status: 204 };
  }

  #clock() {
    return { body: { now: written(this.service.clock.now()) } };
  }

  #move({ now }) {
    if (now !== null && (typeof now !== "string" || instant(now) === undefined)) throw invalid([inBody("/now", "wrong-format")]);
    this.service.clock.move(now);
    return this.#clock();
  }

  #token(order) {
    const { contract, keys, clock } = this.service;
    const found = contract.personas.find((one) => one.persona !== null && [one.alias, one.persona].includes(order.persona));
    if (found === undefined) throw invalid([inBody("/persona", "not-in-list")]);
    const full = (scope) => (scope.includes(":") ? scope : `${contract.kebab}:${scope}`);
    const home = found.country === "foreign" ? "GT" : contract.country;
    const asked = {
      subject: found.subject,
      scopes: (order.scopes ?? found.scopes).map(full),
      acr: order.acr ?? found.acr,
      country: order.country ?? home,
      audience: order.audience,
      issuer: order.issuer,
      type: order.type,
      claims: order.claims,
    };
    return { body: keys.issue(asked, Math.floor(clock.now() / 1000)) };
  }

  #scan({ documentId, scanStatus }) {
    if (!this.service.documents.scanned(documentId, scanStatus)) throw missing();
    return { status: 204 };
  }
}
