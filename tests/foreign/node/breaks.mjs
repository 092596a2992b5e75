// Wrong variants: each takes one decision of policy.mjs differently, and so breaks the requirement that is its name.
export const BREAKS = {
  "common/access-tokens-only": { isAccessToken: () => true },
  "common/assurance-required": { isAssured: () => true },
  "common/others-see-nothing": { mayList: (record) => record.submittedAt !== undefined || record.status === "draft" },
  "common/others-change-nothing": { mayChange: () => true },
  "common/others-documents-refused": { mayAttach: () => true },
  "common/idempotency-key-reuse": { isReplay: () => true },
  "common/idempotency-key-private": { keyOf: (caller, key) => key },
  "common/illegal-transition": { illegal: () => ({ code: "conflict" }) },
  "common/all-violations": { violations: (found) => found.slice(0, 1) },
  "common/values-not-echoed": { message: (text, value) => `${text}: ${JSON.stringify(value)}` },
  "common/paging-complete": { nextPage: (start, limit) => start + limit + 1 },
  "common/stale-if-match": { isCurrent: () => true },
  "common/etag-follows-state": { isUnchanged: () => false },
  "common/receipt-reveals-nothing": {
    verification: (receipt, record) => ({
      valid: true, service: receipt.service, issuedAt: receipt.issuedAt, payloadDigest: receipt.payloadDigest,
      holder: record.facts.about.person.name.familyNames.join(" "),
    }),
  },
  "civil_certificates/minors-by-guardian": { mayAskForMinor: (relationship) => relationship !== "self" },
};
