import { STATUS_CODES } from "node:http";
import { type Output, paint, printable } from "../command-line/output.ts";
import { answerLines } from "../http/answer-lines.ts";
import { encodedBody } from "../recordings/recording.ts";
import type { Delivered } from "./deliver.ts";

/** Prints a delivery with its whole answer; its headers are shown on demand. */
export function printDelivered(
  output: Output,
  { event, eventId, answer }: Delivered,
  { isRight, showsHeaders }: { readonly isRight: boolean; readonly showsHeaders: boolean },
): void {
  const { status, headers, body, durationMs } = answer;
  const ms = Math.round(durationMs);
  const title = [event, eventId].filter((part) => part !== null).map(printable);
  const answered = paint(isRight ? "green" : "red", `${status} ${STATUS_CODES[status] ?? ""}`.trimEnd());
  const lines = [
    [paint("bold", answered), ...title, paint("dim", `${ms} ms`)].join("  "),
    ...(showsHeaders ? headers.map(([name, value]) => paint("dim", printable(`${name}: ${value}`))) : []),
    ...answerLines(body),
  ];
  const data = { type: "answer", event, eventId, status, isRight, ms, headers, ...encodedBody(body) };
  output.result(data, lines.join("\n  "));
}
