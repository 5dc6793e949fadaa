import { useState } from "preact/hooks";

/** A longer text is cut, with a way to see all of it. */
const SHOWN = 4_000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Shows characters that would be invisible, or would turn the text around them. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (one) => `⟨U+${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
}

/** One line of a text from an event. */
export function Line({ text, most = 120 }: { readonly text: string; readonly most?: number }) {
  return <bdi>{visible(text.length > most ? `${text.slice(0, most)}…` : text)}</bdi>;
}

/** A text from an event, of any length. A very long one is shown in steps, each ten times as long, so that no click freezes the page unasked. */
export function Block(props: { readonly text: string; readonly label: string; readonly isFixed?: boolean }) {
  const { text, label, isFixed = false } = props;
  const [shown, show] = useState(SHOWN);
  const next = Math.min(text.length, shown * 10);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keys */}
      <section class={isFixed ? "block fixed" : "block"} tabIndex={0} aria-label={label}>
        <pre>{visible(text.slice(0, shown))}</pre>
      </section>
      {next > shown && (
        <button type="button" class="quiet" onClick={() => show(next)}>
          Show {next.toLocaleString("en")} of {text.length.toLocaleString("en")} characters
        </button>
      )}
      {shown > SHOWN && (
        <button type="button" class="quiet" onClick={() => show(SHOWN)}>
          Show less
        </button>
      )}
    </>
  );
}

export function ago(at: number, now: number): string {
  const s = Math.max(0, Math.round((now - at) / 1_000));
  if (s < 5) return "now";
  if (s < 60) return `${s} s`;
  if (s < 3_600) return `${Math.round(s / 60)} min`;
  if (s < 86_400) return `${Math.round(s / 3_600)} h`;
  return `${Math.round(s / 86_400)} d`;
}

export function clockOf(at: number | string): string {
  return new Date(at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

export function spanOf(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}
