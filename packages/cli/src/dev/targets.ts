import { CliError } from "../command-line/cli-error.ts";
import { eventNameOf } from "../command-line/event-name.ts";
import { httpUrl } from "../command-line/parse-option.ts";

/** A rule of `--route`: the events of a name go to an address of their own. */
export interface Route {
  readonly event: string;
  readonly url: URL;
}

/** Reads `EVENT=URL`. */
export function routeOf(text: string): Route {
  const [, name, address] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || address === undefined)
    throw new CliError(
      "usage",
      "USAGE",
      `--route takes EVENT=URL, such as CONVERSATION_COMPLETED=http://127.0.0.1:3000/done.`,
    );
  return { event: eventNameOf(name), url: httpUrl("--route")(address) };
}

/** Decides where an event is forwarded to: its own route, else the address for all, else nowhere. */
export function targetsOf(
  forward: URL | undefined,
  routes: readonly Route[],
): (event: string | null) => URL | undefined {
  const byName = new Map(routes.map(({ event, url }) => [event, url]));
  return (event) => (event === null ? undefined : byName.get(event)) ?? forward;
}
