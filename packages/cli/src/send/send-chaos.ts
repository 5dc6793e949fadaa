import { runChaos } from "@popp-webhooks/testing";
import { EXIT_CODES } from "../command-line/cli-error.ts";
import { type Output, paint, printable } from "../command-line/output.ts";
import { type BodySource, jsonOf } from "./body-source.ts";
import { deliver, type Target } from "./deliver.ts";

/** Sends what causes trouble in production, and prints a verdict on each answer. Returns the exit code. */
export async function sendChaos(source: BodySource, target: Target, output: Output): Promise<number> {
  // Says why, when nothing answers: the scenarios would only find that nothing came.
  await deliver(source, target);
  const results = await runChaos(target.url, {
    secret: target.secret,
    timeoutMs: target.timeoutMs,
    event: Object(jsonOf(source.next().bytes)),
    onResult({ scenario, sent, expected, statuses, passed, advice, errors = [] }) {
      const lines = [
        `${passed ? paint("green", "passed") : paint("red", "failed")}  ${paint("bold", scenario)}: ${sent}`,
        ...(passed ? [] : [`expected: ${expected}`, `answered: ${listed(statuses)}.`]),
        ...errors.map(({ code, message }) => printable(`${code}: ${message}`)),
        ...(advice === undefined ? [] : [advice]),
      ];
      const data = { type: "scenario", scenario, sent, expected, statuses, passed, advice, errors };
      output.result(data, lines.join("\n        "));
    },
  });
  const passed = results.filter((result) => result.passed).length;
  output.say(`${passed} of ${results.length} scenarios passed.`);
  return passed === results.length ? 0 : EXIT_CODES.failed;
}

/** Statuses, each with how often it came. */
function listed(statuses: readonly number[]): string {
  const times = new Map<string, number>();
  for (const status of statuses) {
    const name = status === 0 ? "nothing in time" : `${status}`;
    times.set(name, (times.get(name) ?? 0) + 1);
  }
  return [...times].map(([name, count]) => (count > 1 ? `${name} (${count} times)` : name)).join(", ");
}
