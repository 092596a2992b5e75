// Lists, page by page. A cursor is signed for one list, its filter and its reader.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

import { malformed } from "./problem.mjs";

const SECRET = randomBytes(32);
const seal = (text) => createHmac("sha256", SECRET).update(text).digest("base64url");

/** One page of a list that only grows at its end; `call` is the request for it. */
export function page(items, call, policy) {
  const limit = call.query.limit ?? 20;
  const bound = `${call.operation.id} ${call.query.status ?? ""} ${call.caller?.subject ?? ""}`;
  const start = call.query.cursor === undefined ? 0 : opened(call.query.cursor, bound);
  const end = policy.nextPage(start, limit);
  const shown = { items: items.slice(start, start + limit), page: { limit } };
  const headers = {};
  if (end < items.length) {
    shown.page.nextCursor = `${end}.${seal(`${end} ${bound}`)}`;
    const query = new URLSearchParams({ ...call.query, limit, cursor: shown.page.nextCursor });
    headers.Link = `<${call.path}?${query}>; rel="next"`;
  }
  return { body: shown, headers };
}

function opened(cursor, bound) {
  const [start, signature = ""] = cursor.split(".");
  const expected = Buffer.from(seal(`${start} ${bound}`));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw malformed("query", "cursor");
  return Number(start);
}
