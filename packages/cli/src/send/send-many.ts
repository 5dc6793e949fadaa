import { CliError, EXIT_CODES } from "../command-line/cli-error.ts";
import { type Output, paintWords, printable, tableOf } from "../command-line/output.ts";
import { answerLines } from "../http/answer-lines.ts";
import type { BodySource } from "./body-source.ts";
import { type Delivered, deliver, type Target } from "./deliver.ts";
import { type Pace, paced, type Started } from "./paced.ts";
import { printDelivered } from "./print-delivered.ts";
import { count, progressBar } from "./progress-bar.ts";
import { Tally } from "./tally.ts";

/** How many wrong answers are shown. The table counts them all. */
const SHOWN_WRONG = 10;

/** A rate that falls short by more than this is worth a sentence. */
const RATE_TOLERANCE = 0.05;

/** What is sent, and what is said about it. */
export interface SendManyOptions extends Omit<Pace, "signal"> {
  /** They take turns. */
  readonly sources: readonly BodySource[];
  readonly target: Target;
  readonly expect: number;
  /** Prints each delivery, and not only the table. */
  readonly isVerbose: boolean;
  readonly stop: AbortController;
  readonly output: Output;
}

/** Sends many deliveries, shows how far it is, and prints a table of the answers and their times. Returns the exit code. */
export async function sendMany(options: SendManyOptions): Promise<number> {
  const { sources, target, expect, stop, output, perSecond } = options;
  const tally = new Tally();
  let [next, shown, hasAnswer] = [0, 0, false];
  const bar = output.isJson || options.isVerbose ? undefined : progressBar(output, options.total, () => tally.count);
  try {
    const held = await paced({ ...options, signal: stop.signal }, one);
    bar?.end();
    report(output, tally, held);
    if (stop.signal.aborted) return EXIT_CODES.interrupted;
    if (perSecond && held.perSecond !== null && held.perSecond < perSecond * (1 - RATE_TOLERANCE))
      output.say(
        `The rate of ${count(perSecond)} a second was not held: answers took too long for --concurrency ${options.concurrency}, or this machine is busy.`,
      );
    return tally.wrong > 0 ? EXIT_CODES.failed : 0;
  } finally {
    bar?.end();
  }

  async function one(): Promise<void> {
    const source = sources[next++ % sources.length];
    if (!source) return;
    const startedAt = performance.now();
    try {
      const delivered = await deliver(source, target);
      const { status, durationMs } = delivered.answer;
      hasAnswer = true;
      const isRight = status === expect;
      tally.add(`${status}`, isRight, durationMs);
      if (options.isVerbose) printDelivered(output, delivered, { isRight, showsHeaders: false });
      else if (!isRight && shown++ < SHOWN_WRONG) showWrong(delivered);
    } catch (error) {
      // What an interruption cut off has no answer, right or wrong.
      if (stop.signal.aborted) return;
      if (hasAnswer && error instanceof CliError)
        return tally.add(`none: ${reasonOf(error)}`, false, performance.now() - startedAt);
      stop.abort();
      target.agent.destroy();
      throw error;
    }
  }

  function showWrong({ event, eventId, answer }: Delivered): void {
    const [line = ""] = answerLines(answer.body);
    const told = { type: "wrong-answer", event, eventId, status: answer.status, body: line };
    const words = `${paintWords("red", `${answer.status}`)}  ${printable(event)}  ${printable(eventId ?? "")}  ${line}`;
    if (output.isJson) output.result(told, "");
    else bar?.say(words);
  }
}

function reasonOf({ cause }: CliError): string {
  const { code, name } = Object(cause);
  return name === "TimeoutError" ? "too late" : String(code ?? name);
}

function report(output: Output, tally: Tally, { seconds, perSecond }: Started): void {
  const answers = tally.rows();
  const rows = answers.map(({ answer, count: times, p50Ms, p90Ms, p99Ms, maxMs }) => [
    ...[answer, count(times)],
    ...[p50Ms, p90Ms, p99Ms, maxMs].map((ms) => `${ms.toFixed(1)} ms`),
  ]);
  const rate = perSecond === null ? "" : `, ${count(Math.round(perSecond))} a second`;
  const summary = `${count(tally.count)} deliveries in ${seconds.toFixed(1)} s${rate}`;
  output.result(
    { type: "summary", count: tally.count, wrong: tally.wrong, seconds, perSecond, answers },
    `${tableOf(["answer", "deliveries", "p50", "p90", "p99", "max"], rows)}\n${summary}`,
  );
}
