/**
 * Measures everything in one run, prints the results and writes the table of the docs. `--quick`: fewer rounds. `--only <name>`: one part.
 *
 * The parts `million` and `inspector` take long and run only by their names. `--store <name>`: `million` on one store.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs, styleText } from "node:util";
import Table from "cli-table3";
import { send } from "./cli/send.ts";
import { overHttp } from "./http/over-http.ts";
import { importTime } from "./import-time.ts";
import { accept } from "./inbox/accept.ts";
import { backlog } from "./inbox/backlog.ts";
import { inspector } from "./inbox/inspector.ts";
import { million } from "./inbox/million.ts";
import { inboxOverHttp } from "./inbox/over-http.ts";
import { peers } from "./inbox/peers.ts";
import { parse } from "./parse.ts";
import { receiver } from "./receiver.ts";
import { reportOf } from "./report.ts";
import type { Result } from "./result.ts";
import { sizes } from "./sizes.ts";
import { verify } from "./verify.ts";
import { webCrypto } from "./web-crypto.ts";

const { values } = parseArgs({
  options: { quick: { type: "boolean", default: false }, only: { type: "string" }, store: { type: "string" } },
});
const isMillion = values.only === "million" || values.only === "inspector";
const events = values.quick ? 100_000 : 1_000_000;
const rounds = values.quick ? 12 : 60;
const progress = (text: string) => process.stderr.write(`\r\u001b[K${text}`);

const parts: Record<string, () => Promise<Result[]>> = {
  verify: () => verify(rounds),
  parse: () => parse(rounds),
  "web-crypto": () => webCrypto(rounds),
  receiver: () => receiver(rounds),
  sizes,
  import: () => importTime(values.quick ? 7 : 25),
  http: () => overHttp(values.quick ? 3 : 11, progress),
  inbox: async () => [
    ...(await accept(values.quick ? 5 : 25)),
    ...(await inboxOverHttp(values.quick ? 3 : 11, progress)),
    ...(await backlog(events, progress)),
  ],
  send: () => send(values.quick ? 20_000 : 100_000, progress),
  peers: () => peers(values.quick ? 3 : 11, progress),
  ...(isMillion && {
    million: () => million(events, progress, values.store),
    inspector: () => inspector(events, progress),
  }),
};

const names = Object.keys(parts).filter((name) => values.only === undefined || name === values.only);
if (names.length === 0) {
  console.error(
    `There is no part called ${values.only}: give --only one of ${[...Object.keys(parts), "million", "inspector"].join(", ")}.`,
  );
  process.exit(1);
}

const results: Result[] = [];
for (const name of names) {
  progress(`measuring ${name} …`);
  results.push(...((await parts[name]?.()) ?? []));
}
progress("");

const head = isMillion
  ? ["what", "store", "median", "slowest of ten", "target", ""]
  : ["what", "against", "measured", "half of the rounds", "target", ""];
const rows = results.map(({ what, against, measured, spread = "", target = "", met }) => [
  what,
  against,
  measured,
  spread,
  target,
  met === undefined ? "" : met ? "met" : "missed",
]);

const table = new Table({ head, style: { head: ["bold"], border: [], compact: true } });
for (const row of rows)
  table.push(
    row.map((cell) => (cell === "met" ? styleText("green", cell) : cell === "missed" ? styleText("red", cell) : cell)),
  );
console.log(table.toString());

const where = `Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model ?? "unknown"})`;
const about = isMillion
  ? `${where}.`
  : `Ratios of medians in one interleaved run, of CPU time but for WebCrypto, imports and requests per second; a smaller one is quicker, but for requests per second. ${where}.`;
if (values.only === undefined && !values.quick) {
  writeFileSync(new URL("../../../docs/benchmarks.generated.md", import.meta.url), reportOf(results, about));
}
console.log(about);
