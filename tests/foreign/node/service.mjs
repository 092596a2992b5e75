// One service: its parts, and which of them answers which operation of the contract.
import { Guard, Keys } from "./auth.mjs";
import { Calendar } from "./calendar.mjs";
import { Documents } from "./documents.mjs";
import { Information } from "./information.mjs";
import { Fees } from "./money.mjs";
import { Requests } from "./requests.mjs";
import { Clock } from "./sandbox.mjs";
import { Values } from "./values.mjs";

export class Service {
  constructor(contract, policy, origin, stage) {
    Object.assign(this, { contract, policy, origin, stage });
    this.clock = new Clock();
    this.calendar = new Calendar(contract.profile);
    this.values = new Values(contract.profile);
    this.keys = new Keys(origin, contract.kebab);
    this.guard = new Guard(this.keys, contract.kebab, policy);
    this.fees = new Fees(contract, this.clock, policy);
    this.information = new Information(contract, this.clock, this.fees, policy, stage);
    this.begin();
  }

  /** Forgets everything that was written, as a reset of the sandbox asks. */
  begin() {
    this.answered = new Map();
    this.failures = new Map();
    this.documents = new Documents(this.contract, this.clock, this.policy);
    this.requests = new Requests(this);
  }

  /** What answers each operation; only what stands here is offered. */
  get handlers() {
    const { information: about, documents, requests, fees } = this;
    return {
      getServiceDescription: (call) => about.description(call),
      getOpenApi: (call) => about.openApi(call),
      getHealth: () => about.health(),
      getStages: (call) => about.stages(call),
      listFees: (call) => about.listFees(call),
      createFeeQuote: (call) => fees.quote(call),
      listForms: (call) => about.listForms(call),
      getForm: (call) => about.form(call),
      getNationalSchema: (call) => about.national(call),
      listCertificateTypes: (call) => about.certificateTypes(call),
      uploadDocument: (call) => documents.upload(call),
      getDocument: (call) => documents.show(call),
      getDocumentContent: (call) => documents.content(call),
      verifyReceipt: (call) => requests.verifyReceipt(call),
      listRequests: (call) => requests.list(call),
      createRequest: (call) => requests.create(call),
      getRequest: (call) => requests.show(call),
      replaceRequest: (call) => requests.replace(call),
      submitRequest: (call) => requests.submit(call),
      discardRequest: (call) => requests.discard(call),
      withdrawRequest: (call) => requests.withdraw(call),
    };
  }

  get manifest() {
    const { contract } = this;
    return {
      country: contract.country,
      operator: "An agency that wrote its service itself",
      environment: "sandbox",
      services: [{
        slug: contract.kebab, specVersion: contract.version, baseUrl: this.origin + contract.base, claimedStage: this.stage,
      }],
      languages: contract.profile.languages.value,
      profileVersion: contract.version,
      contact: "service@example.invalid",
    };
  }
}
