import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { WebhookError } from "@popp-webhooks/core";
import { durableObjectStore } from "@popp-webhooks/inbox/durable-object";
import { describeStore } from "@popp-webhooks/testing/store";
import { describe, expect, it } from "vitest";
import { claimOf } from "../../testing/src/conformance/store/claim-and-settle.ts";
import { newEvent } from "../../testing/src/conformance/store/new-event.ts";

describeStore(
  "a Durable Object, from a Worker",
  async () => {
    const name = crypto.randomUUID();
    const store = durableObjectStore(env.POPP_INBOX, { name });
    return {
      store,
      connect: async () => durableObjectStore(env.POPP_INBOX, { name }),
      close: () => store.close(),
    };
  },
  { caseTimeoutMs: 180_000 },
);

/** A new object and its store. */
function place() {
  const name = crypto.randomUUID();
  return { store: durableObjectStore(env.POPP_INBOX, { name }), stub: env.POPP_INBOX.getByName(name) };
}

describe("a Durable Object, from a Worker", () => {
  it("keeps events when it is evicted and continues without another open", async () => {
    const { store, stub } = place();
    await store.open();
    const event = newEvent();
    await store.accept(event);

    await evictDurableObject(stub);

    expect((await store.accept(event)).outcome).toBe("duplicate");
  });

  it("passes the store's error code to the Worker", async () => {
    const { store, stub } = place();
    const large = newEvent({ body: new Uint8Array(1_990_000) });
    const tooLarge = await store.accept(large).catch((error: unknown) => error);
    expect(tooLarge).toBeInstanceOf(WebhookError);
    expect(tooLarge).toMatchObject({ status: 413, message: expect.stringContaining("`maxBytes`") });

    await runInDurableObject(stub, (_, { storage }) => {
      storage.sql.exec("INSERT INTO popp_inbox_schema (version) VALUES (999)");
    });

    const newer = { code: "STORE_UNAVAILABLE", message: expect.stringContaining("version 999") };
    await expect(store.open()).rejects.toMatchObject(newer);
    await expect(store.accept(newEvent())).rejects.toMatchObject(newer);
  });

  it("stores an event of the maximum size", async () => {
    const { store } = place();
    const event = newEvent({ eventId: null, name: "", headers: "", body: new Uint8Array(0) });
    const texts = [event.key, event.source, event.hash].join("").length * 3;
    const largest = { ...event, body: new Uint8Array(1_980_000 - texts).fill(0xff) };
    await store.accept(largest);

    const lease = { key: event.key, token: "t" };
    const claim = claimOf({ key: event.key, leaseMs: 1_000, token: lease.token });
    expect((await store.claim(claim))[0]?.body.byteLength).toBe(largest.body.byteLength);
    const note = "\\u0000".repeat(2_048);
    expect(await store.settle(lease, { state: "dead", delayMs: null, note, counts: true, history: null })).toBe(true);
  });

  it("reports a platform failure as such and not as a store error", async () => {
    const { store, stub } = place();
    await store.open();
    await runInDurableObject(stub, (_, { storage }) => {
      storage.sql.exec("DROP TABLE popp_inbox_event");
    });

    const failure = await store.accept(newEvent()).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toHaveProperty("code");
  });

  it("refuses `migrate`, which only a storage takes", () => {
    const options: object = { migrate: false };
    expect(() => durableObjectStore(env.POPP_INBOX, options)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining("`migrate`") }),
    );
  });

  it("has no transactions and says where to use them", async () => {
    const transacting = place().store.transact({ key: "k", token: "t" }, () => {});

    await expect(transacting).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("durableObjectStore(ctx.storage)"),
    });
  });

  it("refuses a value that is not a binding", () => {
    // @ts-expect-error a binding that is missing in the configuration
    expect(() => durableObjectStore(undefined)).toThrow("env.POPP_INBOX");
  });
});
