// Mistakes that users make, and where each compiler must report them: a caret stands under the column of the error in the
// line above, followed by its code and a part of its message. `5.4` and `5.5+` name the compilers that an error is for.
import { createReceiver } from "@popp-webhooks/core";
import { createInbox, type InboxStore } from "@popp-webhooks/inbox";

declare const store: InboxStore<{ run(sql: string): void }>;

createReceiver({
  secret: "the signing secret",
  on: {
    CONVERSATION_COMPLETET: () => {},
//  ^ TS2561 Did you mean to write 'CONVERSATION_COMPLETED'?
  },
});

createReceiver({
  secret: "the signing secret",
  on: {
    CONVERSATION_COMPLETED: (event) => event.nope,
//                                           ^ TS2339 'ConversationCompletedEvent'
  },
});

createReceiver({
  secret: "the signing secret",
  maxByte: 1_000,
//^ TS2561 Did you mean to write 'maxBytes'?
  on: {},
});

createReceiver({ secret: "the signing secret" });
//             ^ TS2345 'CreateReceiverOptions<

createInbox({
  store,
  on: {
//^ 5.4 TS2322 CONVERSATION_COMPLETET
    CONVERSATION_COMPLETET: () => {},
//  ^ 5.5+ TS2561 Did you mean to write 'CONVERSATION_COMPLETED'?
  },
});

createInbox({
  store,
  on: {
    CONVERSATION_COMPLETED: (_event, { tx }) => tx((database) => database.runs("DELETE")),
//                                                                        ^ TS2551 Did you mean 'run'?
  },
});

createInbox({
  store,
  on: {},
  concurrency: { default: 16, ANALYSIS_CREATET: 2 },
//                            ^ TS2561 Did you mean to write 'ANALYSIS_CREATED'?
});

createInbox({
  store,
  on: {},
  concurrency: { UNRECOGNIZED: 2 },
//               ^ TS2353 'UNRECOGNIZED' does not exist
});

createInbox({
  store,
  on: {},
  unhandled: "leaves",
//^ TS2820 Did you mean '"leave"'?
});
