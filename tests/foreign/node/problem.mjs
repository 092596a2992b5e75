// A refusal, as RFC 9457 and the catalogue of the standard write it.
export class Problem extends Error {
  /** `members` go into the body beside what every problem has; `headers` go beside it. */
  constructor(code, members = {}, headers = {}) {
    super(code);
    this.code = code;
    this.members = members;
    this.headers = headers;
  }
}

/** A refusal that lists violations; each is {in, code} with a pointer or a name. */
export const invalid = (errors, code = "validation-failed") => new Problem(code, { errors });
export const inBody = (pointer, code) => ({ in: "body", pointer, code });
export const malformed = (place, name) => invalid([{ in: place, name, code: "wrong-format" }], "invalid-parameter");
export const broken = (ruleId) => new Problem("rule-violated", { ruleId });
export const missing = () => new Problem("not-found");
