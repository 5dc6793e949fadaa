import { afterEach, describe, expect, it, vi } from "vitest";
import { eventOf, stage } from "../../test/stage.ts";
import { buildCommand } from "./build-phase.ts";

const { argv } = process;
afterEach(() => {
  vi.unstubAllEnvs();
  process.argv = argv;
});

it.each([
  ["/app/node_modules/.bin/vite", "build", "vite build"],
  ["/app/node_modules/vite/bin/vite.js", "build", "vite build"],
  ["C:\\app\\node_modules\\nuxi\\bin\\nuxi.mjs", "generate", "nuxi generate"],
  ["/app/node_modules/.bin/astro", "build", "astro build"],
  ["/app/node_modules/.bin/react-router", "build", "react-router build"],
  ["/app/node_modules/.bin/next", "build", "next build"],
])("knows the build of %s %s", (file, command, expected) => {
  process.argv = ["/usr/bin/node", file, command];
  expect(buildCommand()).toBe(expected);
});

it.each([
  ["/app/node_modules/.bin/next", "start"],
  ["/app/node_modules/.bin/vite", "dev"],
  ["/app/build", "build"],
  ["/app/server.js", "build"],
  ["/app/next/server.js", undefined],
])("takes %s %s for the running app", (file, command) => {
  process.argv = ["/usr/bin/node", file, ...(command === undefined ? [] : [command])];
  expect(buildCommand()).toBeUndefined();
});

describe("inbox.start during a build", () => {
  it.each(["phase-production-build", "phase-export"])("handles nothing and reports it (%s)", async (phase) => {
    vi.stubEnv("NEXT_PHASE", phase);
    const told: string[] = [];
    const handled: unknown[] = [];
    const { inbox, send } = stage({
      on: { CONVERSATION_STARTED: ({ eventId }) => handled.push(eventId) },
      onError: ({ message }) => told.push(message),
    });
    await send(eventOf("evt_1"));
    inbox.start();
    expect(told).toEqual([expect.stringMatching(/during `next build`.*instrumentation\.ts/)]);
    vi.unstubAllEnvs();
    // A started inbox would have claimed the event at once. Here a sweep still finds it.
    expect(await inbox.get("evt_1")).toMatchObject({ state: "received", attempts: 0 });
    expect(await inbox.sweep()).toMatchObject({ done: 1 });
    expect(handled).toEqual(["evt_1"]);
  });

  it("handles events in `next start`", async () => {
    vi.stubEnv("NEXT_PHASE", "phase-production-server");
    const { inbox, send, until } = stage({ on: { CONVERSATION_STARTED: () => {} } });
    inbox.start();
    await send(eventOf("evt_1"));
    await until("done");
    await inbox.close();
  });
});
