import { readdirSync } from "node:fs";
import { defineConfig } from "vitepress";

const codes = readdirSync(new URL("../errors/", import.meta.url))
  .map((file) => file.replace(/\.md$/, ""))
  .filter((name) => name !== "index");
const page = (text: string, link: string) => ({ text, link });

export default defineConfig({
  title: "popp-webhooks",
  description: "Receive Popp's webhooks in TypeScript: genuine, typed, once, effortless.",
  cleanUrls: true,
  srcExclude: ["examples/*/**", "api/**", "*.generated.md"],
  rewrites: { "examples/README.md": "examples/index.md" },
  themeConfig: {
    search: { provider: "local" },
    nav: [
      page("Guide", "/guide/getting-started"),
      page("Events", "/events"),
      page("Adapters", "/adapters/"),
      page("Stores", "/stores/"),
      page("Queues", "/queues/"),
      page("Errors", "/errors/"),
    ],
    sidebar: [
      {
        text: "Guide",
        items: [
          page("Getting started", "/guide/getting-started"),
          page("How it works", "/guide/how-it-works"),
          page("Verify and parse", "/guide/verify-and-parse"),
          page("The receiver", "/guide/receiver"),
          page("The inbox", "/guide/inbox"),
          page("The record", "/guide/record"),
          page("The inspector", "/guide/inspector"),
          page("Development servers", "/guide/development"),
          page("Traces and metrics", "/guide/telemetry"),
          page("Fault tests", "/guide/faults"),
          page("Troubleshooting", "/guide/troubleshooting"),
          page("Diagnose a mismatch", "/guide/diagnose"),
          page("Going to production", "/guide/production"),
          page("Choose a store", "/guide/choose-a-store"),
          page("Rotate a secret", "/guide/rotate-a-secret"),
          page("Personal data", "/guide/personal-data"),
          page("Migrate", "/guide/migrate"),
          page("Compare", "/guide/compare"),
          page("Test your endpoint", "/guide/testing"),
          page("Test deliveries", "/guide/test-deliveries"),
          page("Runtimes", "/guide/runtimes"),
          page("Security", "/guide/security"),
          page("Seen and assumed", "/guide/seen-and-assumed"),
          page("Performance", "/guide/performance"),
          page("Examples", "/examples/"),
        ],
      },
      {
        text: "Adapters",
        items: [
          page("Overview", "/adapters/"),
          page("Next.js", "/adapters/next"),
          page("Fastify", "/adapters/fastify"),
          page("Hono", "/adapters/hono"),
          page("Cloudflare Workers", "/adapters/cloudflare"),
          page("Express and Node", "/adapters/express"),
          page("NestJS", "/adapters/nestjs"),
          page("No adapter needed", "/adapters/no-adapter"),
        ],
      },
      {
        text: "Stores",
        items: [
          page("Overview", "/stores/"),
          page("SQLite", "/stores/sqlite"),
          page("Postgres", "/stores/postgres"),
          page("Redis", "/stores/redis"),
          page("D1", "/stores/d1"),
          page("Durable Objects", "/stores/durable-object"),
        ],
      },
      {
        text: "Queues",
        items: [
          page("Overview", "/queues/"),
          page("BullMQ", "/queues/bullmq"),
          page("pg-boss", "/queues/pg-boss"),
          page("Cloudflare Queues", "/queues/cloudflare"),
        ],
      },
      page("Events", "/events"),
      {
        text: "Architecture",
        collapsed: true,
        items: [
          page("Overview", "/architecture"),
          page("HMAC from two hashes", "/decisions/hmac-from-two-hashes"),
          page("Refusals are values", "/decisions/refusals-as-values"),
          page("Claims count attempts", "/decisions/claims-count-attempts"),
          page("Small rows, sealed tags", "/decisions/small-rows-and-sealed-tags"),
          page("Compiled validation", "/decisions/compiled-validation"),
          page("One corridor", "/decisions/one-corridor"),
        ],
      },
      {
        text: "Error codes",
        collapsed: true,
        items: [page("Overview", "/errors/"), ...codes.map((code) => page(code, `/errors/${code}`))],
      },
    ],
  },
});
