import { identifyingFields } from "@popp-webhooks/core";

/**
 * A tag stands for a value that an event is about, in the index of a store: 48 bits of a hash of the source and the value, and 4 bits for the
 * field that held it. So one value has at most 16 tags, which are next to each other, and a store never holds the value itself in its index.
 *
 * Two of five million values share a hash with a value in question with a probability of 2 in 100 million.
 */
export type Tag = number;

const FIELDS = 16;

/** The places of the tags that are not of `identifyingFields`. They are stored: never change them. */
const PLACES = { own: 13, organizationId: 14, name: 15 } as const;

/** The fields of candidates, their profiles, conversations and bookings: an erasure goes on from their values. */
const FOLLOWED: readonly string[] = ["recordId", "candidateId", "candidateProfileId", "conversationId", "bookingId"];

/**
 * The tag of an event whose body was deleted before the event got its index: nobody can tell what it was about.
 *
 * The hash of no value is 0.
 */
export const UNREADABLE: Tag = 0;

/** The tag of a value in a field. */
export function tagOf(source: string, field: string, value: string): Tag {
  return hash(`${source}\0${value}`) * FIELDS + placeOf(field);
}

/** The tag of an event's name. */
export function nameTagOf(source: string, name: string): Tag {
  return hash(`${source}\0${name}`) * FIELDS + PLACES.name;
}

/** The tags of a value in any identifying field. */
export function tagsOfValue(source: string, value: string): readonly Tag[] {
  return withEachField(hash(`${source}\0${value}`));
}

/** The tags, in any identifying field, of the values behind tags of candidates, profiles, conversations and bookings. */
export function tagsToFollow(tags: readonly Tag[]): readonly Tag[] {
  const places = FOLLOWED.map(placeOf);
  return tags
    .filter((tag) => tag !== UNREADABLE && places.includes(tag % FIELDS))
    .flatMap((tag) => withEachField(Math.floor(tag / FIELDS)));
}

function withEachField(hashed: number): readonly Tag[] {
  return [...identifyingFields.keys(), PLACES.own].map((place) => hashed * FIELDS + place);
}

function placeOf(field: string): number {
  if (field === "organizationId") return PLACES.organizationId;
  const place = (identifyingFields as readonly string[]).indexOf(field);
  return place < 0 ? PLACES.own : place;
}

/** 48 bits, never 0. Fast rather than strong: nobody but the sender chooses the values. */
function hash(text: string): number {
  let [one, other] = [0x811c9dc5, 0xdeadbeef];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    one = Math.imul(one ^ unit, 0x01000193);
    other = Math.imul(other ^ unit, 0x5bd1e995);
    other ^= other >>> 15;
  }
  return mixed(one) * 0x10000 + (mixed(other ^ one) >>> 16) || 1;
}

/** Spreads each bit over all 32. */
function mixed(bits: number): number {
  let mix = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35);
  return (mix ^ (mix >>> 16)) >>> 0;
}
