import { expect, it, vi } from "vitest";

import { webHmac } from "../src/verify/hmac-web.ts";
import { KEYS_KEPT } from "../src/verify/signature.ts";
import { sign } from "./sign.ts";

it("imports each secret's key once and keeps a limited number of keys", async () => {
  const body = new TextEncoder().encode("{}");
  const secrets = Array.from({ length: KEYS_KEPT + 1 }, (_, at) => `tenant ${at}`);
  const signatures = new Map<string, string>();
  for (const secret of secrets) signatures.set(secret, await sign("{}", secret));
  const imported = vi.spyOn(crypto.subtle, "importKey");
  const verify = (secret = "") => webHmac(body, [secret], [signatures.get(secret) ?? ""]);

  expect(await verify(secrets[0])).toBe(0);
  expect(await verify(secrets[0])).toBe(0);
  expect(imported).toHaveBeenCalledTimes(1);
  for (const secret of secrets) expect(await verify(secret)).toBe(0);
  expect(imported).toHaveBeenCalledTimes(secrets.length);
  // There was no room for all of them: the first is gone.
  expect(await verify(secrets[0])).toBe(0);
  expect(imported).toHaveBeenCalledTimes(secrets.length + 1);
});
