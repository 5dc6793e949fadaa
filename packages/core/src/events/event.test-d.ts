/** Compiled, not run: what a consumer's compiler must accept, and what it must refuse. */
import * as v from "valibot";
import {
  assumeVerified,
  type ConversationCompletedEvent,
  type CreateReceiverOptions,
  createReceiver,
  type EventsOf,
  events,
  isWebhookError,
  type PoppEvent,
  type PoppEventMap,
  type PoppEventName,
  type PoppEventOf,
  parseEvent,
  type UnrecognizedEvent,
  type VerifiedBody,
} from "../index.ts";

// Options that were declared by their type fit as well.
const options: CreateReceiverOptions = { secret: "the signing secret", on: { CONVERSATION_COMPLETED: () => {} } };
createReceiver(options);

// A schema of one's own for a known event gives its own types.
const documentUrl = v.looseObject({ recordId: v.string(), organizationId: v.string(), documentUrl: v.string() });
createReceiver({
  secret: "the signing secret",
  catalog: { ...events, DOCUMENT_UPLOADED: documentUrl },
  on: { DOCUMENT_UPLOADED: ({ data }) => expectType<Equal<typeof data.documentUrl, string>>() },
});

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function expectType<_T extends true>(): void {}

declare const event: PoppEvent;

// The union narrows in a switch, in an if, and in default.
switch (event.event) {
  case "CONVERSATION_COMPLETED":
    expectType<Equal<typeof event, ConversationCompletedEvent>>();
    expectType<Equal<typeof event.data.scorecardTotalValue, number | null | undefined>>();
    break;
  case "UNRECOGNIZED":
    expectType<Equal<typeof event, UnrecognizedEvent>>();
    expectType<Equal<typeof event.name, string>>();
    break;
  default:
    expectType<Equal<typeof event.event, Exclude<PoppEventName, "CONVERSATION_COMPLETED">>>();
    expectType<Equal<typeof event.data.recordId, string>>();
}
if (event.event === "ANALYSIS_CREATED") expectType<Equal<typeof event, PoppEventMap["ANALYSIS_CREATED"]>>();

// Every event, and no string: a typo in a case does not compile.
// @ts-expect-error the name is not in the union
event.event === "CONVERSATION_COMPLETET";
// @ts-expect-error what is not modelled is unknown, not a string
const unmodelled: string = event.data.somethingNew;
void unmodelled;

expectType<Equal<PoppEventOf<"CONVERSATION_COMPLETED">, ConversationCompletedEvent>>();
expectType<Equal<PoppEventOf<"UNRECOGNIZED">, UnrecognizedEvent>>();

// Parsing before verifying does not compile.
// @ts-expect-error a string was not verified
parseEvent("{}");
// @ts-expect-error neither were bytes
parseEvent(new Uint8Array());
const body: VerifiedBody = assumeVerified("{}");
expectType<Equal<ReturnType<typeof parse>, PoppEvent["event"]>>();
function parse() {
  return parseEvent(body).event;
}

// A handler map is typed per event.
createReceiver({
  secret: "s",
  on: {
    CONVERSATION_COMPLETED: (completed, { signal, idempotencyKey }) => {
      expectType<Equal<typeof completed, ConversationCompletedEvent>>();
      expectType<Equal<typeof signal, AbortSignal>>();
      expectType<Equal<typeof idempotencyKey, string>>();
    },
    UNRECOGNIZED: (unrecognized) => expectType<Equal<typeof unrecognized, UnrecognizedEvent>>(),
  },
});
// @ts-expect-error there is no such event
createReceiver({ secret: "s", on: { CONVERSATION_COMPLETET: () => {} } });
// @ts-expect-error handlers and an inbox exclude each other
createReceiver({
  secret: "s",
  on: {},
  inbox: { deliver: async () => ({ status: "accepted" }), reject: async () => {} },
});
// @ts-expect-error a secret that may be missing is given as a function, which fails closed
createReceiver({ secret: process.env.POPP_WEBHOOK_SECRET, on: {} });

// The catalog can be extended, and the union grows with it.
const catalog = { ...events, OFFER_SENT: v.looseObject({ amount: v.number() }) };
const extended: EventsOf<typeof catalog> = parseEvent(body, { catalog });
if (extended.event === "OFFER_SENT") expectType<Equal<typeof extended.data.amount, number>>();
if (extended.event === "CONVERSATION_COMPLETED") expectType<Equal<typeof extended, ConversationCompletedEvent>>();
if (extended.event === "UNRECOGNIZED") expectType<Equal<typeof extended, UnrecognizedEvent>>();
createReceiver({
  secret: "s",
  catalog,
  on: {
    OFFER_SENT: (offer) => expectType<Equal<typeof offer.data.amount, number>>(),
    CONVERSATION_COMPLETED: (completed) => expectType<Equal<typeof completed, ConversationCompletedEvent>>(),
    UNRECOGNIZED: (unrecognized) => expectType<Equal<typeof unrecognized, UnrecognizedEvent>>(),
  },
});

// An event of the catalog can be given another schema.
const stricter = parseEvent(body, {
  catalog: { ...events, DOCUMENT_UPLOADED: v.looseObject({ fileName: v.string() }) },
});
if (stricter.event === "DOCUMENT_UPLOADED") expectType<Equal<typeof stricter.data.fileName, string>>();

// The error narrows by code.
declare const caught: unknown;
if (isWebhookError(caught, "PAYLOAD_INVALID")) expectType<Equal<typeof caught.code, "PAYLOAD_INVALID">>();
