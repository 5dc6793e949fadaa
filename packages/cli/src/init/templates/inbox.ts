import type { Layout } from "../project/layout.ts";

/** The inbox: events are stored before the answer, and handled with retries. */
export function inboxFile(layout: Layout): string {
  const { importEnd, isWorker } = layout;
  return isWorker
    ? d1Inbox(layout)
    : `import { createInbox, keepOne } from "@popp-webhooks/inbox";
import { sqliteStore } from "@popp-webhooks/inbox/sqlite";
import { handlers } from "./handlers${importEnd}";

/** Stores each event before the answer, and retries its handler. */
export const inbox = keepOne("popp", () =>
  createInbox({
    store: sqliteStore(process.env.POPP_DATABASE ?? "popp.db"),
    on: handlers,
  }),
);
`;
}

function d1Inbox({ importEnd, isTypeScript }: Layout): string {
  const types = isTypeScript
    ? `
export interface PoppEnv {
  readonly DB: D1Database;
  readonly POPP_WEBHOOK_SECRET: string;
}
`
    : "";
  return `import { createInbox } from "@popp-webhooks/inbox";
import { d1Store } from "@popp-webhooks/inbox/d1";
import { handlers } from "./handlers${importEnd}";
${types}
/** Stores each event before the answer, and retries its handler. */
export const inboxOf = (env${isTypeScript ? ": PoppEnv" : ""}) =>
  createInbox({
    store: d1Store(env.DB),
    // Cloudflare ends work 30 seconds after the answer.
    handlerTimeoutMs: 20_000,
    on: handlers,
  });
`;
}

/** Next calls `register` when its server starts. */
export function instrumentationFile({ isTypeScript }: Layout): string {
  return `export async function register()${isTypeScript ? ": Promise<void>" : ""} {
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { inbox } = await import("./app/webhooks/popp/inbox");
    inbox.start();
  }
}
`;
}
