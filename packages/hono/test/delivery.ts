import { createHmac } from "node:crypto";

/** What every receiver in these tests is given. */
export const SECRET = "a secret of ours";

/** A signed delivery whose bytes no decoder and encoder would give back: a BOM, CRLF, `1.0`, an escape, a key twice. */
export function oddDelivery(): RequestInit {
  const body = Buffer.from('\ufeff{ "event": "X",\r\n "eventId": "1", "data": { "a": 1.0, "a": "\\u00e9" } }');
  return { method: "POST", body, headers: { "x-signature": createHmac("sha256", SECRET).update(body).digest("hex") } };
}
