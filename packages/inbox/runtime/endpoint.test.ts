import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { signedRequest } from "../../testing/src/sign/signed-request.ts";

async function delivery(eventId: string, data: object = {}): Promise<Request> {
  const url = "https://worker.example/webhooks/popp";
  return signedRequest({ event: "SOMETHING", eventId, data }, { secret: "a secret", url });
}

function endpoint() {
  const stub = env.ENDPOINT.get(env.ENDPOINT.newUniqueId());
  const outcomes = () =>
    runInDurableObject(stub, (_, { storage }) =>
      storage.sql.exec("SELECT event, attempt FROM outcomes ORDER BY attempt").toArray(),
    );
  return { stub, outcomes };
}

it("handles each event in the object in one transaction with its completion, also with concurrent deliveries", async () => {
  const { stub, outcomes } = endpoint();
  const one = await delivery("evt_1");

  const responses = await Promise.all(Array.from({ length: 50 }, () => stub.fetch(one.clone())));

  expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
  await expect.poll(outcomes).toEqual([{ event: "evt_1", attempt: 1 }]);
});

it("retries a failed handler when the alarm fires, after its writes were rolled back", async () => {
  const { stub, outcomes } = endpoint();
  expect((await stub.fetch(await delivery("evt_2", { fails: true }))).status).toBe(200);
  const notes = () =>
    runInDurableObject(stub, (_, { storage }) => storage.sql.exec("SELECT state FROM popp_inbox_event").toArray());
  await expect.poll(notes).toEqual([{ state: "retry" }]);
  expect(await outcomes()).toEqual([]);

  expect(await runDurableObjectAlarm(stub)).toBe(true);

  expect(await outcomes()).toEqual([{ event: "evt_2", attempt: 2 }]);
  expect(await runDurableObjectAlarm(stub)).toBe(false);
});
