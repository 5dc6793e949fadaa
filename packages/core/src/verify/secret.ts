import { Refusal } from "../errors/refusal.ts";
import { isPromiseLike, type MaybePromise } from "../lib/maybe-promise.ts";

/** What a secret function may give. */
export type SecretValue = string | readonly string[] | null | undefined;

/**
 * The signing secret from Popp's Developer Portal: a string, several while one is being rotated, or a function that gives
 * them, sync or async.
 *
 * A function is asked once for each delivery, so a rotated secret counts from the next one on; keep it quick. Nothing
 * is required of a secret but that it is not blank: Popp documents no prefix and no length.
 */
export type Secret = string | readonly string[] | (() => SecretValue | Promise<SecretValue>);

/** Finds the secrets to verify with. Fails closed: one missing or blank secret among good ones is a refusal too. */
export function resolveSecrets(secret: Secret): MaybePromise<readonly string[] | Refusal> {
  try {
    const value = typeof secret === "function" ? secret() : secret;
    return isPromiseLike(value) ? Promise.resolve(value).then(usable).catch(missing) : usable(value);
  } catch (error) {
    return missing(error);
  }
}

function usable(value: SecretValue): readonly string[] | Refusal {
  const secrets = typeof value === "string" ? [value] : value;
  return secrets?.length && secrets.every(isUsable) ? secrets : missing();
}

/** A template string makes "undefined" of a variable that is not set: such a secret is known to everybody. */
function isUsable(secret: unknown): boolean {
  return typeof secret === "string" && secret.trim() !== "" && secret !== "undefined" && secret !== "null";
}

function missing(cause?: unknown): Refusal {
  return new Refusal("SECRET_MISSING", "No usable `secret`: copy it from Popp's Developer Portal.", {
    cause,
  });
}
