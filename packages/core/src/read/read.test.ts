import { expect, it } from "vitest";
import { createReceiver } from "../receiver.ts";

/** A body that tells when it has flowed away. */
function watchedBody() {
  let flowedAway = () => {};
  const gone = new Promise<void>((resolve) => {
    flowedAway = resolve;
  });
  let left = 100;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left-- > 0) return controller.enqueue(new Uint8Array(65_536));
      controller.close();
      flowedAway();
    },
  });
  return { body, gone };
}

it.each<[string, RequestInit]>([
  ["its method", { method: "PUT" }],
  ["its encoding", { headers: { "content-encoding": "gzip" } }],
  ["its announced length", { headers: { "content-length": "10000000" } }],
])("lets the body flow away when %s alone refuses a delivery", async (_, init) => {
  const receiver = createReceiver({ secret: "secret", on: {} });
  const { body, gone } = watchedBody();

  const response = await receiver.fetch(
    new Request("https://app.example/", Object.assign({ method: "POST", body, duplex: "half" }, init)),
  );

  expect(response.ok).toBe(false);
  await gone;
});

it("drains the body when too many deliveries are in flight", async () => {
  const receiver = createReceiver({ secret: "secret", on: {}, maxInFlight: 1, bodyTimeoutMs: 50 });
  const first = receiver.receive({ method: "POST", headers: {}, body: new ReadableStream() });
  const { body, gone } = watchedBody();

  expect((await receiver.receive({ method: "POST", headers: {}, body })).status).toBe(503);

  await gone;
  await first;
});
