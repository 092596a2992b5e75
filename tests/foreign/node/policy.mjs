// The decisions of which the wrong variants take one differently (breaks.mjs); each is a rule of the standard.
const ASSURANCE = ["urn:istmo:loa:low", "urn:istmo:loa:substantial", "urn:istmo:loa:high"];

export const policy = {
  /** Only access tokens open anything (RFC 9068). */
  isAccessToken: (header) => /^(application\/)?at\+jwt$/i.test(header.typ ?? ""),
  isIssuer: (claims, issuer) => claims.iss === issuer,
  hasScope: (claims, scopes) => scopes.some((scope) => claims.scopes.has(scope)),
  isComplete: (claims) =>
    [claims.iss, claims.sub, claims.client_id].every((one) => typeof one === "string" && one !== "")
    && [claims.exp, claims.iat].every((one) => typeof one === "number"),
  /** A 401 says that a token is invalid when one came, and never why (RFC 6750). */
  challenge: (presented) => `Bearer realm="istmo"${presented ? ', error="invalid_token"' : ""}`,
  /** Who says to act for somebody is refused: no mandate is known here. */
  heedsMandates: true,
  isAssured: (claims, needed) => needed === null || ASSURANCE.indexOf(claims.acr) >= ASSURANCE.indexOf(needed),
  /** What belongs to somebody else does not exist; an officer sees what was handed in. */
  maySee: (record, caller) =>
    record.owner === caller.subject || (caller.isOfficer && record.status !== "draft" && record.submittedAt !== undefined),
  hasStatus: (record, status) => record.status === status,
  listedIn: (language) => language,
  addressOf: (record, action) => `${record}/${action}`,
  mayList: (record, caller) => policy.maySee(record, caller),
  mayChange: (record, caller) => record.owner === caller.subject,
  mayAttach: (document, caller) => document.owner === caller.subject,
  ruleNamed: (rule) => rule,
  isGenuine: (sealed) => sealed,
  isOver: (end, now) => now > end,
  provesProgramme: (evidence) => evidence.some((one) => one.evidenceType === "social-programme"),
  isReplay: (stored, print) => stored.print === print,
  keyOf: (caller, key) => `${caller.subject} ${key}`,
  isCurrent: (tag, record) => tag === record.etag,
  isUnchanged: (wanted, etag) => wanted.split(",").some((one) => one.trim().replace(/^W\//, "") === etag || one.trim() === "*"),
  /** What an action that the status does not allow is refused with. */
  illegal: (record, allowed) => ({ code: "illegal-transition", currentStatus: record.status, allowedActions: allowed }),
  violations: (found) => found,
  message: (text) => text,
  nextPage: (start, limit) => start + limit,
  mayAskForMinor: (relationship) => relationship === "child" || relationship === "ward",
  verification: (receipt) => ({
    valid: true, service: receipt.service, issuedAt: receipt.issuedAt, payloadDigest: receipt.payloadDigest,
  }),
};
