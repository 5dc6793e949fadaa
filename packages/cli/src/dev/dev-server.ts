import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Inspector } from "@popp-webhooks/inspector";
import { CliError } from "../command-line/cli-error.ts";
import type { Handled } from "./handle-request.ts";
import { reachableName } from "./listen-options.ts";

/** What the server of `dev` serves. */
export interface DevServerParts {
  readonly address: string;
  readonly port: number;
  /** The path of the webhook. */
  readonly path: string;
  /** The names under which page and API answer, besides those of loopback. */
  readonly hostNames: readonly string[];
  readonly inspector: Inspector;
  readonly handle: (request: IncomingMessage) => Promise<Handled>;
  readonly onHandled: (handled: Handled) => void;
  readonly onFailed: (error: unknown) => void;
}

/** Serves the webhook, the inspector and `/readyz`, and resolves once it listens. */
export async function startDevServer(
  parts: DevServerParts,
): Promise<{ readonly server: Server; readonly origin: string }> {
  const { address, port } = parts;
  const server = createServer((request, response) => {
    answer(parts, request, response).catch((error: unknown) => {
      parts.onFailed(error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(error, address, port)));
    server.listen(port, address, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return { server, origin: `http://${reachableName(address)}:${bound}` };
}

async function answer(parts: DevServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path] = (request.url ?? "/").split("?");
  // A tunnel or a proxy sends its own name: the webhook takes any, since the signature decides.
  if (path === parts.path) {
    const handled = await parts.handle(request);
    const { status, headers, body } = handled.answer;
    const own = headers.filter(([name]) => !/^(connection|keep-alive|transfer-encoding|content-length)$/i.test(name));
    response.writeHead(status, [...own, ["content-length", `${body.byteLength}`]].flat() as string[]).end(body);
    parts.onHandled(handled);
  } else if (path === "/readyz") {
    response.writeHead(200, { "content-type": "application/json" }).end('{"status":"ready"}');
  } else if (isOwnName(request.headers.host, parts.hostNames)) {
    await parts.inspector.listener(request, response);
  } else {
    // Page and API show personal data: a tunnel to the webhook must not publish them.
    const sentence = `The page answers under localhost only. To allow this name, start dev with --host-name.`;
    response.writeHead(403, { "content-type": "text/plain; charset=utf-8" }).end(sentence);
  }
}

/** Whether page and API answer a request with this Host. */
export function isOwnName(host: string | undefined, hostNames: readonly string[]): boolean {
  if (host === undefined || !URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname) || hostNames.includes(hostname);
}

function cannotListen(error: NodeJS.ErrnoException, address: string, port: number): CliError {
  const advice: Record<string, string> = {
    EADDRINUSE: `Port ${port} is in use, perhaps by another \`popp-webhooks dev\`. Stop it, or choose another with --port. 0 takes a free one.`,
    EACCES: `Port ${port} needs rights that you do not have. Choose one above 1023 with --port.`,
    EADDRNOTAVAIL: `This machine has no address ${address}. Leave --listen out for 127.0.0.1.`,
  };
  const code = error.code === "EADDRINUSE" ? "PORT_IN_USE" : "CANNOT_LISTEN";
  const message = advice[error.code ?? ""] ?? `${address}:${port} cannot be listened on (${error.code}).`;
  return new CliError("unreachable", code, message, { cause: error });
}
