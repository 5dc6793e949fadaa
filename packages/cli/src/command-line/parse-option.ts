import { CliError } from "./cli-error.ts";

/** Reads a whole number of an option. */
export function wholeNumber(option: string, { min, max }: { readonly min: number; readonly max: number }) {
  return (text: string): number => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= min && number <= max) return number;
    throw new CliError("usage", "USAGE", `${option} takes a whole number from ${min} to ${max}. "${text}" is none.`);
  };
}

/** Reads the http or https address of an option. */
export function httpUrl(option: string) {
  return (text: string): URL => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url && /^https?:$/.test(url.protocol)) return url;
    const hint = url || /^[\w.-]+:\d+/.test(text) ? `Did you mean http://${text.replace(/^\w+:\/\//, "")}?` : "";
    throw new CliError(
      "usage",
      "USAGE",
      `${option} takes an address such as http://127.0.0.1:3000/webhooks/popp. ${hint}`.trim(),
    );
  };
}

/** Collects an option that is given several times. */
export function collected<Value>(read: (text: string) => Value) {
  return (text: string, before: readonly Value[] = []): readonly Value[] => [...before, read(text)];
}
