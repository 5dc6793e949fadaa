import { isIPv4 } from "node:net";
import { CliError } from "../command-line/cli-error.ts";

/** Reads the path of the webhook, as a request has it. */
export function webhookPath(text: string): string {
  const path = URL.canParse(text, "http://dev") ? new URL(text, "http://dev").pathname : "";
  if (text === path && !/^\/(\/|readyz$|$)/.test(text)) return text;
  throw new CliError("usage", "USAGE", "--path takes a path such as /webhooks/popp. / and /readyz are dev's own.");
}

/** Reads the address to listen on. Node takes an empty one for all of the machine's. */
export function listenAddress(text: string): string {
  if (/^[\w.:%-]+$/.test(text)) return text;
  throw new CliError("usage", "USAGE", "--listen takes an address of this machine, such as 127.0.0.1.");
}

/** Reads a name of a host, as a browser sends it. */
export function hostName(text: string): string {
  if (URL.canParse(`http://${text}`)) {
    const { hostname, href } = new URL(`http://${text}`);
    if (href === `http://${hostname}/`) return hostname;
  }
  throw new CliError("usage", "USAGE", "--host-name takes a name such as popp.example, without scheme, port and path.");
}

/** Whether only this machine can reach an address. */
export function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || (isIPv4(address) && address.startsWith("127."));
}

/** The name under which this machine reaches a server that listens on an address. */
export function reachableName(address: string): string {
  // These are all addresses of the machine. No browser can open them, and the page would refuse their names.
  if (address === "0.0.0.0" || address === "::") return "127.0.0.1";
  return address.includes(":") ? `[${address}]` : address;
}
