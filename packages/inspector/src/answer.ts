/** Says in the answer what the page cannot do, with its status. */
export class Refused extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** On every answer: it is never stored, framed, guessed or sent on. */
const ALWAYS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cross-origin-resource-policy": "same-origin",
} as const;

/** An answer with headers that every answer has. */
export function answer(
  body: BodyInit | null,
  type: string,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, { status, headers: { ...ALWAYS, "content-type": type, ...headers } });
}

/** An answer of the API. */
export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return answer(JSON.stringify(value), "application/json; charset=utf-8", status, {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    ...headers,
  });
}
