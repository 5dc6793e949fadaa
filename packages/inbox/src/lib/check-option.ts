import { WebhookError } from "@popp-webhooks/core";

/**
 * Demands a whole number from 1 on.
 *
 * @throws WebhookError `CONFIG_INVALID` otherwise: stores take nothing else, each in its own way
 */
export function assertCount(where: string, option: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new WebhookError("CONFIG_INVALID", `${where}: \`${option}\`: expected a whole number from 1 on.`);
}
