/** Whether a request was sent by the page itself, or by a program that is no browser. Browsers set both headers, and pages cannot change them. */
export function isOwnRequest(request: Request, origins: readonly string[]): boolean {
  const { headers } = request;
  const origin = headers.get("origin");
  if (origin !== null && origins.includes(origin)) return true;
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") return false;
  return origin === null || isOwnOrigin(request, origin);
}

/** By the host alone: behind a proxy that ends TLS the request has another scheme. */
function isOwnOrigin({ url, headers }: Request, origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { host } = new URL(origin);
  return host !== "" && (host === new URL(url).host || host === headers.get("host"));
}
