import { type Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { pause } from "../pause.ts";
import { type Answer, type Exchange, OUR_HEADERS } from "./exchange.ts";

/** Longer than every timeout of the conformance receiver: a server that is silent for this long hangs. */
const PATIENCE_MS = 120_000;

/** An answer, and whether its connection had served another request before. */
export interface Received extends Answer {
  readonly reused: boolean;
}

/** Sends a request exactly as given and waits for the answer. */
export function send(
  url: string,
  { method, headers, body, chunkBytes, readsLate }: Exchange,
  agent?: Agent,
): Promise<Received> {
  return new Promise((resolve, reject) => {
    const target = new URL(url);
    const length: [string, string][] =
      chunkBytes === undefined && body.length > 0 ? [["content-length", `${body.length}`]] : [];
    const raw = [["host", target.host], ...headers, ...length].flat();
    const outgoing = request(target, { method, headers: raw, timeout: PATIENCE_MS, ...(agent && { agent }) });
    outgoing.on("response", (incoming) => collect(incoming, outgoing.reusedSocket).then(resolve, reject));
    outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
    outgoing.on("error", reject);
    outgoing.setNoDelay(true);
    if (readsLate) outgoing.on("socket", (socket) => pauseUntilWritten(outgoing, socket));
    write(outgoing, body, chunkBytes ?? body.length);
  });
}

function write(
  outgoing: { write(chunk: Uint8Array): boolean; end(): void },
  body: Uint8Array,
  chunkBytes: number,
): void {
  for (let at = 0; at < body.length; at += chunkBytes) outgoing.write(body.subarray(at, at + chunkBytes));
  outgoing.end();
}

async function collect(incoming: IncomingMessage, reused: boolean): Promise<Received> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers: Record<string, string> = {};
  for (const name of OUR_HEADERS) {
    const value = incoming.headers[name];
    if (typeof value === "string") headers[name] = value;
  }
  return { status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString(), headers, reused };
}

/** Leaves early answers in the socket's buffer, where they are lost if the server resets the connection. */
function pauseUntilWritten(outgoing: ClientRequest, socket: Socket): void {
  socket.pause();
  outgoing.once("finish", () => setTimeout(() => socket.resume(), 50));
}

/** Sends half of a body, then disconnects. */
export async function writeHalf(url: string, { headers, body }: Exchange): Promise<void> {
  const socket = await open(url);
  socket.write(head(url, headers, ["content-length", `${body.length}`]));
  socket.write(body.subarray(0, body.length >> 1));
  await pause(50);
  socket.destroy();
}

function head(url: string, headers: Exchange["headers"], framing: readonly [string, string]): string {
  const { host, pathname } = new URL(url);
  const lines = [["host", host], ...headers, framing].map(([name, value]) => `${name}: ${value}`);
  return [`POST ${pathname} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

async function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
  await once(socket, "connect");
  return socket;
}

function once(socket: Socket, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once(event, () => {
      socket.off("error", reject);
      resolve();
    });
  });
}
