import { printable } from "../command-line/output.ts";
import { textOf } from "../recordings/recording.ts";

/** The whole body of an answer, since the end of a long one is often what matters. What is no text is shown as hex. */
export function answerLines(body: Uint8Array): string[] {
  const text = textOf(body);
  if (text === undefined) return [Buffer.from(body).toString("hex")];
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .map(printable);
}
