import type { PoppEventName } from "../src/index.ts";
import type { JsonSchema } from "./json-schemas.ts";

/** The AsyncAPI 3 document of the webhook: one channel, one operation, a message per event. */
export function asyncApiOf(schemas: ReadonlyMap<PoppEventName, JsonSchema>): object {
  const messages = [...schemas].map(([name, { $schema: _, ...schema }]) => [
    name,
    {
      name,
      title: name,
      summary: schema.description,
      contentType: "application/json",
      headers: { $ref: "#/components/schemas/Headers" },
      payload: { schemaFormat: "application/schema+json;version=draft-2020-12", schema },
    },
  ]);
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Popp webhooks",
      version: "1",
      description:
        "What Popp POSTs to its customers, gathered from its public documents. Fields that no document marks as required may be absent or null. Fields that are documented for one event only are marked as assumed on the others. Popp adds events without notice, and does not document its test deliveries: any JSON object may be genuine.",
    },
    defaultContentType: "application/json",
    channels: {
      webhook: {
        address: null,
        title: "Your endpoint",
        description: "The URL that is set in Popp's Developer Portal.",
        messages: Object.fromEntries(messages.map(([name]) => [name, { $ref: `#/components/messages/${name}` }])),
      },
    },
    operations: {
      receiveEvent: {
        action: "receive",
        channel: { $ref: "#/channels/webhook" },
        summary: "Popp delivers an event; answer 200 as soon as it is safe.",
        bindings: { http: { method: "POST", bindingVersion: "0.3.0" } },
      },
    },
    components: {
      schemas: {
        Headers: {
          type: "object",
          properties: {
            "x-signature": {
              type: "string",
              description:
                "HMAC-SHA256 with the signing secret (documented). Over the raw body, in hex without a prefix (assumed).",
            },
          },
          required: ["x-signature"],
        },
      },
      messages: Object.fromEntries(messages),
    },
  };
}
