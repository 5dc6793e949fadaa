import type { DeliveryContext } from "@popp-webhooks/core";
import type { Context } from "hono";
import { isPerRequest } from "./environment.ts";

/**
 * Reads `executionCtx`, which throws where the platform has none. The error costs a fifth of a small delivery, so it is thrown at most
 * once where each request has an environment of its own, and never on Node.
 *
 * A lasting environment is asked each time: a Worker may call its app without a context from `scheduled`, and with one from `fetch`.
 */
export function executionContextReader(): (c: Pick<Context, "env" | "executionCtx">) => DeliveryContext {
  let isAbsent = false;
  return (c) => {
    if (Object(c.env).incoming || (isAbsent && isPerRequest(c.env))) return {};
    try {
      return c.executionCtx;
    } catch {
      isAbsent ||= isPerRequest(c.env);
      return {};
    }
  };
}
