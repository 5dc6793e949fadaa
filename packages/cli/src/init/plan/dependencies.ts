import { manifest } from "../../manifest.ts";
import type { Layout } from "../project/layout.ts";
import { VERSIONS } from "./versions.ts";

type Ours = "core" | "inbox" | "testing" | "next" | "fastify" | "hono" | "express" | "cloudflare";
type Name = keyof typeof VERSIONS | `@popp-webhooks/${Ours}`;

/** What a project needs, by name, with the versions to ask for. */
export interface Dependencies {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** Lists what the files of a project need. The packages of this repository are released together, with one version. */
export function dependenciesOf(layout: Layout): Dependencies {
  const { framework, isNew, isWorker, isTypeScript, hasInbox, testRunner } = layout;
  const adapter = framework === "workers" ? "cloudflare" : framework;
  const dependencies: Name[] = ["@popp-webhooks/core", `@popp-webhooks/${adapter}`];
  if (hasInbox) dependencies.push("@popp-webhooks/inbox");
  if (framework !== "workers") dependencies.push(framework);
  if (framework === "next") dependencies.push("react", "react-dom");
  if (framework === "hono" && isNew && !isWorker) dependencies.push("@hono/node-server");

  const devDependencies: Name[] = [];
  if (testRunner) devDependencies.push("@popp-webhooks/testing");
  if (testRunner === "vitest") devDependencies.push("vitest");
  if (isWorker) devDependencies.push("wrangler");
  if (isTypeScript && !isWorker) devDependencies.push("@types/node");
  if (isTypeScript && framework === "express") devDependencies.push("@types/express");
  if (isNew) {
    devDependencies.push("typescript");
    if (isWorker) devDependencies.push("@cloudflare/workers-types");
    if (framework === "next") devDependencies.push("@types/react");
  }
  return { dependencies: withVersions(dependencies), devDependencies: withVersions(devDependencies) };
}

function withVersions(names: readonly Name[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...names].sort().map((name) => [name, isOther(name) ? VERSIONS[name] : `^${manifest.version}`]),
  );
}

const isOther = (name: Name): name is keyof typeof VERSIONS => Object.hasOwn(VERSIONS, name);
