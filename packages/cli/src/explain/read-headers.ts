import type { HeaderPair } from "../http/send-bytes.ts";

/** Reads headers as they stand in a request, one a line. What is no header is passed over, such as the first line. */
export function readHeaders(text: string): readonly HeaderPair[] {
  return text
    .split(/\r?\n/)
    .map((line) => pairOf(line.replace(/^> /, "")))
    .filter(([name]) => /^[\w-]+$/.test(name));
}

/** Reads `name: value`. */
export function pairOf(line: string): HeaderPair {
  const [, name = "", value = ""] = /^([^:]*):[ \t]*(.*?)[ \t]*$/s.exec(line) ?? [];
  return [name, value];
}
