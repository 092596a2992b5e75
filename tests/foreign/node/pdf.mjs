// A plain PDF of one or more pages of text, enough for a form to print.
const LINES = 46;
const WINANSI = { "’": "\x92", "‘": "\x91", "“": "\x93", "”": "\x94", "–": "\x96", "—": "\x97", "…": "\x85" };

const written = (line) =>
  [...line.normalize("NFC")].map((sign) => WINANSI[sign] ?? (sign.codePointAt(0) < 256 ? sign : "?")).join("")
    .replace(/[\\()]/g, "\\$&");

export function pdf(lines) {
  const pages = [];
  for (let start = 0; start < Math.max(lines.length, 1); start += LINES) pages.push(lines.slice(start, start + LINES));
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${pages.map((_, index) => `${4 + 2 * index} 0 R`).join(" ")}] /Count ${pages.length} >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
  ];
  for (const [index, page] of pages.entries()) {
    const text = page.map((line) => `(${written(line)}) Tj T*`).join("\n");
    const stream = `BT /F1 10 Tf 50 790 Td 16 TL\n${text}\nET`;
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${5 + 2 * index} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
      `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    );
  }
  let file = "%PDF-1.4\n";
  const places = objects.map((object, index) => {
    const place = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const rows = places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("");
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`;
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${file.indexOf("xref\n0 ")}\n%%EOF\n`;
  return Buffer.from(file, "latin1");
}
