import type { Core } from "./case.ts";

/** The code that something rejects with; "none" when it does not reject, and any other error as it is. */
export async function codeOf({ isWebhookError }: Core, work: () => unknown): Promise<string> {
  try {
    await work();
    return "none";
  } catch (error) {
    if (isWebhookError(error)) return error.code;
    throw error;
  }
}
