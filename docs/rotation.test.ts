import { createReceiver, type DeliveryReport, type Secret } from "@popp-webhooks/core";
import { signedRequest } from "@popp-webhooks/testing";
import { expect, it } from "vitest";

/** Answers one delivery that is signed with `signedBy`, as during a rotation. */
async function deliver(secret: Secret, signedBy: string): Promise<[status: number, secretIndex?: number]> {
  const reports: DeliveryReport[] = [];
  const { fetch } = createReceiver({
    secret,
    on: {},
    onError: () => {},
    onDelivery: (_outcome, report) => reports.push(report),
  });
  const { status } = await fetch(await signedRequest('{"event":"X","data":{}}', { secret: signedBy }));
  const { secretIndex } = reports[0] ?? {};
  return secretIndex === undefined ? [status] : [status, secretIndex];
}

it.each([
  ["prepared", ["old", "old"], "old", [200, 0]],
  ["rotated, before the new secret is set", ["old", "old"], "new", [401]],
  ["set", ["new", "old"], "new", [200, 0]],
  ["set, a delivery sent again", ["new", "old"], "old", [200, 1]],
  ["finished", ["new", undefined], "new", [200, 0]],
  ["finished, signed with the old secret", ["new", undefined], "old", [401]],
])("a rotation, %s: the status and the place of the secret are those of the page", async (_, secrets, by, expected) => {
  expect(await deliver(() => secrets, by)).toEqual(expected);
});
