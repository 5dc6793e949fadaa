/** What the inspector needs of a request of Node: an `IncomingMessage` has it, and a request of Express. */
export interface NodeRequest extends AsyncIterable<Uint8Array | string> {
  /** The method. */
  readonly method?: string | undefined;
  /** The path with the query. */
  readonly url?: string | undefined;
  /** Express: the path with the query before the mount point was cut off. */
  readonly originalUrl?: string | undefined;
  /** The headers. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Where a parser has read the body: what it made of it. */
  readonly body?: unknown;
  /** The connection. */
  readonly socket?: object | undefined;
}

/** What the inspector needs of a response of Node: a `ServerResponse` has it, and a response of Express. */
export interface NodeResponse {
  /** Sends the status and the headers. */
  writeHead(status: number, headers: Record<string, string>): unknown;
  /** Sends a part of the body. */
  write(chunk: Uint8Array): unknown;
  /** Ends the body. */
  end(): unknown;
  /** Calls a function when the connection is closed. */
  on(event: "close", listener: () => void): unknown;
}

/** Acts are small. A page that sends more than this is not ours. */
const MAX_BYTES = 1_048_576;

/** Serves a fetch handler from a Node server. */
export async function serveNode(
  fetch: (request: Request) => Promise<Response>,
  request: NodeRequest,
  response: NodeResponse,
): Promise<void> {
  let web: Request;
  try {
    web = await requestOf(request);
  } catch {
    response.writeHead(400, { "content-type": "text/plain; charset=utf-8" });
    response.write(new TextEncoder().encode("The request cannot be read."));
    response.end();
    return;
  }
  const answer = await fetch(web);
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  const reader = answer.body?.getReader();
  response.on("close", () => void reader?.cancel().catch(() => {}));
  try {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) response.write(part.value);
  } catch {
    // The stream broke: the page connects again.
  }
  response.end();
}

async function requestOf(request: NodeRequest): Promise<Request> {
  const { method = "GET", headers } = request;
  const scheme = Reflect.get(Object(request.socket), "encrypted") ? "https" : "http";
  const path = request.originalUrl ?? request.url ?? "/";
  const url = new URL(`${scheme}://${headers.host ?? "localhost"}${path.startsWith("/") ? path : "/"}`);
  const web = new Headers();
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !name.startsWith(":")) web.set(name, String(value));
  if (method === "GET" || method === "HEAD") return new Request(url, { method, headers: web });
  return new Request(url, { method, headers: web, body: await bodyOf(request) });
}

async function bodyOf(request: NodeRequest): Promise<string> {
  const { body } = request;
  if (body !== undefined && body !== null) return typeof body === "string" ? body : JSON.stringify(body);
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error("too large");
    text += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
