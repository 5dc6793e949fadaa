import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterEach, describe, expect, it } from "vitest";

const CLIENTS = 64;
const BYTES_EACH = 100 * 1024 * 1024;
/** What is buffered is 64 MB at most; the rest is Node itself, and chunks on their way to its garbage collector. Buffering whole bodies would take gigabytes. */
const MAX_PEAK_BYTES = 300 * 1024 * 1024;

const chunk = Buffer.alloc(256 * 1024, "x");
const framed = Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]);

let server: ChildProcess | undefined;
afterEach(() => void server?.kill());

/** Sends a body without end, as far as the server can tell, and resolves to the status line that came back. */
async function flood(port: number): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const answer = once(socket, "data").then(([data]) => String(data).split("\r\n", 1)[0] ?? "");
  answer.catch(() => {});
  await once(socket, "connect");
  socket.write(`POST / HTTP/1.1\r\nhost: x\r\nx-signature: ${"0".repeat(64)}\r\ntransfer-encoding: chunked\r\n\r\n`);
  for (let sent = 0; sent < BYTES_EACH; sent += chunk.length) {
    if (!socket.write(framed)) await once(socket, "drain");
  }
  socket.write("0\r\n\r\n");
  return answer.finally(() => socket.destroy());
}

/** The server as a user would run it: compiling its sources as it runs would take memory of its own. */
async function bundled(): Promise<string> {
  const outfile = join(await mkdtemp(join(tmpdir(), "popp-webhooks-")), "flood-server.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("../test/flood-server.ts", import.meta.url))],
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["@popp-webhooks/source"],
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    outfile,
  });
  return outfile;
}

async function told<T>(process: ChildProcess): Promise<T> {
  const [message] = await once(process, "message");
  return message;
}

describe(`${CLIENTS} clients that send 100 MB each, in chunks, to the end`, () => {
  it.each(["node:http", "fastify"])("all get their 413 from %s, within 300 MB", async (adapter) => {
    server = fork(await bundled(), [adapter]);
    const { port } = await told<{ port: number }>(server);
    const answers = await Promise.all(Array.from({ length: CLIENTS }, () => flood(port)));
    expect(answers.filter((line) => /^HTTP\/1\.1 413\b/.test(line))).toHaveLength(CLIENTS);
    server.send("peak");
    const { peakBytes } = await told<{ peakBytes: number }>(server);
    expect(peakBytes).toBeLessThan(MAX_PEAK_BYTES);
    expect(peakBytes).toBeGreaterThan(0);
    process.stdout.write(
      `${adapter}: ${CLIENTS} of ${CLIENTS} got a 413, peak ${Math.round(peakBytes / 1024 / 1024)} MB\n`,
    );
  });
});
