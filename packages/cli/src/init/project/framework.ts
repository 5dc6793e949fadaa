import type { Project } from "./read-project.ts";

/** The frameworks that `init` knows, each with what a newcomer needs to choose one. */
export const FRAMEWORKS = {
  hono: "Hono on Node: the smallest, two packages",
  express: "Express",
  fastify: "Fastify",
  next: "Next.js, App Router",
  workers: "Cloudflare Workers",
} as const;

export type Framework = keyof typeof FRAMEWORKS;

/** Finds the frameworks of a project. Next and Workers decide alone, because they say how the project is built. */
export function frameworksIn({ dependencies, wrangler }: Project): readonly Framework[] {
  if (dependencies.has("next")) return ["next"];
  if (wrangler !== undefined || dependencies.has("wrangler")) return dependencies.has("hono") ? ["hono"] : ["workers"];
  return (["fastify", "hono", "express"] as const).filter((name) => dependencies.has(name));
}
