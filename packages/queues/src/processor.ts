import type { OptionRule } from "@popp-webhooks/core/internal";
import type { DurableInbox } from "@popp-webhooks/inbox";

/** What a worker needs of an inbox. */
export type Processor = Pick<DurableInbox, "process">;

/** Something an option must be: an object with these methods, whatever its class. */
export function withMethods(expected: string, ...methods: readonly string[]): OptionRule {
  return {
    expected,
    accepts: (value) => methods.every((method) => typeof Reflect.get(Object(value), method) === "function"),
  };
}

/** The rule of an inbox that handles what a queue brings. */
export const INBOX: OptionRule = withMethods("an inbox, such as createInbox() returns", "process");
