import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Content } from "../src/contents.ts";
import { hexDump } from "./hex-dump.ts";
import { Block } from "./text.tsx";

const FORMS: Readonly<Record<string, (content: Content) => string | null>> = {
  Pretty: ({ text }) => prettyOf(text ?? ""),
  Raw: ({ text }) => text,
  Hex: hexDump,
};

function prettyOf(text: string): string | null {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}

function formsOf(content: Content | null, isMasked: boolean): readonly string[] {
  if (content === null || content.bytes === 0 || (isMasked && content.text === null)) return [];
  if (isMasked) return ["Pretty"];
  if (content.text === null) return ["Hex"];
  return prettyOf(content.text) === null ? ["Raw", "Hex"] : Object.keys(FORMS);
}

/** A body: pretty where it is JSON, raw where it is text, and in hex. */
export function Body(props: {
  readonly title: string;
  readonly content: Content | null;
  readonly isMasked: boolean;
  readonly children?: ComponentChildren;
}) {
  const { title, content, isMasked, children } = props;
  const [chosen, choose] = useState("Pretty");
  const forms = formsOf(content, isMasked);
  const form = forms.includes(chosen) ? chosen : forms[0];
  return (
    <section>
      <div class="bar">
        <h3>
          {title} {content !== null && <small>{content.bytes.toLocaleString("en")} bytes</small>}
        </h3>
        {children}
        {forms.length > 1 && (
          <span class="tabs">
            {forms.map((one) => (
              <button key={one} type="button" aria-pressed={one === form} onClick={() => choose(one)}>
                {one}
              </button>
            ))}
          </span>
        )}
      </div>
      {content === null || form === undefined ? (
        <p class="empty">
          {content === null ? "It is not stored any more." : content.bytes === 0 ? "It is empty." : "It is masked."}
        </p>
      ) : (
        <Block key={form} text={FORMS[form]?.(content) ?? ""} label={title} isFixed={form === "Hex"} />
      )}
    </section>
  );
}
