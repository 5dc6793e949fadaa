import { createHmac } from "node:crypto";
import { expect, it, vi } from "vitest";

it("uses WebCrypto when Node's functions throw, as in Next's edge sandbox", async () => {
  const forbid = vi.spyOn(process, "getBuiltinModule").mockImplementation(() => {
    throw new Error("A Node.js API is used which is not supported in the Edge Runtime.");
  });
  try {
    // Chosen once per process, so a fresh copy of the module has to choose.
    vi.resetModules();
    const { hmac } = await import("./hmac.ts");
    const bytes = new TextEncoder().encode("{}");
    const signature = createHmac("sha256", "secret").update(bytes).digest("hex");

    expect(await hmac()(bytes, ["secret"], [signature])).toBe(0);
    expect(await hmac()(bytes, ["secret"], ["0".repeat(64)])).toBe(-1);
  } finally {
    forbid.mockRestore();
  }
});
