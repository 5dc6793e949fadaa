import { Refusal } from "../errors/refusal.ts";
import { isPromiseLike, type MaybePromise } from "../lib/maybe-promise.ts";
import { quietly } from "../lib/quietly.ts";
import { withTimeout } from "../lib/with-timeout.ts";

/** What a secret function may return. */
export type SecretValue = string | readonly (string | null | undefined)[] | null | undefined;

/**
 * The signing secret from Popp's Developer Portal: a string, several while one is being rotated, or a function that returns
 * them, sync or async.
 *
 * A function is called once for each delivery, so a rotated secret counts from the next one on; keep it quick. In a list, entries that are
 * absent, blank or placeholders (`undefined`, `${NAME}`, `[object Object]`) are ignored, and warned of once. Nothing more is required of a
 * secret: Popp documents no prefix and no length.
 */
export type Secret = string | readonly (string | null | undefined)[] | (() => SecretValue | Promise<SecretValue>);

/** The usable secrets, each in its place in the list as given; undefined where an entry is ignored. */
export type Secrets = readonly (string | undefined)[];

const DEFAULT_SECRET_TIMEOUT_MS = 10_000;

/** Finds the secrets to verify with. Fails closed: without a usable one, the delivery is refused. */
export function resolveSecrets(
  secret: Secret,
  timeoutMs: number = DEFAULT_SECRET_TIMEOUT_MS,
): MaybePromise<Secrets | Refusal> {
  try {
    const value = typeof secret === "function" ? secret() : secret;
    // Before it is asked for `then`, which takes time where a package has made `String.prototype` slow.
    if (typeof value === "string" && value === latest[0]) return latest;
    if (!isPromiseLike(value)) return usable(value);
    const late = () => missing("the function took longer than `secretTimeoutMs`");
    return withTimeout(Promise.resolve(value).then(usable), timeoutMs, late).catch(failed);
  } catch (error) {
    return failed(error);
  }
}

/** The latest single secret: it is nearly always the same one, and looking at it costs as much as the rest of this. */
let latest: Secrets = [];

function usable(value: SecretValue): Secrets | Refusal {
  const given: readonly unknown[] = Array.isArray(value) ? [...value] : [value];
  const problems = given.map(problemOf);
  const secrets = given.map((secret, at) => (problems[at] ? undefined : (secret as string)));
  if (secrets.every((secret) => secret === undefined))
    return missing(`${given.length} given: ${problems.join(", ") || "none"}`);
  problems.forEach(warn);
  if (typeof value === "string") latest = secrets;
  return secrets;
}

/** A template string or a shell makes such a text of a variable that is not set, and everybody knows it. */
const PLACEHOLDER = /^(?:undefined|null|NaN|\[object \w+]|\$?\{.*}|\$\(.*\)|\$[A-Z_]+|%\w+%)$/;

function problemOf(secret: unknown): string | undefined {
  if (secret === undefined || secret === null) return "absent";
  if (typeof secret !== "string") return "not a string";
  const text = secret.trim();
  return text === "" ? "blank" : PLACEHOLDER.test(text) ? "a placeholder" : undefined;
}

/** The entries that were warned of: each place once in this process. */
const warned = /* @__PURE__ */ new Set<string>();

function warn(problem: string | undefined, at: number): void {
  const { size } = warned;
  if (!problem || warned.add(`${at} ${problem}`).size === size) return;
  const line = `[popp-webhooks] SECRET_MISSING: entry ${at + 1} of the list \`secret\` is ${problem} and is ignored.`;
  quietly(() => console.warn(line));
}

function failed(cause: unknown): Refusal {
  return missing("the function failed", cause);
}

function missing(why: string, cause?: unknown): Refusal {
  return new Refusal("SECRET_MISSING", `No usable \`secret\` (${why}). Copy it from Popp's Developer Portal.`, {
    cause,
  });
}
