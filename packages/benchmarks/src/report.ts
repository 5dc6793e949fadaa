import type { Result } from "./result.ts";

const percent = (share: number) => `${Math.round(Math.abs(share) * 100)} %`;

/** Says in words what a result means. A difference that is smaller than the spread of the rounds is none. */
function meaningOf({ what, against, measured, spread = "" }: Result): string {
  const ratio = Number(measured);
  if (/growth/.test(what)) return "from its first seconds on, without garbage";
  if (Number.isNaN(ratio)) return unitOf(measured, against);
  const [low = ratio, high = ratio] = spread === "" ? [] : spread.split("–").map(Number);
  if (low <= 1 && high >= 1) return "no clear difference";
  if (/per second/.test(what)) return ratio < 1 ? `${percent(1 - ratio)} fewer` : `${percent(ratio - 1)} more`;
  const resource = /^import|WebCrypto/.test(what) ? "time" : "CPU time";
  return ratio < 1 ? `${percent(1 - ratio)} less ${resource}` : `${percent(ratio - 1)} more ${resource}`;
}

function unitOf(measured: string, against: string): string {
  if (/kB$/.test(measured) && against.startsWith("size")) return "what a browser or a Worker loads";
  if (/µs$/.test(measured)) return "added to each request";
  if (/MB$/.test(measured)) return "of the process, at its largest";
  return "on this machine";
}

const badge = ({ met }: Result) =>
  met === undefined ? "" : met ? ' <Badge type="tip">met</Badge>' : ' <Badge type="danger">missed</Badge>';

function subjectOf({ what, against }: Result, bold = ""): string {
  const subject = `${bold}${what}${bold}`;
  if (against === "") return subject;
  return against.startsWith("size") ? `${subject}, ${against}` : `${subject} against ${against}`;
}

function rowOf(result: Result): string {
  const { measured, spread, target = "" } = result;
  const cells = [
    subjectOf(result, "**"),
    spread ? `${measured} (${spread})` : measured,
    meaningOf(result),
    `${target}${badge(result)}`.trim(),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** The table of the docs, below its verdict. */
export function reportOf(results: readonly Result[], about: string): string {
  const judged = results.filter(({ met }) => met !== undefined);
  const missed = judged.filter(({ met }) => !met);
  return [
    `**${judged.length - missed.length} of ${judged.length} targets are met.**${missed.length > 0 ? " Missed:" : ""}`,
    missed.map((result) => `- ${subjectOf(result)}: ${result.measured}, and the target is ${result.target}`).join("\n"),
    about,
    ["| what | measured | meaning | target |", "| --- | --- | --- | --- |", ...results.map(rowOf)].join("\n"),
    "",
  ]
    .filter((part, at, { length }) => part !== "" || at === length - 1)
    .join("\n\n")
    .replace(/\n+$/, "\n");
}
