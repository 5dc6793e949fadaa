import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const built: string = fileURLToPath(new URL("../.vitepress/dist/", import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".json": "application/json",
};

/** The file of a clean address: `/guide/inbox` is `guide/inbox.html`, and a folder is its `index.html`. */
export function fileOf(path: string): string | undefined {
  const file = join(built, decodeURIComponent(path));
  return [file, `${file}.html`, join(file, "index.html")].find((name) => existsSync(name) && statSync(name).isFile());
}

/** Serves the built site on loopback, as a host with clean addresses does. */
export async function serveSite(): Promise<{ readonly origin: string; close(): void }> {
  const server = createServer((request, response) => {
    const file = fileOf(new URL(request.url ?? "/", "http://site").pathname);
    if (file === undefined) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
    return createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => void server.close() };
}
