import { cut, type Output, paint, printable } from "../command-line/output.ts";
import { answerLines } from "../http/answer-lines.ts";
import { encodedBody } from "../recordings/recording.ts";
import type { Handled } from "./handle-request.ts";

/** Names come from the request, where they can be as long as a body. */
const MOST_OF_A_NAME = 120;

/** Prints a request with its verdict and its whole answer. */
export function printHandled(output: Output, { id, request, from, answer }: Handled): void {
  const { receivedAt, method, path, verdict, explanation, event, eventId } = request;
  const ms = Math.round(answer.durationMs);
  const data = {
    ...{ type: "delivery", id, receivedAt, method, path, verdict, explanation, event, eventId },
    ...{ from, status: answer.status, ms, ...encodedBody(answer.body) },
  };
  const color = answer.status < 300 ? "green" : answer.status < 500 ? "yellow" : "red";
  const name = (text: string) => cut(printable(text), MOST_OF_A_NAME);
  const what = event === null ? `${method} ${path}` : event;
  const by = from === "dev" ? "" : ` from ${from}`;
  const lines = [
    `${paint("bold", `${answer.status}`)} ${paint(color, verdict)}  ${name(what)}  ${name(eventId ?? "")}`.trimEnd(),
    ...(explanation === null ? [] : [printable(explanation)]),
    ...answerLines(answer.body),
    paint("dim", `${ms} ms${by}, recorded as ${id}`),
  ];
  output.result(data, `${lines.join("\n  ")}\n`);
}
