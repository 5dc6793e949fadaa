import { WebhookError, type WebhookErrorCode, type WebhookErrorDetails } from "./webhook-error.ts";

/**
 * Why a stage will not go on: a {@link WebhookError} that was never built.
 *
 * Stages return it rather than throw, because capturing a stack for each forged request would make refusing dearer
 * than accepting. It becomes an error only where it leaves to a caller.
 */
export class Refusal {
  declare readonly code: WebhookErrorCode;
  declare readonly message: string;
  declare readonly details: WebhookErrorDetails | undefined;

  constructor(code: WebhookErrorCode, message: string, details?: WebhookErrorDetails) {
    this.code = code;
    this.message = message;
    this.details = details;
  }

  /** The error to throw or report. */
  toError(): WebhookError {
    return new WebhookError(this.code, this.message, this.details);
  }
}
