import { type Catalog, WebhookError } from "@popp-webhooks/core";
import { checkOptions, type OptionRule } from "@popp-webhooks/core/internal";
import type { Concurrency } from "../inbox-options.ts";

/** The rule of an option that counts something. */
export const COUNT: OptionRule = { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true };

const DEFAULT = 16;

/** The number of all handlers, and the numbers of single events. */
export interface ResolvedConcurrency {
  readonly concurrency: number;
  readonly caps: ReadonlyMap<string, number>;
}

/**
 * Checks the option `concurrency`.
 *
 * @throws WebhookError `CONFIG_INVALID` when a number is not usable, or when it is for a name that the catalog does not have
 */
export function resolveConcurrency(
  option: number | Concurrency<Catalog> | undefined,
  catalog: Catalog,
): ResolvedConcurrency {
  const { default: concurrency = DEFAULT, ...names } = isByName(option) ? option : { default: option };
  checkNumbers(isByName(option) ? { "concurrency.default": concurrency } : { concurrency });
  const caps = new Map<string, number>();
  for (const [name, cap] of Object.entries<number | undefined>(names)) {
    if (!Object.hasOwn(catalog, name)) throw unknownName(name);
    checkNumbers({ [`concurrency.${name}`]: cap });
    if (cap !== undefined) caps.set(name, cap);
  }
  return { concurrency, caps };
}

/** Whether it is an object with numbers. A Map or an array is none. */
function isByName(option: unknown): option is Concurrency<Catalog> {
  return typeof option === "object" && option !== null && !(Symbol.iterator in option);
}

function checkNumbers(numbers: Readonly<Record<string, unknown>>): void {
  checkOptions("createInbox", numbers, Object.fromEntries(Object.keys(numbers).map((name) => [name, COUNT])));
}

function unknownName(name: string): WebhookError {
  const why =
    name === "UNRECOGNIZED"
      ? "the events that go to this handler have other names"
      : "the catalog has no event of this name";
  return new WebhookError("CONFIG_INVALID", `createInbox: \`concurrency.${name}\` cannot be used: ${why}.`);
}
