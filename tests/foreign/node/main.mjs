// node main.mjs --published FOLDER [--port N] [--break REQUIREMENT]
import { createServer } from "node:http";
import { parseArgs } from "node:util";

import { BREAKS } from "./breaks.mjs";
import { Contract } from "./contract.mjs";
import { Host } from "./http.mjs";
import { policy } from "./policy.mjs";
import { Service } from "./service.mjs";

const STAGE = 3;
const { values } = parseArgs({
  options: { published: { type: "string" }, port: { type: "string", default: "0" }, break: { type: "string" } },
});
if (values.published === undefined || (values.break !== undefined && BREAKS[values.break] === undefined)) {
  console.error(`node main.mjs --published FOLDER [--port N] [--break REQUIREMENT]\n\n${Object.keys(BREAKS).join("\n")}`);
  process.exit(2);
}
Object.assign(policy, BREAKS[values.break]);

const contract = new Contract(values.published, STAGE);
const server = createServer({ maxHeaderSize: 16_384, requestTimeout: 60_000 });
server.listen(Number(values.port), "127.0.0.1", () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const host = new Host(new Service(contract, policy, origin, STAGE));
  server.on("request", (request, response) => host.answer(request, response));
  console.log(origin);
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));
