// What a caller accepts: media types and languages, by the weights of RFC 9110.
function wishes(header) {
  return header.split(",").map((part) => {
    const [name, ...rest] = part.split(";").map((text) => text.trim().toLowerCase());
    const weight = rest.map((text) => /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.exec(text)?.[1]).find((text) => text !== undefined);
    return { name, weight: weight === undefined ? 1 : Number(weight) };
  }).filter((one) => one.name !== "");
}

/** The best of the offered media types; undefined when none is accepted. */
export function mediaType(header, offered) {
  if (header === undefined || offered.length === 0) return offered[0] ?? "application/json";
  const wanted = wishes(header);
  const weigh = (type) => {
    const match = [type, `${type.split("/")[0]}/*`, "*/*"].map((name) => wanted.find((one) => one.name === name)).find(Boolean);
    return match?.weight ?? 0;
  };
  const best = offered.map((type) => ({ type, weight: weigh(type) })).sort((one, other) => other.weight - one.weight)[0];
  return best.weight > 0 ? best.type : undefined;
}

/** The language to answer in: the one that is wished for most, else the first of the country. */
export function language(header, offered, fallback) {
  const wanted = wishes(header ?? "").filter((one) => one.weight > 0).sort((one, other) => other.weight - one.weight);
  for (const { name } of wanted) {
    const found = offered.find((tag) => name === tag || name.startsWith(`${tag}-`));
    if (found !== undefined) return found;
    if (name === "*") return fallback;
  }
  return fallback;
}
