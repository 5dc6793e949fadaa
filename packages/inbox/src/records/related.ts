import { assumeVerified, parseEvent } from "@popp-webhooks/core";
import { type Subject, subjectsOf } from "../event/subject.ts";
import type { InboxConfig } from "../inbox-config.ts";
import { type About, checkFilter, valuesAbout } from "./filter.ts";
import { listStored } from "./page.ts";

/** A value that stands in the same events as another. */
export interface RelatedValue extends Subject {
  /** How many of the events that were read hold it. */
  readonly events: number;
}

/** The values that stand in the same events as a value. */
export interface Related {
  /** The values, those of most events first. The value itself is not among them. */
  readonly values: readonly RelatedValue[];
  /** How many events were found but could not be read, because their bodies are deleted. */
  readonly unreadable: number;
}

/** How many events are read at most, the newest first. */
const MOST = 1_000;

/** Lists the values of identifying fields that stand in the same events as a value. */
export async function relatedTo(config: InboxConfig, about: About): Promise<Related> {
  checkFilter("inbox.related", { about }, config.subjectFields);
  const counts = new Map<string, { readonly subject: Subject; events: number }>();
  let [read, unreadable] = [0, 0];
  for await (const { body } of listStored(config, { about, bodies: true })) {
    if (body === null) unreadable++;
    for (const subject of body === null ? [] : subjectsIn(config, body)) {
      const counted = counts.get(`${subject.field}\0${subject.value}`) ?? { subject, events: 0 };
      counted.events++;
      counts.set(`${subject.field}\0${subject.value}`, counted);
    }
    if (++read >= MOST) break;
  }
  const itself = new Set(valuesAbout(about));
  const values = [...counts.values()]
    .filter(({ subject: { value } }) => !itself.has(value))
    .map(({ subject, events }) => ({ ...subject, events }))
    .sort((one, other) => other.events - one.events);
  return { values, unreadable };
}

function subjectsIn({ subjectFields }: InboxConfig, body: Uint8Array): readonly Subject[] {
  try {
    return subjectsOf(parseEvent(assumeVerified(body)).data, subjectFields);
  } catch {
    return [];
  }
}
