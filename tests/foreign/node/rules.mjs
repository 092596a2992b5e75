// The rules of civil certificates that need no register: who is entitled, which dates make sense, what is offered.
import { age } from "./calendar.mjs";
import { Problem, broken } from "./problem.mjs";

const ADULT = 18;

/** Refuses what nobody may ask for like this; `today` is the day in the country. */
export function check(facts, contract, policy, today) {
  entitled(facts, contract, policy, today);
  const { eventDate, person } = facts.about;
  if (eventDate !== undefined && eventDate > today) throw broken("civil_certificates/event-not-in-future");
  if (eventDate !== undefined && person.birthDate !== undefined && eventDate < person.birthDate) {
    throw broken("civil_certificates/event-after-birth");
  }
  offered(facts, contract);
}

function entitled({ certificateType, about, evidence = [] }, contract, policy, today) {
  const { relationship, person } = about;
  const listed = contract.setting("entitledRelationships")[certificateType] ?? [];
  const minor = person.birthDate !== undefined && age(person.birthDate, today) < ADULT;
  const interest = evidence.some((one) => one.evidenceType === "legal-interest");
  const against = !listed.includes(relationship) ? "entitled-relationships"
    : relationship === "other" && !interest ? "other-needs-mandate-or-evidence"
      : !minor || policy.mayAskForMinor(relationship) ? undefined
        : relationship === "self" ? "minor-not-by-itself" : "minors-by-guardian";
  if (against !== undefined) throw new Problem("not-entitled", { ruleId: policy.ruleNamed(`civil_certificates/${against}`) });
}

function offered({ certificateType, format, delivery, apostille = false }, contract) {
  const type = contract.setting("certificateTypes").find((one) => one.code === certificateType);
  if (!type?.formats.includes(format) || !type.deliveries.includes(delivery)) {
    throw broken("civil_certificates/formats-as-published");
  }
  const stamped = contract.setting(delivery === "digital" ? "apostilleForDigital" : "apostilleForPaper");
  if (apostille && !stamped) throw broken("civil_certificates/apostille-only-where-offered");
}
