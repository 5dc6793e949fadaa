import { CliError } from "../command-line/cli-error.ts";
import { printable } from "../command-line/output.ts";
import { storeError } from "./store-error.ts";

/** Sends requests to an inspector: over the network, or to one in this process. */
export type SendRequest = (request: Request) => Promise<Response>;

/** Calls the page API of a mounted inspector. */
export interface InspectorClient {
  /** Reads. Undefined values are left out. */
  get(api: string, params?: Readonly<Record<string, string | number | undefined>>): Promise<unknown>;
  /** Acts. */
  post(api: string, input: object): Promise<unknown>;
}

const TIMEOUT_MS = 60_000;

/** @param explain - makes the error of a request without an answer */
export function inspectorClient(
  address: URL,
  headers: Headers,
  send: SendRequest,
  explain: (error: unknown) => CliError,
): InspectorClient {
  async function call(
    api: string,
    init: RequestInit,
    params: Readonly<Record<string, unknown>> = {},
  ): Promise<unknown> {
    const url = new URL(address);
    url.searchParams.set("api", api);
    for (const [name, value] of Object.entries(params)) if (value !== undefined) url.searchParams.set(name, `${value}`);
    const request = new Request(url, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS), headers, ...init });
    try {
      const response = await send(request);
      return await read(response);
    } catch (error) {
      throw error instanceof CliError ? error : explain(error);
    }
  }
  return {
    get: (api, params) => call(api, {}, params),
    post: (api, input) => {
      const typed = new Headers(headers);
      typed.set("content-type", "application/json");
      return call(api, { method: "POST", body: JSON.stringify(input), headers: typed });
    },
  };
}

async function read(response: Response): Promise<unknown> {
  const text = await response.text();
  const { status } = response;
  const value = parsed(text);
  if (response.ok && value !== undefined) return value;
  throw refusal(status, Object(value).error, response.headers.get("allow"));
}

function refusal(status: number, said: unknown, allow: string | null): CliError {
  if (status >= 300 && status < 400)
    return storeError(
      "STORE_MISSING",
      `The inspector's address answers with a redirect (${status}): to a login, or to its final address. Give that address, and what logs you in with --header.`,
    );
  // Its own refusals are JSON with a reason.
  if (typeof said === "string") {
    const advice = ADVICE[status] ?? "";
    const code = status === 405 && allow !== null ? "STORE_READ_ONLY" : (CODES[status] ?? "STORE_REFUSED");
    return new CliError(status === 400 ? "usage" : "store", code, `The inspector says: ${printable(said)}${advice}`);
  }
  if (status === 401 || status === 403)
    return storeError(
      "STORE_FORBIDDEN",
      `The inspector's address answers ${status}: you are not let in. Pass what logs you in with --header.`,
    );
  return storeError(
    "STORE_MISSING",
    `There is no inspector at this address: it answers ${status}, and no JSON of an inspector. Give the address at which toInspector is mounted.`,
  );
}

const CODES: Readonly<Record<number, string>> = { 400: "USAGE", 403: "STORE_FORBIDDEN", 404: "STORE_MISSING" };
const ADVICE: Readonly<Record<number, string>> = {
  403: " It depends on what `authorize` returns for your request: see --header.",
  405: ' `authorize` must return `can: "act"` for your request.',
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
