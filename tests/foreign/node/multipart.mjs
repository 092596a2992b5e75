// Bodies of several parts (RFC 7578): a name, perhaps a file name and a media type, and bytes.
const END = Buffer.from("\r\n\r\n");

/** The parts of a body by name; undefined when it cannot be read. */
export function parts(bytes, contentType) {
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  if (boundary === null) return undefined;
  const line = Buffer.from(`\r\n--${boundary[1] ?? boundary[2]}`);
  const whole = Buffer.concat([Buffer.from("\r\n"), bytes]);
  const found = new Map();
  let at = whole.indexOf(line);
  while (at !== -1) {
    const start = at + line.length;
    if (whole.subarray(start, start + 2).toString() === "--") return found;
    const next = whole.indexOf(line, start);
    const head = whole.indexOf(END, start);
    if (next === -1 || head === -1 || head > next) return undefined;
    const fields = whole.subarray(start, head).toString("utf8");
    const name = /^content-disposition:[^\r\n]*;\s*name="([^"]*)"/im.exec(fields)?.[1];
    if (name === undefined || found.has(name)) return undefined;
    const media = /^content-type:\s*([^;\s]+)/im.exec(fields)?.[1].toLowerCase();
    found.set(name, { media, bytes: whole.subarray(head + END.length, next) });
    at = next;
  }
  return undefined;
}
