import { type Output, outputOf } from "../command-line/output.ts";
import type { Retention } from "../stores/local-inbox.ts";
import { openInbox } from "../stores/open-inbox.ts";
import type { OpenedInbox } from "../stores/opened-inbox.ts";
import type { StoreOptions } from "../stores/store-options.ts";

/** Opens the inbox for a command, and closes it whatever happens. */
export async function withInbox(
  options: StoreOptions & { readonly json?: true; readonly retention?: Retention; readonly redact?: true },
  work: (inbox: OpenedInbox, output: Output) => Promise<void>,
): Promise<void> {
  const output = outputOf(options);
  const inbox = await openInbox(options.store, { ...options, say: output.say });
  try {
    await work(options.redact ? await (await import("./redacted.ts")).redacted(inbox) : inbox, output);
  } finally {
    await inbox.close();
  }
}
