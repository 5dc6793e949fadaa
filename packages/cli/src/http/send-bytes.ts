import http from "node:http";
import https from "node:https";
import { performance } from "node:perf_hooks";
import { CliError } from "../command-line/cli-error.ts";

/** A header as it stood on the wire. Names repeat, and their case is kept. */
export type HeaderPair = readonly [name: string, value: string];

/** A request that is sent byte for byte. */
export interface BytesToSend {
  readonly url: URL;
  readonly method: string;
  /** Sent in this order. `host` and the headers of one connection are those of this request. */
  readonly headers: readonly HeaderPair[];
  readonly body: Uint8Array;
  readonly timeoutMs: number;
  /** Keeps its connections for further requests. Without one, the request has a connection of its own. */
  readonly agent?: http.Agent;
}

/** The whole answer. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly HeaderPair[];
  readonly body: Uint8Array;
  readonly durationMs: number;
}

/** The most that is kept of an answer: a server may never end one. */
const MAX_ANSWER_BYTES = 16 * 1_048_576;

/** They belong to one connection (RFC 9110, 7.6.1), so that they cannot be handed on. */
const HOP_BY_HOP =
  /^(connection|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade|expect|content-length)$/i;

/**
 * Sends bytes and header pairs as they are, and returns the whole answer.
 *
 * @throws CliError `UNREACHABLE` when there is no answer
 */
export function sendBytes({ url, method, headers, body, timeoutMs, agent }: BytesToSend): Promise<Answer> {
  const startedAt = performance.now();
  const { request } = url.protocol === "https:" ? https : http;
  return new Promise<Answer>((resolve, reject) => {
    const failed = (error: Error) => {
      clearTimeout(timer);
      reject(error instanceof CliError ? error : unreachable(url, error));
    };
    const sending = request(
      url,
      // Node writes a flat list of pairs in its order, and adds nothing to it.
      {
        method,
        headers: sentHeaders(url, headers, body, agent ? [] : ["connection", "close"]) as never,
        agent: agent ?? false,
      },
      (response) => {
        const { statusCode: status = 0 } = response;
        if (status < 200) return void response.destroy(notHttp(url));
        const chunks: Buffer[] = [];
        let length = 0;
        response.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          length += chunk.length;
          if (length > MAX_ANSWER_BYTES) response.destroy(tooLarge(url));
        });
        response.on("error", failed);
        response.on("end", () => {
          clearTimeout(timer);
          resolve({
            status,
            headers: pairsOf(response.rawHeaders),
            body: Buffer.concat(chunks),
            durationMs: performance.now() - startedAt,
          });
        });
      },
    );
    // A timer, since thousands of signals of AbortSignal.timeout would stay until their time has come.
    const timer = setTimeout(() => {
      failed(new DOMException("no answer in time", "TimeoutError"));
      sending.destroy();
    }, timeoutMs);
    sending.on("error", failed);
    // Nobody asked for another protocol (101). Without a listener Node would wait for ever.
    sending.on("upgrade", (_, socket) => {
      failed(notHttp(url));
      socket.destroy();
    });
    sending.end(body);
  }).catch((error: unknown) => {
    throw error instanceof CliError ? error : notSendable(error);
  });
}

function sentHeaders(url: URL, headers: readonly HeaderPair[], body: Uint8Array, last: string[]): string[] {
  const kept = headers.filter(([name]) => !isConnectionHeader(name));
  return [["host", url.host], ...kept, ["content-length", `${body.byteLength}`], last].flat();
}

/** Whether a header is one of a single connection, which nobody can set. */
export function isConnectionHeader(name: string): boolean {
  return HOP_BY_HOP.test(name) || /^host$/i.test(name);
}

/** Node's flat list of a message's headers, as pairs. */
export function pairsOf(rawHeaders: readonly string[]): readonly HeaderPair[] {
  return Array.from({ length: rawHeaders.length / 2 }, (_, index) => [
    rawHeaders[2 * index] ?? "",
    rawHeaders[2 * index + 1] ?? "",
  ]);
}

const NOT_HTTP = "Its answer is not HTTP as it should be: check the port, and the server's log.";

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Nothing listens there: start your server, or `popp-webhooks dev`, and check the port.",
  ENOTFOUND: "There is no such host: check its spelling.",
  EAI_AGAIN: "The name of the host could not be looked up: check the network.",
  ECONNRESET: "The server closed the connection before it answered: look at its log.",
  ABORT_ERR: "It did not answer in time: look at its log, or wait longer with --timeout-ms.",
  EPROTO: "It does not speak TLS there: try http:// instead of https://.",
};

/** Node refuses what is no HTTP before it connects. Only a recording that was edited by hand gets here. */
function notSendable(cause: unknown): CliError {
  const sentence = "The request cannot be sent: HTTP does not allow its method, or a character in a header.";
  return new CliError("usage", "NOT_SENDABLE", sentence, { cause });
}

function notHttp(url: URL): CliError {
  return new CliError("unreachable", "UNREACHABLE", `${url.origin} does not answer. ${NOT_HTTP}`);
}

function tooLarge(url: URL): CliError {
  const sentence = `The answer of ${url.origin} is larger than ${MAX_ANSWER_BYTES / 1_048_576} MiB, or has no end. It was cut off.`;
  return new CliError("failed", "ANSWER_TOO_LARGE", sentence);
}

/** An address for people: a password in it is not repeated. */
export function withoutPassword(url: URL): string {
  const shown = new URL(url);
  if (shown.password !== "") shown.password = "***";
  return shown.href;
}

/** Says in a sentence why an address does not answer. */
function unreachable(url: URL, error: Error & { code?: string; cause?: unknown }): CliError {
  const code = error.name === "TimeoutError" || error.name === "AbortError" ? "ABORT_ERR" : (error.code ?? "");
  const isTls = /^(ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|CERT_)/.test(code);
  const advice = isTls
    ? "Its TLS certificate is not trusted. For a certificate of your own, set NODE_EXTRA_CA_CERTS."
    : code.startsWith("HPE_")
      ? NOT_HTTP
      : (ADVICE[code] ?? `The connection failed (${code || error.name}).`);
  return new CliError("unreachable", "UNREACHABLE", `${url.origin} does not answer. ${advice}`, { cause: error });
}
