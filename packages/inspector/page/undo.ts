import { signal } from "@preact/signals";
import { attempt } from "./state.ts";

/** How long an act waits before it is sent. */
export const UNDO_MS = 6_000;

interface Pending {
  readonly label: string;
  readonly leftS: number;
}

/** The act that waits. It lives in this page only, so leaving the page cancels it. */
export const pending = signal<Pending | null>(null);
/** What the last act did. */
export const said = signal<string | null>(null);

let timer: ReturnType<typeof setInterval> | undefined;

/** Sends an act when the undo window has passed. One that waits already is given up. */
export function later(label: string, send: () => Promise<string>): void {
  undo();
  const endsAt = Date.now() + UNDO_MS;
  const tick = () => {
    const leftMs = endsAt - Date.now();
    if (leftMs > 0) {
      pending.value = { label, leftS: Math.ceil(leftMs / 1_000) };
      return;
    }
    undo();
    attempt(async () => {
      said.value = await send();
    });
  };
  said.value = null;
  tick();
  timer = setInterval(tick, 250);
}

export function undo(): void {
  clearInterval(timer);
  pending.value = null;
}

addEventListener("pagehide", undo);
