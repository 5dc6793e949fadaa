import { buildPackages } from "../../next/test/build-packages.ts";

/** Builds what a project depends on, because its own tools resolve what a user would. */
export default function setup(): void {
  buildPackages("core", "testing", "inbox", "next", "express", "fastify", "hono", "cloudflare");
}
