import type { Command } from "@commander-js/extra-typings";
import { newCommand } from "../command-line/new-command.ts";
import { outputOf } from "../command-line/output.ts";
import { httpUrl } from "../command-line/parse-option.ts";
import { SECRET_OPTIONS } from "../command-line/read-secret.ts";
import { manifest } from "../manifest.ts";
import { withStoreOptions } from "../stores/store-options.ts";
import { checkNode } from "./check-node.ts";
import { checkSecret } from "./check-secret.ts";
import { checkStore } from "./check-store.ts";
import { checkVersions } from "./check-versions.ts";
import { type Finding, findingsOf, findingText } from "./finding.ts";
import { parserCalls } from "./parser-calls.ts";
import { type Probed, probeEndpoint } from "./probe-endpoint.ts";

const EXAMPLES = [
  ["popp-webhooks doctor", "check the project in this folder"],
  ["popp-webhooks doctor --url https://example.com/webhooks/popp", "also send a probe that no handler sees"],
] as const;

/** `doctor`: one report that can be pasted into a support request. */
export function doctorCommand(): Command {
  const command = newCommand("doctor", "Check a project, and print a report that can be shared.", EXAMPLES)
    .option("--url <url>", "the address of your webhook, for a wrongly signed probe", httpUrl("--url"))
    .option(...SECRET_OPTIONS.secretFile);
  return withStoreOptions(command).action(async (options) => {
    const output = outputOf(options);
    const project = process.cwd();
    const calls = parserCalls(project);
    const [probed, stores] = await Promise.all([
      options.url &&
        probeEndpoint(
          options.url,
          calls.map(({ place }) => place),
        ),
      checkStore(options, output.say),
    ]);
    const findings = [
      checkNode(process.versions.node),
      checkVersions(project, manifest.version),
      checkSecret(options, output.say),
      probed?.finding ?? NO_PROBE,
      parserFinding(calls, probed),
      ...stores,
    ];
    if (!output.isJson) output.result({}, `popp-webhooks doctor ${manifest.version}\n`);
    for (const finding of findings) output.result(finding, findingText(finding));
    if (findings.some(({ state }) => state === "problem")) process.exitCode = 1;
  }) as unknown as Command;
}

const NO_PROBE: Finding = findingsOf("endpoint")("not checked", "No address was given.", "Pass --url.");

/** The sources are a weak sign; a probe whose bytes arrived is a strong one. */
function parserFinding(calls: ReturnType<typeof parserCalls>, probed: Probed | undefined): Finding {
  const finding = findingsOf("parsers");
  const places = (some: typeof calls) => some.map(({ place }) => place).join(", ");
  const before = calls.filter(({ isBeforeRoute }) => isBeforeRoute);
  if (probed?.arrived) return finding("ok", "The bytes of the probe arrived as they were sent.");
  if (calls.length === 0)
    return finding("ok", "No call of express.json() or another body parser was found in the sources.");
  const fix = "Mount the webhook's route before the parser. --url tells for sure.";
  if (before.length > 0)
    return finding("warning", `A body parser stands before the webhook's route in ${places(before)}.`, fix);
  return finding("not checked", `Body parsers are called in ${places(calls)}.`, fix);
}
