import { go } from "./state.ts";
import { Line } from "./text.tsx";

/** One line of a list of facts. */
export function Fact({ name, value }: { readonly name: string; readonly value: string | null }) {
  if (value === null || value === "") return null;
  return (
    <>
      <dt>
        <Line text={name} most={100} />
      </dt>
      <dd>
        <Line text={value} most={2_000} />
      </dd>
    </>
  );
}

/** Names and values in their order, such as headers. */
export function Facts(props: {
  readonly title: string;
  readonly pairs: readonly (readonly [name: string, value: string])[];
}) {
  const { title, pairs } = props;
  if (pairs.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <dl class="pairs">
        {pairs.map(([name, value], at) => (
          <Fact key={`${at} ${name}`} name={name} value={value || "(empty)"} />
        ))}
      </dl>
    </section>
  );
}

/** Goes back to the list, where a window shows only one of them. */
export function Back() {
  return (
    <button type="button" class="quiet back" onClick={() => go({ key: "" })}>
      ← List
    </button>
  );
}
