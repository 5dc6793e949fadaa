import type { Content } from "../src/contents.ts";

/** How many bytes are shown in hex. */
const MOST = 16_384;

/** Bytes in hex, in lines that fit the window: the offset, the bytes, and the ASCII characters among them. */
export function hexDump({ text, hex, bytes }: Content): string {
  const shown =
    text === null ? bytesOfHex((hex ?? "").slice(0, 2 * MOST)) : new TextEncoder().encode(text.slice(0, MOST));
  const width = innerWidth < 760 ? 8 : 16;
  const lines: string[] = [];
  for (let at = 0; at < Math.min(shown.length, MOST); at += width) {
    const part = [...shown.subarray(at, at + width)];
    const pairs = part.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const ascii = part.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : "·")).join("");
    lines.push(`${at.toString(16).padStart(4, "0")}  ${pairs.padEnd(3 * width)} ${ascii}`);
  }
  if (bytes > MOST) lines.push(`The first ${MOST.toLocaleString("en")} of ${bytes.toLocaleString("en")} bytes.`);
  return lines.join("\n");
}

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
