import { globSync, readdirSync } from "node:fs";
import type { DefaultTheme } from "vitepress";
import { eventGroups } from "../scripts/event-groups.ts";

const page = (text: string, link: string) => ({ text, link });

/** What typedoc wrote: the pages of the modules, without the scope of their names. */
const modules = globSync("**/*.md", { cwd: new URL("../api/", import.meta.url).pathname })
  .map((file) => file.replace(/\.md$/, ""))
  .filter((name) => name !== "index")
  .sort();

const codes = readdirSync(new URL("../errors/", import.meta.url))
  .map((file) => file.replace(/\.md$/, ""))
  .filter((name) => name !== "index");

/** The groups follow the way of a newcomer: try it, mount it, deploy it, store events, operate it, look something up. */
export const sidebar: DefaultTheme.SidebarItem[] = [
  {
    text: "Start",
    items: [
      page("Getting started", "/guide/getting-started"),
      page("How it works", "/guide/how-it-works"),
      page("Verify and parse", "/guide/verify-and-parse"),
      page("The receiver", "/guide/receiver"),
      page("Test your endpoint", "/guide/testing"),
      page("Troubleshooting", "/guide/troubleshooting"),
      page("Migrate a handler", "/guide/migrate"),
      page("Compare", "/guide/compare"),
      page("Examples", "/examples/"),
    ],
  },
  {
    text: "Frameworks",
    items: [
      page("Overview", "/adapters/"),
      page("Next.js", "/adapters/next"),
      page("Fastify", "/adapters/fastify"),
      page("Hono", "/adapters/hono"),
      page("Express and Node", "/adapters/express"),
      page("NestJS", "/adapters/nestjs"),
      page("Cloudflare Workers", "/adapters/cloudflare"),
      page("No adapter needed", "/adapters/no-adapter"),
      page("Koa, Nuxt, Astro, TanStack", "/adapters/more-frameworks"),
    ],
  },
  {
    text: "Deploy",
    collapsed: true,
    items: [
      page("Going to production", "/guide/production"),
      page("Serverless functions", "/guide/serverless"),
      page("Rotate a secret", "/guide/rotate-a-secret"),
      page("Runtimes", "/guide/runtimes"),
      page("Security", "/guide/security"),
    ],
  },
  {
    text: "Inbox",
    collapsed: true,
    items: [
      page("The inbox", "/guide/inbox"),
      page("Choose a store", "/guide/choose-a-store"),
      {
        text: "Stores",
        collapsed: false,
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
        collapsed: false,
        items: [
          page("Overview", "/queues/"),
          page("BullMQ", "/queues/bullmq"),
          page("pg-boss", "/queues/pg-boss"),
          page("Cloudflare Queues", "/queues/cloudflare"),
        ],
      },
    ],
  },
  {
    text: "Operate",
    collapsed: true,
    items: [
      page("The record", "/guide/record"),
      page("Traces and metrics", "/guide/telemetry"),
      page("Personal data", "/guide/personal-data"),
      page("Fault tests", "/guide/faults"),
      page("Performance", "/guide/performance"),
    ],
  },
  {
    text: "Tools",
    collapsed: true,
    items: [
      page("Command line", "/guide/cli"),
      page("The inspector", "/guide/inspector"),
      page("Playground", "/playground"),
      page("Diagnose a mismatch", "/guide/diagnose"),
      page("Development servers", "/guide/development"),
      page("Test deliveries", "/guide/test-deliveries"),
    ],
  },
  {
    text: "Reference",
    collapsed: true,
    items: [
      {
        text: "Events",
        collapsed: true,
        items: [
          page("All events", "/events/"),
          ...eventGroups.map(({ title, slug }) => page(title, `/events/${slug}`)),
        ],
      },
      {
        text: "API",
        collapsed: true,
        items: [page("All modules", "/api/"), ...modules.map((name) => page(name, `/api/${name}`))],
      },
      page("Seen and assumed", "/guide/seen-and-assumed"),
      {
        text: "Error codes",
        collapsed: true,
        items: [page("Overview", "/errors/"), ...codes.map((code) => page(code, `/errors/${code}`))],
      },
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
      page("Changelog", "/changelog"),
    ],
  },
];
