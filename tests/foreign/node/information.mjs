// Stages 1 and 2: what the service is, offers and costs, and its form to print or to check by machine.
import { written } from "./calendar.mjs";
import { page } from "./paging.mjs";
import { pdf } from "./pdf.mjs";
import { missing } from "./problem.mjs";
import { localised } from "./values.mjs";

const FORM = "request";
const REQUEST = { $ref: "#/components/schemas/CertificateRequestInput" };
const MEDIA = ["application/schema+json", "application/pdf"];
const DRAFT = "https://json-schema.org/draft/2020-12/schema";
const LINKS = { "service-desc": "openapi.json", fees: "fees", forms: "forms", stages: "stages", types: "certificate-types" };
const TEXTS = {
  form: { en: "Request for a certificate", es: "Solicitud de un certificado" },
  days: { en: (days) => `At most ${days} working days`, es: (days) => `Como máximo ${days} días hábiles` },
  evidence: {
    en: (stage) => `The operations of stage ${stage} answer at this address.`,
    es: (stage) => `Las operaciones de la etapa ${stage} responden en esta dirección.`,
  },
  national: { en: "National additions", es: "Adiciones nacionales" },
};

export class Information {
  constructor(contract, clock, fees, policy, stage) {
    Object.assign(this, { contract, clock, fees, policy, stage });
  }

  description({ language }) {
    const { contract, stage } = this;
    const { service } = contract;
    const days = contract.setting("processingDays");
    const offices = contract.setting("offices").map((one) => ({ type: "office", ...one }));
    const found = {
      identifier: contract.kebab,
      name: service.titles,
      description: service.descriptions,
      competentAuthority: contract.profile.authorities[contract.slug].value,
      spatial: [contract.country],
      lifeEvents: service.lifeEvents,
      requirements: service.requirements,
      evidenceTypes: service.evidenceTypes,
      channels: [...contract.setting("channels"), ...offices],
      costs: contract.fees.map((fee) => ({ identifier: fee.code, description: fee.title, feeCode: fee.code, amount: fee.amount })),
      processingTime: { workingDays: days, text: TEXTS.days[language](days) },
      languages: contract.profile.languages.value,
      legalBasis: contract.setting("legalBasis"),
      outputs: service.outputs,
      status: "active",
      schedules: offices[0].schedules,
      requiredDocuments: service.requiredDocuments,
      links: Object.entries(LINKS).map(([rel, path]) => ({ rel, href: contract.at(`/${path}`) })),
    };
    if (stage < 2) found.links = found.links.filter((one) => one.rel !== "forms");
    return { body: localised(found, language) };
  }

  openApi({ language }) {
    return { body: this.contract.documents[language] };
  }

  health() {
    return { body: { status: "pass", version: this.contract.version, time: written(this.clock.now()) } };
  }

  stages({ language }) {
    const offered = [...this.contract.operations.values()].flatMap(({ methods }) => Object.values(methods));
    const claims = [];
    for (let stage = 1; stage <= this.stage; stage += 1) {
      const operations = offered.filter((one) => one.stage === stage).map((one) => one.id);
      claims.push({ stage, operations, evidence: TEXTS.evidence[language](stage) });
    }
    return { body: { claimed: this.stage, perStage: claims } };
  }

  listFees(call) {
    const found = page(this.fees.published(this.policy.listedIn(call.language)), call, this.policy);
    return { ...found, body: { ...found.body, freeOfCharge: this.contract.fees.length === 0 } };
  }

  certificateTypes(call) {
    const { contract } = this;
    const language = this.policy.listedIn(call.language);
    const entitled = contract.setting("entitledRelationships");
    const apostille = { paper: contract.setting("apostilleForPaper"), digital: contract.setting("apostilleForDigital") };
    const types = contract.setting("certificateTypes").map((one) => ({
      ...one,
      title: contract.types.get(one.code)[`title_${language}`],
      languages: contract.setting("languages"),
      relationships: entitled[one.code],
      validityMonths: contract.setting("validityMonths")[one.code],
      apostille,
      fee: this.fees.published(language).find((fee) => fee.code === "CIV-CERT"),
    }));
    return page(types, call, this.policy);
  }

  national({ language }) {
    return { body: { $schema: DRAFT, title: TEXTS.national[language], type: "object" }, media: MEDIA[0] };
  }

  listForms(call) {
    const href = this.contract.at(`/forms/${FORM}`);
    const form = { code: FORM, title: TEXTS.form[this.policy.listedIn(call.language)], operationId: "createRequest", mediaTypes: MEDIA, href };
    return page([form], call, this.policy);
  }

  form({ parameters, language, accepts }) {
    if (parameters.code !== FORM) throw missing();
    if (accepts(MEDIA) === MEDIA[0]) return { body: this.contract.alone(REQUEST), media: MEDIA[0] };
    const { schemas } = this.contract.documents[language].components;
    const facts = { ...schemas.CaseInput.properties, ...schemas.RequestFacts.properties };
    const label = (name, { title, description, $ref }) => title ?? description ?? schemas[$ref?.split("/").at(-1)]?.title ?? name;
    const lines = Object.entries(facts).flatMap(([name, one]) => [`${label(name, one)} (${name})`, "_".repeat(60), ""]);
    return { bytes: pdf([TEXTS.form[language], "", ...lines]), media: MEDIA[1] };
  }
}
