import { CliError } from "../command-line/cli-error.ts";

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Reads a time of an option: ISO 8601, or how long ago, such as `2h` or `3d`. */
export function timeOf(option: string) {
  return (text: string): Date => {
    const [, amount, unit = ""] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
    const at = new Date(amount === undefined ? text : Date.now() - Number(amount) * (UNITS[unit] ?? 0));
    // `new Date` reads almost anything, such as "Monday 1".
    if (!Number.isNaN(at.getTime()) && (amount !== undefined || /^\d{4}-\d{2}-\d{2}/.test(text))) return at;
    throw new CliError(
      "usage",
      "USAGE",
      `${option} takes a time such as 2026-01-31T12:00:00Z, or how long ago: 30m, 2h or 3d.`,
    );
  };
}

/** How long a duration is, in the largest unit that fits: `3 d`, `20 ms`. */
export function duration(ms: number): string {
  const unit = (["w", "d", "h", "m", "s"] as const).find((one) => ms >= (UNITS[one] ?? 0) && one !== "w");
  return unit === undefined
    ? `${Math.round(ms)} ms`
    : `${Math.floor(ms / (UNITS[unit] ?? 1))} ${unit === "m" ? "min" : unit}`;
}
