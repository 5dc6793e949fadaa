import type { Snapshot } from "../src/live.ts";
import { get, streamOf } from "./api.ts";
import { followTimeline, isLive, now, refresh, session, snapshot } from "./state.ts";

const POLL_MS = 2_000;

let stream: EventSource | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let isPolling = false;

function take(latest: Snapshot): void {
  const isNew = snapshot.value?.id !== latest.id;
  snapshot.value = latest;
  isLive.value = true;
  if (isNew) refresh();
}

/** Follows changes while the page is visible. */
export function follow(): void {
  isPolling ||= session.value?.live === "poll";
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
  setInterval(() => {
    if (document.hidden) return;
    now.value = Date.now();
    followTimeline();
  }, 10_000);
  if (!document.hidden) start();
}

function start(): void {
  stop();
  if (isPolling) return void poll();
  stream = streamOf(snapshot.value?.id ?? "");
  let hasSpoken = false;
  stream.onopen = () => {
    isLive.value = true;
  };
  stream.onmessage = ({ data }) => {
    hasSpoken = true;
    take(JSON.parse(data));
  };
  stream.onerror = () => {
    isLive.value = false;
    // A stream that never said anything does not live here: ask instead.
    if (hasSpoken && stream?.readyState !== EventSource.CLOSED) return;
    isPolling = true;
    stop();
    timer = setTimeout(poll, POLL_MS);
  };
}

function stop(): void {
  stream?.close();
  stream = undefined;
  clearTimeout(timer);
  isLive.value = false;
}

async function poll(): Promise<void> {
  try {
    take(await get<Snapshot>("changes"));
  } catch {
    isLive.value = false;
  }
  // One that was asked before the page was hidden may end beside a newer one.
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(poll, POLL_MS);
}
