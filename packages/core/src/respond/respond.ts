import type { Outcome } from "../deliver/inbox.ts";
import { Refusal } from "../errors/refusal.ts";
import { statusOf } from "../errors/webhook-error.ts";

/** The answer to a delivery, for frameworks that write it themselves. */
export interface Reply {
  /** The HTTP status. */
  readonly status: number;
  /** The headers to set, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body: a short JSON text. */
  readonly body: string;
}

/** Assumed: Popp retries on any answer but 200. It does not say when, so this asks for soon. */
const RETRY_AFTER_SECONDS = "5";

/** Turns what became of a delivery into the answer: exactly 200, or the status of the refusal's code. */
export function respond(result: Outcome | Refusal): Reply {
  if (!(result instanceof Refusal)) {
    return {
      status: 200,
      headers: JSON_HEADERS,
      body: `{"status":"${result.status}"}`,
    };
  }
  const status = statusOf(result.code);
  const body = JSON.stringify({
    error: {
      code: result.code,
      message: result.message,
      issues: result.details?.issues,
    },
  });
  return { status, headers: HEADERS_OF[status] ?? JSON_HEADERS, body };
}

const JSON_HEADERS: Reply["headers"] = { "content-type": "application/json" };

const HEADERS_OF: Readonly<Record<number, Reply["headers"]>> = {
  405: { "content-type": "application/json", allow: "POST" },
  503: {
    "content-type": "application/json",
    "retry-after": RETRY_AFTER_SECONDS,
  },
};
