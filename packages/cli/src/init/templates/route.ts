import type { Layout } from "../project/layout.ts";

/** What answers deliveries, ready to be mounted. */
export function routeFile(layout: Layout): string {
  return layout.isWorker ? workerRoute(layout) : nodeRoute(layout);
}

/** The adapter's function, the comment above the route, and its line. */
const NODE_ROUTES = {
  next: ["toNextRoute", "", "export const { POST } = toNextRoute(receiver);"],
  fastify: ["toFastifyPlugin", "", "export const popp = toFastifyPlugin(receiver);"],
  hono: [
    "toHonoHandler",
    "/** Mount it before middleware that reads the body. */\n",
    "export const popp = toHonoHandler(receiver);",
  ],
  express: [
    "toExpressHandler",
    "/** Mount it before express.json(): the signature covers the exact bytes. */\n",
    "export const popp = toExpressHandler(receiver);",
  ],
} as const;

function nodeRoute({ framework, hasInbox, importEnd }: Layout): string {
  const [adapter, comment, line] = NODE_ROUTES[framework === "workers" ? "hono" : framework];
  const imports = hasInbox
    ? `import { inbox } from "./inbox${importEnd}";`
    : `import { handlers } from "./handlers${importEnd}";`;
  return `import { createReceiver } from "@popp-webhooks/core";
import { ${adapter} } from "@popp-webhooks/${framework}";
${imports}

const receiver = createReceiver({
  secret: () => process.env.POPP_WEBHOOK_SECRET,
  ${hasInbox ? "inbox" : "on: handlers"},
});

${comment}${line}
`;
}

function workerRoute({ framework, hasInbox, importEnd, isTypeScript }: Layout): string {
  const isHono = framework === "hono";
  const env =
    isTypeScript && !hasInbox
      ? `
export interface PoppEnv {
  readonly POPP_WEBHOOK_SECRET: string;
}
`
      : "";
  const type = isTypeScript && hasInbox ? ", type PoppEnv" : "";
  const imports = hasInbox
    ? `import { inboxOf${type} } from "./inbox${importEnd}";`
    : `import { handlers } from "./handlers${importEnd}";`;
  const receiver = (of: string) => `createReceiver({
    secret: ${of}.POPP_WEBHOOK_SECRET,
    ${hasInbox ? `inbox: inboxOf(${of})` : "on: handlers"},
  }),`;
  const typed = (text: string) => (isTypeScript ? text : "");
  const route = isHono
    ? `/** Mount it before middleware that reads the body. */
export const popp = toHonoHandler${typed("<{ Bindings: PoppEnv }>")}((c) =>
  ${receiver("c.env")}
);`
    : `export const popp = toWorker((env${typed(": PoppEnv")}) =>
  ${receiver("env")}
);`;
  return `${isHono ? "" : 'import { toWorker } from "@popp-webhooks/cloudflare";\n'}import { createReceiver } from "@popp-webhooks/core";
${isHono ? 'import { toHonoHandler } from "@popp-webhooks/hono";\n' : ""}${imports}
${env}
${route}
`;
}
