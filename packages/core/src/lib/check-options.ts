import { WebhookError } from "../errors/webhook-error.ts";

/** What one option must be: of one type, a number in a range (both ends included), or whatever a test of one's own accepts. */
export type OptionRule =
  | "function"
  | "string"
  | "boolean"
  | "object"
  | { readonly min: number; readonly max?: number; readonly integer?: boolean }
  | { readonly expected: string; readonly accepts: (value: unknown) => boolean };

/** The longest delay that a timer accepts, in milliseconds; a longer one would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** The rule of an option that a timer is started with, in milliseconds. */
export const TIMEOUT: OptionRule = { min: 1, max: MAX_TIMER_MS };

/**
 * Checks the options that were given. An absent one (undefined) is left to its default.
 *
 * @param owner - the function that takes the options, named in the error
 * @throws WebhookError `CONFIG_INVALID` that names the option, what it must be, and the type of what was given
 */
export function checkOptions<Options extends object>(
  owner: string,
  options: Options,
  rules: { readonly [Name in keyof Options]?: OptionRule },
): void {
  if (!isOfType(options, "object")) throw invalidOption(owner, "options", "an object", options);
  for (const name in rules) {
    const value = options[name];
    const expected = value === undefined ? undefined : violated(value, rules[name]);
    if (expected !== undefined) throw invalidOption(owner, name, expected, value);
  }
}

/** The error of an option that cannot be used. It tells the type of what was given, never its value, which may be a secret. */
export function invalidOption(owner: string, name: string, expected: string, given: unknown): WebhookError {
  const type = given === null || typeof given === "number" ? String(given) : typeof given;
  return new WebhookError("CONFIG_INVALID", `${owner}: \`${name}\` must be ${expected}, received ${type}.`);
}

/** What the rule expects, where the value does not keep it. */
function violated(value: unknown, rule: OptionRule | undefined): string | undefined {
  if (rule === undefined) return undefined;
  if (typeof rule === "string") return isOfType(value, rule) ? undefined : `of type ${rule}`;
  if ("accepts" in rule) return rule.accepts(value) ? undefined : rule.expected;
  const { min, max = Number.POSITIVE_INFINITY, integer } = rule;
  const fits = typeof value === "number" && value >= min && value <= max && (!integer || Number.isInteger(value));
  return fits ? undefined : `${integer ? "an integer" : "a number"} from ${min} to ${max}`;
}

function isOfType(value: unknown, type: string): boolean {
  return typeof value === type && value !== null;
}
