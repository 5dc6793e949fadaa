import type { Case, Core } from "../case.ts";
import { codeOf } from "../code-of.ts";
import { started } from "../delivery.ts";
import { equal } from "../equal.ts";

function parse({ parseEvent, assumeVerified }: Core, event: unknown) {
  return parseEvent(assumeVerified(typeof event === "string" ? event : JSON.stringify(event)));
}

export const events: readonly Case[] = [
  {
    name: "parses a known event, unknown fields and all",
    run: async (core) => {
      const sent = { ...started("e1"), data: { recordId: "r", organizationId: "o", added: [1, { deep: null }] } };
      equal(parse(core, sent), sent);
    },
  },
  {
    name: "knows every event of the catalog by its name",
    run: async (core) => {
      const names = Object.keys(core.events);
      equal(
        names.map((name) => parse(core, { ...started("e0"), event: name }).event),
        names,
      );
    },
  },
  {
    name: "takes an event whose name it does not know for what it is",
    run: async (core) => {
      const event = parse(core, { ...started("e2"), event: "constructor" });
      const { name, reason, issues } = event.event === "UNRECOGNIZED" ? event : { name: "", reason: "", issues: [] };
      equal([event.event, name, reason, issues], ["UNRECOGNIZED", "constructor", "unknown-event", []]);
    },
  },
  {
    name: "says where a known event does not fit, naming types and no values",
    run: async (core) => {
      const event = parse(core, { ...started("e3"), data: { recordId: 5, organizationId: "o" } });
      const { reason, issues } = event.event === "UNRECOGNIZED" ? event : { reason: "", issues: [] };
      equal(reason, "mismatch");
      equal(issues, [{ path: "data.recordId", expected: "string", received: "number" }]);
    },
  },
  {
    name: "takes an object that is not an event for a test delivery",
    run: async (core) => {
      for (const [text, name] of [
        ['{"data":{}}', ""],
        ['{"event":"","data":{}}', ""],
        ['{"event":"X","data":[]}', "X"],
      ]) {
        const event = parse(core, text);
        const {
          name: got,
          reason,
          data,
        } = event.event === "UNRECOGNIZED" ? event : { name: "", reason: "", data: null };
        equal([got, reason, data], [name, "not-an-event", {}]);
      }
    },
  },
  {
    name: "refuses what is no JSON object, and what is no text or no JSON",
    run: async (core) => {
      const { parseEvent, assumeVerified } = core;
      for (const none of ["[]", "null", '"text"', "5"]) {
        equal(await codeOf(core, () => parse(core, none)), "PAYLOAD_INVALID");
      }
      for (const none of ["", "{", "{}}", "\ufeff\ufeff{}"]) {
        equal(await codeOf(core, () => parse(core, none)), "PAYLOAD_MALFORMED");
      }
      const broken = Uint8Array.of(0x22, 0xff, 0x22);
      equal(await codeOf(core, () => parseEvent(assumeVerified(broken))), "PAYLOAD_MALFORMED");
    },
  },
  {
    name: "throws instead of giving an UnrecognizedEvent when it is asked to be strict",
    run: async (core) => {
      const { parseEvent, assumeVerified } = core;
      const body = assumeVerified(JSON.stringify({ ...started("e4"), event: "NEW_THING" }));
      equal(await codeOf(core, () => parseEvent(body, { strict: true })), "PAYLOAD_INVALID");
    },
  },
  {
    name: "skips one byte order mark",
    run: async (core) => equal(parse(core, `\ufeff${JSON.stringify(started("e5"))}`), started("e5")),
  },
  {
    name: "drops own keys called __proto__, however they are spelled and wherever they stand",
    run: async (core) => {
      const data = '{"recordId":"r","organizationId":"o","a":[{"\\u005f_proto__":{"x":1}}],"__proto__":{"admin":true}}';
      const text = `{"event":"CONVERSATION_STARTED","eventId":"e6","eventTimestamp":"t","data":${data}}`;
      const event = parse(core, text);
      equal(Object.keys(event.data), ["recordId", "organizationId", "a"]);
      equal(JSON.stringify(event.data), '{"recordId":"r","organizationId":"o","a":[{}]}');
      equal(Object.hasOwn(Object.assign({}, event.data), "admin"), false);
    },
  },
];
