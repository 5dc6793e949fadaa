import { eventNames } from "@popp-webhooks/testing";
import { expect, it } from "vitest";
import { eventGroups, statuses } from "./scripts/event-groups.ts";

it("each event of the catalog is on the page of one group, in the order of the catalog", () => {
  expect(eventGroups.flatMap(({ names }) => names)).toEqual(eventNames);
});

it("the statuses are those of the type", () => {
  expect(statuses()).toContain("COMPLETED_SCREENING_PASSED");
  expect(statuses()).toContain("DELIVERY_FAILED");
  expect(statuses().length).toBeGreaterThan(8);
});
