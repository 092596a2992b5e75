// What the schema cannot say about values: identifiers and money of the country; and the form in which values are kept.
import { instant } from "./calendar.mjs";
import { inBody } from "./problem.mjs";

/** A copy in which every text is in the composed form (NFC). */
export function composed(value) {
  if (typeof value === "string") return value.normalize("NFC");
  if (Array.isArray(value)) return value.map(composed);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, composed(member)]));
}

/** A text of a country in one language: every {es, en} becomes a text, and what is null is left out. */
export function localised(value, language) {
  if (Array.isArray(value)) return value.map((item) => localised(item, language));
  if (value === null || typeof value !== "object") return value;
  if (typeof value.es === "string" && typeof value.en === "string") return value[language];
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, localised(member, language)]));
}

const steps = (pointer) => pointer.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
export const at = (value, pointer) => steps(pointer).reduce((node, part) => node?.[part], value);

function put(value, pointer, found) {
  const parts = steps(pointer);
  const last = parts.pop();
  parts.reduce((node, part) => node[part], value)[last] = found;
}

function luhn(digits) {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const weighed = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (weighed > 9 ? weighed - 9 : weighed);
  }, 0);
  return sum % 10 === 0;
}

export class Values {
  constructor(profile) {
    this.country = profile.country.value;
    this.schemes = new Map(profile.identifierSchemes.map(({ value }) => [value.scheme, value]));
    this.currencies = new Set(profile.currencies.value.map((one) => one.code));
  }

  /** The violations that the schema does not see, at the places that it named. */
  violations(value, places) {
    const found = [];
    for (const { kind, pointer } of places) {
      const code = kind === "Money" ? this.#money(at(value, pointer)) : kind === "IdentifierInput" ? this.#identifier(at(value, pointer)) : null;
      const member = kind === "Money" ? "currency" : code === "unknown-scheme" ? "scheme" : "value";
      if (code !== null) found.push(inBody(`${pointer}/${member}`, code));
    }
    return found;
  }

  #money(money) {
    return typeof money?.currency !== "string" || this.currencies.has(money.currency) ? null : "currency-not-allowed";
  }

  #identifier(identifier) {
    if (identifier?.country !== this.country || typeof identifier.value !== "string") return null;
    const scheme = this.schemes.get(identifier.scheme);
    if (scheme === undefined) return "unknown-scheme";
    const value = this.#normal(identifier);
    if (!new RegExp(scheme.pattern, "u").test(value)) return "identifier-format";
    return scheme.checksum === "enforce" && scheme.algorithm === "luhn" && !luhn(value) ? "identifier-checksum" : null;
  }

  #normal({ scheme, value }) {
    const blank = this.schemes.get(scheme)?.keepHyphens ? /\s/gu : /[\s-]/gu;
    return value.toUpperCase().replace(blank, "");
  }

  /** Values as they are kept: moments in UTC, identifiers in their normal form, "me" by the identifier of the caller. */
  normalised(value, places, caller) {
    const kept = structuredClone(value);
    for (const { kind, pointer } of places) {
      const here = at(kept, pointer);
      if (kind === "date-time") put(kept, pointer, instant(here));
      if (kind === "IdentifierInput") here.value = this.#normal(here);
      if ((kind === "PersonRef" || kind === "BusinessRef") && here.id === "me") here.id = caller.subject;
    }
    return kept;
  }
}
