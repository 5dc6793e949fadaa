import { CliError } from "../command-line/cli-error.ts";
import { storeError } from "./store-error.ts";
import type { StoreOptions } from "./store-options.ts";

/** The environment variable with the headers of an inspector, one a line. */
const HEADERS_VARIABLE = "POPP_INSPECTOR_HEADERS";

/** The headers that let the command into an inspector: of the address, the environment and the option, the later ones stronger. */
export function inspectorHeaders(
  url: URL,
  { header, say }: Pick<StoreOptions, "header"> & { readonly say: (text: string) => void },
): Headers {
  const headers = new Headers({ accept: "application/json" });
  if (url.username !== "") {
    headers.set("authorization", `Basic ${Buffer.from(loginOf(url)).toString("base64")}`);
  }
  const lines = (process.env[HEADERS_VARIABLE] ?? "").split(/\r?\n/).filter((line) => line.trim() !== "");
  for (const line of lines) add(headers, line, HEADERS_VARIABLE);
  if (header !== undefined) say(`warning: --header stays in your shell's history. ${HEADERS_VARIABLE} does not.`);
  for (const text of header ?? []) add(headers, text, "--header");
  return headers;
}

function loginOf({ username, password }: URL): string {
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch {
    throw storeError(
      "STORE_UNKNOWN",
      "The login of the address cannot be read. A % in it must be percent-encoded, as %25.",
    );
  }
}

function add(headers: Headers, text: string, from: string): void {
  const [, name, value] = /^\s*([\w-]+)\s*[=:]\s*(.*)$/s.exec(text) ?? [];
  try {
    if (name === undefined || value === undefined) throw new TypeError("no header");
    headers.set(name, value.trim());
  } catch {
    // The text may be a secret.
    throw new CliError("usage", "USAGE", `${from} takes headers such as authorization=…, and what was given is none.`);
  }
}

/** An address that can be requested: a login in it is refused by fetch. */
export function withoutLogin(url: URL): URL {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  return bare;
}
