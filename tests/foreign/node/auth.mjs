// Tokens: the sandbox issues them, the service looks at them from all sides. Receipts are signed with a key of its own.
import { generateKeyPairSync, randomUUID, sign, verify } from "node:crypto";

import { Problem } from "./problem.mjs";

const LEEWAY = 60;
const LIFETIME = 3600;
const UNTRUSTED = ["jwk", "jku", "x5c", "x5u", "crit"];
const packed = (document) => Buffer.from(JSON.stringify(document)).toString("base64url");

class Key {
  constructor(id) {
    this.id = id;
    Object.assign(this, generateKeyPairSync("ed25519"));
  }

  get published() {
    return { ...this.publicKey.export({ format: "jwk" }), kid: this.id, alg: "EdDSA", use: "sig" };
  }

  sign(claims, type) {
    const signed = `${packed({ alg: "EdDSA", typ: type, kid: this.id })}.${packed(claims)}`;
    return `${signed}.${sign(null, Buffer.from(signed), this.privateKey).toString("base64url")}`;
  }
}

export class Keys {
  constructor(origin, kebab) {
    this.issuer = `${origin}/_sandbox`;
    this.audience = `urn:istmo:service:${kebab}`;
    this.tokens = new Key("tokens-1");
    this.receipts = new Key("receipts-1");
  }

  get published() {
    return { keys: [this.receipts.published, this.tokens.published] };
  }

  issue({ subject, scopes, acr, country, audience, issuer, type, claims: instead }, now) {
    const claims = {
      iss: issuer ?? this.issuer, sub: subject, aud: audience ?? this.audience, client_id: "sandbox", azp: "sandbox",
      iat: now, nbf: now, exp: now + LIFETIME, jti: randomUUID(), scope: scopes.join(" "), acr, country,
      ...instead,
    };
    for (const [name, value] of Object.entries(claims)) if (value === null) delete claims[name];
    return { accessToken: this.tokens.sign(claims, type ?? "at+jwt"), tokenType: "Bearer", expiresIn: LIFETIME, subject };
  }
}

export class Guard {
  constructor(keys, kebab, policy) {
    this.keys = keys;
    this.kebab = kebab;
    this.policy = policy;
  }

  /** Who calls an operation; null when it is public. */
  caller(operation, authorization, now) {
    if (operation.scopes.length === 0) return null;
    const token = /^Bearer ([A-Za-z0-9_.-]+)$/i.exec(authorization ?? "")?.[1];
    const claims = token === undefined ? undefined : this.#claims(token, now);
    if (claims === undefined) {
      throw new Problem("unauthenticated", {}, { "WWW-Authenticate": this.policy.challenge(/^Bearer /i.test(authorization ?? "")) });
    }
    if (!this.policy.hasScope(claims, operation.scopes)) throw new Problem("missing-scope");
    if (!this.policy.isAssured(claims, operation.acr)) throw new Problem("assurance-too-low", { requiredAcr: operation.acr });
    return {
      subject: claims.sub,
      may: (one) => this.policy.hasScope(claims, one.scopes) && this.policy.isAssured(claims, one.acr),
      isOfficer: claims.scopes.has(`${this.kebab}:officer`),
    };
  }

  #claims(token, now) {
    const parts = token.split(".");
    const header = document(parts[0]);
    const claims = document(parts[1]);
    if (parts.length !== 3 || !header || !claims || header.alg !== "EdDSA") return undefined;
    if (header.kid !== this.keys.tokens.id || UNTRUSTED.some((name) => name in header)) return undefined;
    const signature = Buffer.from(parts[2], "base64url");
    if (signature.toString("base64url") !== parts[2]) return undefined;
    if (!verify(null, Buffer.from(`${parts[0]}.${parts[1]}`), this.keys.tokens.publicKey, signature)) return undefined;
    if (!this.policy.isComplete(claims)) return undefined;
    const intime = claims.exp > now - LEEWAY && claims.nbf <= now + LEEWAY && claims.iat <= now + LEEWAY;
    const meant = [claims.aud].flat().includes(this.keys.audience);
    if (!intime || !meant || !this.policy.isIssuer(claims, this.keys.issuer) || !this.policy.isAccessToken(header)) return undefined;
    return { ...claims, scopes: new Set(String(claims.scope ?? "").split(" ")) };
  }
}

function document(part) {
  try {
    const found = JSON.parse(Buffer.from(part ?? "", "base64url").toString("utf8"));
    return found !== null && typeof found === "object" ? found : undefined;
  } catch {
    return undefined;
  }
}
