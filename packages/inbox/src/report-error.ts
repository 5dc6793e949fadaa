import { type EventReport, isWebhookError, WebhookError } from "@popp-webhooks/core";
import { quietly, tellOperator } from "@popp-webhooks/core/internal";

/** Tells the user of a failure that no response shows: `onError`, or by default one line on the console. */
export type ReportError = (error: unknown, about?: EventReport) => void;

/** @param onError - the user's hook, which replaces the lines */
export function errorReporter(
  source: string,
  onError: ((error: WebhookError, report: EventReport) => unknown) | undefined,
): ReportError {
  return (thrown, about) => {
    const error = failureOf(thrown);
    const report = { ...about, source };
    if (onError) return quietly(() => onError(error, report));
    const { code, message, cause } = error;
    const isRetried = report.state === "retry";
    tellOperator({
      level: isRetried ? "warn" : "error",
      code,
      sentence: message,
      event: report,
      cause,
      // One kind of event that fails all the time must not hide that another one fails too.
      ...(isRetried && { limitedBy: `${code} ${report.eventName}` }),
    });
  };
}

function failureOf(thrown: unknown): WebhookError {
  if (isWebhookError(thrown)) return thrown;
  return new WebhookError("INTERNAL", "Internal error in the inbox. `onError` receives the cause.", { cause: thrown });
}
