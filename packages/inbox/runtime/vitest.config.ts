import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { project } from "../../../vitest.workspace.ts";

/** These tests run inside workerd, with real D1 databases, Durable Objects and requests. */
export default project(
  { name: "inbox-workerd", include: ["*.test.ts"] },
  {
    root: import.meta.dirname,
    plugins: [
      cloudflareTest({
        main: "./worker.ts",
        miniflare: {
          compatibilityDate: "2026-07-01",
          compatibilityFlags: ["nodejs_compat"],
          d1Databases: ["DB"],
          durableObjects: {
            POPP_INBOX: { className: "PoppInboxObject", useSQLite: true },
            ENDPOINT: { className: "Endpoint", useSQLite: true },
            PLACE: { className: "Place", useSQLite: true },
          },
        },
      }),
    ],
  },
);
