import { Refusal } from "./refusal.ts";

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
export function resolveSecrets(secret: Secret): readonly string[] | Refusal | Promise<readonly string[] | Refusal> {
  if (typeof secret !== "function") return usable(secret);
  try {
    const value = secret();
    return isThenable(value) ? Promise.resolve(value).then(usable, threw) : usable(value);
  } catch (error) {
    return threw(error);
  }
}

function usable(value: unknown): readonly string[] | Refusal {
  if (typeof value === "string" && !isBlank(value)) return [value];
  if (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string" && !isBlank(one)))
    return value;
  return new Refusal("SECRET_MISSING", SECRET_MISSING);
}

/** A template string makes "undefined" of a variable that is not set: such a secret is known to everybody. */
function isBlank(secret: string): boolean {
  return secret.trim() === "" || secret === "undefined" || secret === "null";
}

function threw(cause: unknown): Refusal {
  return new Refusal(
    "SECRET_MISSING",
    "The function given as `secret` failed: see the cause. Nothing is accepted without a secret.",
    { cause },
  );
}

function isThenable(value: SecretValue | Promise<SecretValue>): value is Promise<SecretValue> {
  return typeof value === "object" && value !== null && "then" in value;
}

const SECRET_MISSING =
  "No signing secret is configured, or one of several is blank: copy it from Popp's Developer Portal and give it as `secret`. Nothing is accepted without one.";
