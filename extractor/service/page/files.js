// Text files as text: UTF-8, or UTF-16 with a byte order mark, every character kept, as the command line reads them.

const OTHERS = [
  [[0x25, 0x50, 0x44, 0x46], "a PDF. Save its text first, then open that."],
  [[0x50, 0x4b, 0x03, 0x04], "an office file or a zip archive. Save its text first, then open that."],
  [[0x1f, 0x8b], "a compressed file. Unpack it first."],
];

/** Return the text of a file; throws a sentence where it is none. */
export async function read(file) {
  if (file.size > 20_000_000) throw new Error(`${file.name} is larger than 20 MB, too large for one article. Split it.`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const begins = (magic) => magic.every((byte, index) => bytes[index] === byte);
  const other = OTHERS.find(([magic]) => begins(magic));
  if (other) throw new Error(`${file.name} is ${other[1]}`);
  const encoding = begins([0xff, 0xfe]) ? "utf-16le" : begins([0xfe, 0xff]) ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: encoding === "utf-8" }).decode(bytes);
  } catch {
    throw new Error(`${file.name} is not ${encoding.toUpperCase()} text. Save it again with that encoding, then open it.`);
  }
}
