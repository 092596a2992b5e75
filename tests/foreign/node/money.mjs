// Fees: what one act costs, in whole cents, and quotes that hold a price for a day.
import { createHmac, randomBytes } from "node:crypto";

import { written } from "./calendar.mjs";
import { canonical, sha256 } from "./json.mjs";
import { broken, inBody, invalid } from "./problem.mjs";
import { localised } from "./values.mjs";

const SECRET = randomBytes(32);
const HELD_FOR = 24 * 3600 * 1000;
const cents = (money) => BigInt(money.amount.replace(".", ""));
const money = (amount, currency) => ({ amount: `${amount / 100n}.${String(amount % 100n).padStart(2, "0")}`, currency });
const seal = (text) => createHmac("sha256", SECRET).update(text).digest("base64url");
const priced = (lines) => sha256(canonical(lines.map(({ code, quantity, amount }) => [code, quantity, amount])));

export class Fees {
  constructor(contract, clock, policy) {
    Object.assign(this, { contract, clock, policy });
    this.known = new Map(contract.fees.map((fee) => [fee.code, fee]));
  }

  published(language) {
    return localised(this.contract.fees, language);
  }

  /** What one line of a bill comes to. */
  line({ code, quantity, exemption, base }) {
    const fee = this.known.get(code);
    const unit = fee.formula === undefined ? cents(fee.amount) : share(fee.formula, cents(base));
    const currency = fee.formula === undefined ? fee.amount.currency : base.currency;
    const amount = money(exemption === undefined ? unit * BigInt(quantity) : 0n, currency);
    return { code, quantity, amount, ...(exemption === undefined ? {} : { exemption }) };
  }

  titled(lines, language) {
    return lines.map((line) => ({ ...line, title: this.known.get(line.code).title[language] }));
  }

  quote({ body, language }) {
    const errors = body.lines.flatMap((line, index) => this.#faults(line, `/lines/${index}`));
    if (errors.length > 0) throw invalid(errors);
    const lines = body.lines.map((line) => this.line(line));
    const until = this.clock.now() + HELD_FOR;
    const named = `${until}.${priced(lines)}`;
    const currency = lines[0].amount.currency;
    const total = money(lines.reduce((sum, line) => sum + cents(line.amount), 0n), currency);
    return { body: { quoteId: `${named}.${seal(named)}`, lines: this.titled(lines, language), total, validUntil: written(until) } };
  }

  #faults({ code, exemption, base }, pointer) {
    const fee = this.known.get(code);
    if (fee === undefined) return [inBody(`${pointer}/code`, "unknown-code")];
    const faults = [];
    if (exemption !== undefined && !fee.exemptions.some((one) => one.code === exemption)) {
      faults.push(inBody(`${pointer}/exemption`, "unknown-code"));
    }
    if (fee.formula === undefined && base !== undefined) faults.push(inBody(`${pointer}/base`, "not-allowed-here"));
    if (fee.formula !== undefined && base === undefined) faults.push(inBody(`${pointer}/base`, "base-missing"));
    return faults;
  }

  exempts(code, exemption) {
    return this.known.get(code).exemptions.some((one) => one.code === exemption);
  }

  /** Refuses a quote that is over, or about something else. */
  hold(quote, lines) {
    const [until, about, signature] = quote.split(".");
    const genuine = signature === seal(`${until}.${about}`) && about === priced(lines);
    if (!this.policy.isGenuine(genuine)) throw broken("common/bill-equals-quote");
    if (Number(until) < this.clock.now()) throw broken("common/expired-quote");
  }
}

/** A share of an amount, rounded half up to the cent, between its bounds. */
function share({ percentage, minimum, maximum }, base) {
  const [whole, fraction = ""] = percentage.split(".");
  const rate = BigInt(whole + fraction.padEnd(4, "0"));
  let found = (base * rate * 2n + 1_000_000n) / 2_000_000n;
  if (minimum && found < cents(minimum)) found = cents(minimum);
  if (maximum && found > cents(maximum)) found = cents(maximum);
  return found;
}
