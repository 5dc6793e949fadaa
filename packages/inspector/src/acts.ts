import { Refused } from "./answer.ts";
import { redriveGroup } from "./dead-letters.ts";
import type { Access, AccessEntry, InspectorInbox } from "./inspector-options.ts";
import { filterFrom } from "./query.ts";
import { detailOf } from "./views.ts";

/** What an act gets. */
interface ActContext {
  readonly inbox: InspectorInbox;
  readonly access: Access;
  readonly input: Readonly<Record<string, unknown>>;
  readonly tell: (entry: Pick<AccessEntry, "action" | "target" | "count">) => Promise<void>;
}

type Act = (context: ActContext) => Promise<unknown>;

/** The acts that change something: only users who may act reach them. */
export const ACTS: Readonly<Record<string, Act>> = {
  async redrive({ inbox, access, input, tell }) {
    const force = input.force === true;
    const dryRun = input.dryRun === true;
    if (input.key !== undefined) {
      const key = textOf(input, "key");
      const result = await inbox.redrive(key, { force, dryRun });
      if (!dryRun) await tell({ action: "redrive", target: key, count: result.redriven });
      return result;
    }
    const given = Object(input.filter);
    const { before: _, ...filter } = filterFrom((name) => Reflect.get(given, name));
    if (Object.keys(filter).length === 0) throw new Refused(400, "filter must have at least one condition.");
    const isMasked = access.body !== "shown";
    if (filter.text !== undefined && access.body === "masked")
      throw new Refused(403, "A search by text is not allowed.");
    const redriven =
      input.error === undefined
        ? (await inbox.redrive(filter, { force, dryRun })).redriven
        : await redriveGroup(inbox, filter, textOf(input, "error"), { isMasked, dryRun });
    const { text: __, ...said } = filter;
    if (!dryRun) await tell({ action: "redrive", target: JSON.stringify(said), count: redriven });
    return { redriven };
  },
  async erase({ inbox, input, tell }) {
    const key = textOf(input, "key");
    const dryRun = input.dryRun === true;
    const result = await inbox.erase(key, { dryRun });
    if (!dryRun) await tell({ action: "erase", target: key, count: result.erased });
    return result;
  },
  async pause({ inbox, input, tell }) {
    const name = textOf(input, "name");
    await inbox.pause(name);
    await tell({ action: "pause", target: name, count: null });
    return {};
  },
  async resume({ inbox, input, tell }) {
    const name = textOf(input, "name");
    await inbox.resume(name);
    await tell({ action: "resume", target: name, count: null });
    return {};
  },
};

/** Shows the values of one event. It changes nothing, but it is reported, so no GET does it. */
export const reveal: Act = async ({ inbox, access, input, tell }) => {
  if (access.body === "masked") throw new Refused(403, "Values are masked for you.");
  const key = textOf(input, "key");
  const record = await inbox.get(key);
  if (record === undefined) throw new Refused(404, "There is no such event.");
  // Before the answer: what cannot be reported is not shown.
  await tell({ action: "reveal", target: key, count: null });
  return detailOf(record, false);
};

function textOf(input: Readonly<Record<string, unknown>>, name: string): string {
  const value = input[name];
  if (typeof value !== "string" || value === "") throw new Refused(400, `${name} must be a text that is not empty.`);
  return value;
}
