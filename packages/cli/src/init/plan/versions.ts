/**
 * The versions of others' packages that new projects are written for. Tests use the same ones, so that what `init` writes is what was
 * tried. TypeScript 7 has no interface for Next's build yet.
 */
export const VERSIONS = {
  "@cloudflare/workers-types": "^5.20261117.1",
  "@hono/node-server": "^2.1.8",
  "@types/express": "^5.0.6",
  "@types/node": "^24.19.2",
  "@types/react": "^19.3.0",
  express: "^5.3.0",
  fastify: "^5.12.8",
  hono: "^4.13.19",
  next: "^16.4.6",
  react: "^19.3.1",
  "react-dom": "^19.3.1",
  typescript: "^6.0.3",
  vitest: "^5.1.1",
  wrangler: "^4.164.0",
} as const;
