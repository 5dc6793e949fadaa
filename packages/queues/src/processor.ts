import type { OptionRule } from "@popp-webhooks/core/internal";
import type { DurableInbox } from "@popp-webhooks/inbox";

/** The part of an inbox that a worker uses. */
export type Processor = Pick<DurableInbox, "process">;

/** Checks for an object with these methods, of any class. */
export function withMethods(expected: string, ...methods: readonly string[]): OptionRule {
  return {
    expected,
    accepts: (value) => methods.every((method) => typeof Reflect.get(Object(value), method) === "function"),
  };
}

/** The option check for an inbox that handles a queue's messages. */
export const INBOX: OptionRule = withMethods("an inbox, such as createInbox() returns", "process");
